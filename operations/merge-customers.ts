import { apply } from "../domain/entities/change.ts";
import type { Customer } from "../domain/entities/customer.ts";
import type { Signal } from "../domain/entities/signal.ts";
import { idFrom } from "../domain/entities/wake.ts";
import { SentientError } from "../domain/errors.ts";
import { interpret } from "../domain/moments/interpret.ts";
import { MERGED, merge, OPERATORS } from "../domain/record/merge.ts";
import { type Instant, iso } from "../domain/values/time.ts";
import type { StoredSignal } from "../store/store.ts";
import { auditOf, momentToAct, type OperationDeps } from "./deps.ts";
import type { Actor, MergeView, Outcome } from "./operation.ts";

/** Optimistic concurrency: more version conflicts than this mean that something is wrong. */
const ATTEMPTS = 10;

/** Merges one customer into another for an operator; recorded as a merge signal. */
export async function mergeInto(id: string, into: string, actor: Actor, deps: OperationDeps): Promise<Outcome<MergeView>> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const at = await momentToAct(deps);
    const customers = await deps.store.customers.load([id, into], deps.policy, at);
    const [from, other] = [known(id, customers), known(into, customers)];
    const view = { customerId: id, into: other.customerId };
    if (from.customerId === other.customerId) {
      if (id === into) throw new SentientError("BAD_INPUT", `${id} is the same customer; name two`);
      return { ...view, changed: false };
    }
    if (await isMerged(from, other, actor, at, deps)) return { ...view, changed: true, wakes: other.customerId };
  }
  throw new SentientError("CONFLICT", `${id} and ${into} kept changing while they were merged; nothing of this change is kept`);
}

// --- internal ---

function known(id: string, customers: ReadonlyMap<string, Customer>): Customer {
  const customer = customers.get(id);
  if (!customer) throw new SentientError("NOT_FOUND", `no customer ${id} in the store`);
  return customer;
}

/** False on a version conflict of either customer. */
async function isMerged(from: Customer, into: Customer, actor: Actor, at: Instant, deps: OperationDeps): Promise<boolean> {
  const { store, policy } = deps;
  const { customerId } = from;
  const kept = await signalOf(from, into, actor, at, deps);
  const { data } = kept.event as unknown as Signal; // made below
  const signal: Signal = { ...kept, data };
  const draft = interpret(from, { kind: "signal", signal }, { policy, now: at, taken: () => false });
  const both = merge(signal, draft.customer, into, at);
  const [gone, one] = [apply(draft, both.from), apply({ customer: into, changes: [] }, both.into)];
  const details = { into: into.customerId };
  const audit = auditOf(deps, actor, { action: "customer.merged", target: customerId, customerId, details });
  const { committed } = await store.commit([
    {
      ...{ before: from, after: gone.customer, changes: gone.changes, signal: kept, operation: { audit } },
      along: { before: into, after: one.customer, changes: one.changes },
    },
  ]);
  return committed.has(customerId);
}

async function signalOf(
  { customerId }: Customer,
  { customerId: into }: Customer,
  { by }: Actor,
  at: Instant,
  { store }: OperationDeps,
): Promise<StoredSignal> {
  const source = OPERATORS;
  const id = idFrom("merge", customerId, into, String(at));
  const event = { specversion: "1.0", id, source, type: MERGED, subject: customerId, time: iso(at), data: { into, by } };
  const seq = await store.operations.nextSeq();
  return { seq, source, id, type: MERGED, customerId, time: at, receivedAt: at, event, bodyHash: id };
}
