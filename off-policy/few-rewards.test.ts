import { expect, test } from "vitest";
import { doubtOfSum, reaching } from "./few-rewards.ts";

// Exact Poisson limits (Garwood 1936), two-sided at 95 %.
test.each([
  [0, 0, 3.689],
  [1, 0.0253, 5.572],
  [4, 1.09, 10.242],
  [9, 4.115, 17.085],
])("%i rewards of weight one may stand for %f to %f", (count, low, high) => {
  const { below, above } = doubtOfSum(
    Array.from({ length: count }, () => 1),
    1,
    0.95,
  );
  expect(count + above).toBeGreaterThan(0.98 * high);
  expect(count + above).toBeLessThan(1.02 * high);
  // The lower end errs on the careful side.
  expect(count - below).toBeLessThan(low + 0.02);
  expect(count - below).toBeGreaterThan(0.9 * low - 0.03);
});

test("without a reward three of the largest weight may have been missed: the rule of three", () => {
  expect(doubtOfSum([0, 0, 0], 2, 0.9).above).toBeCloseTo(2 * 3, 0);
  expect(doubtOfSum([0, 0, 0], 0, 0.9)).toEqual({ below: 0, above: 0 });
});

test("an interval is only ever widened", () => {
  expect(reaching({ value: 5, low: 4, high: 9 }, 2, 1)).toEqual({ value: 5, low: 3, high: 9 });
});
