import type { BuiltInSignalType } from "../domain/entities/built-ins.ts";
import { everyExperience, type Policy } from "../domain/entities/policy.ts";
import { shareOf } from "../domain/values/random.ts";
import type { Period } from "./arrivals.ts";
import type { SuccessOf } from "./attribution.ts";
import { type Cases, learnCases } from "./cases.ts";
import type { PastCustomer, PastDelivery, PastSignal, PlayedDelivery, RecordedHistory } from "./future.ts";
import { groupedBy } from "./grouped-by.ts";
import { learnOwnSignals, type OwnSignals, type SentOne } from "./own-signals.ts";
import { type Answers, hasConverted, isOver, learnAnswers } from "./past-answers.ts";
import { CASE_CLOSED, CASE_OPENED } from "./signal-data.ts";
import { typesNamedBy } from "./types-named.ts";

/** What a population is like: all that its futures are drawn from. Plain data that threads can be given (structured clone). */
export interface Twins {
  readonly period: Period;
  /** Who is played; customers are named by their place here. */
  readonly customers: readonly PastCustomer[];
  /** How many customers there are in all. */
  readonly population: number;
  readonly types: readonly OwnSignals[];
  readonly answers: Answers;
  readonly cases: Cases;
  /** Deliveries that may still be answered at the end of the recorded time. */
  readonly open: readonly OpenDelivery[];
  /** What was recorded and is not modelled, and what was not recorded. */
  readonly leftOut: LeftOut;
}

export interface OpenDelivery extends Omit<PlayedDelivery, "nth"> {
  /** Kinds of outcomes that it had already. */
  readonly seen: readonly string[];
}

/** Types of signals that no future has, and what answers were not seen. */
export interface LeftOut {
  /** Seen too seldom to tell how they come, with how often. */
  readonly rare: Readonly<Record<string, number>>;
  /** Done by people or to the record, with how often. */
  readonly notOfCustomers: Readonly<Record<string, number>>;
  /** Named by a policy, and never seen. */
  readonly neverSeen: readonly string[];
  /** Experiences of a policy of which no arm has an outcome. */
  readonly neverAnswered: readonly string[];
}

export interface LearnOptions {
  /** The policies that will be played: what counts as a success, and what they listen for. */
  readonly policies: readonly Policy[];
  /** The most customers that are played; of more, a share is. Default: 20,000 */
  readonly most?: number;
}

/** Fewer signals of a type do not tell how it comes. */
export const FEWEST_SEEN = 10;

/** Types that no customer sends of herself: people do them, or they say who is who. */
export const NOT_OF_CUSTOMERS: readonly string[] = [
  "human.touch",
  "promise.kept",
  "customer.merged",
  "customer.aliased",
  "offer.redeemed",
  "stage.changed",
  "clock.daily",
] satisfies readonly BuiltInSignalType[];

/**
 * Learns what customers are like from what was recorded of them. Receipts, replies and successes that followed a delivery are answers; all
 * other signals come from customers themselves.
 */
