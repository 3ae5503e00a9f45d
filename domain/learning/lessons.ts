import { type DeliveryNote, isShowing, type OutcomeKind } from "../entities/customer.ts";
import type { Features, Lesson } from "../entities/lesson.ts";
import { channelsOf, competing, type Experience, type Policy } from "../entities/policy.ts";
import { withMoment } from "../record/view.ts";
import type { Scope } from "../values/condition.ts";
import type { Instant } from "../values/time.ts";
import { encodeFeatures, readFeatures } from "./features.ts";
import { belief, type Learned, NOTHING_LEARNED, pooled } from "./learning.ts";
import { type Counts, rateOf } from "./prior.ts";
import type { Belief, Propensity } from "./propensity.ts";

/** Key of an arm, the unit of learning: an experience on a channel, and where it has variants there, one of them. */
export const armOf = (experienceId: string, channel: string, variant?: string): string =>
  variant === undefined ? `${experienceId}\n${channel}` : `${experienceId}\n${channel}\n${variant}`;

/** Stands in place of an experience for what is learned about a channel from everybody: the hours at which it is taken up. */
export const EVERYONE = "";

/** A channel's first variant, which takes over what the experience had learned there before it got variants. */
export interface Heir {
  readonly experienceId: string;
  readonly channel: string;
  readonly variant: string;
}

/** The first variant of every channel with variants. */
export const heirsOf = ({ experiences }: Pick<Policy, "experiences">): Heir[] =>
  // A canary learns beside the one that stays, and inherits nothing of it.
  experiences
    .map((one) => one.stays ?? one)
    .flatMap((experience) =>
      channelsOf(experience).flatMap((channel) => {
        const variant = firstVariant(experience, channel);
        return variant === undefined ? [] : [{ experienceId: experience.id, channel, variant }];
      }),
    );

/**
 * The lesson of an outcome, if it is the final one. Where the author defines success, only that counts as one, and its absence in time
 * as a failure; otherwise any response is a success. An undelivered message teaches nothing.
 */
export function lessonOf(
  note: DeliveryNote,
  kind: OutcomeKind,
  at: Instant,
  experience: Experience | undefined,
): ({ type: "lesson" } & Lesson)[] {
  const { deliveryId, channel, features } = note;
  const experienceId = note.learnsAs ?? note.experienceId;
  // That a place's content was seen is no response.
  const reward = kind === "opened" && isShowing(note) ? undefined : rewardOf(kind, experience?.success !== undefined);
  if (features === undefined || reward === undefined) return [];
  // A delivery from before the experience got variants teaches the first.
  const variant = note.variant ?? (experience && firstVariant(experience, channel));
  const arm = variant === undefined ? { experienceId, channel } : { experienceId, channel, variant };
  return [{ type: "lesson", deliveryId, ...arm, features, reward, at }];
}

/** An outcome of a delivery, with the reward that was stored with it. */
export interface Earning {
  readonly kind: OutcomeKind;
  readonly reward: number;
}

/**
 * What a delivery has earned, as learning counts it: the rewards of its successes. Where the author defines no success, 1 if the first
 * outcome that teaches is a response, otherwise 0.
 *
 * @param outcomes in order of time
 */
export function earnedBy(outcomes: readonly Earning[], experience: Experience | undefined): number {
  const successes = outcomes.filter(({ kind }) => kind === "converted");
  if (successes.length > 0 || experience?.success !== undefined) return successes.reduce((sum, { reward }) => sum + reward, 0);
  for (const { kind } of outcomes) {
    const reward = rewardOf(kind, false);
    if (reward !== undefined) return reward;
  }
  return 0;
}

/**
 * Beliefs of a policy from the state of its arms; tells which arms were read, list by list. The prior of an arm without outcomes is the rate of
 * the experience's other arms, of a canary then those of the one that stays; without those, of the arms that serve the same moment; without any, one half. That prior
 * weighs as much as two outcomes.
 */
