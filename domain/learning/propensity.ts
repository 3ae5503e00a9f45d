import type { Moment } from "../entities/customer.ts";
import type { Experience } from "../entities/policy.ts";
import type { View } from "../record/view.ts";

/** Belief about the success of an experience on a channel, in one of its variants: normal in log-odds. */
export interface Belief {
  /** Expected probability of success. */
  readonly mean: number;
  /** Log-odds and their standard deviation; a deviation of 0 disables exploration. */
  readonly logit: number;
  readonly deviation: number;
  /** Set where a decision is considered again: what was drawn then. */
  readonly drawn?: number;
  /** Set where a decision is considered again that only counts the candidate: the priority that it did not reach. */
  readonly lostTo?: number;
}

export interface PropensityContext {
  readonly experience: Experience;
  readonly channel: string;
  readonly variant?: string | undefined;
  readonly moment: Moment;
  readonly view: View;
}

/** Returns the belief about one choice. */
export type Propensity = (context: PropensityContext) => Belief;

export const sigmoid = (logit: number): number => 1 / (1 + Math.exp(-logit));
