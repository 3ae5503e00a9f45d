import type { Features } from "../domain/entities/lesson.ts";

/** A logged decision: action, probability and reward. */
export interface LoggedDecision {
  readonly features: Features;
  readonly action: string;
  /** Probability of this action under the logging policy in this context. */
  readonly probability: number;
  readonly reward: number;
  /** Available actions; missing: every action of the log. */
  readonly choices?: readonly string[];
  /** Decisions for one customer are dependent, so they are resampled and held out together. */
  readonly customer?: string;
  /** Line in its file. */
  readonly line?: number;
}

/** A policy's action probabilities in a context. */
export type Probabilities = ReadonlyMap<string, number>;

/** The policy to evaluate. */
export type OtherPolicy =
  /** All available actions with equal probability. */
  | { readonly kind: "uniform" }
  /** The action with the highest reward expected by a model trained on other decisions of the log. */
  | { readonly kind: "best" }
  /** One action wherever it is available; elsewhere uniform. */
  | { readonly kind: "always"; readonly action: string }
  /** Given with the log, decision by decision. */
  | {
      readonly kind: "given";
      readonly probabilities: readonly Probabilities[];
      /**
       * Decision by decision, the probability of exactly what was logged where its action alone does not say it, as of a delivery that waits
       * for an hour: that of the action is of all its hours. Missing: that of the action.
       */
      readonly ofLogged?: readonly number[];
    };

/** The probability that a policy does what was logged. */
export const chanceOfLogged = (
  policy: OtherPolicy,
  probabilities: readonly Probabilities[],
  { action }: Pick<LoggedDecision, "action">,
  index: number,
): number => (policy.kind === "given" ? policy.ofLogged?.[index] : undefined) ?? probabilities[index]?.get(action) ?? 0;

/** The actions of a log, sorted by name. */
export const actionsOf = (log: readonly LoggedDecision[]): string[] => [...new Set(log.map(({ action }) => action))].sort();

export interface ActionTally {
  readonly action: string;
  readonly decisions: number;
  /** Mean reward of the decisions with this action. */
  readonly reward: number;
}

/** Count and mean reward of each action, sorted by name. */
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

/** Why these are no probabilities; undefined where they are valid. */
export function wrongProbabilities(probabilities: Probabilities): string | undefined {
  let sum = 0;
  for (const [action, probability] of probabilities) {
    if (!(probability >= 0 && probability <= 1)) return `the probability of ${action} is ${probability}, expected 0 to 1`;
    sum += probability;
  }
  return Math.abs(sum - 1) > 1e-3 ? `the probabilities sum to ${Number(sum.toFixed(6))}, expected 1` : undefined;
}
