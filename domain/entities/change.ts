import { entryOf, type Json, type JsonObject } from "../values/json.ts";
import type { Mutable } from "../values/mutable.ts";
import type { Instant } from "../values/time.ts";
import type { AddressRefusal, UndeliverableAddress } from "./address.ts";
import { isSameIdentity } from "./address.ts";
import type { Claims } from "./claims.ts";
import type { Consent } from "./consent.ts";
import {
  type Approval,
  type Asked,
  type Customer,
  counts,
  type DeliveryNote,
  type DeliveryStatus,
  type Identity,
  type Moment,
  type MomentEnd,
  type Origin,
  type Outcome,
  type Promised,
  type Seen,
  type Standing,
  type Timer,
  type Touch,
} from "./customer.ts";
import type { DecisionDraft, ReasonCode, StatedFact } from "./decision.ts";
import type { Features, HourLesson, Lesson } from "./lesson.ts";
import type { Link } from "./merge.ts";
import type { Offer } from "./offer.ts";
import type { OmittedTraits } from "./omitted-traits.ts";

/**
 * Every event that can change a customer's record. Agents and policies return changes; `evolve` applies them in memory and the store
 * persists the same changes, so the two cannot diverge.
 */
export type Change =
  | { readonly type: "customer_created"; readonly origin: Origin }
  | { readonly type: "claims_set"; readonly claims: Claims; readonly leftOut?: OmittedTraits }
  | { readonly type: "identity_added"; readonly identity: Identity }
  | { readonly type: "address_gone"; readonly address: UndeliverableAddress }
  | { readonly type: "address_lifted"; readonly address: Pick<UndeliverableAddress, "type" | "value"> }
  | { readonly type: "address_refused"; readonly refusal: AddressRefusal }
  | { readonly type: "consent_set"; readonly consent: Consent }
  | { readonly type: "signal_seen"; readonly signalType: string; readonly seen: Seen; readonly at: Instant }
  | {
      readonly type: "stage_changed";
      readonly changeId: string;
      readonly from: string | null;
      readonly to: string | null;
      readonly at: Instant;
    }
  | { readonly type: "moment_opened"; readonly moment: Moment; readonly openings: readonly string[] }
  | { readonly type: "moment_ended"; readonly momentId: string; readonly end: MomentEnd; readonly at: Instant }
  | { readonly type: "promise_opened"; readonly promise: Promised }
  | {
      readonly type: "promise_extended";
      readonly promiseId: string;
      readonly openedBy: readonly string[];
      /** All words of the promise, where the signal adds some. */
      readonly words?: readonly string[];
    }
  | { readonly type: "promise_overdue"; readonly promiseId: string }
  | {
      readonly type: "promise_ended";
      readonly promiseId: string;
      readonly end: "kept" | "withdrawn";
      readonly at: Instant;
      readonly by: string;
    }
  | { readonly type: "case_opened"; readonly caseId: string; readonly at: Instant; readonly data: JsonObject }
  | { readonly type: "case_closed"; readonly caseId: string; readonly at: Instant }
  | { readonly type: "touch_added"; readonly touch: Touch }
  | { readonly type: "outcome_added"; readonly outcome: Outcome; readonly reward: number }
  | {
      readonly type: "delivery_moved";
      readonly deliveryId: string;
      readonly to: DeliveryStatus;
      readonly reason?: ReasonCode | string;
      readonly at: Instant;
      /** The source that confirms a delivery whose hold was over: it counts again, also past a cap. */
      readonly confirmedLateBy?: string;
    }
  | {
      readonly type: "approval_asked";
      readonly approval: Approval;
      readonly decisionId: string;
    }
  | { readonly type: "approval_lapsed"; readonly approvalId: string; readonly at: Instant }
  | { readonly type: "task_added"; readonly task: NewTask }
  | { readonly type: "task_withdrawn"; readonly deliveryId: string; readonly at: Instant }
  | { readonly type: "offer_issued"; readonly offer: Offer }
  | { readonly type: "offer_redeemed"; readonly code: string; readonly by: string; readonly at: Instant }
  | { readonly type: "offer_refused"; readonly code: string; readonly reason: string; readonly by: string; readonly at: Instant }
  | ({ readonly type: "lesson" } & Lesson)
  | ({ readonly type: "hour_lesson" } & HourLesson)
  | {
      readonly type: "decided";
      readonly decision: DecisionDraft;
      readonly delivery?: NewDelivery;
      readonly standing?: Standing;
      /** The answer to an ask: the standing decision stays what it is. */
      readonly isAnswer?: true;
    }
  | { readonly type: "standing_cleared"; readonly decisionId: string; readonly code: ReasonCode; readonly at: Instant }
  | { readonly type: "merged"; readonly link: Link }
  | { readonly type: "unmerged"; readonly customerId: string }
  | { readonly type: "consent_restored"; readonly channel: string; readonly consent: Consent | null }
  | { readonly type: "timer_set"; readonly key: string; readonly timer: Timer }
  | { readonly type: "timer_cleared"; readonly key: string };

