import { setTimeout as wait } from "node:timers/promises";
import { every } from "../concurrency/periodic.ts";
import type { Policy } from "../domain/entities/policy.ts";
import { type Keeping, keepingOf } from "../domain/record/retention.ts";
import { HOUR, type Instant, SECOND } from "../domain/values/time.ts";
import { createOutageMonitor, isOutage, type OutageMonitor } from "../health/outage.ts";
import { PRUNED_TABLES, type Store } from "../store/store.ts";
import { errorFields, type Log } from "../telemetry/log.ts";
import type { Metrics } from "../telemetry/metrics.ts";

export interface PrunerOptions {
  readonly store: Store;
  readonly policy: Policy;
  readonly now: () => Instant;
  readonly log: Log;
  readonly metrics: Pick<Metrics, "add">;
  readonly outages?: OutageMonitor;
}

/** Forgets, again and again, what a workspace does not keep any longer. Every process may run one: they take turns. */
export interface Pruner {
  start(): void;
  /** Forgets now what is due, whosever turn it is; gives back how many rows of each table are gone. */
  prune(): Promise<Readonly<Record<string, number>>>;
  stop(): Promise<void>;
}

export function createPruner(options: PrunerOptions): Pruner {
  const { store, policy, now, log, outages = createOutageMonitor({ log }) } = options;
  const keep = keepingOf(policy);
  const everyMs = intervalOf(keep);
  const stopping = new AbortController();
  const round = async (): Promise<void> => {
    if (!(await store.pruning.claimTurn(now(), everyMs * ALMOST))) return;
    await pruneAll(options, keep, stopping.signal);
  };
  const loop = every({
    everyMs,
    run: round,
    onError: (error) => {
      if (isOutage(error)) outages.report(error);
      else log.warn("pruning failed; it is tried again", errorFields(error));
    },
  });
  return {
    start: () => loop.start(),
    prune: () => pruneAll(options, keep, stopping.signal),
    stop() {
      stopping.abort();
      return loop.stop();
    },
  };
}

// --- internal ---

/** Rows that one transaction removes: the embedded engine does nothing else meanwhile. */
const BATCH_SIZE = { embedded: 200, postgres: 1_000 };

/** Between transactions, so that those who decide come in between. */
const PAUSE_MS = 20;

/** Timers of several processes do not fire at the same instant. */
const ALMOST = 0.9;

/** Often enough that little more is kept than is wanted, and an hour at the most. */
const intervalOf = ({ signals, history, runs, duplicates = runs, audit = runs }: Keeping): number =>
  Math.min(HOUR, Math.max(SECOND, Math.min(signals, history, runs, duplicates, audit) / 10));

async function pruneAll(
  { store, now, log, metrics }: PrunerOptions,
  keep: Keeping,
  signal: AbortSignal,
): Promise<Readonly<Record<string, number>>> {
  const { kind, pool } = store.database;
  const gone: Record<string, number> = {};
  // A task whose time is over is marked so where somebody looks at tasks; here nobody may have looked.
  await store.operations.expireTasks(now());
  for (const table of PRUNED_TABLES) {
    const n = await inBatches(BATCH_SIZE[kind], signal, (limit) => store.pruning.prune(table, keep, now(), limit));
    if (n === 0) continue;
    gone[table] = n;
    metrics.add("sentient_rows_pruned_total", { table }, n);
    // A server has a process for this.
    if (kind === "embedded") await pool.query(`vacuum ${table}`);
  }
  if (Object.keys(gone).length > 0) log.info("what was kept long enough is forgotten", gone);
  return gone;
}

/** Until a batch is not full: then nothing is left, or somebody else works on it. */
async function inBatches(limit: number, signal: AbortSignal, batch: (limit: number) => Promise<number>): Promise<number> {
  let sum = 0;
  while (!signal.aborted) {
    const n = await batch(limit);
    sum += n;
    if (n < limit) break;
    await wait(PAUSE_MS);
  }
  return sum;
}
