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
  /** The policy of a round; none while this process cannot run the version in force, whose retention it does not know. */
  readonly policy: () => Policy | undefined;
  readonly now: () => Instant;
  readonly log: Log;
  readonly metrics: Pick<Metrics, "add">;
  readonly outages?: OutageMonitor;
}

/** Deletes rows past their retention, periodically. Every process may run one: they take turns. */
export interface Pruner {
  start(): void;
  /** Prunes now, regardless of turns; returns the number of deleted rows by table. */
  prune(): Promise<Readonly<Record<string, number>>>;
  stop(): Promise<void>;
}

export function createPruner(options: PrunerOptions): Pruner {
  const { store, policy, now, log, outages = createOutageMonitor({ log }) } = options;
  const stopping = new AbortController();
  let roundAt = performance.now();
  const round = async (): Promise<void> => {
    const current = policy();
    if (!current) return;
    const keep = keepingOf(current);
    const everyMs = intervalOf(keep);
    if (performance.now() - roundAt < everyMs * TURN_SHARE) return;
    roundAt = performance.now();
    if (await store.pruning.claimTurn(now(), everyMs * TURN_SHARE)) await pruneAll(options, keep, stopping.signal);
  };
  const loop = every({
    everyMs: LOOK_MS,
    run: round,
    onError: (error) => {
      if (isOutage(error)) outages.report(error);
      else log.warn("pruning failed; it is retried", errorFields(error));
    },
  });
  return {
    start: () => loop.start(),
    async prune() {
      const current = policy();
      return current ? pruneAll(options, keepingOf(current), stopping.signal) : {};
    },
    stop() {
      stopping.abort();
      return loop.stop();
    },
  };
}

// --- internal ---

/** Maximum rows of one transaction: the embedded engine does nothing else meanwhile. */
const BATCH_SIZE = { embedded: 200, postgres: 1_000 };

/** Pause between transactions, so that decisions get their turn. */
const PAUSE_MS = 20;

/** How often it is looked whether a round is due: another version may keep rows for a shorter time. */
const LOOK_MS = SECOND;

/** Share of the interval after which a turn is free: timers of several processes do not fire at the same instant. */
const TURN_SHARE = 0.9;

/** A tenth of the shortest retention, between a second and an hour. */
const intervalOf = ({ signals, history, runs, asks, anonymous, duplicates = runs, audit = runs }: Keeping): number =>
  Math.min(HOUR, Math.max(SECOND, Math.min(signals, history, runs, asks, anonymous, duplicates, audit) / 10));

async function pruneAll(
  { store, now, log, metrics }: PrunerOptions,
  keep: Keeping,
  signal: AbortSignal,
): Promise<Readonly<Record<string, number>>> {
  const { kind, pool } = store.database;
  const deleted: Record<string, number> = {};
  // Listing tasks marks expired ones; tasks that were never listed are marked here.
  await store.operations.expireTasks(now());
  for (const table of PRUNED_TABLES) {
    const n = await inBatches(BATCH_SIZE[kind], signal, (limit) => store.pruning.prune(table, keep, now(), limit));
    if (n === 0) continue;
    deleted[table] = n;
    metrics.add("sentient_rows_pruned_total", { table }, n);
    // A server has autovacuum.
    if (kind === "embedded") await pool.query(`vacuum ${table}`);
  }
  if (Object.keys(deleted).length > 0) log.info("rows past their retention were deleted", deleted);
  return deleted;
}

/** Repeats until a batch is not full: nothing is left, or another process prunes the rest. */
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