export interface NewTask {
  readonly taskId: string;
  readonly queue: string;
  readonly summary: string;
  readonly due: Instant;
  readonly at: Instant;
  readonly facts: JsonObject;
  readonly deliveryId?: string;
  readonly promiseId?: string;
}

/** A slot in the ledger, reserved in the transaction that writes the decision. */
export interface NewDelivery {
  readonly deliveryId: string;
  readonly experienceId: string;
  readonly department?: string;
  readonly channel: string;
  readonly variant?: string;
  /** Where the content is written in several languages: the tag used, or `default`. */
  readonly locale?: string;
  readonly to?: string;
  readonly at: Instant;
  /** Names of the moments the delivery serves, and the earliest expiry among them: no send after that. */
  readonly moments: readonly string[];
  readonly expiresAt: Instant;
  /** Promises that sending keeps, and the promise that it makes. */
  readonly keeps: readonly string[];
  readonly makes?: Promised;
  /** Whether it counts as a contact with the customer; a task does not. */
  readonly isTouch: boolean;
  readonly facts: Readonly<Record<string, StatedFact>>;
  /** Snapshot of everything that the text and the action read, taken at the time of the decision. */
  readonly frozen: { readonly [root: string]: Json };
  /** Features of the decision, for the learner. */
  readonly features: Features;
  /** Time after which no response counts as `ignored`; missing where no response is expected. */
  readonly respondBy?: Instant;
  /** Upper limit on slots of this experience over all customers. */
  readonly total?: number;
  /** Set where it answers an ask. */
  readonly asked?: Asked;
  /** The channel that its touch counts for, where that is another one. */
  readonly countsFor?: string;
  /** The output of its action, where that is done in the same transaction. */
  readonly action?: JsonObject;
  /** True where nothing leaves the machine: the answer is recorded only. */
  readonly recorded?: true;
  /** The life of the canary that it is from. */
  readonly canary?: string;
  /** The id under which its arm learns, where that is not the experience's. */
  readonly learnsAs?: string;
}

/** The status in which a delivery begins: an answer that is not held has been handed over. */
export const firstStatus = ({ asked }: Pick<NewDelivery, "asked">): DeliveryStatus =>
  asked !== undefined && asked.holdUntil === undefined ? "sent" : "reserved";

