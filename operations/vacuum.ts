import { every } from "../concurrency/periodic.ts";
import { MINUTE } from "../domain/values/time.ts";
import { createOutageMonitor, isOutage, type OutageMonitor } from "../health/outage.ts";
import type { Store } from "../store/store.ts";
import { errorFields, type Log } from "../telemetry/log.ts";

export interface Vacuum {
  start(): void;
  /** Runs once. */
  run(): Promise<void>;
  stop(): Promise<void>;
}

/** Removes expired leases and vacuums hot tables, so that the store's size depends on what it holds, not on its throughput. */
export function createVacuum({
  store,
  log,
  outages = createOutageMonitor({ log }),
  everyMs = MINUTE,
}: {
  readonly store: Store;
  readonly log: Log;
  readonly outages?: OutageMonitor;
  readonly everyMs?: number;
}): Vacuum {
  const run = async (): Promise<void> => {
    await store.leases.sweep();
    const { kind, pool } = store.database;
    // A server has autovacuum. The embedded engine has none: every scan would pass over the dead rows for ever.
    if (kind === "embedded") for (const table of HOT_TABLES) await pool.query(`vacuum (analyze) ${table}`);
  };
  const loop = every({
    everyMs,
    run,
    onError: (error) => {
      if (isOutage(error)) outages.report(error);
      else log.warn("vacuum failed; it is retried", errorFields(error));
    },
  });
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
