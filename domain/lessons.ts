import type { Scope } from "./condition.ts";
import type { DeliveryNote, OutcomeKind } from "./customer.ts";
import { belief, type Learned } from "./learning.ts";
import { encodeFeatures, type Features, readFeatures } from "./learning-features.ts";
import type { Experience, Policy } from "./policy.ts";
import { NO_EVIDENCE, type Propensity } from "./propensity.ts";
import type { Instant } from "./time.ts";
import { withMoment } from "./view.ts";

/** What one delivery teaches about its experience on its channel: once, when it is known how it ended. */
export interface Lesson {
  readonly deliveryId: string;
  readonly experienceId: string;
  readonly channel: string;
  readonly features: Features;
  /** 1 for a success, 0 for none. */
  readonly reward: 0 | 1;
  readonly at: Instant;
}

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

/** The beliefs of a policy by what its arms have learned; told which arms it was asked about. */
export function learnedPropensity(
  policy: Policy,
  learnedBy: (arm: string) => Learned | undefined,
  onAsked: (arm: string) => void = () => {},
): Propensity {
  return ({ experience, channel, moment, view }) => {
    const arm = armOf(experience.id, channel);
    onAsked(arm);
    const learned = learnedBy(arm);
    return learned ? belief(learned, featuresOf(policy, withMoment(view.scope, moment, experience))) : NO_EVIDENCE;
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
