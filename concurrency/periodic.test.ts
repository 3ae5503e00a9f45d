import { expect, test } from "vitest";
import { every, type StartTimer } from "./periodic.ts";

/** A timer that ticks when the test says so, and runs that end when the test says so. */
function periodic(options: { readonly mayOverlap?: boolean } = {}) {
  let tick = (): void => {};
  let timers = 0;
  const intervals: number[] = [];
  const startTimer: StartTimer = (onTick, everyMs) => {
    timers++;
    intervals.push(everyMs);
    tick = onTick;
    return () => {
      timers--;
      tick = () => {};
    };
  };
  const runs: { resolve: () => void; reject: (error: unknown) => void }[] = [];
  const errors: unknown[] = [];
  const loop = every({
    everyMs: 1_000,
    run: () => new Promise<void>((resolve, reject) => runs.push({ resolve, reject })),
    onError: (error) => errors.push(error),
    startTimer,
    ...options,
  });
  return { loop, tick: () => tick(), runs, errors, intervals, timers: () => timers };
}

/** Lets settled promises continue. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("runs once a tick, not before the first", async () => {
  const { loop, tick, runs, intervals } = periodic();
  loop.start();
  expect([runs.length, intervals]).toEqual([0, [1_000]]);
  tick();
  runs[0]?.resolve();
  await settle();
  tick();
  expect(runs).toHaveLength(2);
});

test("a tick is skipped while a run is in flight", async () => {
  const { loop, tick, runs } = periodic();
  loop.start();
  tick();
  tick();
  expect(runs).toHaveLength(1);
  runs[0]?.resolve();
  await settle();
  tick();
  expect(runs).toHaveLength(2);
});

test("where runs may overlap, one that hangs holds no other up, and stop waits for all", async () => {
  const { loop, tick, runs } = periodic({ mayOverlap: true });
  loop.start();
  tick();
  tick();
  expect(runs).toHaveLength(2);
  runs[1]?.resolve();
  let isStopped = false;
  const stopped = loop.stop().then(() => {
    isStopped = true;
  });
  await settle();
  expect(isStopped).toBe(false);
  runs[0]?.resolve();
  await stopped;
});

test("a failed run is reported and the next tick runs again", async () => {
  const { loop, tick, runs, errors } = periodic();
  loop.start();
  tick();
  const failure = new Error("no connection");
  runs[0]?.reject(failure);
  await settle();
  expect(errors).toEqual([failure]);
  tick();
  expect(runs).toHaveLength(2);
});

test("a run that throws before it returns a promise is reported too, and blocks no later run", async () => {
  const errors: unknown[] = [];
  let tick = (): void => {};
  const failure = new TypeError("not a function");
  const loop = every({
    everyMs: 1,
    run: () => {
      throw failure;
    },
    onError: (error) => errors.push(error),
    startTimer: (onTick) => {
      tick = onTick;
      return () => {};
    },
  });
  loop.start();
  tick();
  await settle();
  tick();
  await settle();
  expect(errors).toEqual([failure, failure]);
});

test("a second start replaces the timer", () => {
  const { loop, timers } = periodic();
  loop.start();
  loop.start();
  expect(timers()).toBe(1);
});

test("stop cancels the timer and waits for the run in flight", async () => {
  const { loop, tick, runs, timers } = periodic();
  loop.start();
  tick();
  let isStopped = false;
  const stopping = loop.stop().then(() => {
    isStopped = true;
  });
  expect(timers()).toBe(0);
  await settle();
  expect(isStopped).toBe(false);
  runs[0]?.resolve();
  await stopping;
  tick();
  expect(runs).toHaveLength(1);
});

test("stop without start resolves", async () => {
  await expect(periodic().loop.stop()).resolves.toBeUndefined();
});
