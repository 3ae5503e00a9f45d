import { expect, test } from "vitest";
import { passHat, wilson } from "./statistics.ts";

test("an interval contains the share, narrows with more cases, and never leaves 0 to 1", () => {
  expect(wilson(0.5, 100).map((end) => Math.round(end * 1000) / 1000)).toEqual([0.404, 0.596]);
  const [low, high] = wilson(1, 10);
  expect([Math.round(low * 1000) / 1000, high]).toEqual([0.722, 1]);
  expect(wilson(0, 0)).toEqual([0, 1]);
});

test.each([
  [4, 4, 4, 1],
  [4, 3, 4, 0],
  [4, 3, 1, 0.75],
  [4, 2, 2, 1 / 6],
  [2, 2, 3, 0],
])("of %i trials with %i passed, %i drawn all pass with probability %d", (trials, passed, k, chance) => {
  expect(passHat(trials, passed, k)).toBeCloseTo(chance, 12);
});
