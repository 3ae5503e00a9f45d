// The service under soak test, in a process of its own: on a message it replies with the row count of each table.

import { openServiceOnStore } from "../runtime/service.ts";
import { createApp } from "../server/app.ts";
import { listen } from "../server/listen.ts";
import { createLog } from "../telemetry/log.ts";
import { policyOf } from "../testing/policy.ts";
import { OPERATOR_KEY, WRITE_KEY } from "./load/keys.ts";

/** Settings with a short retention, in seconds, that use offers, calls, promises, tasks and outcomes. */
function settingsOf(seconds: number, sink: string): string {
  return `
timezone: UTC
departments: [sales, service]
retention: {signals: ${seconds}s, history: ${seconds * 2}s, runs: ${seconds}s, duplicates: ${seconds * 3}s, audit: ${seconds}s}
channels:
  hook: {kind: webhook, address: none, url: "${sink}", secret: "whsec_${Buffer.from("a secret of twenty-four bytes").toString("base64")}", allowPrivate: true}
  desk: {kind: human}
moments:
  wants: {on: go, expires: 5s, when: "count('page.viewed', '2s') < 9"}
  asks: {on: asked, expires: 5s}
promises: {parts: {opens: ordered, due: 2s, owner: service, closes: shipped}}
governance: {review: 1h, caps: []}
`;
}

const EXPERIENCES = [
  "id: plain\nserves: [wants]\nsuccess: {signal: bought, within: 3s}\nchannels: {hook: {payload: {text: Hello}}}",
  `id: dear\nserves: [wants]\nsuccess: {signal: bought, within: 3s}\naction: {tool: issue_offer, input: {percent: 5, validFor: 4s}}
channels: {hook: {payload: {text: "{{ action.code }}"}}}\nlimits: {perCustomer: 1, window: 3s}\nvalue: 2`,
  "id: call\nserves: [asks]\nsuccess: {signal: bought, within: 3s}\nchannels: {desk: {summary: Call, dueIn: 2s}}",
];

const { SOAK_DATA: dataDir = "", SOAK_SINK: sink = "", SOAK_KEEP: keep = "30", DATABASE_URL, REDIS_URL } = process.env;

const service = await openServiceOnStore({
  policy: policyOf(settingsOf(Number(keep), sink), EXPERIENCES),
  dataDir,
  log: createLog((line) => void process.stderr.write(`${line}\n`), Date.now),
  now: Date.now,
  concurrency: 1,
  ...(DATABASE_URL ? { databaseUrl: DATABASE_URL } : {}),
  ...(REDIS_URL ? { redisUrl: REDIS_URL } : {}),
});
const listening = await listen(createApp({ service, writeKeys: [{ key: WRITE_KEY, rights: [] }], operatorKeys: [OPERATOR_KEY] }), {
  host: "127.0.0.1",
  port: 0,
});

const TABLES = `
select string_agg(format('select %L as name, count(*)::float8 as n from %I.%I', table_name, table_schema, table_name), ' union all ' order by table_name) as sql
  from information_schema.tables where table_type = 'BASE TABLE' and table_schema in (current_schema(), $1) and table_name not like 'migration%'`;

async function rows(): Promise<Record<string, number>> {
  const { pool, queueSchema } = service.store.database;
  const made = await pool.query<{ sql: string }>(TABLES, [queueSchema]);
  const counted = await pool.query<{ name: string; n: number }>(made.rows[0]?.sql ?? "");
  return Object.fromEntries(counted.rows.map(({ name, n }) => [name, n]));
}

process.on("message", (asked) => {
  if (asked === "rows") void rows().then((counted) => process.send?.({ rows: counted }));
  if (asked === "stop")
    void listening
      .close()
      .then(() => service.close())
      .then(() => process.exit(0));
});
process.send?.({ url: listening.url });
