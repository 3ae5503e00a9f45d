import { apply } from "../domain/entities/change.ts";
import type { Link } from "../domain/entities/merge.ts";
import { SentientError } from "../domain/errors.ts";
import { unmerge } from "../domain/record/merge.ts";
import { auditOf, momentToAct, type OperationDeps } from "./deps.ts";
import type { Actor, SplitView } from "./operation.ts";

/** Optimistic concurrency: more version conflicts than this mean that something is wrong. */
const ATTEMPTS = 10;

/** Removes the link that merged a customer into another one; both are judged again. */
export async function split(customerId: string, actor: Actor, deps: OperationDeps): Promise<SplitView> {
  const { store } = deps;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const link = await store.links.of(customerId);
    if (!link) throw new SentientError("NOT_FOUND", `${customerId} is not merged into another customer; there is nothing to split`);
    if (await isSplit(link, actor, deps)) return { customerId, from: link.root, changed: true, wakes: [customerId, link.root] };
  }
  throw new SentientError("CONFLICT", `${customerId} kept changing while the link was removed; nothing of this change is kept`);
}

// --- internal ---

/** False on a version conflict of either customer. */
async function isSplit(link: Link, actor: Actor, deps: OperationDeps): Promise<boolean> {
  const { store, policy } = deps;
  const { customerId, root } = link;
  const at = await momentToAct(deps);
  const from = (await store.customers.loadUnmerged([customerId], policy, at)).get(customerId);
  const into = (await store.customers.load([root], policy, at)).get(root);
  if (!from || !into) throw new SentientError("NOT_FOUND", `no customer ${customerId} in the store`);
  const both = unmerge(link, from, into, at);
  const [apart, rest] = [apply({ customer: from, changes: [] }, both.from), apply({ customer: into, changes: [] }, both.into)];
  const audit = auditOf(deps, actor, { action: "customer.split", target: customerId, customerId, details: { from: root } });
  const { committed } = await store.commit([
    {
      ...{ before: from, after: apart.customer, changes: apart.changes, operation: { audit } },
      along: { before: into, after: rest.customer, changes: rest.changes },
    },
  ]);
  return committed.has(customerId);
}
