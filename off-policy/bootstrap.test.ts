import { expect, test } from "vitest";
import { normal, seededRandom } from "../domain/values/random.ts";
import { addUp, bootstrap, normalQuantile, quantile } from "./bootstrap.ts";

const SETTINGS = { confidence: 0.95, seed: "s", resamples: 1000 };
const meanOf = (sums: Float64Array): number[] => [(sums[1] ?? 0) / (sums[0] ?? 1)];
const unitsOf = (values: readonly number[]): Float64Array[] => values.map((value) => Float64Array.of(1, value));

test.each([
  [0.5, 0],
  [0.975, 1.959964],
  [0.025, -1.959964],
  [0.84134475, 1],
])("a standard normal lies below its %f quantile with that probability", (chance, point) => {
  expect(normalQuantile(chance)).toBeCloseTo(point, 4);
});

test.each([
  [[1, 2, 3], 0.5, 2],
  [[1, 2], 0.5, 1.5],
  [[0, 10], 0.25, 2.5],
  [[4], 0.9, 4],
])("quantiles are interpolated between neighbours: %j at %f", (sorted, share, value) => {
  expect(quantile(sorted, share)).toBeCloseTo(value, 12);
});

test("sums are computed per position", () => {
  expect([...addUp([Float64Array.of(1, 2), Float64Array.of(10, 20)])]).toEqual([11, 22]);
});

test("for a symmetric sample the interval of the mean is that of the normal", () => {
  const random = seededRandom("symmetric");
  const half = Array.from({ length: 500 }, () => normal(random));
  const values = half.flatMap((value) => [value, -value]);
  const [interval] = bootstrap(unitsOf(values), meanOf, { ...SETTINGS, resamples: 4000 });

  const error = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0)) / values.length;
  expect((interval?.high ?? 0) / (1.96 * error)).toBeCloseTo(1, 1);
  expect((interval?.low ?? 0) / (-1.96 * error)).toBeCloseTo(1, 1);
});

test("for a sample skewed to the right the interval extends further to the right", () => {
  const random = seededRandom("skewed");
  const values = Array.from({ length: 60 }, () => -Math.log(1 - random()));
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const [{ low, high } = { low: 0, high: 0 }] = bootstrap(unitsOf(values), meanOf, { ...SETTINGS, resamples: 4000 });

  expect(high - mean).toBeGreaterThan(1.1 * (mean - low));
});

test("a sample of one has no width, and neither has a constant one", () => {
  expect(bootstrap(unitsOf([3]), meanOf, SETTINGS)).toEqual([{ low: 3, high: 3 }]);
  expect(bootstrap(unitsOf([3, 3, 3]), meanOf, SETTINGS)).toEqual([{ low: 3, high: 3 }]);
});
