import { MINUTE, SECOND } from "../domain/values/time.ts";
import { classifyFailure, reasonOf } from "../store/engines/failures.ts";
import { errorFields, type Log } from "../telemetry/log.ts";
import type { Metrics } from "../telemetry/metrics.ts";

/** Whether the store or the queue is in trouble: nothing is wrong with what was asked of it, and it is to be asked again. */
export const isOutage = (error: unknown): boolean =>
  classifyFailure(error) === "store" ||
  /^(?:QUEUE_FAILED|STORE_FAILED)$/.test(String((error as { code?: unknown } | undefined)?.code ?? ""));

/**
 * How long to wait before something is tried again that has been refused so often.
 * @param refusals from 1 on
 * @returns milliseconds; twice as long each time, and never longer than ten seconds
 */
export const backOff = (refusals: number): number => Math.min(MAX_MS, FIRST_MS * 2 ** Math.min(refusals - 1, 16));

/** Watches the trouble of a store over everybody in this process who writes to it: says once that it begins and once that it is over. */
export interface OutageMonitor {
  /** Somebody was refused. */
  report(error: unknown): void;
  /** Somebody has written something. */
  succeeded(): void;
  /** Why nothing could be written of late; undefined where something was since, or where nobody has tried for some seconds. */
  currentReason(): string | undefined;
  /** Seconds since the oldest trouble that is not over began; 0 without one. */
  seconds(): number;
}

export interface OutageMonitorOptions {
  readonly log: Log;
  readonly metrics?: Pick<Metrics, "add">;
  /** Milliseconds of a clock that never goes back. */
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
      if (one && at - one.last < FORGOTTEN_MS) {
        one.last = at;
        one.refusals++;
        return;
      }
      known.set(code, { since: at, last: at, refusals: 1 });
      log.warn("the store refuses; what waits is tried again until it does not", errorFields(error));
    },
    succeeded() {
      const at = ticks();
      writtenAt = at;
      for (const [code, { since, last, refusals }] of known) {
        if (at - last < CALM_MS) continue;
        known.delete(code);
        log.info("the store no longer refuses", { code, refusals, seconds: Math.round((last - since) / SECOND) });
      }
    },
    currentReason: () => (latest && latest.at > writtenAt && ticks() - latest.at < LATE_MS ? latest.reason : undefined),
    seconds() {
      const at = ticks();
      const begun = [...known.values()].filter(({ last }) => at - last < FORGOTTEN_MS).map(({ since }) => since);
      return begun.length === 0 ? 0 : (at - Math.min(...begun)) / SECOND;
    },
  };
}

// --- internal ---

const FIRST_MS = SECOND / 4;
const MAX_MS = 10 * SECOND;

/** Longer than the longest rest: what is refused after it begins anew. */
const FORGOTTEN_MS = MINUTE;

/** Others may succeed meanwhile: without a refusal for so long it is over. */
const CALM_MS = 15 * SECOND;

/** A process that is sent no requests learns nothing from them; then its own look counts. */
const LATE_MS = 5 * SECOND;

const kindOf = (error: unknown): string => {
  const { code, cause, name } = (error ?? {}) as { code?: unknown; cause?: unknown; name?: unknown };
  if (/^(?:STORE|QUEUE)_FAILED$/.test(String(code)) && cause) return kindOf(cause);
  return String(code ?? name ?? "unknown").slice(0, 40);
};