export function learnTwins(history: RecordedHistory, { policies, most = 20_000 }: LearnOptions): Twins {
  const { period } = history;
  const customers = sampleOf(history.customers, most);
  const places = new Map(customers.map(({ customerId }, place) => [customerId, place]));
  const isPlayed = ({ customerId }: { readonly customerId: string }): boolean => places.has(customerId);
  const signals = history.signals
    .filter((one) => isPlayed(one) && one.time >= period.from && one.time < period.until)
    .sort((a, b) => a.time - b.time);
  const deliveries = history.deliveries.filter((one) => isPlayed(one) && one.at < period.until).sort((a, b) => a.at - b.at);
  const successOf = successesOf(policies);
  const { answers, isAnswer } = learnAnswers({ places, signals, deliveries, arms: history.arms, period, successOf });
  const byType = sentByType(
    signals.filter((one) => !isAnswer.has(one)),
    places,
  );
  const isModelled = (type: string): boolean =>
    !NOT_OF_CUSTOMERS.includes(type) && type !== CASE_CLOSED && (byType.get(type)?.length ?? 0) >= FEWEST_SEEN;
  const countsOf = (types: readonly string[]): Record<string, number> =>
    Object.fromEntries(types.map((type) => [type, byType.get(type)?.length ?? 0]));
  const types = [...byType.keys()].sort();
  const seen = new Set(signals.map(({ type }) => type));
  return {
    period,
    customers,
    population: Math.max(history.population, history.customers.length),
    types: types.filter(isModelled).map((type) => learnOwnSignals(type, byType.get(type) ?? [], customers, period)),
    answers,
    cases: learnCases(byType.get(CASE_OPENED) ?? [], byType.get(CASE_CLOSED) ?? []),
    open: deliveries.filter((one) => !isOver(one, period.until, successOf)).map((one) => openOf(one, successOf)),
    leftOut: {
      rare: countsOf(types.filter((type) => !isModelled(type) && !NOT_OF_CUSTOMERS.includes(type) && type !== CASE_CLOSED)),
      notOfCustomers: countsOf(types.filter((type) => NOT_OF_CUSTOMERS.includes(type))),
      neverSeen: [...new Set(policies.flatMap(typesNamedBy))].filter((type) => !seen.has(type)).sort(),
      neverAnswered: neverAnswered(policies, answers),
    },
  };
}

/** The customers that are played: all, or of more than `most` those whose ids happen to come first in a fixed order of chance. */
export function sampleOf<T extends Pick<PastCustomer, "customerId">>(customers: readonly T[], most: number): readonly T[] {
  if (customers.length <= most) return customers;
  const places = customers.map(({ customerId }) => shareOf(customerId));
  const limit = Float64Array.from(places).sort()[most] ?? 1;
  return customers.filter((_, place) => (places[place] ?? 1) < limit);
}

/** What counts as the success of each experience of some policies; of two that name one, the first counts. */
export function successesOf(policies: readonly Policy[]): SuccessOf {
  const all = policies.flatMap((policy) => everyExperience(policy).flatMap(({ id, success }) => (success ? [[id, success] as const] : [])));
  const byId = new Map(all.reverse());
  return (experienceId) => byId.get(experienceId);
}

// --- internal ---

const sentByType = (signals: readonly PastSignal[], places: ReadonlyMap<string, number>): ReadonlyMap<string, readonly SentOne[]> =>
  groupedBy(
    signals.map(({ type, customerId, source, time: at, data }) => {
      const customer = places.get(customerId) ?? -1;
      return { type, customer, at, ...(data ? { datum: { by: customer, source, at, data } } : {}) };
    }),
    ({ type }) => type,
  );

function openOf(delivery: PastDelivery, successOf: SuccessOf): OpenDelivery {
  const { deliveryId, customerId, experienceId, channel, variant, learnsAs, at, outcomes } = delivery;
  const success = hasConverted(delivery) ? undefined : successOf(experienceId);
  return {
    ...{ deliveryId, customerId, experienceId, channel, at },
    ...(variant === undefined ? {} : { variant }),
    ...(learnsAs === undefined ? {} : { learnsAs }),
    // Its condition is code, and threads are given data alone.
    ...(success ? { success: { signals: success.signals, within: success.within } } : {}),
    seen: outcomes.map(({ kind }) => kind),
  };
}

function neverAnswered(policies: readonly Policy[], { arms }: Answers): string[] {
  const taught = new Set(Object.entries(arms).flatMap(([arm, { outcomes }]) => (outcomes > 0 ? [arm.slice(0, arm.indexOf("\n"))] : [])));
  const all = policies.flatMap(everyExperience).filter(({ status }) => status === "approved" || status === "canary");
  return [...new Set(all.map(({ id, learnsAs }) => learnsAs ?? id))].filter((id) => !taught.has(id)).sort();
}
