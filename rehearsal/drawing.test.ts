import { expect, test } from "vitest";
import { seededRandom } from "../domain/values/random.ts";
import { minimum } from "./minimum.ts";
import { gammaDraw, wait } from "./sampling.ts";

const meanAndVariance = (draw: () => number): readonly [number, number] => {
  const all = Array.from({ length: 20_000 }, draw);
  const mean = all.reduce((sum, one) => sum + one, 0) / all.length;
  return [mean, all.reduce((sum, one) => sum + (one - mean) ** 2, 0) / all.length];
};

test.each([0.3, 1, 4.5])("gamma draws of shape %d have it as their mean and as their variance", (shape) => {
  const random = seededRandom(`gamma ${shape}`);
  const [mean, variance] = meanAndVariance(() => gammaDraw(shape, random));
  expect(mean / shape).toBeCloseTo(1, 1);
  expect(variance / shape).toBeCloseTo(1, 0);
});

test("waits have a mean of 1", () => {
  const random = seededRandom("waits");
  expect(meanAndVariance(() => wait(random))[0]).toBeCloseTo(1, 1);
});

test("the least value of a bent valley is found, however the search begins", () => {
  const valley = ([x = 0, y = 0]: readonly number[]): number => (1 - x) ** 2 + 100 * (y - x * x) ** 2;
  for (const start of [
    [-1, 1],
    [3, -2],
  ])
    expect(valley(minimum(valley, start))).toBeLessThan(0.01);
});
