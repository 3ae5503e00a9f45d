import { ALL_HINTS, type Hint } from "./hints.ts";

/** A clock and timers, which tests move by hand. */
export interface Clock {
  now(): number;
  after(ms: number, run: () => void): void;
}

export interface RefresherOptions {
  readonly clock: Clock;
  /** Whether nobody sees the page. */
  readonly isHidden: () => boolean;
  /** Looks again at everything that a hint is about; resolves when that is done. */
  readonly look: (hint: Hint) => Promise<unknown>;
}

/** Looks again at what has changed: not too often, not while nobody sees it, not while it is held. */
export interface Refresher {
  take(hint: Hint): void;
  /** After a gap: each topic may have changed. */
  takeAll(customerIds: readonly string[]): void;
  /** Called when the page is seen again, or when something was released: looks once at what has changed meanwhile. */
  catchUp(): void;
  hold(isHeld: boolean): void;
}

/** The shortest time between two looks at one topic, in milliseconds. */
const LEAST_MS = 1_000;
/** Looking takes at most this part of the time: a slow server is asked less often. */
const SHARE = 20;
/** Topics that move with every decision: while they go on and on, the looks become rarer, up to this, so that looking costs the deciding nothing. */
const VOLUME: readonly string[] = ["decisions", "inbox", "deliveries", "calls"];
const MOST_MS = 10_000;

export function createRefresher({ clock, isHidden, look }: RefresherOptions): Refresher {
  const waiting = new Map<string, Hint>();
  const busyUntil = new Map<string, number>();
  /** How many looks in a row were followed by more to look at. */
  const streaks = new Map<string, number>();
  let isHeld = false;
  const run = (key: string): void => {
    const hint = waiting.get(key);
    if (hint === undefined || isHeld || isHidden()) return;
    const began = clock.now();
    const wait = (busyUntil.get(key) ?? 0) - began;
    if (wait > 0) return;
    waiting.delete(key);
    busyUntil.set(key, Number.POSITIVE_INFINITY);
    const done = (): void => {
      const took = clock.now() - began;
      const streak = streaks.get(key) ?? 0;
      const least = VOLUME.includes(hint.topic) ? Math.min(MOST_MS, LEAST_MS * 2 ** streak) : LEAST_MS;
      const rest = Math.max(least - took, took * SHARE);
      busyUntil.set(key, clock.now() + rest);
      clock.after(rest, () => {
        streaks.set(key, waiting.has(key) ? streak + 1 : 0);
        run(key);
      });
    };
    look(hint).then(done, done);
  };
  const take = (hint: Hint): void => {
    const key = `${hint.topic}\n${hint.customerId ?? ""}`;
    waiting.set(key, hint);
    run(key);
  };
  const catchUp = (): void => {
    for (const key of waiting.keys()) run(key);
  };
  return {
    take,
    takeAll(customerIds) {
      for (const hint of ALL_HINTS) take(hint);
      for (const customerId of customerIds) take({ topic: "customer", customerId });
    },
    catchUp,
    hold(held) {
      isHeld = held;
      if (!held) catchUp();
    },
  };
}
