// The same work as plain batched functions: the throughput limit of this machine without governance, explanations or recovery. HTTP in,
// inbox rows, rules, a cap, the best of three, a text, a decision row and a delivery row, HTTP out.
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import pg from "pg";
import { Pool as HttpPool } from "undici";

interface Bought {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly data: { readonly n: string; readonly amount: number };
}

interface Known {
  readonly customer_id: string;
  readonly first_name: string | null;
  readonly consent: string | null;
  readonly touches: number;
}

const [sinkUrl = "", customers = "0"] = process.argv.slice(2);
const MAX_BATCH = 256;
/** Batches in flight. */
const CONCURRENT_BATCHES = 3;
const CAP = 1_000_000;
const OFFERS = [3, 2, 1].map((value, place) => ({ experience: ["one", "two", "three"][place] ?? "", value }));

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: CONCURRENT_BATCHES + 1, options: "-c jit=off" });
const sink = new HttpPool(new URL(sinkUrl).origin, { connections: 64, pipelining: 1 });
const path = new URL(sinkUrl).pathname;
const waiting: { readonly event: Bought; readonly response: ServerResponse }[] = [];
let working = 0;

await pool.query(`
create table customers (customer_id text primary key, first_name text, consent text);
create table inbox (source text, id text, customer_id text not null, event jsonb not null, primary key (source, id));
create table decisions (decision_id text primary key, customer_id text not null, at timestamptz not null, experience text, record jsonb not null);
create table deliveries (delivery_id text primary key, customer_id text not null, at timestamptz not null, content jsonb not null);
create index on deliveries (customer_id, at);`);
await pool.query("insert into customers select 'c-' || n, 'Name ' || n, 'granted' from generate_series(0, $1::int - 1) n", [customers]);
await pool.query("analyze");

const server = createServer((request, response) => {
  let body = "";
  request.on("data", (chunk) => {
    body += chunk;
  });
  request.on("end", () => {
    waiting.push({ event: JSON.parse(body) as Bought, response });
    if (working < CONCURRENT_BATCHES) setImmediate(work);
  });
});
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
process.on("message", () => {
  server.close();
  server.closeAllConnections();
  void Promise.all([pool.end(), sink.destroy()]).then(() => process.disconnect());
});

function work(): void {
  if (working >= CONCURRENT_BATCHES || waiting.length === 0) return;
  working++;
  void decide(waiting.splice(0, MAX_BATCH)).finally(() => {
    working--;
    work();
  });
}

async function decide(batch: typeof waiting): Promise<void> {
  const { rows: fresh } = await pool.query<{ id: string }>({
    name: "inbox",
    text: `insert into inbox select x.source, x.id, x.subject, x.event from jsonb_to_recordset($1::jsonb) as x(source text, id text, subject text, event jsonb)
           order by source, id on conflict do nothing returning id`,
    values: [JSON.stringify([...new Map(batch.map(({ event }) => [event.id, { ...event, event }])).values()])],
  });
  for (const { response } of batch) response.writeHead(202, { "content-type": "application/json", "content-length": 2 }).end("{}");
  const ids = new Set(fresh.map(({ id }) => id));
  const events = batch.map(({ event }) => event).filter(({ id }) => ids.delete(id));
  if (events.length === 0) return;
  const { rows } = await pool.query<Known>({
    name: "customers",
    text: `select customer_id, first_name, consent, (select count(*)::int from deliveries d where d.customer_id = c.customer_id and d.at > now() - interval '7 days') as touches
             from customers c where customer_id = any($1::text[])`,
    values: [events.map(({ subject }) => subject)],
  });
  const byId = new Map(rows.map((row) => [row.customer_id, row]));
  const decided = events.flatMap((event) => decideOne(event, byId.get(event.subject)) ?? []);
  await pool.query({
    name: "decide",
    text: `with x as materialized (select * from jsonb_to_recordset($1::jsonb) as x(id text, customer_id text, experience text, record jsonb, content jsonb)),
                made as (insert into decisions select 'd-' || id, customer_id, now(), experience, record from x)
           insert into deliveries select 'm-' || id, customer_id, now(), content from x`,
    values: [JSON.stringify(decided)],
  });
  await Promise.all(decided.map(({ content }) => send(content)));
}

function decideOne({ id, data: { n, amount }, subject }: Bought, known: Known | undefined) {
  if (!known || known.first_name === null || known.consent !== "granted" || known.touches >= CAP) return undefined;
  const scored = OFFERS.map(({ experience, value }) => ({ experience, score: 0.5 * value * (amount > 50 ? 1 + value / 10 : 1) }));
  const best = scored.reduce((first, one) => (one.score > first.score ? one : first));
  const text = render("Hello {{ name }}, you bought for {{ amount }}", { name: known.first_name, amount: String(amount) });
  return { id, customer_id: subject, experience: best.experience, record: { scored }, content: { n, text } };
}

const render = (template: string, values: Readonly<Record<string, string>>): string =>
  template.replaceAll(/\{\{ (\w+) \}\}/g, (_, name: string) => values[name] ?? "");

async function send(content: object): Promise<void> {
  const { body } = await sink.request({
    path,
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(content),
  });
  await body.dump();
}
