import type { Change } from "../../domain/entities/change.ts";
import type { Customer, DeliveryNote } from "../../domain/entities/customer.ts";
import { inOrder, ORDER } from "../../domain/record/order.ts";
import type { Json } from "../../domain/values/json.ts";
import type { Instant } from "../../domain/values/time.ts";
import type { Horizon } from "../../store/reading/load-customers.ts";

/**
 * A customer after a wake as the store would give her back (`store/reading/load-customers.ts`): lists in their order, what a delivery stated
 * where a repair may be due, counted signals only. A list that did not change stays the same object.
 */
export function asKept(before: Customer, after: Customer, changes: readonly Change[], horizon: Horizon): Customer {
  let kept = after;
  const change = (more: Partial<Customer>): void => {
    kept = { ...kept, ...more };
  };
  if (after.moments !== before.moments)
    change({
      moments: inOrder(after.moments, ORDER.moments),
      approvals: after.approvals.filter(({ momentId }) => after.moments.some((moment) => moment.momentId === momentId)),
    });
  if (after.promises !== before.promises) change({ promises: inOrder(after.promises, ORDER.promises) });
  if (after.touches !== before.touches) change({ touches: inOrder(after.touches, ORDER.touches) });
  if (after.outcomes !== before.outcomes) change({ outcomes: inOrder(after.outcomes, ORDER.outcomes) });
  if (after.deliveries !== before.deliveries)
    change({ deliveries: withStated(inOrder(after.deliveries, ORDER.deliveries), changes, horizon) });
  if (after.approvals !== before.approvals && after.approvals.length > 1) change({ approvals: inOrder(kept.approvals, ORDER.approvals) });
  if (after.offers !== before.offers) change({ offers: inOrder(after.offers, ORDER.offers) });
  if (after.identities !== before.identities) change({ identities: inOrder(after.identities, ORDER.identities) });
  if (after.recent !== before.recent) change({ recent: recentSince(counted(after.recent, horizon), countedSince(horizon)) });
  return kept;
}

/** What a decision at a time sees of her: no touch and no counted signal from before the policy's horizon. */
export function asLoaded(customer: Customer, horizon: Horizon): Customer {
  const { touchesSince } = horizon;
  const [touch] = customer.touches;
  const isLate = touch !== undefined && touch.at <= touchesSince;
  const touches = isLate ? customer.touches.filter(({ at }) => at > touchesSince) : customer.touches;
  const recent = recentSince(customer.recent, countedSince(horizon));
  return touches === customer.touches && recent === customer.recent ? customer : { ...customer, touches, recent };
}

// --- internal ---

function withStated(notes: readonly DeliveryNote[], changes: readonly Change[], { lookBack }: Horizon): readonly DeliveryNote[] {
  if (lookBack.stated === undefined) return notes;
  const stated = new Map(
    changes.flatMap((change) =>
      change.type === "decided" && change.delivery ? [[change.delivery.deliveryId, change.delivery.facts]] : [],
    ),
  );
  return notes.map((note) => {
    const facts = note.stated ? [] : Object.entries(stated.get(note.deliveryId) ?? {});
    if (facts.length === 0) return note;
    return { ...note, stated: Object.fromEntries(facts.map(([path, { value }]) => [path, value as Json])) };
  });
}

function counted(recent: Customer["recent"], horizon: Horizon): Customer["recent"] {
  const isCounted = (type: string): boolean => horizon.lookBack.counted.some(([one]) => one === type);
  const types = Object.keys(recent);
  if (types.every(isCounted)) return recent;
  return Object.fromEntries(types.filter(isCounted).map((type) => [type, recent[type] ?? []]));
}

/** The start of the longest window in which signals are counted. */
const countedSince = ({ from, lookBack }: Horizon): Instant => from - Math.max(0, ...lookBack.counted.map(([, span]) => span));

function recentSince(recent: Customer["recent"], since: Instant): Customer["recent"] {
  const entries = Object.entries(recent);
  if (entries.every(([, times]) => (times[0] ?? Number.POSITIVE_INFINITY) > since)) return recent;
  return Object.fromEntries(
    entries.map(([type, times]) => [type, times.filter((at) => at > since)] as const).filter(([, times]) => times.length > 0),
  );
}
