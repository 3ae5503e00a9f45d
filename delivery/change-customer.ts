import { type Change, evolve } from "../domain/entities/change.ts";
import type { Customer } from "../domain/entities/customer.ts";
import type { Policy } from "../domain/entities/policy.ts";
import { SentientError } from "../domain/errors.ts";
import type { Instant } from "../domain/values/time.ts";
import type { CustomerCommit, Store } from "../store/store.ts";
import type { Tracing } from "../telemetry/trace.ts";

/** Maximum retries; more conflicts on one customer indicate a defect. */
const ATTEMPTS = 10;

/**
 * Changes one customer outside a wake: loads, computes the changes, writes; retried from the start when the record has changed
 * meanwhile (optimistic concurrency). `repeated`: an at-most-once write was done before and is left as it is. False for an
 * unknown customer.
 */
export async function changeCustomer(
  customerId: string,
  { store, policy, tracing }: { readonly store: Store; readonly policy: Policy; readonly tracing?: Tracing },
  at: Instant,
  changesFor: (customer: Customer) => readonly Change[],
  also: Pick<CustomerCommit, "call" | "promisesOf" | "operation" | "signal"> = {},
): Promise<false | "written" | "repeated"> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = (await store.customers.load([customerId], policy, at)).get(customerId);
    if (!before) return false;
    const changes = changesFor(before);
    if (changes.length === 0 && Object.keys(also).length === 0) return "written";
    const { committed, isRepeated } = await store.commit([
      { before, after: changes.reduce(evolve, before), changes, ...also, trace: tracing?.current() },
    ]);
    if (isRepeated) return "repeated";
    if (committed.has(before.customerId)) return "written";
  }
  throw new SentientError("CONFLICT", `${customerId} kept changing while it was written; nothing of this change is kept`);
}
