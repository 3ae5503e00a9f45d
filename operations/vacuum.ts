import { every, type StartTimer } from "../concurrency/periodic.ts";
import { MINUTE } from "../domain/values/time.ts";
import { createOutageMonitor, isOutage, type OutageMonitor } from "../health/outage.ts";
import type { Store } from "../store/store.ts";
import { errorFields, type Log } from "../telemetry/log.ts";

export interface Vacuum {
  start(): void;
  /** Does all of it once, at once. */
  run(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Removes expired leases and vacuums hot tables, so that the store's size depends on what it holds, not on its throughput. A server has
 * autovacuum; the embedded engine has none, and every scan would pass over the dead rows for ever. It works on the thread that answers
 * asks, so its tables take turns: each once in `everyMs`, and nobody waits for more than one of them.
 */
export function createVacuum({
  store,
  log,
  outages = createOutageMonitor({ log }),
  everyMs = MINUTE,
  startTimer,
}: {
  readonly store: Store;
  readonly log: Log;
  readonly outages?: OutageMonitor;
  /** How often each table is vacuumed, and leases are swept. */
  readonly everyMs?: number;
  readonly startTimer?: StartTimer;
}): Vacuum {
  const { kind, pool } = store.database;
  const jobs = [
    () => store.leases.sweep(),
    ...(kind === "embedded" ? HOT_TABLES : []).flatMap((table) => [
      () => pool.query(`vacuum ${table}`),
      () => pool.query(`analyze ${table}`),
    ]),
  ];
  let turn = 0;
  const loop = every({
    everyMs: everyMs / jobs.length,
    run: async () => jobs[turn++ % jobs.length]?.(),
    onError: (error) => {
      if (isOutage(error)) outages.report(error);
      else log.warn("vacuum failed; it is retried", errorFields(error));
    },
    ...(startTimer ? { startTimer } : {}),
  });
  const run = async (): Promise<void> => {
    for (const job of jobs) await job();
  };
  return { ...loop, run };
}

// --- internal ---

/** Tables with many deletes and updates. */
const HOT_TABLES = [
  "inbox",
  "inbox_identities",
  "lanes",
  "timers",
  "moments",
  "customers",
  "deliveries",
  "tool_calls",
  "bullmq.job",
  "bullmq.event",
];
