import { SECOND } from "../domain/values/time.ts";
import { reasonOf } from "../store/engines/failures.ts";
import type { OutageMonitor } from "./outage.ts";

export interface ReadinessOptions {
  readonly store: { probeWrite(): Promise<void> };
  readonly outages: Pick<OutageMonitor, "currentReason">;
  /** Milliseconds of a clock that never goes back. */
  readonly ticks?: () => number;
  /** Resolves after so many milliseconds. */
  readonly wait?: (ms: number) => Promise<void>;
}

/**
 * Says why requests should go elsewhere, undefined where they may come: something that was refused a moment ago, or a small write of its own. That is
 * made once a second at most, however many ask, and whoever asks is answered within three.
 */
export function createReadiness({ store, outages, ticks = () => performance.now(), wait = unheld }: ReadinessOptions) {
  let known: { readonly reason: string | undefined; readonly at: number } | undefined;
  let looking: Promise<string | undefined> | undefined;
  const look = async (): Promise<string | undefined> => {
    const reason = await store.probeWrite().then(() => undefined, reasonOf);
    known = { reason, at: ticks() };
    looking = undefined;
    return reason;
  };
  return async (): Promise<string | undefined> => {
    const reported = outages.currentReason();
    if (reported !== undefined) return reported;
    if (known && !looking && ticks() - known.at < FRESH_MS) return known.reason;
    looking ??= look();
    return Promise.race([looking, wait(PATIENCE_MS).then(() => "the database does not answer")]);
  };
}

// --- internal ---

const FRESH_MS = SECOND;
const PATIENCE_MS = 3 * SECOND;

const unheld = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms).unref());
