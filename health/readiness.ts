import { SECOND } from "../domain/values/time.ts";
import { reasonOf } from "../store/engines/failures.ts";
import type { OutageMonitor } from "./outage.ts";

export interface ReadinessOptions {
  readonly store: { probeWrite(): Promise<void> };
  readonly outages: Pick<OutageMonitor, "currentReason">;
  /** Milliseconds of a monotonic clock. */
  readonly ticks?: () => number;
  /** Resolves after the given milliseconds. */
  readonly wait?: (ms: number) => Promise<void>;
}

/**
 * The readiness check: resolves to the reason why this process should get no requests, or to undefined if it is ready. It uses recent
 * write failures and a small write probe of its own, at most one a second for all callers, and answers within three seconds.
 */
export function createReadiness({ store, outages, ticks = () => performance.now(), wait = delay }: ReadinessOptions) {
  let known: { readonly reason: string | undefined; readonly at: number } | undefined;
  let probing: Promise<string | undefined> | undefined;
  const probe = async (): Promise<string | undefined> => {
    const reason = await store.probeWrite().then(() => undefined, reasonOf);
    known = { reason, at: ticks() };
    probing = undefined;
    return reason;
  };
  return async (): Promise<string | undefined> => {
    const reported = outages.currentReason();
    if (reported !== undefined) return reported;
    if (known && !probing && ticks() - known.at < FRESH_MS) return known.reason;
    probing ??= probe();
    return Promise.race([probing, wait(TIMEOUT_MS).then(() => "the database does not answer")]);
  };
}

// --- internal ---

const FRESH_MS = SECOND;
const TIMEOUT_MS = 3 * SECOND;

const delay = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms).unref());
