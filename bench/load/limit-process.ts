// The same work as plain batched functions: the throughput limit of this machine without governance, explanations or recovery. HTTP in,
// inbox rows, rules, a cap, the best of three, a text, a decision row and a delivery row, HTTP out.
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Pool as HttpPool } from "undici";
import { type Bought, decideOne, KNOWN, type Known, openPlainStore } from "./plain-work.ts";

const [sinkUrl = "", customers = "0"] = process.argv.slice(2);
const MAX_BATCH = 256;
/** Batches in flight. */
const CONCURRENT_BATCHES = 3;

const pool = await openPlainStore(Number(customers), CONCURRENT_BATCHES + 1, { inbox: true });
const sink = new HttpPool(new URL(sinkUrl).origin, { connections: 64, pipelining: 1 });
const path = new URL(sinkUrl).pathname;
const waiting: { readonly event: Bought; readonly response: ServerResponse }[] = [];
let working = 0;

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
    text: `${KNOWN} where customer_id = any($1::text[])`,
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

async function send(content: object): Promise<void> {
  const { body } = await sink.request({
    path,
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(content),
  });
  await body.dump();
}
