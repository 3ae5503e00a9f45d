import { expect, test } from "vitest";
import { digamma, distributionOfLogit, expectedRate, logGamma, trigamma } from "./integrals.ts";

const EULER = 0.5772156649015329;

test.each([
  [1, -EULER],
  [2, 1 - EULER],
  [0.5, -EULER - 2 * Math.log(2)],
  [100, 4.600161852738087],
])("digamma of %d", (x, value) => {
  expect(digamma(x)).toBeCloseTo(value, 10);
});

test.each([
  [1, Math.PI ** 2 / 6],
  [2, Math.PI ** 2 / 6 - 1],
  [0.5, Math.PI ** 2 / 2],
  [100, 0.010050166663333571],
])("trigamma of %d", (x, value) => {
  expect(trigamma(x)).toBeCloseTo(value, 10);
});

test("an unknown rate has logistic log-odds", () => {
  const { mean, variance } = distributionOfLogit(1, 1);

  expect(mean).toBeCloseTo(0, 12);
  expect(variance).toBeCloseTo(Math.PI ** 2 / 3, 9);
});

test("without uncertainty the expected rate is the logistic function and the slope its derivative", () => {
  const { mean, slope } = expectedRate(-2, 0);

  expect(mean).toBeCloseTo(1 / (1 + Math.exp(2)), 12);
  expect(slope).toBeCloseTo(mean * (1 - mean), 12);
});

test("with uncertainty the expected rate agrees with a fine integral", () => {
  for (const logit of [-6, -2, 0, 3]) {
    for (const variance of [0.01, 0.5, 3.3]) {
      expect(expectedRate(logit, variance).mean).toBeCloseTo(fine(logit, variance), 7);
    }
  }
});

function fine(logit: number, variance: number): number {
  let sum = 0;
  let weights = 0;
  for (let z = -9; z <= 9; z += 0.001) {
    const weight = Math.exp((-z * z) / 2);
    weights += weight;
    sum += weight / (1 + Math.exp(-(logit + Math.sqrt(variance) * z)));
  }
  return sum / weights;
}

// Abramowitz and Stegun, table 6.1, and (n − 1)!
test.each([
  [0.5, Math.log(Math.PI) / 2],
  [1, 0],
  [1.75, Math.log(0.9190625268)],
  [11, Math.log(3_628_800)],
  [0.001, 6.907178885383853],
])("log gamma of %d", (x, value) => {
  expect(logGamma(x)).toBeCloseTo(value, 9);
});
