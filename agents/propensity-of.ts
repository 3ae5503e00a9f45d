import type { Policy } from "../domain/entities/policy.ts";
import { learnedPropensity } from "../domain/learning/lessons.ts";
import type { Propensity } from "../domain/learning/propensity.ts";
import type { AgentContext } from "./agent.ts";
import type { WakeRun } from "./wake-run.ts";

/** Beliefs of a run: drawn as recorded, where a record says so, otherwise as learned. */
export function propensityOf(one: WakeRun, policy: Policy, { learnedBy, knownThen }: AgentContext, place?: string): Propensity {
  const learned = learnedPropensity(policy, learnedBy, (arms) => one.asked.push(arms));
  if (!knownThen) return learned;
  const { minPropensity } = policy.governance;
  return (choice) => {
    const belief = learned(choice);
    const { experience, channel, variant } = choice;
    const drawn = knownThen.drawnFor({ experienceId: experience.id, channel, variant, place });
    if (!drawn) {
      const lostTo = knownThen.lostTo(experience.id, place);
      return lostTo === undefined ? belief : { ...belief, lostTo };
    }
    return {
      ...belief,
      drawn: drawn.P,
      mean: drawn.isBelow ? Math.min(belief.mean, minPropensity / 2) : Math.max(belief.mean, minPropensity),
    };
  };
}
