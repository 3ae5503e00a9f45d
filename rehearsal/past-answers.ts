import type { OutcomeKind } from "../domain/entities/customer.ts";
import { DEFAULT_RESPONSE_MS } from "../domain/entities/policy.ts";
import { type Learned, learn, NOTHING_LEARNED } from "../domain/learning/learning.ts";
import { armOf } from "../domain/learning/lessons.ts";
import type { Instant } from "../domain/values/time.ts";
import { type Attribution, attribute, convertedAt, type Recorded, type Success, type SuccessOf } from "./attribution.ts";
import type { PastDelivery, PastSignal } from "./future.ts";
import { groupedBy } from "./grouped-by.ts";
import { type DataRules, type Datum, rulesOf } from "./signal-data.ts";

/** A signal that answered a delivery, so long after it. */
export interface Answer {
  readonly type: string;
  readonly after: number;
  readonly datum?: Datum;
}

/** What became of one delivery. */
export interface Pattern {
  /** Whether it succeeded: its success came by it, or where its experience names none, the customer responded. */
  readonly succeeded: boolean;
  /** All but the success, by time. */
  readonly answers: readonly Answer[];
  /** How long after it its success came. */
  readonly successAfter?: number;
}

/** What became of the deliveries of an experience on a channel; the latest of them. */
export interface Way {
  readonly experienceId: string;
  readonly channel: string;
  readonly patterns: readonly Pattern[];
}

/** Everything that is known of answers. */
export interface Answers {
  readonly ways: readonly Way[];
  /** By experience, signals by which it succeeded. */
  readonly successes: Readonly<Record<string, readonly TypedDatum[]>>;
  /** By experience, how many of its successes came by it, and how many by another delivery or anyway. */
  readonly came: Readonly<Record<string, Came>>;
  readonly arms: Readonly<Record<string, Learned>>;
  /** Of the data of answers, by type. */
  readonly rules: Readonly<Record<string, DataRules>>;
}

export interface TypedDatum extends Datum {
  readonly type: string;
}

export interface Came {
  readonly by: number;
  readonly anyway: number;
}

export interface AnswerSources extends Recorded {
  /** Places of customers by id. */
  readonly places: ReadonlyMap<string, number>;
  /** What the arms have learned; where they are empty, they learn from the deliveries. */
  readonly arms: Readonly<Record<string, Learned>>;
}

/** Learns what customers answer, and tells which signals were answers: those do not come by themselves. */
export function learnAnswers(sources: AnswerSources): { readonly answers: Answers; readonly isAnswer: ReadonlySet<PastSignal> } {
  const { deliveries, period, successOf, places, arms } = sources;
  const attribution = attribute(sources);
  const over = deliveries.filter((one) => isOver(one, period.until, successOf));
  const read = groupedBy(over.length > 0 ? over : deliveries, ({ experienceId, channel }) => armOf(experienceId, channel));
  const ways = [...read.values()].map((all): Way => {
    const { experienceId = "", channel = "" } = all[0] ?? {};
    return { experienceId, channel, patterns: all.slice(-MOST_READ).map((one) => patternOf(one, attribution, successOf)) };
  });
  const succeeded = [...attribution.successes].flatMap(([{ experienceId }, { signal }]) => {
    const datum = datumOf(signal, places);
    return signal && datum ? [{ experienceId, datum: { ...datum, type: signal.type } }] : [];
  });
  const all = ways.flatMap(({ patterns }) => patterns.flatMap(({ answers }) => answers));
  const data = [...all, ...succeeded.map(({ datum }) => ({ type: datum.type, datum }))];
  return {
    answers: {
      ways,
      successes: recordOf(
        groupedBy(succeeded, ({ experienceId }) => experienceId),
        (some) => some.slice(-MOST_READ).map(({ datum }) => datum),
      ),
      came: recordOf(
        groupedBy(deliveries.filter(hasConverted), ({ experienceId }) => experienceId),
        (some) => {
          const by = some.filter((one) => attribution.successes.has(one)).length;
          return { by, anyway: some.length - by };
        },
      ),
      arms: Object.keys(arms).length > 0 ? arms : armsOf(over, successOf),
      rules: recordOf(
        groupedBy(data, ({ type }) => type),
        (some) => rulesOf(some.flatMap(({ datum }) => (datum ? [datum] : []))),
      ),
    },
    isAnswer: attribution.isAnswer,
  };
}

