import { setImmediate as yieldToOthers } from "node:timers/promises";
import { OUTCOMES, type OutcomeKind } from "../domain/entities/customer.ts";
import type { Policy } from "../domain/entities/policy.ts";
import type { Instant } from "../domain/values/time.ts";
import type { SuccessOf } from "./attribution.ts";
import { type Interval, intervalOf, isWithin } from "./backtest.ts";
import type { FutureSignal, PastDelivery, PlayedDelivery, RecordedHistory } from "./future.ts";
import { groupedBy } from "./grouped-by.ts";
import { futureOf } from "./play-future.ts";
import { learnTwins, successesOf, type Twins } from "./twins.ts";

export interface HistoryBacktestOptions {
  readonly policies: readonly Policy[];
  /** The part of the recorded time, at its end, that is foretold: above 0 and below 1. */
  readonly share: number;
  readonly paths: number;
  readonly seed: string;
  /** The most customers that are played. */
  readonly most?: number;
  /** Told after each play. */
  readonly onPlay?: (done: number) => void;
  readonly isStopped?: () => boolean;
}

/** A type of signal or a kind of outcome: how many came in the part that was foretold, and between which bounds 90 of 100 plays are. */
export interface Foretold extends Interval {
  readonly name: string;
  readonly of: "signal" | "outcome";
  readonly came: number;
  readonly held: boolean;
}

/** What was foretold of the last part of a history, beside what came. */
export interface HistoryBacktest {
  readonly split: Instant;
  readonly customers: number;
  readonly population: number;
  readonly intervals: readonly Foretold[];
  readonly held: number;
  /** The share of intervals that hold; undefined where nothing was foretold. */
  readonly share?: number;
  /** Types of signals that came and that nothing was foretold of, with how often. */
  readonly notForetold: Readonly<Record<string, number>>;
}

/** Below this share of intervals that hold, the past does not tell what comes. */
export const ENOUGH_INTERVALS = 0.8;

/**
 * Learns from the first part of a history, plays the last part several times with the deliveries that were sent in it, and compares how
 * many signals of each type and outcomes of each kind came. Between plays other work of the process goes on. Undefined where it was stopped.
 */
export async function backtestHistory(history: RecordedHistory, options: HistoryBacktestOptions): Promise<HistoryBacktest | undefined> {
  const { policies, share, paths, seed, most, onPlay, isStopped = () => false } = options;
  const { from, until } = history.period;
  const split = Math.round(until - share * (until - from));
  const twins = learnTwins(before(history, split), { policies, ...(most === undefined ? {} : { most }) });
  const successOf = successesOf(policies);
  const played = new Set(twins.customers.map(({ customerId }) => customerId));
  const sent = history.deliveries.filter(({ at, customerId }) => at >= split && at < until && played.has(customerId));
  const came = countsOfRecord(history, split, played);
  const plays: Counts[] = [];
  for (let path = 0; path < paths; path++) {
    plays.push(countsOfPlay(twins, sent, { until, seed, path }, successOf));
    onPlay?.(path + 1);
    await yieldToOthers();
    if (isStopped()) return undefined;
  }
  const names = new Set([...twins.types.map(({ type }) => signalKey(type)), ...plays.flatMap((one) => [...one.keys()])]);
  for (const kind of OUTCOMES) if (came.has(outcomeKey(kind)) && kind !== "ignored") names.add(outcomeKey(kind));
  const intervals = [...names].sort().map((key) => foretold(key, came.get(key) ?? 0, plays));
  const held = intervals.filter((one) => one.held).length;
  const others = [...came].filter(([key]) => !names.has(key) && key.startsWith("signal "));
  return {
    split,
    customers: twins.customers.length,
    population: twins.population,
    intervals,
    held,
    ...(intervals.length === 0 ? {} : { share: held / intervals.length }),
    notForetold: Object.fromEntries(others.map(([key, count]) => [key.slice("signal ".length), count])),
  };
}

/** What was known of a history at an instant: nothing that came later. */
export function before({ period, customers, population, signals, deliveries }: RecordedHistory, split: Instant): RecordedHistory {
  const known = customers.filter(({ since }) => since < split);
  return {
    period: { ...period, until: split },
    customers: known,
    population: Math.round((population * known.length) / Math.max(1, customers.length)),
    signals: signals.filter(({ time }) => time < split),
    deliveries: deliveries.filter(({ at }) => at < split).map((one) => ({ ...one, outcomes: one.outcomes.filter(({ at }) => at < split) })),
    // What arms know today they have learned from all of it: they learn again, from what was known.
    arms: {},
  };
}

