/** Lower and upper end, from 0 to 1. */
export type Interval = readonly [low: number, high: number];

/** Wilson's 95 % interval of a share of `count` cases; accurate for few cases, and for shares near 0 and 1. */
export function wilson(share: number, count: number, z = 1.96): Interval {
  if (count === 0) return [0, 1];
  const square = (z * z) / count;
  const middle = (share + square / 2) / (1 + square);
  const half = (z * Math.sqrt((share * (1 - share)) / count + square / (4 * count))) / (1 + square);
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

/** Probability that k trials drawn from these all pass: C(passed, k) / C(trials, k). */
export function passHat(trials: number, passed: number, k: number): number {
  if (k > trials || k < 1) return 0;
  let chance = 1;
  for (let drawn = 0; drawn < k; drawn++) chance *= Math.max(0, passed - drawn) / (trials - drawn);
  return chance;
}
