import { expect, test } from "vitest";
import { expectedRate } from "./integrals.ts";
import { priorBelief, rateOf } from "./prior.ts";

test.each([0.5, 0.3, 0.7, 0.1, 0.02, 0.003, 0.999])(
  "a prior around %s has the mean and the variance of a Beta that is worth two outcomes",
  (rate) => {
    const { mean, logit, deviation } = priorBelief(rate);
    const drawn = expectedRate(logit, deviation ** 2);
    const variance = drawn.mean - drawn.mean ** 2 - drawn.slope;

    expect(mean).toBe(rate);
    // Log-odds are rounded to 0.01 before they are fitted.
    expect(Math.abs(drawn.mean / rate - 1)).toBeLessThan(0.01);
    expect(Math.abs(variance / ((rate * (1 - rate)) / 3) - 1)).toBeLessThan(0.01);
  },
);

test("a prior is symmetrical, and stays a number for rates however small", () => {
  expect(priorBelief(0.9).logit).toBeCloseTo(-priorBelief(0.1).logit, 10);
  expect(priorBelief(0.9).deviation).toBe(priorBelief(0.1).deviation);
  for (const rate of [1e-9, 1 - 1e-9]) {
    const { logit, deviation } = priorBelief(rate);
    expect(Number.isFinite(logit) && deviation > 1 && deviation < 10).toBe(true);
  }
});

test("a rate adds one success and one failure to the observed ones", () => {
  expect([rateOf({ successes: 0, failures: 0 }), rateOf({ successes: 1, failures: 4 })]).toEqual([0.5, 2 / 7]);
});
