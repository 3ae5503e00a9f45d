import { belief, type Learned, pooled } from "../domain/learning/learning.ts";
import { armOf } from "../domain/learning/lessons.ts";
import { priorBelief, rateOf } from "../domain/learning/prior.ts";
import { type Belief, sigmoid } from "../domain/learning/propensity.ts";
import type { JsonObject } from "../domain/values/json.ts";
import { normal, type Random, seededRandom } from "../domain/values/random.ts";
import type { Instant } from "../domain/values/time.ts";
import type { FutureSignal, PlayedDelivery } from "./future.ts";
import type { Answer, Answers, Pattern, TypedDatum } from "./past-answers.ts";
import { gammaDraw, wait } from "./sampling.ts";
import { type DataRules, type Datum, futureSignal, redrawn } from "./signal-data.ts";

/** Draws what a signal of a type says that a customer sends of herself; undefined where that is not known. */
export type DrawSaid = (
  type: string,
  like: { readonly customerId: string; readonly at: Instant; readonly key: string },
  random: Random,
) => Pick<Datum, "source" | "data"> | undefined;

export interface AnsweringContext {
  readonly seed: string;
  readonly path: number;
  readonly placeOf: (customerId: string) => number | undefined;
  /** How a customer is like others, by her place. */
  readonly likeOf: (place: number) => string | undefined;
  /** From what customers send of themselves: for a success that was never seen to follow a delivery. */
  readonly drawSaid: DrawSaid;
}

/**
 * Answers in one play: whether a delivery succeeds by what its arm has learned, with its doubt drawn once, and what else comes back, and
 * when, by what became of recorded deliveries. Draws belong to the customer, the experience and how often she had it.
 */
export function answering(answers: Answers, context: AnsweringContext): (delivery: PlayedDelivery) => readonly FutureSignal[] {
  const { seed, path } = context;
  const chance = chancesOf(answers, `${seed}\n${path}`);
  const drawPattern = patternsOf(answers, `${seed}\n${path}`);
  const drawSuccess = successesOf(answers, context);
  return (delivery) => {
    const { customerId, experienceId, success, nth, at } = delivery;
    const keyed = `${seed}\n${path}\nanswer\n${customerId}\n${experienceId}\n${nth}`;
    const random = seededRandom(keyed);
    // All draws are made whatever they lead to, so that both sides use the same ones.
    const [draw, level, place] = [random(), random(), random()];
    const succeeded = draw < chance(delivery);
    const pattern = drawPattern(delivery, succeeded, level, place);
    const signals = (pattern?.answers ?? []).map((answer, n) => answered(answer, delivery, `${keyed}\n${n}`, answers.rules));
    if (succeeded && success) {
      const after = pattern?.successAfter ?? success.within * random();
      // What follows another experience may take longer than this one waits for it.
      const time = Math.round(at + (after < success.within ? after : success.within * random()));
      const one = drawSuccess(delivery, { types: success.signals, at: time, key: `${keyed}\nsuccess` }, random);
      if (one) signals.push(one);
    }
    return signals.sort((a, b) => a.time - b.time);
  };
}

// --- internal ---

/** A way is drawn towards what its channel was seen to bring by so many deliveries. */
const PRIOR_DELIVERIES = 2;

/** The chance that a delivery succeeds, in one play. */
function chancesOf({ arms, came }: Answers, play: string): (delivery: PlayedDelivery) => number {
  const all = pooled(Object.values(arms));
  const byExperience = new Map<string, Learned[]>();
  for (const [arm, learned] of Object.entries(arms)) {
    const experienceId = arm.slice(0, arm.indexOf("\n"));
    byExperience.set(experienceId, [...(byExperience.get(experienceId) ?? []), learned]);
  }
  const sum = (of: (one: { readonly by: number; readonly anyway: number }) => number): number =>
    Object.values(came).reduce((total, one) => total + of(one), 0);
  const anywhere = { by: sum(({ by }) => by), anyway: sum(({ anyway }) => anyway) };
  const doubtOf = once((arm: string) => normal(seededRandom(`${play}\ndoubt\n${arm}`)));
  /** The share of successes that come by the delivery itself, as likely as what was seen says (Beta, after Jeffreys). */
  const shareOf = once((experienceId: string) => {
    const { by, anyway } = came[experienceId] ?? anywhere;
    const random = seededRandom(`${play}\nshare\n${experienceId}`);
    const [own, other] = [gammaDraw(by + 0.5, random), anyway === 0 ? 0 : gammaDraw(anyway + 0.5, random)];
    return own / (own + other);
  });
  const beliefOf = ({ experienceId, learnsAs = experienceId, features = [] }: PlayedDelivery, arm: string): Belief | undefined => {
    const learned = arms[arm];
    if (learned && learned.outcomes > 0) return belief(learned, features);
    const others = pooled(byExperience.get(learnsAs) ?? []) ?? pooled(byExperience.get(experienceId) ?? []) ?? all;
    return others && priorBelief(rateOf(others));
  };
  return (delivery) => {
    const { experienceId, learnsAs, channel, variant, success } = delivery;
    const arm = armOf(learnsAs ?? experienceId, channel, variant);
    const believed = beliefOf(delivery, arm);
    if (!believed) return 0;
    const rate = sigmoid(believed.logit + believed.deviation * doubtOf(arm));
    if (!success) return rate;
    // What comes anyway may come first: together both are to make as many successes as the arm has learned.
    const share = shareOf(experienceId);
    return (rate * share) / (1 - rate * (1 - share));
  };
}

