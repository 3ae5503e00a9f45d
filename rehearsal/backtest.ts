import type { Instant } from "../domain/values/time.ts";
import { fitArrivals, type History, playArrivals, WEEK } from "./arrivals.ts";

/** The middle of several plays, and between which bounds 90 of 100 of them are. */
export interface Interval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

export interface BacktestOptions {
  readonly from: Instant;
  /** What came before is learned from, what came after is foretold. */
  readonly split: Instant;
  readonly until: Instant;
  readonly zone: string;
  readonly paths: number;
  readonly seed: string;
}

/** What was foretold of arrivals, beside what came. */
export interface Backtest {
  /** Customers who had come before the split; of others nothing is foretold. */
  readonly customers: number;
  readonly came: number;
  readonly foretold: Interval;
  readonly weeks: readonly { readonly from: Instant; readonly came: number; readonly foretold: Interval }[];
  /** The share of weeks that came out within their interval. */
  readonly held: number;
  /** Between what came from a customer and the mean of what was foretold of her. */
  readonly meanAbsoluteError: number;
  readonly correlation: number;
}

/** Below this share of weeks within their 90 % interval the past does not tell what comes. */
export const ENOUGH_HELD = 0.8;

/** Learns from what came before an instant, plays what follows several times, and compares it with what came. */
export function backtestArrivals(histories: readonly History[], options: BacktestOptions): Backtest {
  const { from, split, until, zone, paths, seed } = options;
  const before = histories.flatMap((one) => {
    const times = one.times.filter((at) => at < split);
    return times.length > 0 ? [{ customerId: one.customerId, times, after: one.times.filter((at) => at >= split && at < until) }] : [];
  });
  const model = fitArrivals(before, { from, until: split, zone });
  const weekCount = Math.max(1, Math.floor((until - split) / WEEK));
  const weekOf = (at: Instant): number => Math.min(weekCount - 1, Math.floor((at - split) / WEEK));
  const byCustomer = new Float64Array(before.length);
  const plays = Array.from({ length: paths }, (_, path) => {
    const byWeek = new Array<number>(weekCount).fill(0);
    for (const { customer, at } of playArrivals(model, before, { until, seed, path })) {
      byCustomer[customer] = (byCustomer[customer] ?? 0) + 1 / paths;
      const week = weekOf(at);
      byWeek[week] = (byWeek[week] ?? 0) + 1;
    }
    return byWeek;
  });
  const cameByWeek = new Array<number>(weekCount).fill(0);
  for (const at of before.flatMap(({ after }) => after)) cameByWeek[weekOf(at)] = (cameByWeek[weekOf(at)] ?? 0) + 1;
  const weeks = cameByWeek.map((came, week) => ({
    from: split + week * WEEK,
    came,
    foretold: intervalOf(plays.map((byWeek) => byWeek[week] ?? 0)),
  }));
  const came = before.map(({ after }) => after.length);
  return {
    customers: before.length,
    came: sumOf(came),
    foretold: intervalOf(plays.map(sumOf)),
    weeks,
    held: weeks.filter((week) => isWithin(week.came, week.foretold)).length / weekCount,
    meanAbsoluteError: sumOf(came.map((count, place) => Math.abs(count - (byCustomer[place] ?? 0)))) / Math.max(1, came.length),
    correlation: correlationOf(came, [...byCustomer]),
  };
}

/**
 * The mean of some values, and the bounds between which another one of the same kind is in 90 of 100 cases: of 20 the least and the
 * greatest, as between those lie 19 of 21 (Weibull's positions).
 */
export function intervalOf(values: readonly number[]): Interval {
  const sorted = values.toSorted((a, b) => a - b);
  const last = sorted.length - 1;
  const at = (place: number): number => sorted[Math.min(Math.max(place - 1, 0), last)] ?? 0;
  const [low, high] = [Math.floor(0.05 * (values.length + 1)), Math.ceil(0.95 * (values.length + 1))];
  return { mean: sumOf(values) / Math.max(1, values.length), low: at(low), high: at(high) };
}

/** Whether a value is between the bounds of an interval, or on one. */
export const isWithin = (value: number, { low, high }: Interval): boolean => value >= low && value <= high;

// --- internal ---

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0);

function correlationOf(one: readonly number[], other: readonly number[]): number {
  const [meanOne, meanOther] = [sumOf(one) / one.length, sumOf(other) / other.length];
  const products = (a: readonly number[], meanA: number, b: readonly number[], meanB: number): number =>
    sumOf(a.map((value, place) => (value - meanA) * ((b[place] ?? 0) - meanB)));
  const both = products(one, meanOne, other, meanOther);
  const spread = Math.sqrt(products(one, meanOne, one, meanOne) * products(other, meanOther, other, meanOther));
  return spread === 0 ? 0 : both / spread;
}
