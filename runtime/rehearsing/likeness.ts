import type { Customer } from "../../domain/entities/customer.ts";
import type { Policy } from "../../domain/entities/policy.ts";
import { encodeFeatures } from "../../domain/learning/features.ts";
import type { Instant } from "../../domain/values/time.ts";
import { fieldReader } from "../../rehearsal/results/groups.ts";

/**
 * Customers are like one another where the features that the workspace learns by are the same to it: numbers by their bin (1, 2, 5, 10, …),
 * as arms learn them. Exact numbers would leave most customers alone.
 */
export function likenessBy(policy: Policy, at: Instant): (customer: Customer) => { readonly like?: string } {
  const paths = policy.learning.features.filter((path) => path.startsWith("customer."));
  if (paths.length === 0) return () => ({});
  const readers = paths.map((path) => [path, fieldReader(path, policy, at)] as const);
  return (customer) => {
    const features = encodeFeatures(readers.map(([path, read]) => [path, read(customer)]));
    return { like: [...features].sort().join(" ") };
  };
}