/** Returns the customer after a change. */
export function evolve(customer: Customer, change: Change): Customer {
  switch (change.type) {
    case "customer_created":
      return { ...customer, origin: change.origin };
    case "claims_set":
      return { ...customer, claims: change.claims, ...(change.leftOut ? { leftOut: change.leftOut } : {}) };
    case "identity_added":
    case "address_gone":
    case "address_lifted":
    case "consent_set":
    case "consent_restored":
      return evolveReach(customer, change);
    case "signal_seen":
      return seeSignal(customer, change);
    case "stage_changed":
      return { ...customer, stage: { name: change.to, since: change.at } };
    case "moment_opened":
    case "moment_ended":
      return evolveMoments(customer, change);
    case "promise_opened":
    case "promise_extended":
    case "promise_overdue":
    case "promise_ended":
      return evolvePromises(customer, change);
    case "case_opened":
      return { ...customer, openCases: [...customer.openCases.filter((id) => id !== change.caseId), change.caseId] };
    case "case_closed":
      return { ...customer, openCases: customer.openCases.filter((id) => id !== change.caseId) };
    case "touch_added":
      return { ...customer, touches: [...customer.touches, change.touch] };
    case "outcome_added":
      return { ...customer, outcomes: [...customer.outcomes, change.outcome] };
    case "delivery_moved":
      return moveDelivery(customer, change);
    case "approval_asked":
      return { ...customer, approvals: [...customer.approvals, change.approval] };
    case "approval_lapsed":
      return { ...customer, approvals: customer.approvals.filter(({ approvalId }) => approvalId !== change.approvalId) };
    case "offer_issued":
      return { ...customer, offers: [...customer.offers.filter(({ code }) => code !== change.offer.code), change.offer] };
    case "offer_redeemed":
      return redeem(customer, change);
    case "lesson":
      return withoutLesson(customer, change.deliveryId);
    case "task_added":
    case "task_withdrawn":
    case "address_refused":
    case "offer_refused":
    case "hour_lesson":
    case "unmerged":
      return customer;
    case "decided":
      return decided(customer, change);
    case "standing_cleared":
      return withoutStanding(customer);
    case "merged":
      return withoutAnythingOpen(customer);
    case "timer_set":
      return { ...customer, timers: withEntry(customer.timers, change.key, change.timer) };
    case "timer_cleared":
      return withoutTimer(customer, change.key);
  }
}

/** A customer and the changes applied so far; `apply` adds to both. */
export interface Draft {
  readonly customer: Customer;
  readonly changes: readonly Change[];
}

export function apply({ customer, changes }: Draft, more: readonly Change[]): Draft {
  return more.length === 0 ? { customer, changes } : { customer: more.reduce(evolve, customer), changes: [...changes, ...more] };
}

// --- internal ---

type Of<T extends Change["type"]> = Extract<Change, { type: T }>;

function seeSignal(customer: Customer, { signalType, seen, at }: Of<"signal_seen">): Customer {
  const before = entryOf(customer.recent, signalType) ?? [];
  // In order already, but for the new one: a long list is not sorted anew for each signal.
  const place = before.findLastIndex((one) => one <= at) + 1;
  const recent = place === before.length ? [...before, at] : before.toSpliced(place, 0, at);
  return { ...customer, seen: withEntry(customer.seen, signalType, seen), recent: withEntry(customer.recent, signalType, recent) };
}

/** The record with an entry. A new one is copied with the others: on Node 20 it costs five times as much after a spread. */
function withEntry<T>(record: Readonly<Record<string, T>>, key: string, entry: T): Record<string, T> {
  if (key === "__proto__" || Object.hasOwn(record, "__proto__") || Object.hasOwn(record, key)) return { ...record, [key]: entry };
  const copy: Record<string, T> = {};
  for (const name of Object.keys(record)) copy[name] = record[name] as T;
  copy[key] = entry;
  return copy;
}

function evolveMoments(customer: Customer, change: Of<"moment_opened" | "moment_ended">): Customer {
  if (change.type === "moment_ended")
    return { ...customer, moments: customer.moments.filter(({ momentId }) => momentId !== change.momentId) };
  const openings = { ...customer.openings };
  for (const key of change.openings) openings[key] = Math.max(openings[key] ?? Number.NEGATIVE_INFINITY, change.moment.openedAt);
  return { ...customer, moments: [...customer.moments, change.moment], openings };
}

function evolvePromises(
  customer: Customer,
  change: Of<"promise_opened" | "promise_extended" | "promise_overdue" | "promise_ended">,
): Customer {
  if (change.type === "promise_opened") return { ...customer, promises: [...customer.promises, change.promise] };
  if (change.type === "promise_ended")
    return { ...customer, promises: customer.promises.filter(({ promiseId }) => promiseId !== change.promiseId) };
  const promises = customer.promises.map((promise) => {
    if (promise.promiseId !== change.promiseId) return promise;
    return change.type === "promise_overdue"
      ? { ...promise, overdue: true }
      : { ...promise, openedBy: [...promise.openedBy, ...change.openedBy], ...(change.words ? { words: change.words } : {}) };
  });
  return { ...customer, promises };
}

