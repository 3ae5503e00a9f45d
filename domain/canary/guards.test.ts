import { expect, test } from "vitest";
import type { Guard } from "../entities/canary.ts";
import { deliveriesToSee, guardWords, readGuards, readingWords, sightWords, type Tally } from "./guards.ts";

const GUARDS: readonly Guard[] = [
  { outcome: "complained", max: 0.005 },
  { outcome: "unsubscribed", max: 0.01 },
  { success: "below", of: "others", by: 0.5 },
];

const tally = (given: Partial<Tally>): Tally => ({
  deliveries: 200,
  outcomes: {},
  ended: { trials: 0, events: 0 },
  others: { trials: 0, events: 0 },
  ...given,
});

const broken = (given: Partial<Tally>): boolean[] => readGuards(GUARDS, tally(given)).map(({ isBroken }) => isBroken);

test("a guard is broken by its own outcome only", () => {
  expect(broken({})).toEqual([false, false, false]);
  expect(broken({ outcomes: { complained: 9 } })).toEqual([true, false, false]);
  expect(broken({ outcomes: { unsubscribed: 14 } })).toEqual([false, true, false]);
  expect(broken({ ended: { trials: 200, events: 2 }, others: { trials: 200, events: 60 } })).toEqual([false, false, true]);
});

test("rates at the bound, and a success as good as the others', break nothing", () => {
  expect(
    broken({ outcomes: { complained: 1, unsubscribed: 2 }, ended: { trials: 200, events: 30 }, others: { trials: 900, events: 150 } }),
  ).toEqual([false, false, false]);
});

test("more guards need more evidence each", () => {
  const of = (guards: readonly Guard[]): number | undefined => readGuards(guards, tally({ outcomes: { complained: 4 } }))[0]?.towards;
  expect(of(GUARDS)).toBeLessThan(of(GUARDS.slice(0, 1)) ?? 0);
});

test("a receipt that came before the hand-over was noted is counted", () => {
  expect(readGuards(GUARDS, tally({ deliveries: 0, outcomes: { complained: 1 } }))[0]?.count).toEqual({ events: 1, trials: 1 });
});

test("words of a guard and of what was counted", () => {
  expect(GUARDS.map(guardWords)).toEqual(["complained at most 0.5 %", "unsubscribed at most 1 %", "success at most 50 % below others"]);
  const readings = readGuards(GUARDS, tally({ outcomes: { complained: 4 }, others: { trials: 20, events: 5 } }));
  expect(readings.map(readingWords)).toEqual([
    "4 of 200 (2 %) complained, at most 0.5 %",
    "0 of 200 (0 %) unsubscribed, at most 1 %",
    "0 of 0 succeeded, others 5 of 20 (25 %), at most 50 % below",
  ]);
});

test("deliveries it takes to see twice, five and ten times the bound", () => {
  const [complained, unsubscribed, success] = GUARDS as [Guard, Guard, Guard];
  expect(deliveriesToSee(complained, 2)).toEqual([
    { times: 2, deliveries: 2713 },
    { times: 5, deliveries: 246 },
    { times: 10, deliveries: 69 },
  ]);
  // It is the smallest number at which the guard is broken.
  const at = (deliveries: number) =>
    readGuards([complained, unsubscribed], tally({ deliveries, outcomes: { complained: deliveries * 0.025 } }))[0]?.isBroken;
  expect([at(245), at(246)]).toEqual([false, true]);
  expect(deliveriesToSee({ outcome: "ignored", max: 0.3 }, 1).map(({ times }) => times)).toEqual([2]);
  expect([deliveriesToSee({ outcome: "complained", max: 0 }, 1), deliveriesToSee(success, 1)]).toEqual([[], []]);
  expect(GUARDS.flatMap((guard) => sightWords(guard, 2))).toEqual([
    "complained at most 0.5 %: twice that is seen after about 2,700, 5 times after about 250, 10 times after about 69 deliveries",
    "unsubscribed at most 1 %: twice that is seen after about 1,300, 5 times after about 120, 10 times after about 34 deliveries",
  ]);
});
