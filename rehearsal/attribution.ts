import type { BuiltInSignalType } from "../domain/entities/built-ins.ts";
import { seededRandom } from "../domain/values/random.ts";
import type { Instant } from "../domain/values/time.ts";
import type { Period } from "./arrivals.ts";
import type { PastDelivery, PastSignal } from "./future.ts";
import { groupedBy } from "./grouped-by.ts";
import { cameAnyway, type Window } from "./windows.ts";

/** What counts as the success of an experience; undefined where it names none. */
export type SuccessOf = (experienceId: string) => { readonly signals: readonly string[]; readonly within: number } | undefined;

/** What was recorded of customers and deliveries; signals and deliveries by time. */
export interface Recorded {
  readonly signals: readonly PastSignal[];
  readonly deliveries: readonly PastDelivery[];
  readonly period: Period;
  readonly successOf: SuccessOf;
}

/** A success that a delivery has brought about; its signal is missing where it was removed since. */
export interface Success {
  readonly at: Instant;
  readonly signal?: PastSignal;
}

/** Which signals answered which deliveries. */
export interface Attribution {
  /** Signals that name a delivery, or came with its reply. */
  readonly named: ReadonlyMap<PastDelivery, readonly PastSignal[]>;
  readonly successes: ReadonlyMap<PastDelivery, Success>;
  /** All of them, and receipts of deliveries that are not known any more. */
  readonly isAnswer: ReadonlySet<PastSignal>;
}

/**
 * Tells answers from what customers send of themselves. A success is an answer to the latest delivery that it was the success of, except
 * for as many as would have come in that time anyway.
 */
export function attribute(recorded: Recorded): Attribution {
  const { signals, deliveries } = recorded;
  const deliveryOf = namedDelivery(deliveries);
  const named = groupedBy(
    signals.filter((one) => deliveryOf(one) !== undefined),
    (one) => deliveryOf(one) as PastDelivery,
  );
  const receipts = signals.filter((one) => one.type.startsWith("delivery.") || deliveryOf(one) !== undefined);
  const isAnswer = new Set(receipts);
  const atOnce = groupedBy(
    signals.filter((one) => !isAnswer.has(one)),
    ({ time, customerId }) => `${time} ${customerId}`,
  );
  const successes = successesOf(recorded, ({ customerId }, at) => atOnce.get(`${at} ${customerId}`) ?? []);
  for (const delivery of thatCameAnyway(successes, recorded)) successes.delete(delivery);
  for (const { signal } of successes.values()) if (signal) isAnswer.add(signal);
  return { named, successes, isAnswer };
}

/** When a delivery had the success of its experience. */
export const convertedAt = ({ outcomes }: PastDelivery): Instant | undefined => outcomes.find(({ kind }) => kind === "converted")?.at;

// --- internal ---

const MESSAGE = "message.received" satisfies BuiltInSignalType;

/** The delivery that a signal names, or that a message replied to. */
function namedDelivery(deliveries: readonly PastDelivery[]): (signal: PastSignal) => PastDelivery | undefined {
  const byId = new Map(deliveries.map((one) => [one.deliveryId, one]));
  const replies = deliveries.flatMap((one) =>
    one.outcomes.filter(({ kind }) => kind === "replied").map(({ at }) => [`${at} ${one.customerId}`, one] as const),
  );
  const replied = new Map(replies);
  return ({ type, data, time, customerId }) =>
    (typeof data?.deliveryId === "string" ? byId.get(data.deliveryId) : undefined) ??
    (type === MESSAGE ? replied.get(`${time} ${customerId}`) : undefined);
}

/** The success of each delivery that had one. */
function successesOf(
  { deliveries, successOf }: Recorded,
  signalsAt: (delivery: PastDelivery, at: Instant) => readonly PastSignal[],
): Map<PastDelivery, Success> {
  const successes = new Map<PastDelivery, Success>();
  const causes = new Map<PastSignal, PastDelivery>();
  for (const delivery of deliveries) {
    const at = convertedAt(delivery);
    if (at === undefined) continue;
    const signal = signalOf(signalsAt(delivery, at), successOf(delivery.experienceId)?.signals);
    successes.set(delivery, { at, ...(signal ? { signal } : {}) });
    if (!signal) continue;
    const before = causes.get(signal);
    if (before) successes.delete(before);
    causes.set(signal, delivery);
  }
  return successes;
}

/** Of an experience that is gone, whatever came at that time was its success. */
const signalOf = (candidates: readonly PastSignal[], types: readonly string[] | undefined): PastSignal | undefined =>
  types ? candidates.find(({ type }) => types.includes(type)) : candidates[0];

/** Deliveries whose customers would have sent the signal anyway: so many of each type as come outside of the time after a delivery. */
function thatCameAnyway(
  successes: ReadonlyMap<PastDelivery, Success>,
  { signals, deliveries, period, successOf }: Recorded,
): PastDelivery[] {
  const known = [...successes].filter(([, { signal }]) => signal !== undefined);
  return [...groupedBy(known, ([, { signal }]) => signal?.type ?? "")].flatMap(([type, all]) => {
    const windows = deliveries.flatMap((one) => windowOf(one, type, successOf, period.until));
    const claimed = new Set(all.map(([, { signal }]) => signal));
    const others = signals.filter((one) => one.type === type && !claimed.has(one));
    const share = cameAnyway(windows, others, period) / all.length;
    const random = seededRandom(`came anyway\n${type}`);
    return all.filter(() => random() < share).map(([delivery]) => delivery);
  });
}

/** The time in which a signal of a type would have been a delivery's success, until it was. */
function windowOf(delivery: PastDelivery, type: string, successOf: SuccessOf, end: Instant): Window[] {
  const { customerId, experienceId, at } = delivery;
  const success = successOf(experienceId);
  if (!success?.signals.includes(type)) return [];
  return [{ customerId, from: at, until: Math.min(at + success.within, convertedAt(delivery) ?? end, end) }];
}
