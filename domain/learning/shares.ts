/** Lower and upper end. */
export type Interval = readonly [low: number, high: number];

/**
 * Wilson's 95 % interval of a share of `count` cases (1927, "Probable inference, the law of succession, and statistical inference"):
 * accurate for few cases, and for shares near 0 and 1.
 */
export function wilson(share: number, count: number, z = 1.959964): Interval {
  if (count === 0) return [0, 1];
  const square = (z * z) / count;
  const middle = (share + square / 2) / (1 + square);
  const half = (z * Math.sqrt((share * (1 - share)) / count + square / (4 * count))) / (1 + square);
  // Exact where nothing or everything succeeded, whatever rounding does.
  return [share === 0 ? 0 : Math.max(0, middle - half), share === 1 ? 1 : Math.min(1, middle + half)];
}

/** Cases, and how many of them succeeded. */
export interface Counted {
  readonly count: number;
  readonly successes: number;
}

export const shareOf = ({ count, successes }: Counted): number => (count === 0 ? 0 : successes / count);

/**
 * The difference of two independent shares with its 95 % interval, from the two Wilson intervals (Newcombe 1998, "Interval estimation for
 * the difference between independent proportions", method 10). It holds for small groups and for shares near 0 and 1.
 */
export function differenceOf(a: Counted, b: Counted): { readonly difference: number; readonly interval: Interval } {
  const [p, q] = [shareOf(a), shareOf(b)];
  const [lowOfA, highOfA] = wilson(p, a.count);
  const [lowOfB, highOfB] = wilson(q, b.count);
  const difference = p - q;
  return {
    difference,
    interval: [difference - Math.hypot(p - lowOfA, highOfB - q), difference + Math.hypot(highOfA - p, q - lowOfB)],
  };
}
