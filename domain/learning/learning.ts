import { z } from "zod";
import type { Features } from "../entities/lesson.ts";
import { distributionOfLogit, expectedRate } from "./integrals.ts";
import { type Counts, priorBelief, rateOf, UNKNOWN_RATE } from "./prior.ts";
import type { Belief } from "./propensity.ts";

/** Maximum number of feature values with a weight per arm. */
export const MAX_WEIGHTS = 64;

/** Effect of one feature value on the log-odds (mean and variance), and how often it occurred. */
const Weight = z.tuple([z.string(), z.number(), z.number().positive(), z.number().nonnegative()]);
type Weight = z.infer<typeof Weight>;

/** Learned state of one arm (an experience on a channel): JSON of at most about 5 KB. */
export const Learned = z.object({
  version: z.literal(1),
  /** Effective number of outcomes, after forgetting. */
  outcomes: z.number().nonnegative(),
  /** Successes and failures among them, each weighted as if it had occurred in the arm's usual context. */
  successes: z.number().nonnegative(),
  failures: z.number().nonnegative(),
  /** Sorted by key. */
  weights: z.array(Weight).max(MAX_WEIGHTS).readonly(),
});
export type Learned = Readonly<z.infer<typeof Learned>>;

/** State of a new arm. */
export const NOTHING_LEARNED: Learned = { version: 1, outcomes: 0, successes: 0, failures: 0, weights: [] };

/** Parses a stored state; undefined for another version: learning then starts over. */
export function readLearned(stored: unknown): Learned | undefined {
  const read = Learned.safeParse(stored);
  return read.success ? read.data : undefined;
}

/**
 * The belief that an arm succeeds in a context: Bayesian logistic regression around the arm's own rate.
 *
 * The own rate has the posterior Beta(1 + S, 1 + F): every rate is equally likely at first. Its log-odds have the mean
 * ψ(1+S) − ψ(1+F) and the variance ψ′(1+S) + ψ′(1+F), exactly. Each value of a feature has a weight, an independent normal
 * N(mᵢ, vᵢ), that counts as far as the value is present more than usual: with fᵢ the share of the arm's outcomes that had
 * it, by cᵢ = 1 − fᵢ when present and by −fᵢ when absent. So a constant value adds nothing, and an
 * unseen one only uncertainty. The context's log-odds are taken as normal with
 *
 *   mean = own + Σ cᵢ mᵢ − (½ − r) D        variance = own + D        D = Σ cᵢ² vᵢ
 *
 * where r is the own rate. The term with D is the curvature of the logistic function (σ″/2σ′ = ½ − r): uncertainty about a context
 * widens the belief without raising the expectation, so a new context falls back to the arm's own rate.
 * Without any outcome the belief is the prior around `expected`, in any context.
 *
 * @param expected The rate of an arm without an outcome, from 0 to 1, both excluded.
 */
export function belief(learned: Learned, features: Features, expected = UNKNOWN_RATE): Belief {
  if (learned.outcomes === 0) return priorBelief(expected);
  const { logit, variance } = predict(learned, partsOf(learned, distinct(features)));
  return { mean: expectedRate(logit, variance).mean, logit, deviation: Math.sqrt(variance) };
}

/** Sum over arms; undefined where none has learned anything. */
export function pooled(arms: readonly Learned[]): Counts | undefined {
  if (arms.every(({ outcomes }) => outcomes === 0)) return undefined;
  const taught = arms.filter(({ outcomes }) => outcomes > 0);
  const sum = (count: (learned: Learned) => number) => taught.reduce((total, learned) => total + count(learned), 0);
  return { successes: sum(({ successes }) => successes), failures: sum(({ failures }) => failures) };
}

/**
 * Learns from one outcome. `reward` is 1 for a success, 0 for a failure, or between; `share` (at most 1) makes it count
 * for less than a whole outcome. A reward that is not a number teaches nothing.
 *
 * The own rate counts it, weighted by its context. With the lift δ = Σ cᵢ mᵢ, success has the odds e^(own + δ), so
 * E[success · e^(−δ/2)] = e^own E[failure · e^(δ/2)]: successes count e^(−δ/2) and failures e^(δ/2).
 *
 * The weights follow by assumed density filtering (Opper 1998, "A Bayesian approach to on-line learning"): with a the
 * log-odds, p = E[σ(a)] and g = E[σ(a)(1 − σ(a))], weight i and the outcome have the covariance cᵢ vᵢ g, and the outcome
 * the variance p(1 − p), so that
 *
 *   mᵢ ← mᵢ + cᵢ vᵢ g (reward − p) / p(1 − p)        vᵢ ← vᵢ (1 − cᵢ² vᵢ g² / p(1 − p))
 *
 * That is the posterior's mean for a success or a failure, and its variance as expected over both (linear Bayes in West,
 * Harrison and Migon 1985, "Dynamic generalized linear models and Bayesian forecasting"). The least certain weights move
 * most; a variance stays positive because no covariance exceeds the product of the deviations.
 */
