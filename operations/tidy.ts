import { every } from "../concurrency/periodic.ts";
import { MINUTE } from "../domain/values/time.ts";
import { createOutageMonitor, isOutage, type OutageMonitor } from "../health/outage.ts";
import type { Store } from "../store/store.ts";
import { errorFields, type Log } from "../telemetry/log.ts";

export interface Tidier {
  start(): void;
  /** Tidies once. */
  tidy(): Promise<void>;
  stop(): Promise<void>;
}

/** Clears away what working leaves behind, so that a store does not grow with what has passed through it. */
export function createTidier({
  store,
  log,
  outages = createOutageMonitor({ log }),
  everyMs = MINUTE,
}: {
  readonly store: Store;
  readonly log: Log;
  readonly outages?: OutageMonitor;
  readonly everyMs?: number;
}): Tidier {
  const tidy = async (): Promise<void> => {
    await store.leases.sweep();
    const { kind, pool } = store.database;
    // A server has a process for this. The embedded engine has none: rows that are gone would be passed over for ever.
    if (kind === "embedded") for (const table of BUSY) await pool.query(`vacuum (analyze) ${table}`);
  };
  const loop = every({
    everyMs,
    run: tidy,
    onError: (error) => {
      if (isOutage(error)) outages.report(error);
      else log.warn("tidying failed; it is tried again", errorFields(error));
    },
  });
  return { ...loop, tidy };
}

// --- internal ---

/** Tables whose rows come and go, or change often. */
const BUSY = [
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
