import { standardNormal } from "../domain/learning/chance.ts";
import { seededRandom } from "../domain/values/random.ts";

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Statistics computed from the sums over all units. */
export type Statistics = (sums: Float64Array) => readonly number[];

/**
 * Bootstrap intervals, corrected for bias and skew (BCa: Efron 1987, "Better bootstrap confidence intervals"), over independent
 * units: each resample draws as many units as there are, with replacement, adds up their totals, and turns the sums into
 * statistics. The acceleration comes from leaving out one unit at a time. Rewards weighed by rare propensities are skewed,
 * and plain percentiles would miss on the high side.
 */
export function bootstrap(
  units: readonly Float64Array[],
  statistics: Statistics,
  { confidence, seed, resamples }: { readonly confidence: number; readonly seed: string; readonly resamples: number },
): Interval[] {
  const random = seededRandom(`${seed}\nbootstrap`);
  const pool = poolOf(units);
  const drawn = Array.from({ length: resamples }, () => statistics(drawSums(pool, random)));
  const sums = addUp(units);
  const accelerations = accelerationsOf(units, sums, statistics);
  return statistics(sums).map((value, index) => {
    const sorted = drawn.map((one) => one[index] ?? 0).sort((a, b) => a - b);
    // Half of the ties count as below: a statistic with few distinct values would look biased otherwise.
    const below = sorted.filter((one) => one < value).length + sorted.filter((one) => one === value).length / 2;
    const bias = normalQuantile(Math.min(Math.max(below, 1), resamples - 1) / resamples);
    const at = (share: number) => quantile(sorted, shifted(share, bias, accelerations[index] ?? 0));
    return { low: at((1 - confidence) / 2), high: at((1 + confidence) / 2) };
  });
}

export function addUp(vectors: readonly Float64Array[]): Float64Array {
  const sums = new Float64Array(vectors[0]?.length ?? 0);
  for (const vector of vectors) for (let index = 0; index < sums.length; index++) sums[index] = (sums[index] ?? 0) + (vector[index] ?? 0);
  return sums;
}

/** Quantile of sorted numbers with linear interpolation. */
export function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
}

/** Quantile of the standard normal, by bisection. */
export function normalQuantile(chance: number): number {
  let low = -6;
  let high = 6;
  while (high - low > 1e-9) {
    const middle = (low + high) / 2;
    if (standardNormal(middle) < chance) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

// --- internal ---

/** All units in one contiguous block: most of the time is spent fetching them. */
interface Pool {
  readonly values: Float64Array;
  readonly count: number;
  readonly width: number;
}

function poolOf(units: readonly Float64Array[]): Pool {
  const width = units[0]?.length ?? 0;
  const values = new Float64Array(units.length * width);
  for (const [index, unit] of units.entries()) values.set(unit, index * width);
  return { values, count: units.length, width };
}

function drawSums({ values, count, width }: Pool, random: () => number): Float64Array {
  const sums = new Float64Array(width);
  for (let draw = 0; draw < count; draw++) {
    const start = Math.floor(random() * count) * width;
    for (let index = 0; index < width; index++) sums[index] = (sums[index] ?? 0) + (values[start + index] ?? 0);
  }
  return sums;
}

/** Acceleration of each statistic: `Σ d³ / 6 (Σ d²)^1.5` over the jackknife's deviations. */
function accelerationsOf(units: readonly Float64Array[], sums: Float64Array, statistics: Statistics): number[] {
  if (units.length < 2) return [];
  const without = units.map((unit) => statistics(sums.map((sum, index) => sum - (unit[index] ?? 0))));
  return statistics(sums).map((_, index) => {
    const values = without.map((one) => one[index] ?? 0);
    const mean = values.reduce((sum, one) => sum + one, 0) / values.length;
    const squares = values.reduce((sum, one) => sum + (mean - one) ** 2, 0);
    const cubes = values.reduce((sum, one) => sum + (mean - one) ** 3, 0);
    const scale = 6 * squares ** 1.5;
    return scale === 0 ? 0 : cubes / scale;
  });
}

/** BCa's percentile in place of the plain percentile `share`. */
function shifted(share: number, bias: number, acceleration: number): number {
  const z = bias + normalQuantile(share);
  return standardNormal(bias + z / (1 - acceleration * z));
}
