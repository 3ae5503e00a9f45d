import type { Features } from "../domain/entities/lesson.ts";

/** One decision of a log: what was chosen, with what probability, and what came of it. */
export interface LoggedDecision {
  readonly features: Features;
  readonly action: string;
  /** The probability with which the logging policy chose this action in this context. */
  readonly probability: number;
  readonly reward: number;
  /** What could have been chosen; missing: every action of the log. */
  readonly choices?: readonly string[];
  /** Decisions for one customer are not independent: they are resampled, and held out, together. */
  readonly customer?: string;
  /** Where it stands in its file. */
  readonly line?: number;
}

/** What a policy would do in a context: actions and their probabilities. */
export type Probabilities = ReadonlyMap<string, number>;

/** The policy whose value is asked for. */
export type OtherPolicy =
  /** Every choice alike. */
  | { readonly kind: "uniform" }
  /** The choice for which a model, learned from other decisions of the log, expects most. */
  | { readonly kind: "best" }
  /** One action wherever it can be chosen; elsewhere every choice alike. */
  | { readonly kind: "always"; readonly action: string }
  /** Given with the log, decision by decision. */
  | { readonly kind: "given"; readonly probabilities: readonly Probabilities[] };

/** The actions of a log, in the order of their names. */
export const actionsOf = (log: readonly LoggedDecision[]): string[] => [...new Set(log.map(({ action }) => action))].sort();

export interface ActionTally {
  readonly action: string;
  readonly decisions: number;
  /** Mean reward of the decisions that took it. */
  readonly reward: number;
}

/** How often each action was taken and what came of it, in the order of their names. */
export function tallyOf(log: readonly LoggedDecision[]): ActionTally[] {
  const sums = new Map(actionsOf(log).map((action) => [action, { decisions: 0, reward: 0 }]));
  for (const { action, reward } of log) {
    const sum = sums.get(action);
    if (!sum) continue;
    sum.decisions++;
    sum.reward += reward;
  }
  return [...sums].map(([action, { decisions, reward }]) => ({ action, decisions, reward: reward / decisions }));
}

/** Why probabilities are none; undefined when they are. */
export function wrongProbabilities(probabilities: Probabilities): string | undefined {
  let sum = 0;
  for (const [action, probability] of probabilities) {
    if (!(probability >= 0 && probability <= 1)) return `the probability of ${action} is ${probability}, expected 0 to 1`;
    sum += probability;
  }
  return Math.abs(sum - 1) > 1e-3 ? `the probabilities sum to ${Number(sum.toFixed(6))}, expected 1` : undefined;
}
