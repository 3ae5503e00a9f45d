import type { Change } from "../entities/change.ts";
import { apply } from "../entities/change.ts";
import { type Customer, counts, type DeliveryNote, type DeliveryStatus, hasReached, isHeld } from "../entities/customer.ts";
import { DEFAULT_RESPONSE_MS, makerOf, type Policy, standsFor } from "../entities/policy.ts";
import type { Signal } from "../entities/signal.ts";
import { announcedStatuses, handOverTimer, holdTimer, responseTimer } from "../record/delivery-events.ts";
import { entryOf } from "../values/json.ts";
import type { Instant } from "../values/time.ts";
import { endMoments } from "./moments.ts";
import { promisesAfterSending } from "./promises.ts";

// What becomes of deliveries that answered an ask: held ones, and what a place was given.

/**
 * A tool that asked has sent what was held for it: `delivery.sent`, or any receipt that implies it. After the end of the hold it counts
 * from then on, also past a cap: what has been sent cannot be taken back.
 */
export function confirm(note: DeliveryNote, { type, time: at, source }: Signal, customer: Customer, policy: Policy): Change[] {
  const { deliveryId, channel, department, asked } = note;
  const isOver = note.status === "cancelled" && asked?.holdUntil !== undefined;
  if (!isOver && !isHeld(note)) return [];
  const to = CONFIRMED[type] ?? "delivered";
  const rule = entryOf(policy.channels, channel);
  const origin = department === undefined ? {} : { department };
  const touch =
    isOver && counts(to) && rule?.isTouch
      ? { touchId: deliveryId, at, kind: "delivery" as const, channel: standsFor(rule), ...origin }
      : undefined;
  const sent = handOverTimer("sent", deliveryId);
  const isHeardBySignal = type === "delivery.sent" || !announcedStatuses(policy).includes("sent");
  return [
    { type: "delivery_moved", deliveryId, to, reason: type, at, ...(isOver ? { confirmedLateBy: source } : {}) },
    ...(touch ? [{ type: "touch_added", touch } as const] : []),
    ...clearHold(note, customer),
    ...(isHeardBySignal ? [] : [{ type: "timer_set", key: sent, timer: { name: sent, due: at } } as const]),
  ];
}

/** A tool that asked will not send what is held for it: its slot is free again. */
export const release = (note: DeliveryNote, customer: Customer, at: Instant): Change[] =>
  isHeld(note) ? endHold(note, customer, "released", at) : [];

/** Ends the hold of a delivery that was not confirmed. */
export const endHold = (note: DeliveryNote, customer: Customer, reason: string, at: Instant): Change[] => [
  { type: "delivery_moved", deliveryId: note.deliveryId, to: "cancelled", reason, at },
  ...clearHold(note, customer),
];

/** Ends the moments that deliveries served, once the customer has taken one up: an ask itself ends none. */
export function takenUp(notes: readonly DeliveryNote[], customer: Customer, at: Instant): Change[] {
  const served = customer.moments.filter(({ name, openedAt }) =>
    notes.some((note) => note.asked !== undefined && note.moments.includes(name) && openedAt <= note.at),
  );
  return endMoments(customer, served, "served", at);
}

/** What follows once a delivery that answered an ask has reached the customer by these changes: its promises, and the wait for a response. */
export function whenReached(note: DeliveryNote, customer: Customer, changes: readonly Change[], policy: Policy, at: Instant): Change[] {
  const { deliveryId, asked } = note;
  if (!asked || hasReached(note, customer)) return [];
  const { customer: next } = apply({ customer, changes: [] }, changes);
  const now = next.deliveries.find((one) => one.deliveryId === deliveryId);
  if (!now || !hasReached(now, next)) return [];
  const { keeps, makes } = asked;
  // What it owes is owed from then on.
  const made = makes && { ...makes, openedAt: at, due: at + (makes.due - makes.openedAt) };
  const key = responseTimer(deliveryId);
  const due = at + (makerOf(policy, note)?.success?.within ?? DEFAULT_RESPONSE_MS);
  return [
    ...promisesAfterSending(next, keeps, made, at),
    ...(now.features === undefined ? [] : [{ type: "timer_set", key, timer: { name: key, due } } as const]),
  ];
}

// --- internal ---

const CONFIRMED: Readonly<Record<string, DeliveryStatus>> = { "delivery.sent": "sent", "delivery.bounced": "bounced" };

function clearHold({ deliveryId }: DeliveryNote, { timers }: Customer): Change[] {
  const key = holdTimer(deliveryId);
  return timers[key] ? [{ type: "timer_cleared", key }] : [];
}
