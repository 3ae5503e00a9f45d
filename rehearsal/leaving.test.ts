import { expect, test } from "vitest";
import { seededRandom } from "../domain/values/random.ts";
import { chanceToStay, drawCustomer, drawStranger, expectedRepeats, fitLeaving, type Leaving, type Seen } from "./leaving.ts";
import { wait } from "./sampling.ts";

/** CDNOW's customers in weeks, as fitted in the walk-through of BTYD (Dziurzynski, Wadsworth and McCarthy 2014). */
const CDNOW: Leaving = { comes: { shape: 0.5534, rate: 10.5802 }, leaves: { shape: 0.6061, rate: 11.6562 } };

test("the chance that a customer is still here is that of the walk-through", () => {
  expect(chanceToStay(CDNOW, { repeats: 26, last: 30.86, watched: 31 })).toBeCloseTo(0.998, 3);
});

test("how often a new customer comes again is that of the walk-through, also where the formula has a gap", () => {
  expect(expectedRepeats(CDNOW, 52)).toBeCloseTo(1.473, 3);
  const near = (shape: number) => expectedRepeats({ ...CDNOW, leaves: { shape, rate: 11 } }, 52);
  expect(near(1)).toBeCloseTo(near(1.000001), 5);
});

test("who came often and has been silent for long has left; who came seldom may come again", () => {
  const often = chanceToStay(CDNOW, { repeats: 20, last: 20, watched: 39 });
  const seldom = chanceToStay(CDNOW, { repeats: 1, last: 20, watched: 39 });
  expect([often < 0.01, seldom > 0.5, chanceToStay(CDNOW, { repeats: 0, last: 0, watched: 39 }) < 1]).toEqual([true, true, true]);
});

test("what it was drawn from is found again", () => {
  const truth: Leaving = { comes: { shape: 1.5, rate: 10 }, leaves: { shape: 2, rate: 80 } };
  const random = seededRandom("truth");
  const seen = Array.from({ length: 3_000 }, (): Seen => {
    const { perDay, leavesIn } = drawStranger(truth, random);
    let [repeats, last] = [0, 0];
    for (let at = wait(random) / perDay; at < Math.min(leavesIn, 100); at += wait(random) / perDay) [repeats, last] = [repeats + 1, at];
    return { repeats, last, watched: 100 };
  });
  const { comes, leaves } = fitLeaving(seen);
  expect(comes.shape / comes.rate / 0.15).toBeCloseTo(1, 1);
  expect(comes.shape / 1.5).toBeCloseTo(1, 0);
  expect(leaves.shape / leaves.rate / 0.025).toBeCloseTo(1, 0);
  // Of all customers that were drawn, as many have left as the chances say.
  const here = seen.filter((one) => drawCustomer(truth, one, random)).length;
  expect(here / seen.length).toBeCloseTo(seen.reduce((sum, one) => sum + chanceToStay(truth, one), 0) / seen.length, 1);
});

test("customers of whom none came again have low rates, and numbers", () => {
  const { comes, leaves } = fitLeaving(Array.from({ length: 50 }, () => ({ repeats: 0, last: 0, watched: 30 })));
  expect(comes.shape / comes.rate).toBeLessThan(0.02);
  expect([leaves.shape, leaves.rate].every(Number.isFinite)).toBe(true);
});

test("a signal that came twice in the same instant, and one that came at the end, are no trouble", () => {
  const model = fitLeaving([
    { repeats: 1, last: 0, watched: 0 },
    { repeats: 5, last: 10, watched: 10 },
  ]);
  expect(chanceToStay(model, { repeats: 5, last: 10, watched: 10 })).toBe(1);
});