export function learnedPropensity(
  policy: Policy,
  learnedBy: (arm: string) => Learned | undefined,
  onAsked: (arms: readonly string[]) => void = () => {},
): Propensity {
  const ask = (arms: readonly string[]): readonly Learned[] => {
    onAsked(arms);
    return arms.flatMap((arm) => learnedBy(arm) ?? []);
  };
  const learnedOn = (experience: Experience, channel: string, variant: string | undefined): Learned =>
    ask([armOn(experience, channel, variant)])[0] ?? NOTHING_LEARNED;
  const ofExperience = (experience: Experience): Counts | undefined => pooled(ask(armsOf(experience)));
  // Kept: every candidate of a decision may ask for it, and there may be thousands.
  const byMoment = new Map<string, PooledMoment>();
  const ofMoment = (moment: string): PooledMoment => {
    const known = byMoment.get(moment);
    if (known) return known;
    const { arms, experiences } = servingArms(policy, moment);
    const counts = pooled(ask(arms));
    const found = { counts, blank: counts ? NO_EXPERIENCES : experiences };
    byMoment.set(moment, found);
    return found;
  };
  const priors = new Map<Counts | undefined, Belief>();
  const priorFrom = (others: Counts | undefined): Belief => {
    const known = priors.get(others);
    if (known) return known;
    const prior = belief(NOTHING_LEARNED, [], others && rateOf(others));
    priors.set(others, prior);
    return prior;
  };
  return ({ experience, channel, variant, moment, view }) => {
    if (byMoment.get(moment.name)?.blank.has(experience) && !experience.stays) return priorFrom(undefined);
    const learned = learnedOn(experience, channel, variant);
    if (learned.outcomes > 0) return belief(learned, featuresOf(policy, withMoment(view.scope, moment, experience)));
    return priorFrom(ofExperience(experience) ?? (experience.stays && ofExperience(experience.stays)) ?? ofMoment(moment.name).counts);
  };
}

/** Features of a choice for the learner, as named by the workspace. */
export const featuresOf = ({ learning }: Policy, scope: Scope): Features =>
  encodeFeatures(readFeatures(learning.features, scope as unknown as Readonly<Record<string, unknown>>));

// --- internal ---

/** The outcomes of the arms that serve a moment. */
interface PooledMoment {
  readonly counts: Counts | undefined;
  /** The experiences that serve it, where none of their arms has an outcome: their beliefs are known without asking for theirs. */
  readonly blank: ReadonlySet<Experience>;
}

const NO_EXPERIENCES: ReadonlySet<Experience> = new Set();

/** The arms that serve a moment, and their experiences: found once a policy. */
interface ServingArms {
  readonly arms: readonly string[];
  readonly experiences: ReadonlySet<Experience>;
}

function servingArms(policy: Policy, moment: string): ServingArms {
  const serving = competing(policy).serving.get(moment);
  if (!serving) return { arms: [], experiences: NO_EXPERIENCES };
  const known = servingArmsOf.get(serving);
  if (known) return known;
  const found = { arms: serving.flatMap(armsOf), experiences: new Set(serving) };
  servingArmsOf.set(serving, found);
  return found;
}

const servingArmsOf = new WeakMap<readonly Experience[], ServingArms>();

const learningId = ({ learnsAs, id }: Experience): string => learnsAs ?? id;

function armOn(experience: Experience, channel: string, variant: string | undefined): string {
  const place = experience.routes.findIndex((route) => route.channel === channel && route.variant === variant);
  return armsOf(experience)[place] ?? armOf(learningId(experience), channel, variant);
}

/** The arms of an experience, one a route, named once: a text that is made anew is hashed anew wherever it is a key. */
function armsOf(experience: Experience): readonly string[] {
  const known = armsKnown.get(experience);
  if (known) return known;
  const arms = experience.routes.map(({ channel, variant }) => armOf(learningId(experience), channel, variant));
  armsKnown.set(experience, arms);
  return arms;
}

const armsKnown = new WeakMap<Experience, readonly string[]>();

const firstVariant = ({ routes }: Experience, channel: string): string | undefined =>
  routes.find((route) => route.channel === channel)?.variant;

function rewardOf(kind: OutcomeKind, isDefined: boolean): 0 | 1 | undefined {
  if (kind === "converted") return 1;
  if (kind === "ignored" || kind === "complained" || kind === "unsubscribed" || kind === "dismissed") return 0;
  if (kind === "opened" || kind === "clicked" || kind === "replied") return isDefined ? undefined : 1;
  return undefined;
}
