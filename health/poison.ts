import { MINUTE } from "../domain/values/time.ts";
import { classifyFailure } from "../store/engines/failures.ts";
import { isOutage, type OutageMonitor } from "./outage.ts";

/**
 * Tells poison messages from outages. A wake is poison only if it failed alone while the store accepts writes. An ambiguous database
 * error that several customers meet while no wake succeeds counts as an outage.
 */
export interface PoisonDetector {
  /** Records that a batch, or with `customerId` a single wake, failed. */
  failed(error: unknown, customerId?: string): void;
  /** Records that a wake was decided. */
  succeeded(): void;
  /** Whether the wake itself caused the error, so that the attempt counts against it. */
  isPoison(error: unknown): Promise<boolean>;
}

export interface PoisonDetectorOptions {
  readonly outages: OutageMonitor;
  /** Rejects if the store does not accept writes. */
  readonly probeWrite: () => Promise<void>;
  /** Milliseconds of a monotonic clock. */
  readonly ticks?: () => number;
}

export function createPoisonDetector({ outages, probeWrite, ticks = () => performance.now() }: PoisonDetectorOptions): PoisonDetector {
  const ambiguous = new Map<string, AmbiguousCode>();
  let succeededAt = Number.NEGATIVE_INFINITY;
  let probing: Promise<boolean> | undefined;
  const canWrite = async (): Promise<boolean> => {
    try {
      await probeWrite();
      return true;
    } catch (error) {
      outages.report(error);
      return false;
    }
  };
  return {
    failed(error, customerId) {
      if (isOutage(error)) return outages.report(error);
      if (classifyFailure(error) !== "either") return;
      const code = codeOf(error);
      const at = ticks();
      const known = ambiguous.get(code);
      const one = known && at - known.last < EXPIRY_MS ? known : { since: at, last: at, customers: new Set<string>() };
      one.last = at;
      if (customerId !== undefined && one.customers.size < MIN_CUSTOMERS) one.customers.add(customerId);
      ambiguous.set(code, one);
    },
    succeeded() {
      succeededAt = ticks();
      outages.succeeded();
    },
    async isPoison(error) {
      if (isOutage(error)) return false;
      const one = classifyFailure(error) === "either" ? ambiguous.get(codeOf(error)) : undefined;
      if (one && one.customers.size >= MIN_CUSTOMERS && succeededAt <= one.since) {
        outages.report(error);
        return false;
      }
      // Concurrent failures share one probe.
      probing ??= canWrite().finally(() => {
        probing = undefined;
      });
      return probing;
    },
  };
}

// --- internal ---

/** An ambiguous error code, and the customers whose wakes failed with it. */
interface AmbiguousCode {
  readonly since: number;
  last: number;
  readonly customers: Set<string>;
}

const MIN_CUSTOMERS = 2;
const EXPIRY_MS = MINUTE;

const codeOf = (error: unknown): string =>
  String((error as { code?: unknown }).code ?? (error as { cause?: { code?: unknown } }).cause?.code);
