import { expect, test } from "vitest";
import { passHat } from "./statistics.ts";

test.each([
  [4, 4, 4, 1],
  [4, 3, 4, 0],
  [4, 3, 1, 0.75],
  [4, 2, 2, 1 / 6],
  [2, 2, 3, 0],
])("of %i trials with %i passed, %i drawn all pass with probability %d", (trials, passed, k, chance) => {
  expect(passHat(trials, passed, k)).toBeCloseTo(chance, 12);
});
