import { logGamma } from "../domain/learning/integrals.ts";
import type { Random } from "../domain/values/random.ts";
import { minimum } from "./minimum.ts";
import { gammaDraw, wait } from "./sampling.ts";

/**
 * How often customers come and when they stop: a customer comes at a rate of her own until she leaves for good, which she does after a
 * time whose mean is her own too (Pareto/NBD: Schmittlein, Morrison and Colombo 1987, "Counting your customers"). Times are in days.
 */
export interface Leaving {
  /** Arrivals a day: a gamma distribution, by its shape and its rate. */
  readonly comes: Gamma;
  /** Chances a day to leave: likewise. */
  readonly leaves: Gamma;
}

export interface Gamma {
  readonly shape: number;
  readonly rate: number;
}

/** What was seen of a customer, in days since she is known: how often she came, the last time, and how long that was watched. */
export interface Seen {
  readonly repeats: number;
  readonly last: number;
  readonly watched: number;
}

/** What a customer is like: her arrivals a day, and in how many days she leaves. */
export interface Drawn {
  readonly perDay: number;
  readonly leavesIn: number;
}

/**
 * Fits the distributions by maximum likelihood, with a prior so wide that some dozen customers outweigh it: without it, customers of
 * whom none came back would have no rate, and those of whom none left no time.
 */
export function fitLeaving(seen: readonly (Seen & { readonly customers?: number })[]): Leaving {
  const groups = grouped(seen);
  const days = Math.log(Math.max(MIN_DAYS, meanOf(seen.map(({ watched }) => watched))));
  const middle = [0, days, 0, days];
  const loss = (logs: readonly number[]): number => {
    const prior = logs.reduce((sum, log, at) => sum + ((log - (middle[at] ?? 0)) / PRIOR_DEVIATION) ** 2 / 2, 0);
    return prior - logLikelihood(groups, leavingOf(logs));
  };
  return leavingOf(minimum(loss, middle));
}

/** The chance that a customer has not left by the end of what was watched. */
export function chanceToStay(model: Leaving, seen: Seen): number {
  const { here, gone } = logChances(model, seen);
  return 1 / (1 + Math.exp(gone - here));
}

/** Draws a customer from what her past says (the posterior); undefined where she has left. */
export function drawCustomer(model: Leaving, seen: Seen, random: Random): Drawn | undefined {
  const { comes, leaves } = model;
  if (random() >= chanceToStay(model, seen)) return undefined;
  return {
    perDay: gammaDraw(comes.shape + seen.repeats, random) / (comes.rate + seen.watched),
    leavesIn: timeToLeave({ ...leaves, rate: leaves.rate + seen.watched }, random),
  };
}

/** Draws a customer of whom only the first arrival is known. */
export const drawStranger = ({ comes, leaves }: Leaving, random: Random): Drawn => ({
  perDay: gammaDraw(comes.shape, random) / comes.rate,
  leavesIn: timeToLeave(leaves, random),
});

/** How often a customer of whom only the first arrival is known is expected to come again within so many days. */
export function expectedRepeats({ comes, leaves }: Leaving, days: number): number {
  const perDay = comes.shape / comes.rate;
  const stays = Math.log1p(days / leaves.rate);
  const power = leaves.shape - 1;
  // (1 - e^(-power stays)) / power, which is continuous where the power is 0.
  return perDay * leaves.rate * (Math.abs(power) < 1e-9 ? stays : -Math.expm1(-power * stays) / power);
}

// --- internal ---

const PRIOR_DEVIATION = 3;

/** Distances below a minute tell nothing. */
const MIN_DAYS = 1 / 1440;

const leavingOf = ([comes = 0, comesRate = 0, leaves = 0, leavesRate = 0]: readonly number[]): Leaving => ({
  comes: { shape: Math.exp(comes), rate: Math.exp(comesRate) },
  leaves: { shape: Math.exp(leaves), rate: Math.exp(leavesRate) },
});

const timeToLeave = ({ shape, rate }: Gamma, random: Random): number => (wait(random) * rate) / gammaDraw(shape, random);

interface Group extends Seen {
  readonly customers: number;
}

/** Customers of whom the same was seen count together: most have never come back. */
function grouped(seen: readonly (Seen & { readonly customers?: number })[]): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const one of seen) {
    const key = `${one.repeats} ${one.last} ${one.watched}`;
    groups.set(key, { ...one, customers: (groups.get(key)?.customers ?? 0) + (one.customers ?? 1) });
  }
  return [...groups.values()];
}

/** Logarithms of the likelihood that she is still here, and that she left after her last arrival. */
function logChances({ comes, leaves }: Leaving, { repeats, last, watched }: Seen): { here: number; gone: number } {
  const shape = comes.shape + repeats;
  const common = logGamma(shape) - logGamma(comes.shape) + comes.shape * Math.log(comes.rate);
  const here = common - shape * Math.log(comes.rate + watched) - leaves.shape * Math.log1p(watched / leaves.rate);
  // She left at some time since: the integral over it, which is smooth in the logarithm of the time that is added to both rates.
  const from = Math.log(leaves.rate + last);
  const length = Math.log(leaves.rate + watched) - from;
  let sum = 0;
  for (const { at, weight } of NODES) {
    const total = Math.exp(from + at * length);
    // The density of leaving then, times d(time) = total d(logarithm).
    const density = Math.log(leaves.shape) + leaves.shape * (Math.log(leaves.rate) - Math.log(total));
    sum += weight * Math.exp(density - shape * (Math.log(comes.rate + total - leaves.rate) - Math.log(comes.rate + last)));
  }
  return { here, gone: common - shape * Math.log(comes.rate + last) + Math.log(sum * length) };
}

function logLikelihood(groups: readonly Group[], model: Leaving): number {
  let sum = 0;
  for (const group of groups) {
    const { here, gone } = logChances(model, group);
    const most = Math.max(here, gone);
    sum += group.customers * (most + Math.log(Math.exp(here - most) + Math.exp(gone - most)));
  }
  return sum;
}

const meanOf = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0) / Math.max(1, numbers.length);

/** Of Gauss and Legendre on [0, 1]: exact for polynomials of degree 15. */
const NODES = (() => {
  const half = [
    [0.1834346424956498, 0.362683783378362],
    [0.525532409916329, 0.3137066458778873],
    [0.7966664774136267, 0.2223810344533745],
    [0.9602898564975363, 0.1012285362903763],
  ] as const;
  return half.flatMap(([x, weight]) => [-1, 1].map((side) => ({ at: (1 + side * x) / 2, weight: weight / 2 })));
})();
