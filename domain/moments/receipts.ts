import type { Change } from "../entities/change.ts";
import {
  type Customer,
  type DeliveryNote,
  type DeliveryStatus,
  hasReached,
  isShowing,
  type OutcomeKind,
  seenAt,
} from "../entities/customer.ts";
import { type Experience, makerOf, type Policy } from "../entities/policy.ts";
import type { Signal } from "../entities/signal.ts";
import { revokedOn, setConsent } from "../identity/consent.ts";
import { markUndeliverable } from "../identity/undeliverable.ts";
import { lessonOf } from "../learning/lessons.ts";
import { announcedStatuses, handOverTimer, responseTimer } from "../record/delivery-events.ts";
import { entryOf } from "../values/json.ts";
import type { Instant } from "../values/time.ts";
import { confirm, release, takenUp, whenReached } from "./showings.ts";

/** Effect of a `delivery.*` signal on one of our deliveries. An unknown delivery id changes no delivery. */
export function receive(signal: Signal, customer: Customer, policy: Policy): Change[] {
  const kind = signal.type.startsWith("delivery.") ? signal.type.slice("delivery.".length) : "";
  const note = customer.deliveries.find(({ deliveryId }) => deliveryId === signal.data.deliveryId);
  const changes: Change[] = [];
  if (kind === "unsubscribed") {
    const { time: at, source, seq } = signal;
    for (const channel of revokedOn(note?.channel ?? signal.data.channel, policy.channels))
      changes.push(...setConsent(customer, { channel, status: "revoked", at, source, seq }));
  }
  if (!note) return changes;
  if (kind === "bounced" && signal.data.permanent === true) changes.push(...giveUpAddress(signal, note, customer, policy));
  const outcome = RECEIPTS[kind];
  changes.push(...heardOfHold(kind, note, signal, customer, policy));
  const moved = movesTo(note.status, kind);
  if (moved) {
    changes.push({ type: "delivery_moved", deliveryId: note.deliveryId, to: moved, reason: signal.type, at: signal.time });
    changes.push(...announceHandOver(note, signal.time, policy));
  }
  if (outcome) changes.push(...addOutcome(customer, note, outcome, signal.time, makerOf(policy, note)));
  if (kind === "clicked") changes.push(...takenUp([note], customer, signal.time));
  return [...changes, ...whenReached(note, customer, changes, policy, signal.time)];
}

/**
 * Effect of a signal on the experiences of which it is the success: the latest delivery that reached the customer has converted, unsent ones
 * are withdrawn, and moments that an ask served end.
 */
export function succeed(signal: Signal, customer: Customer, succeeded: readonly Experience[]): Change[] {
  return succeeded.flatMap((experience) => {
    const own = customer.deliveries.filter(({ experienceId }) => experienceId === experience.id);
    const withdrawn = own
      .filter(({ status }) => status === "reserved")
      .map(({ deliveryId }): Change => ({ type: "delivery_moved", deliveryId, to: "cancelled", reason: "goal_met", at: signal.time }));
    const within = experience.success?.within ?? 0;
    const isWithin = (first: Instant): boolean => first <= signal.time && signal.time - first < within;
    // A place shows what it was given at any time after; of a long past all else is left aside at once.
    const hopeful = own
      .filter((note) => (note.asked !== undefined || isWithin(note.at)) && hasReached(note, customer))
      .map((note) => ({ note, ...contactOf(note, customer) }))
      .filter(({ first }) => isWithin(first));
    const latest = hopeful.reduce<(typeof hopeful)[number] | undefined>(
      (best, one) => (!best || one.last >= best.last ? one : best),
      undefined,
    );
    const answered = hopeful.map(({ note }) => note).filter(({ asked }) => asked !== undefined);
    return [
      ...withdrawn,
      ...(latest ? addOutcome(customer, latest.note, "converted", signal.time, experience) : []),
      ...takenUp(answered, customer, signal.time),
    ];
  });
}

/** Response timeout: an unopened delivery counts as ignored; an opened one without success teaches a failure. */
export function ignore(deliveryId: string, customer: Customer, policy: Policy, at: Instant): Change[] {
  const note = customer.deliveries.find((one) => one.deliveryId === deliveryId);
  if (!note || !["sent", "delivered", "uncertain"].includes(note.status) || !hasReached(note, customer)) return [];
  if (customer.outcomes.some((outcome) => outcome.deliveryId === deliveryId && isResponse(outcome.kind, note)))
    return lessonOf(note, "ignored", at, makerOf(policy, note));
  return addOutcome(customer, note, "ignored", at, makerOf(policy, note));
}

