import { expectedRate } from "./integrals.ts";
import type { Belief } from "./propensity.ts";

/** Rate of an arm without any information. */
export const UNKNOWN_RATE = 0.5;

/** Successes and failures, weighted as in `Learned`. */
export interface Counts {
  readonly successes: number;
  readonly failures: number;
}

/** The mean of Beta(1 + S, 1 + F): the rate that arms with outcomes suggest for one without. */
export const rateOf = ({ successes, failures }: Counts): number => (1 + successes) / (2 + successes + failures);

/**
 * The belief about an arm without an outcome: a prior with a given mean that is worth two outcomes, Beta(2r, 2(1 − r)), as a
 * normal distribution of log-odds. Its two parameters give the rate the mean r and the variance r(1 − r)/3 of that Beta; the
 * moments of the Beta's own log-odds would not do, because for a small r they put a sixth of the draws above one half.
 *
 * With E[σ(x)] = r the variance is r − r² − E[σ(x)(1 − σ(x))], so that the expected slope is ⅔ r(1 − r).
 *
 * @param rate From 0 to 1, both excluded.
 */
export function priorBelief(rate: number): Belief {
  const step = Math.round(logOdds(rate) / RESOLUTION);
  const place = Math.min(Math.max(step, -LAST_STEP), LAST_STEP);
  const { logit, deviation } = fitted(Math.abs(place));
  return { mean: rate, logit: place < 0 ? -logit : logit, deviation };
}

// --- internal ---

/** Resolution of log-odds before fitting: half a percent of a small rate. */
const RESOLUTION = 0.01;
/** Rates beyond 1 in 22,000 are fitted as that. */
const LAST_STEP = 10 / RESOLUTION;

const logOdds = (rate: number): number => Math.log(rate / (1 - rate));

const fits = new Map<number, Pick<Belief, "logit" | "deviation">>();

function fitted(place: number): Pick<Belief, "logit" | "deviation"> {
  const known = fits.get(place);
  if (known) return known;
  const rate = 1 / (1 + Math.exp(-place * RESOLUTION));
  const slope = (2 / 3) * rate * (1 - rate);
  const logitFor = (deviation: number) =>
    bisected(0, 4 * LAST_STEP * RESOLUTION, (logit) => expectedRate(logit, deviation ** 2).mean < rate);
  const deviation = bisected(1, 10, (one) => expectedRate(logitFor(one), one ** 2).slope > slope);
  const fit = { logit: logitFor(deviation), deviation };
  fits.set(place, fit);
  return fit;
}

/** The point at which `isBelow` turns from true to false. */
function bisected(from: number, to: number, isBelow: (value: number) => boolean): number {
  let [low, high] = [from, to];
  for (let round = 0; round < 40; round++) {
    const middle = (low + high) / 2;
    if (isBelow(middle)) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