export function learn(learned: Learned, features: Features, reward: number, share = 1): Learned {
  const part = share > 0 ? Math.min(share, 1) : 0;
  if (Number.isNaN(reward) || part === 0) return learned;
  const gained = Math.min(Math.max(reward, 0), 1);
  const keys = distinct(features);
  const kept = 1 - part / MEMORY;
  const outcomes = kept * learned.outcomes + part;
  const parts = partsOf({ outcomes, weights: metAgain(learned, keys, kept, part) }, keys);
  const lift = Math.min(Math.max(liftOf(parts), -MAX_LIFT), MAX_LIFT);
  const successes = kept * learned.successes + part * gained * Math.exp(-lift / 2);
  const failures = kept * learned.failures + part * (1 - gained) * Math.exp(lift / 2);
  const { logit, variance } = predict({ successes, failures }, parts);
  const { mean: p, slope: g } = expectedRate(logit, variance);
  const gain = (part * g) / (p * (1 - p));
  const weights = parts.map(
    ({ by, weight: [key, mean, own, times] }): Weight => [
      key,
      mean + by * own * gain * (gained - p),
      own * (1 - by * by * own * gain * g),
      times,
    ],
  );
  return { version: 1, outcomes, successes, failures, weights: roomFor(weights, keys) };
}

// --- internal ---

/**
 * Expected joint effect of a context: a factor of about 1.5 in the odds either way (a standard deviation of 0.4 in log-odds). It is
 * divided among the features, so that naming more of them does not raise it.
 */
const CONTEXT_VARIANCE = 0.16;
/** Outcomes after which evidence has decayed to 1/e. Twenty thousand estimate a rate of 1 % to within 7 % of itself. */
const MEMORY = 20_000;
/** Upper bound for the effect of a context: a factor of 50 in the odds. */
const MAX_LIFT = 4;

/** A feature value and its coefficient in a context. */
interface Part {
  readonly by: number;
  readonly weight: Weight;
}

const distinct = (features: Features): ReadonlySet<string> => new Set(features.slice(0, MAX_WEIGHTS));

const priorVariance = (keys: ReadonlySet<string>): number => CONTEXT_VARIANCE / Math.max(keys.size, 2);

/** All values that the arm knows, and all values of the context. */
function partsOf({ outcomes, weights }: Pick<Learned, "outcomes" | "weights">, keys: ReadonlySet<string>): Part[] {
  const known = weights.map((weight): Part => ({ by: (keys.has(weight[0]) ? 1 : 0) - weight[3] / outcomes, weight }));
  return [...known, ...unmet(weights, keys).map((weight): Part => ({ by: 1, weight }))];
}

function unmet(weights: readonly Weight[], keys: ReadonlySet<string>): Weight[] {
  const met = new Set(weights.map(([key]) => key));
  return [...keys].filter((key) => !met.has(key)).map((key) => [key, 0, priorVariance(keys), 0]);
}

const liftOf = (parts: readonly Part[]): number => parts.reduce((sum, { by, weight }) => sum + by * weight[1], 0);

function predict({ successes, failures }: Pick<Learned, "successes" | "failures">, parts: readonly Part[]) {
  const own = distributionOfLogit(1 + successes, 1 + failures);
  const rate = rateOf({ successes, failures });
  const doubt = parts.reduce((sum, { by, weight }) => sum + by * by * weight[2], 0);
  return { logit: own.mean + liftOf(parts) - (0.5 - rate) * doubt, variance: own.variance + doubt };
}

/** The weights after one more occurrence of the context's values, with slightly decayed evidence. */
function metAgain({ weights }: Learned, keys: ReadonlySet<string>, kept: number, part: number): Weight[] {
  return [...weights, ...unmet(weights, keys)].map(([key, mean, variance, times]) =>
    keys.has(key) ? [key, ...faded(mean, variance, priorVariance(keys), kept), kept * times + part] : [key, mean, variance, kept * times],
  );
}

/**
 * Exponential forgetting towards the prior (Kulhavý and Zarrop 1993, "On a general concept of forgetting"): the share `kept` of the
 * precision and of the mean's evidence stays, and the prior, a normal around 0, fills the rest. Only values that occur decay, so rare
 * values are not forgotten because others are frequent.
 */
function faded(mean: number, variance: number, prior: number, kept: number): [mean: number, variance: number] {
  const precision = kept / variance + (1 - kept) / prior;
  return [(kept * mean) / (variance * precision), 1 / precision];
}

/**
 * Bounds the number of weights, sorted by key. The least certain are evicted, as frequent items are kept in bounded space (Metwally et
 * al. 2005): a feature with a different value for every customer replaces its own weights, not established ones.
 */
function roomFor(weights: readonly Weight[], keys: ReadonlySet<string>): Weight[] {
  const byKey = (a: Weight, b: Weight) => (a[0] < b[0] ? -1 : 1);
  const leastKnown = weights.filter(([key]) => !keys.has(key)).sort((a, b) => b[2] - a[2] || byKey(a, b));
  const dropped = new Set(leastKnown.slice(0, Math.max(weights.length - MAX_WEIGHTS, 0)));
  return weights.filter((weight) => !dropped.has(weight)).sort(byKey);
}
