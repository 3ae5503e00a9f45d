import type { DeliveryNote, OutcomeKind } from "../entities/customer.ts";
import type { Features, Lesson } from "../entities/lesson.ts";
import type { Experience, Policy } from "../entities/policy.ts";
import { withMoment } from "../record/view.ts";
import type { Scope } from "../values/condition.ts";
import type { Instant } from "../values/time.ts";
import { encodeFeatures, readFeatures } from "./features.ts";
import { belief, type Learned, NOTHING_LEARNED, pooled } from "./learning.ts";
import { type Counts, rateOf } from "./prior.ts";
import type { Propensity } from "./propensity.ts";

/** Names what learns on its own: an experience on a channel. */
export const armOf = (experienceId: string, channel: string): string => `${experienceId}\n${channel}`;

/**
 * What an outcome teaches, if it is the one that settles it. Where the author says what success is, only that is one, and
 * what has not come in time is none; otherwise any response is. What never arrived teaches nothing about its worth.
 */
export function lessonOf(
  note: DeliveryNote,
  kind: OutcomeKind,
  at: Instant,
  experience: Experience | undefined,
): ({ type: "lesson" } & Lesson)[] {
  const { deliveryId, experienceId, channel, features } = note;
  const reward = rewardOf(kind, experience?.success !== undefined);
  return features === undefined || reward === undefined
    ? []
    : [{ type: "lesson", deliveryId, experienceId, channel, features, reward, at }];
}

/**
 * The beliefs of a policy by what its arms have learned; told which arms it was asked about. An arm without an outcome is
 * believed to succeed as often as the experience's arms on other channels; where these have none either, as often as the arms that serve
 * the same moment; where nothing is learned at all, one time in two. That prior is worth two outcomes.
 */
export function learnedPropensity(
  policy: Policy,
  learnedBy: (arm: string) => Learned | undefined,
  onAsked: (arm: string) => void = () => {},
): Propensity {
  const ask = (experience: Experience, channel: string): Learned => {
    const arm = armOf(experience.id, channel);
    onAsked(arm);
    return learnedBy(arm) ?? NOTHING_LEARNED;
  };
  const ofExperience = (experience: Experience): Counts | undefined =>
    pooled(experience.routes.map(({ channel }) => ask(experience, channel)));
  // Every candidate of a decision may ask this, and there may be thousands.
  const byMoment = new Map<string, Counts | undefined>();
  const ofMoment = (moment: string): Counts | undefined => {
    if (!byMoment.has(moment)) {
      const serving = policy.experiences.filter(({ status, serves }) => status === "approved" && serves.includes(moment));
      byMoment.set(moment, pooled(serving.flatMap((one) => one.routes.map(({ channel }) => ask(one, channel)))));
    }
    return byMoment.get(moment);
  };
  return ({ experience, channel, moment, view }) => {
    const learned = ask(experience, channel);
    if (learned.outcomes > 0) return belief(learned, featuresOf(policy, withMoment(view.scope, moment, experience)));
    const others = ofExperience(experience) ?? ofMoment(moment.name);
    return belief(learned, [], others && rateOf(others));
  };
}

/** What a choice is made on, as the learner sees it: the features that the workspace names. */
export const featuresOf = ({ learning }: Policy, scope: Scope): Features =>
  encodeFeatures(readFeatures(learning.features, scope as unknown as Readonly<Record<string, unknown>>));

// --- internal ---

function rewardOf(kind: OutcomeKind, isDefined: boolean): 0 | 1 | undefined {
  if (kind === "converted") return 1;
  if (kind === "ignored" || kind === "complained" || kind === "unsubscribed") return 0;
  if (kind === "opened" || kind === "clicked" || kind === "replied") return isDefined ? undefined : 1;
  return undefined;
}