function moveDelivery(customer: Customer, { deliveryId, to }: Of<"delivery_moved">): Customer {
  const deliveries = customer.deliveries.map((note) => (note.deliveryId === deliveryId ? { ...note, status: to } : note));
  const touches = counts(to) ? customer.touches : customer.touches.filter(({ touchId }) => touchId !== deliveryId);
  return { ...customer, deliveries, touches };
}

function decided(customer: Customer, { standing, delivery, isAnswer }: Of<"decided">): Customer {
  const stands = isAnswer ? customer.standing : standing;
  const rest = customer.standing ? withoutStanding(customer) : customer;
  const next: Customer = stands ? { ...rest, standing: stands } : rest;
  if (!delivery) return next;
  const { deliveryId, channel, department, at, countsFor = channel } = delivery;
  const deliveries = [...next.deliveries, noteOf(delivery)];
  if (!delivery.isTouch) return { ...next, deliveries };
  const touch: Mutable<Touch> = { touchId: deliveryId, at, kind: "delivery", channel: countsFor };
  if (department !== undefined) touch.department = department;
  return { ...next, deliveries, touches: [...next.touches, touch] };
}

function noteOf(delivery: NewDelivery): DeliveryNote {
  const { deliveryId, experienceId, channel, variant, learnsAs, department, to, at, moments, features, asked } = delivery;
  const note = { deliveryId, experienceId, channel } as Mutable<DeliveryNote>;
  if (variant !== undefined) note.variant = variant;
  if (learnsAs !== undefined) note.learnsAs = learnsAs;
  if (department !== undefined) note.department = department;
  if (to !== undefined) note.to = to;
  if (asked) note.asked = asked;
  note.status = firstStatus(delivery);
  note.at = at;
  note.moments = moments;
  note.features = features;
  return note;
}

function redeem(customer: Customer, { code, by, at }: Of<"offer_redeemed">): Customer {
  const offers = customer.offers.map((offer) => (offer.code === code ? { ...offer, redeemedBy: by, redeemedAt: at } : offer));
  return { ...customer, offers };
}

function withoutLesson(customer: Customer, deliveryId: string): Customer {
  const deliveries = customer.deliveries.map((note) => {
    if (note.deliveryId !== deliveryId) return note;
    const { features: _learned, ...rest } = note;
    return rest;
  });
  return { ...customer, deliveries };
}

function withoutTimer(customer: Customer, key: string): Customer {
  const timers: Record<string, Timer> = {};
  for (const [name, timer] of Object.entries(customer.timers)) if (name !== key) timers[name] = timer;
  return { ...customer, timers };
}

function withoutStanding({ standing: _gone, ...rest }: Customer): Customer {
  return rest;
}

/** Open items of a merged customer move to the customer it was merged into. */
const withoutAnythingOpen = (customer: Customer): Customer => ({
  ...withoutStanding(customer),
  moments: [],
  promises: [],
  approvals: [],
  timers: {},
});

/** Reachability: identities, undeliverable addresses, consents. */
function evolveReach(
  customer: Customer,
  change: Of<"identity_added" | "address_gone" | "address_lifted" | "consent_set" | "consent_restored">,
): Customer {
  switch (change.type) {
    case "identity_added": {
      const others = customer.identities.filter((known) => !isSameIdentity(known, change.identity));
      return { ...customer, identities: [...others, change.identity] };
    }
    case "address_gone":
      return { ...customer, gone: [...customer.gone, change.address] };
    case "address_lifted": {
      return { ...customer, gone: customer.gone.filter((one) => !isSameIdentity(one, change.address)) };
    }
    case "consent_set":
      return { ...customer, consents: { ...customer.consents, [change.consent.channel]: change.consent } };
    case "consent_restored": {
      const { [change.channel]: _gone, ...consents } = customer.consents;
      return { ...customer, consents: change.consent ? { ...consents, [change.channel]: change.consent } : consents };
    }
  }
}
