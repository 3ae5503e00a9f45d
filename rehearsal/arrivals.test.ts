import { expect, test } from "vitest";
import { seededRandom } from "../domain/values/random.ts";
import { DAY } from "../domain/values/time.ts";
import { at } from "../testing/builders.ts";
import { fitArrivals, type History, playArrivals, WEEK } from "./arrivals.ts";
import { backtestArrivals, intervalOf } from "./backtest.ts";
import { wait } from "./sampling.ts";

const FROM = at("2026-01-05T00:00:00Z");
const UNTIL = FROM + 20 * WEEK;
const random = seededRandom("customers");

/** Customers who come once a week from their first day on; the first one has been silent for half of the time. */
const HISTORIES: readonly History[] = Array.from({ length: 120 }, (_, n) => {
  const times: number[] = [];
  for (let day = n % 7; day < (n === 0 ? 70 : 140); day += 7 * wait(random)) times.push(FROM + Math.floor(day * DAY));
  return { customerId: `c-${n}`, times };
});

const model = fitArrivals(HISTORIES, { from: FROM, until: UNTIL, zone: "UTC" });
const played = (histories: readonly History[], path = 1) => playArrivals(model, histories, { until: UNTIL + 4 * WEEK, seed: "s", path });

test("what is played comes after the period, about as often as before, and not from who has left", () => {
  const arrivals = played(HISTORIES);
  expect(arrivals.every(({ at: instant }) => instant >= UNTIL && instant <= UNTIL + 4 * WEEK)).toBe(true);
  expect(arrivals.length / (119 * 4)).toBeGreaterThan(0.8);
  expect(arrivals.length / (119 * 4)).toBeLessThan(1.25);
  expect(arrivals.filter(({ customer }) => customer === 0)).toEqual([]);
});

test("the same path is the same future, and each customer's is her own", () => {
  expect(played(HISTORIES)).toEqual(played(HISTORIES));
  expect(played(HISTORIES, 2)).not.toEqual(played(HISTORIES));
  const ofThird = (arrivals: ReturnType<typeof played>, place: number) =>
    arrivals.filter(({ customer }) => customer === place).map(({ at: instant }) => instant);
  expect(ofThird(played(HISTORIES.slice(2)), 0)).toEqual(ofThird(played(HISTORIES), 2));
});

test("a backtest says what came and what was foretold; it fails where what comes is not like what came", () => {
  const options = { from: FROM, split: FROM + 14 * WEEK, until: UNTIL, zone: "UTC", paths: 30, seed: "s" };
  const told = backtestArrivals(HISTORIES, options);
  const after = HISTORIES.flatMap(({ times }) => times.filter((one) => one >= options.split));
  expect(told).toMatchObject({ customers: 120, came: after.length });
  expect(told.weeks.map(({ came }) => came).reduce((sum, one) => sum + one, 0)).toBe(after.length);
  expect(told.held).toBeGreaterThanOrEqual(0.8);
  expect(told.foretold.mean / told.came).toBeCloseTo(1, 0);
  expect(told.foretold.low).toBeLessThanOrEqual(told.foretold.high);
  const more = HISTORIES.map(({ customerId, times }) => ({
    customerId,
    times: times.flatMap((one) => (one < options.split ? [one] : [one, one + 1, one + 2])),
  }));
  expect(backtestArrivals(more, options).held).toBeLessThan(0.8);
});

test("nobody, and somebody who came after the split, are no trouble", () => {
  const options = { from: FROM, split: FROM + 14 * WEEK, until: UNTIL, zone: "UTC", paths: 20, seed: "s" };
  expect(backtestArrivals([{ customerId: "c", times: [UNTIL - 1] }], options)).toMatchObject({
    ...{ customers: 0, came: 0, correlation: 0, meanAbsoluteError: 0 },
    foretold: { mean: 0, low: 0, high: 0 },
  });
});

test("an interval holds another value of the kind in 90 of 100 cases: of 20 values the least and the greatest", () => {
  expect(intervalOf(Array.from({ length: 20 }, (_, n) => n))).toEqual({ mean: 9.5, low: 0, high: 19 });
  expect(intervalOf(Array.from({ length: 199 }, (_, n) => n))).toMatchObject({ low: 9, high: 189 });
  expect([intervalOf([]), intervalOf([3])]).toEqual([
    { mean: 0, low: 0, high: 0 },
    { mean: 3, low: 3, high: 3 },
  ]);
});
