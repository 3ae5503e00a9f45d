import { MINUTE, SECOND } from "../domain/values/time.ts";
import { classifyFailure, reasonOf } from "../store/engines/failures.ts";
import { errorFields, type Log } from "../telemetry/log.ts";
import type { Metrics } from "../telemetry/metrics.ts";

/** Whether an error is an outage of the store or the queue: the request itself is valid, so it is retried. */
export const isOutage = (error: unknown): boolean =>
  classifyFailure(error) === "store" ||
  /^(?:QUEUE_FAILED|STORE_FAILED)$/.test(String((error as { code?: unknown } | undefined)?.code ?? ""));

/** Why the store or the queue refused, for people; without data and addresses. */
export const outageReason = (error: unknown): string => reasonOf(error);

/**
 * Exponential back-off before the next retry.
 * @param refusals consecutive failed attempts, from 1
 * @returns milliseconds: doubles with each attempt, at most ten seconds
 */
export const backOff = (refusals: number): number => Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(refusals - 1, 16));

/** Tracks outages across all writers of this process, and logs the start and the end of each once. */
export interface OutageMonitor {
  /** Records a failed write. */
  report(error: unknown): void;
  /** Records a successful write. */
  succeeded(): void;
  /** Why the latest write failed; undefined once a later write succeeded, or if none was attempted for some seconds. */
  currentReason(): string | undefined;
  /** Seconds since the oldest current outage began; 0 without one. */
  seconds(): number;
}

export interface OutageMonitorOptions {
  readonly log: Log;
  readonly metrics?: Pick<Metrics, "add">;
  /** Milliseconds of a monotonic clock. */
  readonly ticks?: () => number;
}

export function createOutageMonitor({ log, metrics, ticks = () => performance.now() }: OutageMonitorOptions): OutageMonitor {
  const known = new Map<string, { readonly since: number; last: number; refusals: number }>();
  let writtenAt = Number.NEGATIVE_INFINITY;
  let latest: { readonly at: number; readonly reason: string } | undefined;
  return {
    report(error) {
      const at = ticks();
      const code = kindOf(error);
      latest = { at, reason: reasonOf(error) };
      metrics?.add("sentient_store_refusals_total", { code });
      const one = known.get(code);
      if (one && at - one.last < EXPIRY_MS) {
        one.last = at;
        one.refusals++;
        return;
      }
      known.set(code, { since: at, last: at, refusals: 1 });
      log.warn("the store refuses writes; they are retried until it accepts them", errorFields(error));
    },
    succeeded() {
      const at = ticks();
      writtenAt = at;
      for (const [code, { since, last, refusals }] of known) {
        if (at - last < QUIET_MS) continue;
        known.delete(code);
        log.info("the store accepts writes again", { code, refusals, seconds: Math.round((last - since) / SECOND) });
      }
    },
    currentReason: () => (latest && latest.at > writtenAt && ticks() - latest.at < RECENT_MS ? latest.reason : undefined),
    seconds() {
      const at = ticks();
      const begun = [...known.values()].filter(({ last }) => at - last < EXPIRY_MS).map(({ since }) => since);
      return begun.length === 0 ? 0 : (at - Math.min(...begun)) / SECOND;
    },
  };
}

// --- internal ---

const FIRST_BACKOFF_MS = SECOND / 4;
const MAX_BACKOFF_MS = 10 * SECOND;

/** Longer than the longest back-off: a failure after it starts a new outage. */
const EXPIRY_MS = MINUTE;

/** Other writes may succeed during an outage, so it ends only after this long without a failure. */
const QUIET_MS = 15 * SECOND;

/** An idle process learns nothing from requests; after this long the readiness check relies on its own probe. */
const RECENT_MS = 5 * SECOND;

const kindOf = (error: unknown): string => {
  const { code, cause, name } = (error ?? {}) as { code?: unknown; cause?: unknown; name?: unknown };
  if (/^(?:STORE|QUEUE)_FAILED$/.test(String(code)) && cause) return kindOf(cause);
  return String(code ?? name ?? "unknown").slice(0, 40);
};
