import { quietUntil } from "../domain/deciding/quiet.ts";
import type { Customer } from "../domain/entities/customer.ts";
import { makerOf } from "../domain/entities/policy.ts";
import { type Instant, MINUTE } from "../domain/values/time.ts";
import type { KeptDelivery } from "../store/store.ts";
import type { ToolDeps } from "./tool-deps.ts";

/**
 * Quiet hours are checked when a delivery is reserved, moments before it is sent. After a crash or a pause in between they are
 * checked again: a delivery that would now fall inside them keeps its slot and is deferred until they end. Returns the
 * deliveries that may continue.
 */
export async function deferQuietHours<T extends KeptDelivery>(deliveries: readonly T[], deps: ToolDeps): Promise<readonly T[]> {
  if (deps.onWallClock !== true) return deliveries;
  const { store, policy } = deps;
  const now = deps.now();
  const stale = deliveries.filter(({ at }) => now - at > STALE_AFTER_MS);
  if (stale.length === 0) return deliveries;
  const customers = await store.customers.load(
    stale.map(({ customerId }) => customerId),
    policy,
    now,
  );
  const deferred = stale.flatMap((delivery) => {
    const until = deferredUntil(delivery, customers.get(delivery.customerId), now, deps);
    return until === undefined ? [] : [{ deliveryId: delivery.deliveryId, until }];
  });
  await store.deliveries.rest(deferred);
  const held = new Set(deferred.map(({ deliveryId }) => deliveryId));
  return deliveries.filter(({ deliveryId }) => !held.has(deliveryId));
}

// --- internal ---

/** Longer than the time between a decision and sending in normal operation. */
const STALE_AFTER_MS = 5 * MINUTE;

function deferredUntil(delivery: KeptDelivery, customer: Customer | undefined, now: Instant, { policy }: ToolDeps) {
  const rule = policy.channels[delivery.channel];
  const experience = makerOf(policy, delivery);
  return customer && rule ? quietUntil({ policy, customer, rule, experience }, now) : undefined;
}