// --- internal ---

const signalKey = (type: string): string => `signal ${type}`;
const outcomeKey = (kind: OutcomeKind): string => `outcome ${kind}`;

type Counts = Map<string, number>;

const add = (counts: Counts, key: string): unknown => counts.set(key, (counts.get(key) ?? 0) + 1);

function foretold(key: string, came: number, plays: readonly Counts[]): Foretold {
  const interval = intervalOf(plays.map((one) => one.get(key) ?? 0));
  const [of = "", name = ""] = [key.slice(0, key.indexOf(" ")), key.slice(key.indexOf(" ") + 1)];
  return { name, of: of === "signal" ? "signal" : "outcome", came, ...interval, held: isWithin(came, interval) };
}

/** Receipts are counted as outcomes. */
const isCounted = (type: string): boolean => !type.startsWith("delivery.");

function countsOfRecord({ signals, deliveries, period }: RecordedHistory, split: Instant, played: ReadonlySet<string>): Counts {
  const counts: Counts = new Map();
  const isIn = (at: Instant): boolean => at >= split && at < period.until;
  for (const { type, time, customerId } of signals)
    if (isIn(time) && played.has(customerId) && isCounted(type)) add(counts, signalKey(type));
  for (const { customerId, outcomes } of deliveries)
    for (const { kind, at } of outcomes) if (isIn(at) && played.has(customerId) && kind !== "ignored") add(counts, outcomeKey(kind));
  return counts;
}

/** What comes in one play, with the deliveries that were sent. */
function countsOfPlay(
  twins: Twins,
  sent: readonly PastDelivery[],
  play: { readonly until: Instant; readonly seed: string; readonly path: number },
  successOf: SuccessOf,
): Counts {
  const future = futureOf(twins, play);
  const nths = new Map<string, number>();
  const deliveries = sent.map((delivery): PlayedDelivery => {
    const { outcomes: _unknown, customerId, experienceId, ...rest } = delivery;
    const key = `${customerId}\n${experienceId}`;
    const nth = nths.get(key) ?? 0;
    nths.set(key, nth + 1);
    const success = successOf(experienceId);
    return { ...rest, customerId, experienceId, nth, ...(success ? { success } : {}) };
  });
  const signals = [...[...future.days()].flat(), ...deliveries.flatMap((one) => future.answersTo(one))]
    .filter(({ time }) => time < play.until)
    .sort((a, b) => a.time - b.time);
  const before = twins.open.filter(({ seen }) => seen.includes("converted")).map(({ deliveryId }) => deliveryId);
  return counted(signals, [...twins.open, ...deliveries], new Set(before), successOf);
}

/** Counts signals, receipts, and successes as the record would note them: of an experience's deliveries the latest, each once. */
function counted(
  signals: readonly FutureSignal[],
  deliveries: readonly Omit<PlayedDelivery, "nth">[],
  before: ReadonlySet<string>,
  successOf: SuccessOf,
): Counts {
  const counts: Counts = new Map();
  const byCustomer = groupedBy(deliveries, ({ customerId }) => customerId);
  const converted = new Set(before);
  for (const { type, time, customerId } of signals) {
    if (isCounted(type)) add(counts, signalKey(type));
    else add(counts, outcomeKey(type.slice("delivery.".length) as OutcomeKind));
    for (const one of succeeding(byCustomer.get(customerId) ?? [], type, time, successOf)) {
      if (converted.has(one.deliveryId)) continue;
      converted.add(one.deliveryId);
      add(counts, outcomeKey("converted"));
    }
  }
  return counts;
}

/** Of each experience whose success a signal is, the latest delivery that it may be the success of. */
function succeeding(
  deliveries: readonly Omit<PlayedDelivery, "nth">[],
  type: string,
  time: Instant,
  successOf: SuccessOf,
): readonly Omit<PlayedDelivery, "nth">[] {
  const hopeful = deliveries.filter(({ experienceId, at }) => {
    const success = successOf(experienceId);
    return success?.signals.includes(type) && at <= time && time - at < success.within;
  });
  return [...groupedBy(hopeful, ({ experienceId }) => experienceId).values()].map((all) =>
    all.reduce((latest, one) => (one.at >= latest.at ? one : latest)),
  );
}
