import { type Interval, normalQuantile } from "./bootstrap.ts";

/**
 * How far below and above its value a weighed sum of rewards may truly lie, when it rests on few rewards: the gamma interval for a
 * weighed sum of Poisson counts (Fay and Feuer 1997, "Confidence intervals for directly standardized rates"). Without a single
 * reward the upper end is the rule of three (three rewards of the largest weight, one-sided at 95 %). A bootstrap cannot know what
 * happened not to occur.
 *
 * @param weighed Each decision's weight times the size of its reward.
 * @param largest What the largest of them could have been.
 * @returns Both 0 or more, in the unit of the sum.
 */
export function doubtOfSum(weighed: readonly number[], largest: number, confidence: number): { below: number; above: number } {
  const sum = weighed.reduce((all, one) => all + one, 0);
  const variance = weighed.reduce((all, one) => all + one * one, 0);
  const [low, high] = [(1 - confidence) / 2, (1 + confidence) / 2];
  const lower = variance === 0 ? 0 : (variance / (2 * sum)) * chiSquareQuantile((2 * sum ** 2) / variance, low);
  const [more, spread] = [sum + largest, variance + largest ** 2];
  const upper = spread === 0 ? 0 : (spread / (2 * more)) * chiSquareQuantile((2 * more ** 2) / spread, high);
  return { below: Math.max(0, sum - lower), above: Math.max(0, upper - sum) };
}

/** Widens an interval to at least these distances from its value. */
export const reaching = <T extends Interval & { readonly value: number }>(estimate: T, below: number, above: number): T => ({
  ...estimate,
  low: Math.min(estimate.low, estimate.value - below),
  high: Math.max(estimate.high, estimate.value + above),
});

// --- internal ---

/**
 * Wilson and Hilferty's cube root approximation (1931): within 1 % from two degrees of freedom on at the upper end, low at the lower
 * one.
 */
function chiSquareQuantile(freedom: number, chance: number): number {
  const spread = 2 / (9 * freedom);
  return freedom * Math.max(0, 1 - spread + normalQuantile(chance) * Math.sqrt(spread)) ** 3;
}
