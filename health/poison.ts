import { MINUTE } from "../domain/values/time.ts";
import { classifyFailure } from "../store/engines/failures.ts";
import { isOutage, type OutageMonitor } from "./outage.ts";

/**
 * Whose fault it is that a wake could not be decided. It is the wake's own only where it failed alone, the store can be written to, and no code
 * of a database that does not say which is met by others as well while nobody gets through.
 */
export interface PoisonDetector {
  /** A batch, or a wake by itself, was not decided. */
  failed(error: unknown, customerId?: string): void;
  /** Something was decided. */
  succeeded(): void;
  isPoison(error: unknown): Promise<boolean>;
}

export interface PoisonDetectorOptions {
  readonly outages: OutageMonitor;
  /** Rejects where the store cannot be written to. */
  readonly probeWrite: () => Promise<void>;
  /** Milliseconds of a clock that never goes back. */
  readonly ticks?: () => number;
}

export function createPoisonDetector({ outages, probeWrite, ticks = () => performance.now() }: PoisonDetectorOptions): PoisonDetector {
  const unclear = new Map<string, Unclear>();
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
      const known = unclear.get(code);
      const one = known && at - known.last < FORGOTTEN_MS ? known : { since: at, last: at, customers: new Set<string>() };
      one.last = at;
      if (customerId !== undefined && one.customers.size < ENOUGH) one.customers.add(customerId);
      unclear.set(code, one);
    },
    succeeded() {
      succeededAt = ticks();
      outages.succeeded();
    },
    async isPoison(error) {
      if (isOutage(error)) return false;
      const one = classifyFailure(error) === "either" ? unclear.get(codeOf(error)) : undefined;
      if (one && one.customers.size >= ENOUGH && succeededAt <= one.since) {
        outages.report(error);
        return false;
      }
      // Several who fail at the same time ask once.
      probing ??= canWrite().finally(() => {
        probing = undefined;
      });
      return probing;
    },
  };
}

// --- internal ---

/** Who has met a code that does not say what it speaks against. */
interface Unclear {
  readonly since: number;
  last: number;
  readonly customers: Set<string>;
}

const ENOUGH = 2;
const FORGOTTEN_MS = MINUTE;

const codeOf = (error: unknown): string =>
  String((error as { code?: unknown }).code ?? (error as { cause?: { code?: unknown } }).cause?.code);
