import { useSyncExternalStore } from "react";

// One clock for the whole page: relative times move together, twice a minute. It is the server's: a demo plays at another time, and some
// machines have a wrong clock.

const TICK_MS = 30_000;
/** Less than this is the way of an answer, or a clock that is a little off. */
const NOTED_MS = 120_000;
/** The most that the clock lags when an answer comes. */
const LAG_MS = 3_000;
let ahead = 0;
let now = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function tick(here = Date.now()): void {
  now = here + ahead;
  for (const one of listeners) one();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => tick(), TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** How far the server's clock is ahead of this one, in milliseconds; 0 where they agree. */
export const aheadOf = (server: number, here: number): number => (Math.abs(server - here) < NOTED_MS ? 0 : server - here);

/** Sets the clock by that of the server. */
export function setNow(server: number, here = Date.now()): void {
  if (!Number.isFinite(server) || aheadOf(server, here) === ahead) return;
  ahead = aheadOf(server, here);
  tick();
}

/** Moves the clock on where it lags: an answer that comes now tells of what happened before. */
export function freshenNow(here = Date.now()): void {
  if (here + ahead - now > LAG_MS) tick(here);
}

/** The time, in milliseconds. */
export const useNow = (): number => useAtNow((time) => time);

/** What `read` makes of the time: a component with it renders again only when that has changed. */
export function useAtNow<Value extends string | number>(read: (now: number) => Value): Value {
  const value = (): Value => read(now);
  return useSyncExternalStore(subscribe, value, value);
}
