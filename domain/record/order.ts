import type { UndeliverableAddress } from "../entities/address.ts";
import type { Approval, DeliveryNote, Identity, Moment, Outcome, Promised, Touch } from "../entities/customer.ts";
import type { Offer } from "../entities/offer.ts";

/** The order of a customer's lists, the same wherever a customer comes from: the store, a merge, or a play in memory. */
export const ORDER = {
  identities: (a: Identity, b: Identity): number => a.at - b.at || byText(a.type, b.type) || byText(a.value, b.value),
  gone: (a: UndeliverableAddress, b: UndeliverableAddress): number => a.at - b.at || byText(a.type, b.type) || byText(a.value, b.value),
  moments: (a: Moment, b: Moment): number => a.openedAt - b.openedAt || byText(a.name, b.name) || byText(a.momentId, b.momentId),
  promises: (a: Promised, b: Promised): number => a.openedAt - b.openedAt || byText(a.promiseId, b.promiseId),
  touches: (a: Touch, b: Touch): number => a.at - b.at || byText(a.touchId, b.touchId),
  deliveries: (a: DeliveryNote, b: DeliveryNote): number => a.at - b.at || byText(a.deliveryId, b.deliveryId),
  outcomes: (a: Outcome, b: Outcome): number => a.at - b.at || byText(a.deliveryId, b.deliveryId) || byText(a.kind, b.kind),
  offers: (a: Offer, b: Offer): number => a.issuedAt - b.issuedAt || byText(a.code, b.code),
  approvals: (a: Approval, b: Approval): number => byText(a.approvalId, b.approvalId),
} as const;

/** By UTF-16 code units. */
export const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The same list where it is in order already, as most are. */
export function inOrder<T>(list: readonly T[], order: (a: T, b: T) => number): readonly T[] {
  for (let index = 1; index < list.length; index++) if (order(list[index - 1] as T, list[index] as T) > 0) return [...list].sort(order);
  return list;
}
