import { expect, test } from "vitest";
import { figureOf } from "./figures.ts";

const upTo = (paths: number): number[] => Array.from({ length: paths }, (_, path) => path + 1);

test.each([
  // Type 7 of Hyndman and Fan: at 0.05 (n − 1) and 0.95 (n − 1) from the lowest.
  [20, { mean: 10.5, low: 1.95, high: 19.05 }],
  [101, { mean: 51, low: 6, high: 96 }],
  [2, { mean: 1.5, low: 1.05, high: 1.95 }],
  [1, { mean: 1, low: 1, high: 1 }],
  [0, { mean: 0, low: 0, high: 0 }],
])("the bounds of %d paths are quantiles of those paths", (paths, wanted) => {
  expect(figureOf(upTo(paths).reverse())).toEqual(wanted);
});
