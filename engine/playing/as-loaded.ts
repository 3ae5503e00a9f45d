import type { Change } from "../../domain/entities/change.ts";
import type { Customer, DeliveryNote } from "../../domain/entities/customer.ts";
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
      moments: inOrder(after.moments, (a, b) => a.openedAt - b.openedAt || byText(a.name, b.name)),
      approvals: after.approvals.filter(({ momentId }) => after.moments.some((moment) => moment.momentId === momentId)),
    });
  if (after.promises !== before.promises)
    change({ promises: inOrder(after.promises, (a, b) => a.openedAt - b.openedAt || byText(a.promiseId, b.promiseId)) });
  if (after.touches !== before.touches) change({ touches: inOrder(after.touches, (a, b) => a.at - b.at || byText(a.touchId, b.touchId)) });
  if (after.outcomes !== before.outcomes)
    change({
      outcomes: inOrder(after.outcomes, (a, b) => a.at - b.at || byText(a.deliveryId, b.deliveryId) || byText(a.kind, b.kind)),
    });
  if (after.deliveries !== before.deliveries)
    change({
      deliveries: withStated(
        inOrder(after.deliveries, (a, b) => a.at - b.at || byText(a.deliveryId, b.deliveryId)),
        changes,
        horizon,
      ),
    });
  if (after.approvals !== before.approvals && after.approvals.length > 1)
    change({ approvals: inOrder(kept.approvals, (a, b) => byText(a.approvalId, b.approvalId)) });
  if (after.offers !== before.offers)
    change({ offers: inOrder(after.offers, (a, b) => a.issuedAt - b.issuedAt || byText(a.code, b.code)) });
  if (after.identities !== before.identities)
    change({
      identities: inOrder(after.identities, (a, b) => a.at - b.at || byText(a.type, b.type) || byText(a.value, b.value)),
    });
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

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The same list where it is in order already, as most are. */
function inOrder<T>(list: readonly T[], compare: (a: T, b: T) => number): readonly T[] {
  for (let index = 1; index < list.length; index++) if (compare(list[index - 1] as T, list[index] as T) > 0) return [...list].sort(compare);
  return list;
}

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
