import type { Customer, DeliveryNote, DeliveryStatus } from "../entities/customer.ts";
import { lastSeq } from "../entities/customer.ts";
import type { Policy } from "../entities/policy.ts";
import type { Signal } from "../entities/signal.ts";
import { idFrom, type Wake } from "../entities/wake.ts";
import type { JsonObject } from "../values/json.ts";
import type { Instant } from "../values/time.ts";

/** What becomes of a delivery by our own doing or by the clock. Everything else arrives as a signal of the provider. */
export type DerivedKind = "sent" | "failed" | "ignored" | "converted";

/** Timer that turns a delivery without a response into `ignored`. */
export const responseTimer = (deliveryId: string): string => `response:${deliveryId}`;

export const isResponseTimer = (key: string): boolean => key.startsWith("response:");

/** Timer that ends the hold of a delivery. */
export const holdTimer = (deliveryId: string): string => `hold:${deliveryId}`;

export const isHoldTimer = (key: string): boolean => key.startsWith("hold:");

/** Timer by which a hand-over that was recorded outside of a wake wakes the customer. */
export const handOverTimer = (status: "sent" | "failed", deliveryId: string): string => `delivery.${status}:${deliveryId}`;

export const isHandOverTimer = (key: string): boolean => HAND_OVERS.some((status) => key.startsWith(`delivery.${status}:`));

/** Statuses of a hand-over that wake the customer: those that a rule listens for. */
export const announcedStatuses = ({ listens }: Pick<Policy, "listens">): readonly DeliveryStatus[] =>
  HAND_OVERS.filter((status) => listens(`delivery.${status}`));

/** Whether a rule or a `count()` asks for signals of a type. */
export const isHeard = ({ listens, counted }: Pick<Policy, "listens" | "counted">, type: string): boolean =>
  listens(type) || Object.hasOwn(counted, type);

/**
 * What became of a delivery as a signal: `delivery.<kind>` from the source `sentient`. Its id is made from the delivery and the kind, so
 * that it happens once. Undefined for a delivery that the customer does not have.
 */
export function deliveryEvent(customer: Customer, kind: DerivedKind, deliveryId: string, time: Instant): Signal | undefined {
  const note = noteOf(customer, deliveryId);
  if (!note) return undefined;
  const { customerId } = customer;
  const id = idFrom("e", kind, deliveryId);
  return { source: "sentient", id, type: `delivery.${kind}`, customerId, time, data: aboutDelivery(note), seq: lastSeq(customer) };
}

/** The signal that a timer stands for: a hand-over, or the end of the wait for a response. Expects the customer after the timer's effect. */
export function eventOfTimer({ key, due }: Extract<Wake, { kind: "timer" }>, customer: Customer): Signal | undefined {
  const colon = key.indexOf(":");
  const deliveryId = key.slice(colon + 1);
  const kind = KINDS[key.slice(0, colon)];
  if (!kind || (kind === "ignored" && !isIgnored(customer, deliveryId, due))) return undefined;
  return deliveryEvent(customer, kind, deliveryId, due);
}

/** The data of a signal; that of a receipt also says what its delivery was: `experienceId`, `channel`, `department`. */
export function withDelivery({ type, data }: Pick<Signal, "type" | "data">, customer: Customer): JsonObject {
  const note = type.startsWith("delivery.") ? noteOf(customer, data.deliveryId) : undefined;
  return note ? { ...data, ...aboutDelivery(note) } : data;
}

/**
 * Whether a provider's `delivery.sent` repeats the hand-over, which rules hear of by its timer, whichever is first. Expects the
 * customer before the signal.
 */
export function isRepeatedHandOver({ type, data }: Pick<Signal, "type" | "data">, customer: Customer, policy: Policy): boolean {
  if (type !== "delivery.sent" || !isHeard(policy, type)) return false;
  const status = noteOf(customer, data.deliveryId)?.status;
  return status !== undefined && ["sending", "uncertain", "sent", "delivered", "bounced"].includes(status);
}

// --- internal ---

const HAND_OVERS = ["sent", "failed"] as const;

/** Beginnings of the timers that stand for a delivery event. */
const KINDS: Readonly<Record<string, DerivedKind>> = { "delivery.sent": "sent", "delivery.failed": "failed", response: "ignored" };

const noteOf = ({ deliveries }: Customer, id: unknown): DeliveryNote | undefined => deliveries.find(({ deliveryId }) => deliveryId === id);

const aboutDelivery = ({ deliveryId, experienceId, channel, department }: DeliveryNote): JsonObject => ({
  ...{ deliveryId, experienceId, channel },
  ...(department === undefined ? {} : { department }),
});

const isIgnored = ({ outcomes }: Customer, id: string, due: Instant): boolean =>
  outcomes.some(({ deliveryId, kind, at }) => deliveryId === id && kind === "ignored" && at === due);
