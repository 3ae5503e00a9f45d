/** A logged decision as input of the estimators. */
export interface Scored {
  readonly reward: number;
  /** `w = π(a|x) / p`: ratio between the other policy's and the log's probability of this action. */
  readonly weight: number;
  /** `v = Σ π(a'|x) q(x, a')`: the model's expected reward under the other policy. */
  readonly expected: number;
  /** `q(x, a)`: the model's expected reward of the logged action. */
  readonly modelled: number;
}

/** Contribution of one decision; every estimate follows from the sums of these. */
export const scoreOf = ({ reward, weight, expected, modelled }: Scored): Float64Array =>
  Float64Array.of(1, reward, weight, weight * reward, expected + weight * (reward - modelled));

export const ESTIMATORS = ["ips", "snips", "dr"] as const;
export type Estimator = (typeof ESTIMATORS)[number];

/**
 * From the sums over all decisions: the log's own mean reward; then the other policy's, estimated by each of
 *
 *   ips     mean of w r                      unbiased when probabilities are right (Horvitz and Thompson 1952)
 *   snips   Σ w r / Σ w                      steadier, slightly biased (Hájek 1971; Swaminathan and Joachims 2015)
 *   dr      mean of v + w (r − q)            right when probabilities or the model are (Dudík, Langford and Li 2011)
 *
 * and then the same less the log's own.
 */
export function statistics(sums: Float64Array): number[] {
  const [count = 0, reward = 0, weight = 0, weighted = 0, corrected = 0] = sums;
  const own = reward / count;
  const values = [weighted / count, weight === 0 ? 0 : weighted / weight, corrected / count];
  return [own, ...values, ...values.map((value) => value - own)];
}