// --- internal ---

const RECEIPTS: Readonly<Record<string, OutcomeKind>> = {
  delivered: "delivered",
  opened: "opened",
  clicked: "clicked",
  replied: "replied",
  bounced: "bounced",
  complained: "complained",
  unsubscribed: "unsubscribed",
  dismissed: "dismissed",
};

/** When a delivery reached the customer, first and last: what a place was given, when it was seen. */
const contactOf = (note: DeliveryNote, customer: Customer): { readonly first: Instant; readonly last: Instant } =>
  (note.asked && seenAt(note, customer)) ?? { first: note.at, last: note.at };

function heardOfHold(kind: string, note: DeliveryNote, signal: Signal, customer: Customer, policy: Policy): Change[] {
  if (kind === "released") return release(note, customer, signal.time);
  return kind === "sent" || RECEIPTS[kind] ? confirm(note, signal, customer, policy) : [];
}

/** A receipt that is the first news of a hand-over stands for the provider's response: `delivery.sent` is heard as after it. */
function announceHandOver({ deliveryId, status }: DeliveryNote, at: Instant, policy: Policy): Change[] {
  if (!["sending", "uncertain"].includes(status) || !announcedStatuses(policy).includes("sent")) return [];
  const key = handOverTimer("sent", deliveryId);
  return [{ type: "timer_set", key, timer: { name: key, due: at } }];
}

/** Permanent bounce: the address does not exist, and a retry is useless. */
function giveUpAddress({ source, time: at, data }: Signal, { to, channel }: DeliveryNote, customer: Customer, policy: Policy): Change[] {
  const type = entryOf(policy.channels, channel)?.address ?? "none";
  if (to === undefined || type === "none") return [];
  const said = [data.code, data.reason].map(String).filter((word) => A_CODE.test(word) && word !== "undefined");
  const reason = `bounced for good${said.length === 0 ? "" : `: ${said.join(", ")}`}`;
  return markUndeliverable(customer, { type, value: to, at, source, reason });
}

/** Longer reasons are texts of mail servers and contain addresses. */
const A_CODE = /^[\w.-]{1,40}$/;

const RESPONSES: readonly OutcomeKind[] = [
  "opened",
  "clicked",
  "replied",
  "converted",
  "bounced",
  "complained",
  "unsubscribed",
  "dismissed",
];

/** Whether an outcome answers a delivery. That a place's content was seen is none. */
const isResponse = (kind: OutcomeKind, note: DeliveryNote): boolean => RESPONSES.includes(kind) && !(kind === "opened" && isShowing(note));

/** While success is defined and pending, an open, click or reply does not end the wait for it. */
const endsWaiting = (kind: OutcomeKind, note: DeliveryNote, experience: Experience | undefined): boolean =>
  isResponse(kind, note) && (!experience?.success || !["opened", "clicked", "replied"].includes(kind));

/** A receipt only moves a delivery forward; an open implies arrival. */
function movesTo(status: DeliveryStatus, receipt: string): DeliveryStatus | undefined {
  if (status === "reserved" || status === "cancelled") return undefined;
  if (receipt === "bounced") return status === "bounced" ? undefined : "bounced";
  if (receipt === "sent") return status === "sending" || status === "uncertain" ? "sent" : undefined;
  return RECEIPTS[receipt] !== undefined && status !== "delivered" && status !== "bounced" ? "delivered" : undefined;
}

function addOutcome(customer: Customer, note: DeliveryNote, kind: OutcomeKind, at: Instant, experience: Experience | undefined): Change[] {
  const { deliveryId, experienceId, channel, department } = note;
  if (customer.outcomes.some((known) => known.deliveryId === deliveryId && known.kind === kind)) return [];
  const outcome = { deliveryId, experienceId, channel, kind, at, ...(department === undefined ? {} : { department }) };
  const isAnswer = endsWaiting(kind, note, experience) && customer.timers[responseTimer(deliveryId)] !== undefined;
  return [
    { type: "outcome_added", outcome, reward: kind === "converted" ? (experience?.success?.reward ?? 1) : 0 },
    ...lessonOf(note, kind, at, experience),
    ...(isAnswer ? [{ type: "timer_cleared", key: responseTimer(deliveryId) } as const] : []),
  ];
}
