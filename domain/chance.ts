import { type Belief, sigmoid } from "./propensity.ts";

/** One of the choices that compete: its worth is `scale` times the probability that the belief stands for. */
export interface Contender {
  readonly belief: Belief;
  /** C × V × L. */
  readonly scale: number;
}

/**
 * The chance that contender `index` has the highest worth when every probability is drawn from its belief.
 * One-dimensional integral over the contender's own draw of the product of the others' distribution functions, by the
 * midpoint rule over ±6 deviations: deterministic, and within 1e-4 for beliefs that are normal in log-odds.
 * Equal worths go to the contender that comes first.
 */
export function chanceToWin(contenders: readonly Contender[], index: number): number {
  const own = contenders[index];
  if (!own) return 0;
  const others = contenders.map((contender, at) => ({ contender, isFirst: at < index })).filter((_, at) => at !== index);
  if (others.length === 0) return 1;
  if (own.belief.deviation === 0) return chanceAbove(own, own.belief.logit, others);
  let sum = 0;
  let weights = 0;
  for (let step = 0; step < STEPS; step++) {
    const z = -SPAN + ((step + 0.5) * 2 * SPAN) / STEPS;
    const weight = Math.exp((-z * z) / 2);
    weights += weight;
    sum += weight * chanceAbove(own, own.belief.logit + z * own.belief.deviation, others);
  }
  return sum / weights;
}

// --- internal ---

const SPAN = 6;
const STEPS = 400;

function chanceAbove(own: Contender, logit: number, others: readonly { contender: Contender; isFirst: boolean }[]): number {
  const worth = own.scale * sigmoid(logit);
  let chance = 1;
  for (const { contender, isFirst } of others) {
    chance *= chanceBelow(contender, worth, isFirst);
    if (chance === 0) return 0;
  }
  return chance;
}

/** The chance that a contender's worth lies below a given worth. */
function chanceBelow({ belief, scale }: Contender, worth: number, winsTies: boolean): number {
  if (belief.deviation === 0) {
    const theirs = scale * sigmoid(belief.logit);
    return theirs < worth || (theirs === worth && !winsTies) ? 1 : 0;
  }
  const share = scale === 0 ? (worth > 0 ? 1 : 0) : worth / scale;
  if (share >= 1) return 1;
  if (share <= 0) return 0;
  return standardNormal((Math.log(share / (1 - share)) - belief.logit) / belief.deviation);
}

/** Distribution function of the standard normal (Abramowitz and Stegun 26.2.17, error below 7.5e-8). */
export function standardNormal(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const tail =
    (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return z >= 0 ? 1 - tail : tail;
}
