import { belief, type Learned, learn, NOTHING_LEARNED } from "../../domain/learning.ts";
import type { Features } from "../../domain/learning-features.ts";
import { type Belief, sigmoid } from "../../domain/propensity.ts";
import { normal, type Random, seededRandom, shuffled } from "../../domain/random.ts";

/** A decision of a log that drew its arm at random, each with the same chance. */
export interface Logged {
  readonly arm: string;
  readonly reward: number;
  readonly features: Features;
}

export interface Replayed {
  /** The arm chosen and its reward, for every row where the log had drawn the same arm. */
  readonly matched: readonly { readonly arm: string; readonly reward: number }[];
  readonly learned: ReadonlyMap<string, Learned>;
}

/**
 * Runs a learner over a random log as if it had decided itself (Li, Chu, Langford and Wang 2011, "Unbiased offline evaluation of
 * contextual-bandit-based news article recommendation algorithms"): rows come in a random order; where the learner chooses
 * the arm that the log had drawn, the outcome is shown to it and counts, every other row is passed over. As the log drew
 * uniformly, what is kept is distributed like a live run. Arms are chosen by Thompson sampling, as decisions are.
 */
export function replay(rows: readonly Logged[], arms: readonly string[], seed: string): Replayed {
  const random = seededRandom(seed);
  const learned = new Map(arms.map((arm) => [arm, NOTHING_LEARNED]));
  const matched: { arm: string; reward: number }[] = [];
  for (const row of shuffled(rows, random)) {
    const arm = chooseArm(arms, (one) => drawn(belief(learned.get(one) ?? NOTHING_LEARNED, row.features), random));
    if (arm !== row.arm) continue;
    matched.push({ arm, reward: row.reward });
    learned.set(arm, learn(learned.get(arm) ?? NOTHING_LEARNED, row.features, row.reward));
  }
  return { matched, learned };
}

/** The arm of the highest worth; the first of equals. */
export function chooseArm(arms: readonly string[], worth: (arm: string) => number): string {
  let best = { arm: "", worth: Number.NEGATIVE_INFINITY };
  for (const arm of arms) {
    const own = worth(arm);
    if (own > best.worth) best = { arm, worth: own };
  }
  return best.arm;
}

/** What the arms expect in a context. */
export const expectedOf = (learned: ReadonlyMap<string, Learned>, arm: string, features: Features): number =>
  belief(learned.get(arm) ?? NOTHING_LEARNED, features).mean;

// --- internal ---

const drawn = ({ mean, logit, deviation }: Belief, random: Random): number =>
  deviation > 0 ? sigmoid(logit + deviation * normal(random)) : mean;
