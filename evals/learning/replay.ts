import type { Features } from "../../domain/entities/lesson.ts";
import { chanceToWin } from "../../domain/learning/chance.ts";
import { belief, type Learned, learn, NOTHING_LEARNED, pooled } from "../../domain/learning/learning.ts";
import { rateOf } from "../../domain/learning/prior.ts";
import { type Belief, sigmoid } from "../../domain/learning/propensity.ts";
import { normal, type Random, seededRandom, shuffled } from "../../domain/values/random.ts";
import type { LoggedDecision } from "../../off-policy/log.ts";

/** A decision of a log with arms drawn uniformly at random. */
export interface Logged {
  readonly arm: string;
  readonly reward: number;
  readonly features: Features;
}

export interface Replayed {
  /** The chosen arm and its reward, with the inputs of the choice, for every row with the same arm in the log. */
  readonly matched: readonly Choice[];
  readonly learned: ReadonlyMap<string, Learned>;
}

export interface Choice extends Logged {
  /** The beliefs that the arm was drawn from, in the order of the arms. */
  readonly beliefs: readonly Belief[];
}

export interface ReplayOptions {
  /** Number of rows before an outcome is known (default 0: at once). */
  readonly delay?: number;
  /** Draw for an arm without an outcome: from its prior (the default), or exactly one half. */
  readonly untried?: "prior" | "one half";
}

/**
 * Runs a learner over a random log as if it had decided itself (Li, Chu, Langford and Wang 2011, "Unbiased offline evaluation of
 * contextual-bandit-based news article recommendation algorithms"): rows come in random order; if the learner chooses the logged arm, it
 * sees the outcome, which counts; every other row is skipped. As the log is uniform, the kept rows are distributed like a live run. Arms
 * are chosen by Thompson sampling, as in decisions.
 */
export function replay(
  rows: readonly Logged[],
  arms: readonly string[],
  seed: string,
  { delay = 0, untried = "prior" }: ReplayOptions = {},
): Replayed {
  const random = seededRandom(seed);
  const learned = new Map(arms.map((arm) => [arm, NOTHING_LEARNED]));
  const matched: Choice[] = [];
  const pending: { readonly row: Logged; readonly knownAt: number }[] = [];
  for (const [place, row] of shuffled(rows, random).entries()) {
    while ((pending[0]?.knownAt ?? Number.POSITIVE_INFINITY) <= place) study(learned, pending.shift()?.row);
    const beliefs = arms.map((arm) => beliefOf(learned, arm, row.features, untried));
    const arm = chooseArm(arms, (one) => drawn(beliefs[arms.indexOf(one)], random));
    if (arm !== row.arm) continue;
    matched.push({ ...row, beliefs });
    pending.push({ row, knownAt: place + 1 + delay });
  }
  for (const { row } of pending) study(learned, row);
  return { matched, learned };
}

/** The log of a replay as a live run would have written it: each choice with its propensity. */
export const logOf = (matched: readonly Choice[], arms: readonly string[]): LoggedDecision[] =>
  matched.map(({ arm, reward, features, beliefs }) => {
    const contenders = beliefs.map((one) => ({ belief: one, scale: 1 }));
    return { features, action: arm, reward, probability: chanceToWin(contenders, arms.indexOf(arm)), choices: [...arms] };
  });

/** The arm with the highest value; the first among equals. */
export function chooseArm(arms: readonly string[], worth: (arm: string) => number): string {
  let best = { arm: "", worth: Number.NEGATIVE_INFINITY };
  for (const arm of arms) {
    const own = worth(arm);
    if (own > best.worth) best = { arm, worth: own };
  }
  return best.arm;
}

/** Expected reward of an arm in a context. */
export const expectedOf = (learned: ReadonlyMap<string, Learned>, arm: string, features: Features): number =>
  belief(learned.get(arm) ?? NOTHING_LEARNED, features).mean;

// --- internal ---

const HALF: Belief = { mean: 0.5, logit: 0, deviation: 0 };

function beliefOf(learned: ReadonlyMap<string, Learned>, arm: string, features: Features, untried: ReplayOptions["untried"]): Belief {
  const own = learned.get(arm) ?? NOTHING_LEARNED;
  if (own.outcomes > 0) return belief(own, features);
  const others = pooled([...learned.values()]);
  return untried === "prior" ? belief(own, features, others && rateOf(others)) : HALF;
}

function study(learned: Map<string, Learned>, row: Logged | undefined): void {
  if (row) learned.set(row.arm, learn(learned.get(row.arm) ?? NOTHING_LEARNED, row.features, row.reward));
}

const drawn = ({ mean, logit, deviation }: Belief = HALF, random: Random): number =>
  deviation > 0 ? sigmoid(logit + deviation * normal(random)) : mean;
