import { backOff, isOutage, type OutageMonitor } from "../health/outage.ts";
import { errorFields, type Log } from "../telemetry/log.ts";

/** Exponential back-off of a worker while the store refuses everything it asks. */
export class StoreBackOff {
  private readonly outages: OutageMonitor;
  private readonly log: Log;
  /** Refusals in a row. */
  private refusals = 0;
  private until = 0;

  constructor(outages: OutageMonitor, log: Log) {
    this.outages = outages;
    this.log = log;
  }

  /** Milliseconds until the next request is allowed; 0 or less: now. */
  remainingMs(): number {
    return this.until - performance.now();
  }

  refused(error: unknown, what: string): void {
    if (isOutage(error)) this.outages.report(error);
    else this.log.error(what, errorFields(error));
    this.refusals++;
    this.until = performance.now() + backOff(this.refusals);
  }

  succeeded(): void {
    this.refusals = 0;
  }
}
