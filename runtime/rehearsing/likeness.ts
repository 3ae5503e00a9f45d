import type { Customer } from "../../domain/entities/customer.ts";
import type { Policy } from "../../domain/entities/policy.ts";
import type { Instant } from "../../domain/values/time.ts";
import { fieldReader } from "../../rehearsal/results/groups.ts";

/** Customers are like one another where the features that the workspace learns by are the same. */
export function likenessBy(policy: Policy, at: Instant): (customer: Customer) => { readonly like?: string } {
  const readers = policy.learning.features.filter((path) => path.startsWith("customer.")).map((path) => fieldReader(path, policy, at));
  if (readers.length === 0) return () => ({});
  return (customer) => ({ like: JSON.stringify(readers.map((read) => read(customer) ?? null)) });
}
