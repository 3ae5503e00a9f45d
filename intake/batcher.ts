import { SentientError } from "../domain/errors.ts";
import { isOutage } from "../health/outage.ts";
import type { Arrival, Inbox, Reception } from "../store/store.ts";

export interface BatcherOptions {
  readonly inbox: Pick<Inbox, "accept">;
  /** Minimum interval between the starts of two transactions (default: one turn of the event loop, to read pending requests). */
  readonly paceMs?: number;
  /** Called after signals are written. */
  readonly onAccepted: (count: number) => void;
}

/** Group commit for signals: one paced transaction at a time; requests that arrive meanwhile share the next. */
export interface IngestBatcher {
  /** Number of signals in the batcher. */
  size(): number;
  /** Resolves once they are durable. A request with a signal that cannot be written fails alone. */
  enter(arrivals: readonly Arrival[]): Promise<readonly Reception[]>;
  settled(): Promise<void>;
}

export const createIngestBatcher = (options: BatcherOptions): IngestBatcher => new Batcher(options);

// --- internal ---

/** Maximum signals of one transaction; beyond this the cost per signal no longer falls. */
const GROUP = 500;

interface Request {
  readonly arrivals: readonly Arrival[];
  readonly resolve: (receptions: readonly Reception[]) => void;
  readonly reject: (error: unknown) => void;
}

class Batcher implements IngestBatcher {
  private readonly options: BatcherOptions;
  private requests: Request[] = [];
  private running: Promise<void> | undefined;
  private count = 0;
  private beganAt = Number.NEGATIVE_INFINITY;

  constructor(options: BatcherOptions) {
    this.options = options;
  }

  size(): number {
    return this.count;
  }

  enter(arrivals: readonly Arrival[]): Promise<readonly Reception[]> {
    const entered = new Promise<readonly Reception[]>((resolve, reject) => this.requests.push({ arrivals, resolve, reject }));
    this.count += arrivals.length;
    this.running ??= this.run();
    return entered;
  }

  async settled(): Promise<void> {
    while (this.running !== undefined) await this.running;
  }

  private async run(): Promise<void> {
    while (this.requests.length > 0) {
      await this.gather();
      this.beganAt = performance.now();
      await this.write(this.nextGroup());
    }
    this.running = undefined;
  }

  /** Lets requests that have already arrived be read, so that they join this transaction. */
  private gather(): Promise<void> {
    const { paceMs = 0 } = this.options;
    const restMs = this.beganAt + paceMs - performance.now();
    return new Promise((resolve) => (restMs > 0 ? setTimeout(resolve, restMs) : setImmediate(resolve)));
  }

  private nextGroup(): Request[] {
    let count = 0;
    const end = this.requests.findIndex(({ arrivals }, index) => {
      count += arrivals.length;
      return index > 0 && count > GROUP;
    });
    return this.requests.splice(0, end < 0 ? this.requests.length : end);
  }

  private async write(group: readonly Request[]): Promise<void> {
    try {
      const receptions = await this.options.inbox.accept(group.flatMap(({ arrivals }) => arrivals));
      let place = 0;
      for (const { arrivals, resolve } of group) {
        resolve(receptions.slice(place, place + arrivals.length));
        place += arrivals.length;
      }
      this.leave(group);
      const accepted = receptions.filter((one) => one === "accepted").length;
      if (accepted > 0) this.options.onAccepted(accepted);
    } catch (error) {
      await this.refuse(group, error);
    }
  }

  /** Retries the requests of a failed group one by one: a poison signal fails only its own request. */
  private async refuse(group: readonly Request[], error: unknown): Promise<void> {
    if (group.length > 1 && !isOutage(error)) {
      for (const one of group) await this.write([one]);
      return;
    }
    for (const { reject } of group) reject(asUnavailable(error));
    this.leave(group);
  }

  private leave(group: readonly Request[]): void {
    this.count -= group.reduce((sum, { arrivals }) => sum + arrivals.length, 0);
  }
}

const asUnavailable = (error: unknown): SentientError =>
  error instanceof SentientError
    ? error
    : new SentientError("STORE_FAILED", "the signals could not be written; nothing of this request is kept, send it again", {
        cause: error,
      });
