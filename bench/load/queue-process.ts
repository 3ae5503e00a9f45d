// The same work as plain BullMQ on Redis with one job an event, as a team would build it by hand: HTTP in, a job, and for each job rules, a
// cap, the best of three, a text, a decision row and a delivery row, and a signed message out. Nothing is governed, explained or recovered.
// A signal is acknowledged once Redis has its job, before anything is on a disk.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createRedisBackend, type Job, withBackend } from "bullmq";
import { Pool as HttpPool } from "undici";
import { keyOf, signedHeaders } from "../../channels/webhook/standard-webhooks.ts";
import { WEBHOOK_SECRET } from "./keys.ts";
import { type Bought, decideOne, KNOWN, type Known, openPlainStore } from "./plain-work.ts";

const [sinkUrl = "", customers = "0"] = process.argv.slice(2);
/** Jobs in flight, as many as connections to the sink. */
const CONCURRENCY = 64;
/** Connections to PostgreSQL. */
const CONNECTIONS = 16;

const pool = await openPlainStore(Number(customers), CONNECTIONS, { inbox: false });
const sink = new HttpPool(new URL(sinkUrl).origin, { connections: 64, pipelining: 1 });
const path = new URL(sinkUrl).pathname;
const key = keyOf(WEBHOOK_SECRET);

const { Queue, Worker } = withBackend(createRedisBackend);
const { hostname: host, port, username, password } = new URL(process.env.REDIS_URL ?? "");
const connection = { host, port: Number(port || 6379), username, password };
/** Its keys are removed at the end. */
const prefix = `bench-${process.pid}`;
const queue = new Queue<Bought>("signals", { connection, prefix });
// A finished job is kept for a while, and its id with it: a signal that comes again adds no other.
const worker = new Worker<Bought>("signals", work, {
  ...{ connection: { ...connection, maxRetriesPerRequest: null }, prefix, concurrency: CONCURRENCY },
  ...{ removeOnComplete: { count: 10_000 }, removeOnFail: { count: 1_000 } },
});
worker.on("error", (error) => process.stderr.write(`${error.message}\n`));
await worker.waitUntilReady();

const server = createServer((request, response) => {
  let body = "";
  request.on("data", (chunk) => {
    body += chunk;
  });
  request.on("end", () => {
    const event = JSON.parse(body) as Bought;
    queue.add(event.type, event, { jobId: `${event.source}-${event.id}` }).then(
      () => response.writeHead(202, { "content-type": "application/json", "content-length": 2 }).end("{}"),
      () => response.writeHead(503).end(),
    );
  });
});
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
process.on("message", () => void close().then(() => process.disconnect()));

async function work({ data: event }: Job<Bought>): Promise<void> {
  const { rows } = await pool.query<Known>({ name: "customer", text: `${KNOWN} where customer_id = $1`, values: [event.subject] });
  const decided = decideOne(event, rows[0]);
  if (!decided) return;
  const { id, customer_id, experience, record, content } = decided;
  const { rowCount } = await pool.query({
    name: "decide",
    text: `with made as (insert into decisions values ('d-' || $1, $2, now(), $3, $4) on conflict do nothing returning 1)
           insert into deliveries select 'm-' || $1, $2, now(), $5 from made`,
    values: [id, customer_id, experience, JSON.stringify(record), JSON.stringify(content)],
  });
  if (rowCount === 1) await send(`m-${id}`, JSON.stringify(content));
}

async function send(id: string, content: string): Promise<void> {
  const headers = { "content-type": "application/json", ...signedHeaders(key, id, Date.now(), content) };
  const { body } = await sink.request({ path, method: "POST", headers, body: content });
  await body.dump();
}

async function close(): Promise<void> {
  server.close();
  server.closeAllConnections();
  await worker.close();
  await queue.obliterate({ force: true });
  await queue.close();
  await Promise.all([pool.end(), sink.destroy()]);
}
