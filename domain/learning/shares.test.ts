import { expect, test } from "vitest";
import { differenceOf, wilson } from "./shares.ts";

test("an interval contains the share, narrows with more cases, and never leaves 0 to 1", () => {
  expect(wilson(0.5, 100).map((end) => Math.round(end * 1000) / 1000)).toEqual([0.404, 0.596]);
  const [low, high] = wilson(1, 10);
  expect([Math.round(low * 1000) / 1000, high]).toEqual([0.722, 1]);
  expect(wilson(0, 0)).toEqual([0, 1]);
});

// The examples of Newcombe's paper, table II, method 10.
test.each([
  [56, 70, 48, 80, "0.0524", "0.3339"],
  [9, 10, 3, 10, "0.1705", "0.8090"],
  [6, 7, 2, 7, "0.0582", "0.8062"],
  [5, 56, 0, 29, "-0.0381", "0.1926"],
  [0, 10, 0, 20, "-0.1611", "0.2775"],
] as const)("the difference of %i/%i and %i/%i is from %s to %s", (a, m, b, n, low, high) => {
  const { difference, interval } = differenceOf({ successes: a, count: m }, { successes: b, count: n });
  expect(difference).toBeCloseTo(a / m - b / n, 12);
  expect(interval.map((end) => end.toFixed(4))).toEqual([low, high]);
});
