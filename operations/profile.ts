import type { Policy } from "../domain/entities/policy.ts";
import { SentientError } from "../domain/errors.ts";
import { type Profile, profileOf } from "../domain/record/profile.ts";
import type { Instant } from "../domain/values/time.ts";
import type { Store } from "../store/store.ts";

/**
 * The golden record of a customer at an instant, with every touch and promise on record, not only those that the policy still counts.
 * Throws `NOT_FOUND`.
 */
export async function customerProfile(
  customerId: string,
  { store, policy }: { store: Store; policy: Policy },
  at: Instant,
): Promise<Profile> {
  const customer = (await store.customers.load([customerId], { ...policy, touchWindow: at }, at)).get(customerId);
  if (!customer) throw new SentientError("NOT_FOUND", `no customer ${customerId} in the store`);
  return profileOf(customer, policy, at);
}