/** What arms learn from deliveries, without features; what bounced teaches nothing. */
export function armsOf(deliveries: readonly PastDelivery[], successOf: SuccessOf): Readonly<Record<string, Learned>> {
  const arms = new Map<string, Learned>();
  for (const delivery of deliveries.filter(({ outcomes }) => !outcomes.some(({ kind }) => kind === "bounced"))) {
    const { learnsAs, experienceId, channel, variant } = delivery;
    const arm = armOf(learnsAs ?? experienceId, channel, variant);
    const isGood = namesSuccess(delivery, successOf) ? hasConverted(delivery) : hasResponded(delivery);
    arms.set(arm, learn(arms.get(arm) ?? NOTHING_LEARNED, [], isGood ? 1 : 0));
  }
  return Object.fromEntries(arms);
}

/** Whether the time in which a delivery is answered was over at an instant. */
export const isOver = ({ at, experienceId }: PastDelivery, now: Instant, successOf: SuccessOf): boolean =>
  at + (successOf(experienceId)?.within ?? DEFAULT_RESPONSE_MS) <= now;

export const hasConverted = (delivery: PastDelivery): boolean => convertedAt(delivery) !== undefined;

// --- internal ---

/** Of each experience on each channel. */
const MOST_READ = 500;

/** Whether its experience names a success; of one that is gone, whether this delivery had one. */
const namesSuccess = (delivery: PastDelivery, successOf: SuccessOf): boolean =>
  successOf(delivery.experienceId) !== undefined || hasConverted(delivery);

const RESPONSES: readonly OutcomeKind[] = ["opened", "clicked", "replied"];
const REFUSALS: readonly OutcomeKind[] = ["ignored", "complained", "unsubscribed", "dismissed"];

/** The first outcome that teaches decides, as for arms (`lessonOf`). */
function hasResponded({ outcomes }: PastDelivery): boolean {
  const first = outcomes.find(({ kind }) => RESPONSES.includes(kind) || REFUSALS.includes(kind));
  return first !== undefined && RESPONSES.includes(first.kind);
}

function patternOf(delivery: PastDelivery, { named, successes }: Attribution, successOf: SuccessOf): Pattern {
  const signals = named.get(delivery) ?? [];
  const receipts = new Map(signals.map((one) => [one.type, one]));
  const outcomes = delivery.outcomes
    .filter(({ kind }) => kind !== "converted" && kind !== "ignored")
    .map(({ kind, at }) => answerOf(`delivery.${kind}`, at - delivery.at, receipts.get(`delivery.${kind}`)));
  const others = signals
    .filter(({ type }) => !type.startsWith("delivery."))
    .map((signal) => answerOf(signal.type, signal.time - delivery.at, signal));
  const success: Success | undefined = successes.get(delivery);
  return {
    succeeded: namesSuccess(delivery, successOf) ? success !== undefined : hasResponded(delivery),
    answers: [...outcomes, ...others].sort((a, b) => a.after - b.after),
    ...(success ? { successAfter: success.at - delivery.at } : {}),
  };
}

function answerOf(type: string, after: number, signal: PastSignal | undefined): Answer {
  const datum = datumOf(signal);
  return { type, after, ...(datum ? { datum } : {}) };
}

/** Whose it was is known for successes only: all other answers are given to whoever gets the delivery. */
function datumOf(signal: PastSignal | undefined, places?: ReadonlyMap<string, number>): Datum | undefined {
  if (!signal?.data) return undefined;
  const { source, time: at, data, customerId } = signal;
  return { by: places?.get(customerId) ?? -1, source, at, data };
}

const recordOf = <T, Made>(groups: ReadonlyMap<string, readonly T[]>, make: (group: readonly T[]) => Made): Record<string, Made> =>
  Object.fromEntries([...groups].map(([key, group]) => [key, make(group)]));
