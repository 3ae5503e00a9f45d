import type { Random } from "../domain/values/random.ts";
import type { Gamma } from "./leaving.ts";
import { minimum } from "./minimum.ts";
import { gammaDraw, wait } from "./sampling.ts";

/** How long a known customer was watched for a first signal of a type, in days, and whether it came then. */
export interface Waited {
  readonly days: number;
  readonly came: boolean;
}

/**
 * How soon known customers send their first signal of a type: each at a rate of her own, a gamma distribution over all of them (the waits
 * are Lomax distributed). Whoever has waited for long probably waits for longer. Undefined where it was never seen.
 */
export function fitBeginning(waits: readonly Waited[]): Gamma | undefined {
  const told = waits.filter(({ days }) => days > 0);
  const came = told.filter((one) => one.came).length;
  if (came === 0) return undefined;
  const watched = told.reduce((sum, { days }) => sum + days, 0);
  // Without evidence about their spread, rates are about as spread as an exponential distribution.
  const middle = [0, Math.log(watched / came)];
  const loss = ([shape = 0, rate = 0]: readonly number[]): number => {
    const prior = (shape ** 2 + (rate - (middle[1] ?? 0)) ** 2) / (2 * PRIOR_DEVIATION ** 2);
    return prior - logLikelihood(told, Math.exp(shape), Math.exp(rate));
  };
  const [shape = 0, rate = 0] = minimum(loss, middle);
  return { shape: Math.exp(shape), rate: Math.exp(rate) };
}

/** In how many days a customer begins who has waited for some already. */
export const drawBeginning = ({ shape, rate }: Gamma, waited: number, random: Random): number =>
  (wait(random) * (rate + waited)) / gammaDraw(shape, random);

// --- internal ---

const PRIOR_DEVIATION = 3;

function logLikelihood(waits: readonly Waited[], shape: number, rate: number): number {
  let sum = 0;
  for (const { days, came } of waits) {
    const total = Math.log(rate + days);
    sum += shape * (Math.log(rate) - total) + (came ? Math.log(shape) - total : 0);
  }
  return sum;
}