/** Patterns with weights that are drawn once a play: what was seen says how often each comes, with the doubt of so few (Rubin 1981). */
interface Weighed {
  readonly patterns: readonly Pattern[];
  readonly sums: Float64Array;
}

/** What becomes of a delivery: as of one of its experience on its channel, or with the weight of two, of any on its channel. */
function patternsOf(
  { ways }: Answers,
  play: string,
): (delivery: PlayedDelivery, succeeded: boolean, level: number, place: number) => Pattern | undefined {
  const weighed = new Map<string, Weighed>();
  const weighedOf = (name: string, succeeded: boolean, of: (way: Answers["ways"][number]) => boolean): Weighed => {
    const key = `${name}\n${succeeded}`;
    const known = weighed.get(key);
    if (known) return known;
    const patterns = ways.filter(of).flatMap((way) => way.patterns.filter((one) => one.succeeded === succeeded));
    const random = seededRandom(`${play}\npatterns\n${key}`);
    let sum = 0;
    const made = { patterns, sums: Float64Array.from(patterns, () => (sum += wait(random))) };
    weighed.set(key, made);
    return made;
  };
  const priorOf = once((key: string) => gammaDraw(PRIOR_DELIVERIES, seededRandom(`${play}\nprior\n${key}`)));
  return ({ experienceId, channel }, succeeded, level, place) => {
    const key = armOf(experienceId, channel);
    const own = weighedOf(key, succeeded, (way) => way.experienceId === experienceId && way.channel === channel);
    const all = weighedOf(`channel\n${channel}`, succeeded, (way) => way.channel === channel);
    const [weight, prior] = [own.sums.at(-1) ?? 0, all.patterns.length === 0 ? 0 : priorOf(`${key}\n${succeeded}`)];
    if (weight + prior === 0) return undefined;
    return placed(level * (weight + prior) < weight ? own : all, place);
  };
}

function placed({ patterns, sums }: Weighed, place: number): Pattern | undefined {
  const wanted = place * (sums.at(-1) ?? 0);
  let [low, high] = [0, sums.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sums[middle] ?? 0) > wanted) high = middle;
    else low = middle + 1;
  }
  return patterns[low];
}

function answered({ type, after, datum }: Answer, delivery: PlayedDelivery, key: string, rules: Readonly<Record<string, DataRules>>) {
  const { customerId, deliveryId } = delivery;
  const at = Math.round(delivery.at + after);
  const said: JsonObject = datum ? redrawn(datum, type, rules[type], { customerId, isOwn: false, latest: datum, at, key }) : {};
  return futureSignal(type, { source: datum?.source ?? SOURCE }, { customerId, at, key }, { ...said, deliveryId });
}

/** Of signals whose source was not recorded. */
const SOURCE = "rehearsal";

interface Wanted {
  readonly types: readonly string[];
  readonly at: Instant;
  readonly key: string;
}

/** The signal by which a delivery succeeds: like a success of its experience, else of any, else like one that came of itself. */
function successesOf({ successes, rules }: Answers, { placeOf, likeOf, drawSaid }: AnsweringContext) {
  const all = Object.values(successes).flat();
  return ({ customerId, experienceId }: PlayedDelivery, { types, at, key }: Wanted, random: Random): FutureSignal | undefined => {
    const isOne = ({ type }: TypedDatum): boolean => types.includes(type);
    const own = (successes[experienceId] ?? []).filter(isOne);
    const seen = own.length > 0 ? own : all.filter(isOne);
    const place = placeOf(customerId);
    const drawn = oneOf(nearest(seen, place, likeOf), random());
    if (drawn) {
      const isOwn = drawn.by === place;
      const latest = seen.findLast(({ type, by }) => by === place && type === drawn.type) ?? drawn;
      return futureSignal(
        drawn.type,
        drawn,
        { customerId, at, key },
        redrawn(drawn, drawn.type, rules[drawn.type], { customerId, isOwn, latest, at, key }),
      );
    }
    for (const type of types) {
      const said = drawSaid(type, { customerId, at, key }, random);
      if (said) return futureSignal(type, said, { customerId, at, key }, said.data);
    }
    return undefined;
  };
}

/** Hers, else those of customers like her, else all. */
function nearest<T extends Datum>(
  seen: readonly T[],
  place: number | undefined,
  likeOf: (place: number) => string | undefined,
): readonly T[] {
  if (place === undefined) return seen;
  const hers = seen.filter(({ by }) => by === place);
  if (hers.length > 0) return hers;
  const like = likeOf(place);
  const alike = like === undefined ? [] : seen.filter(({ by }) => likeOf(by) === like);
  return alike.length > 0 ? alike : seen;
}

const oneOf = <T>(items: readonly T[], draw: number): T | undefined => items[Math.floor(draw * items.length)];

/** Remembers what was drawn for a key. */
function once(draw: (key: string) => number): (key: string) => number {
  const drawn = new Map<string, number>();
  return (key) => {
    const known = drawn.get(key) ?? draw(key);
    drawn.set(key, known);
    return known;
  };
}
