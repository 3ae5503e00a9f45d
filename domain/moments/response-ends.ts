import { apply, type Draft } from "../entities/change.ts";
import { type Customer, type DeliveryNote, newCustomer, type Outcome } from "../entities/customer.ts";
import type { Policy } from "../entities/policy.ts";
import { isHeard, responseTimer } from "../record/delivery-events.ts";
import type { Instant } from "../values/time.ts";
import { lookBackOf } from "./look-back.ts";
import { ignore } from "./receipts.ts";

/** A delivery whose time for a response is over, and everything that this is about. */
export interface ResponseEnd {
  readonly customerId: string;
  /** Of the customer. */
  readonly version: number;
  /** When the time is over. */
  readonly due: Instant;
  readonly note: DeliveryNote;
  /** Of this delivery. */
  readonly outcomes: readonly Outcome[];
}

/**
 * Whether nobody hears of a delivery that is ignored: where nothing else of the customer is open, its end is an outcome and a lesson then,
 * and needs no wake. No rule listens or counts, no stage depends on it, no correction looks back, and no hours are learned, for which the
 * customer's zone is needed.
 */
export const endsQuietly = (policy: Policy): boolean =>
  !isHeard(policy, "delivery.ignored") &&
  policy.stages.length === 0 &&
  lookBackOf(policy).stated === undefined &&
  (policy.learning.times?.channels ?? []).length === 0;

/** What the end of the time for a response changes, as the wake of its timer would: of the customer only what it is about is given. */
export function endResponse({ customerId, version, due, note, outcomes }: ResponseEnd, policy: Policy): Draft & { before: Customer } {
  const key = responseTimer(note.deliveryId);
  const before: Customer = {
    ...newCustomer(customerId, { kind: "import", at: note.at }),
    ...{ version, deliveries: [note], outcomes, timers: { [key]: { name: key, due } } },
  };
  const fired = apply({ customer: before, changes: [] }, [{ type: "timer_cleared", key }]);
  return { before, ...apply(fired, ignore(note.deliveryId, fired.customer, policy, due)) };
}
