// The whole service in one process that profiles itself: CPU time by function, time by statement. Controlled by its parent.

import { writeFileSync } from "node:fs";
import { type Profiler, Session } from "node:inspector/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import pg from "pg";
import { BATCHES_AT_ONCE } from "../../cli/start-service.ts";
import { importCustomers, readCustomers } from "../../intake/import-customers.ts";
import { channelsOf } from "../../runtime/load-channels.ts";
import { actionTools } from "../../runtime/load-tools.ts";
import { openServiceOnStore } from "../../runtime/service.ts";
import { createApp } from "../../server/app.ts";
import { listen } from "../../server/listen.ts";
import { silentLog } from "../../telemetry/log.ts";
import { loadWorkspace } from "../../workspace/load.ts";
import { OPERATOR_KEY, WRITE_KEY } from "./keys.ts";
import { type StatementTime, watchPg, watchPglite } from "./statement-times.ts";

/** Measurements between `begin` and `end`. */
export interface Profiled {
  readonly profile: Profiler.Profile;
  /** Path of the profile, for a viewer. */
  readonly file: string;
  readonly statements: readonly StatementTime[];
  /** Milliseconds of each signal in each stage. */
  readonly stages: Readonly<Record<string, readonly number[]>>;
}

const [dir = ""] = process.argv.slice(2);
const { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl } = process.env;
const times = databaseUrl === undefined ? watchPglite(PGlite) : watchPg(pg);
const { policy, customersFile = "" } = loadWorkspace(dir, { environment: {}, channels: channelsOf(), tools: actionTools });
const service = await openServiceOnStore({
  ...{ policy, dataDir: join(dir, ".sentient"), log: silentLog, now: Date.now },
  concurrency: BATCHES_AT_ONCE,
  ...(databaseUrl === undefined ? {} : { databaseUrl }),
  ...(redisUrl === undefined ? {} : { redisUrl }),
  beforeWork: async (store) => void (await importCustomers(readCustomers(customersFile).lines, Date.now(), store, policy)),
});
const app = createApp({ service, writeKeys: [{ key: WRITE_KEY, rights: [] }], operatorKeys: [OPERATOR_KEY] });
const listening = await listen(app, { host: "127.0.0.1", port: 0 });
const session = new Session();
session.connect();
let began = Date.now();
let ended = 0;

const HANDLERS: Readonly<Record<string, () => Promise<unknown>>> = {
  async begin() {
    times.clear();
    began = Date.now();
    await session.post("Profiler.enable");
    await session.post("Profiler.setSamplingInterval", { interval: 500 });
    await session.post("Profiler.start");
  },
  async end(): Promise<Profiled> {
    const { profile } = await session.post("Profiler.stop");
    const statements = [...times.values()];
    const file = join(tmpdir(), `sentient-${process.pid}-${++ended}.cpuprofile`);
    writeFileSync(file, JSON.stringify(profile));
    return { profile, file, statements, stages: await stages() };
  },
  async stop() {
    await listening.close();
    await service.close();
    session.disconnect();
    process.disconnect();
  },
};

process.on("message", (word: string) => {
  void HANDLERS[word]?.().then((answer) => process.connected && process.send?.({ word, answer }));
});
process.send?.({ word: "listening", answer: listening.url });

/** Durations of each stage for the profiled signals, from the record. */
async function stages(): Promise<Profiled["stages"]> {
  const { rows } = await service.store.database.pool.query<{ decided: number; taken: number; settled: number }>(
    `select ms(n.decided_at) - ms(s.received_at) as decided, ms(d.claimed_at) - ms(n.decided_at) as taken, ms(d.settled_at) - ms(d.claimed_at) as settled
       from deliveries d join decisions n on n.decision_id = d.decision_id join signals s on s.id = n.record->'wake'->>'signalId'
      where s.received_at >= $1::timestamptz and d.settled_at is not null`,
    [new Date(began).toISOString()],
  );
  return {
    "arrived → its batch begins": rows.map(({ decided }) => decided),
    "its batch begins → taken for handing over": rows.map(({ taken }) => taken),
    "taken → answered by the sink": rows.map(({ settled }) => settled),
  };
}
