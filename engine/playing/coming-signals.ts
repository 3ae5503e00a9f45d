import type { FutureSignal } from "../../rehearsal/future.ts";
import { Heap } from "./heap.ts";

/** Signals of a future in order of time: those that come of themselves, a day at a time, and answers as they are given. */
export class ComingSignals {
  private readonly days: Iterator<readonly FutureSignal[]>;
  private day: readonly FutureSignal[] = [];
  private place = 0;
  private readonly answers = new Heap<Answer>((a, b) => a.signal.time < b.signal.time || (a.signal.time === b.signal.time && a.n < b.n));
  private added = 0;

  constructor(days: Iterable<readonly FutureSignal[]>) {
    this.days = days[Symbol.iterator]();
  }

  /** Answers come after the others of the same time, in the order in which they were given. */
  add(signal: FutureSignal): void {
    this.answers.add({ signal, n: this.added++ });
  }

  first(): FutureSignal | undefined {
    const own = this.firstOwn();
    const answer = this.answers.first()?.signal;
    return answer && (!own || answer.time < own.time) ? answer : own;
  }

  /** Removes the first one. */
  take(): void {
    const first = this.first();
    if (first !== undefined && first === this.day[this.place]) this.place++;
    else this.answers.take();
  }

  private firstOwn(): FutureSignal | undefined {
    while (this.place >= this.day.length) {
      const next = this.days.next();
      if (next.done) return undefined;
      this.day = next.value;
      this.place = 0;
    }
    return this.day[this.place];
  }
}

// --- internal ---

interface Answer {
  readonly signal: FutureSignal;
  /** How many were given before. */
  readonly n: number;
}
