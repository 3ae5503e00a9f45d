import { normal, type Random } from "../domain/values/random.ts";

/**
 * What moves all customers at once, week by week, and is in no customer's own rate: holidays, campaigns, a trend. The logarithm of its
 * level walks from week to week, and each week has a deviation of its own (the local level model: Harvey 1989).
 */
export interface LevelFit {
  /** Variance of a week's step of the level. */
  readonly step: number;
  /** Variance of a single week around it. */
  readonly single: number;
  /** The level at the end of what was seen: mean and variance of its logarithm. */
  readonly now: { readonly mean: number; readonly variance: number };
}

/** What the level may be like, each with its weight; the weights add up to 1. A few dozen weeks do not tell one from the next. */
export type CommonLevel = readonly (LevelFit & { readonly weight: number })[];

/** A week as it was, and as it was expected to be if nothing moved all customers at once. */
export interface Week {
  readonly came: number;
  readonly expected: number;
}

/** Nothing moves all at once: what is assumed of a past too short to show it. */
export const STILL: CommonLevel = [{ step: 0, single: 0, now: { mean: 0, variance: 0 }, weight: 1 }];

/** Fewer weeks show nothing of it. */
export const FEWEST_WEEKS = 6;

/** Weighs the variances of a grid, none of which is likelier than another before anything is seen. Weeks of which too little is expected say nothing. */
export function fitLevel(weeks: readonly Week[]): CommonLevel {
  const told = weeks.filter(({ expected }) => expected >= FEWEST_EXPECTED).map(observed);
  if (told.length < FEWEST_WEEKS) return STILL;
  const fits = VARIANCES.flatMap((step) => VARIANCES.map((single) => filtered(told, step, single)));
  const most = Math.max(...fits.map(({ logLikelihood }) => logLikelihood));
  const weights = fits.map(({ logLikelihood }) => Math.exp(logLikelihood - most));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return fits.map(({ fit }, place) => ({ ...fit, weight: (weights[place] ?? 0) / total }));
}

/** Draws the factors of weeks that follow. */
export function drawLevels(level: CommonLevel, weeks: number, random: Random): number[] {
  const { step, single, now } = drawFit(level, random());
  let log = now.mean + Math.sqrt(now.variance) * normal(random);
  return Array.from({ length: weeks }, () => {
    log += Math.sqrt(step) * normal(random);
    return Math.exp(log + Math.sqrt(single) * normal(random));
  });
}

// --- internal ---

const FEWEST_EXPECTED = 5;

/** From nothing to a factor of two from one week to the next. */
const VARIANCES: readonly number[] = [0, 1e-4, 3e-4, 1e-3, 2e-3, 4e-3, 8e-3, 0.015, 0.02, 0.03, 0.06, 0.12, 0.25, 0.5];

/** Before anything is seen the level may be anywhere. */
const UNKNOWN = 1;

interface Observed {
  readonly log: number;
  /** Of the logarithm, by chance alone: a count of n varies by n. */
  readonly variance: number;
}

const observed = ({ came, expected }: Week): Observed => ({
  log: Math.log(Math.max(came, 0.5) / expected),
  variance: 1 / Math.max(came, expected, 1),
});

function drawFit(level: CommonLevel, drawn: number): LevelFit {
  let left = drawn;
  for (const fit of level) {
    left -= fit.weight;
    if (left < 0) return fit;
  }
  return level.at(-1) ?? { step: 0, single: 0, now: { mean: 0, variance: 0 } };
}

/** The Kalman filter of a local level. */
function filtered(weeks: readonly Observed[], step: number, single: number): { fit: LevelFit; logLikelihood: number } {
  let mean = 0;
  let variance = UNKNOWN;
  let logLikelihood = 0;
  for (const { log, variance: chance } of weeks) {
    variance += step;
    const total = variance + single + chance;
    const off = log - mean;
    logLikelihood -= (Math.log(total) + (off * off) / total) / 2;
    const gain = variance / total;
    mean += gain * off;
    variance *= 1 - gain;
  }
  return { fit: { step, single, now: { mean, variance } }, logLikelihood };
}
