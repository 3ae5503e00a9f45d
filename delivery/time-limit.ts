import { setMaxListeners } from "node:events";
import { SentientError } from "../domain/errors.ts";

/**
 * The time that calls begun together have: one timer and one signal for all of them, as making both for every message costs more than
 * signing it. A callee that observes the signal settles first: it may know that nothing was started.
 */
export class TimeLimit {
  readonly signal: AbortSignal;
  private readonly ms: number;
  private readonly timer: NodeJS.Timeout;
  private readonly waiting = new Set<() => void>();

  /** Begins now; the calls have to begin in the same turn of the event loop. */
  constructor(ms: number) {
    const abort = new AbortController();
    // Each callee may listen.
    setMaxListeners(0, abort.signal);
    this.ms = ms;
    this.signal = abort.signal;
    this.timer = setTimeout(() => {
      abort.abort();
      setImmediate(() => {
        for (const giveUp of this.waiting) giveUp();
      });
    }, ms);
  }

  /**
   * The answer of a callee within the time.
   *
   * @param what names it in the error
   * @throws `TOOL_TIMED_OUT` after the time, whatever the callee does
   */
  within<T>(what: string, answer: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const giveUp = (): void => reject(new SentientError("TOOL_TIMED_OUT", `${what} did not answer within ${this.ms} ms`));
      this.waiting.add(giveUp);
      const release = (): void => {
        this.waiting.delete(giveUp);
        if (this.waiting.size === 0) clearTimeout(this.timer);
      };
      answer.then(
        (value) => {
          release();
          resolve(value);
        },
        (error: unknown) => {
          release();
          reject(error);
        },
      );
    });
  }
}
