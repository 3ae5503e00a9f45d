import { addressesIn } from "../domain/erased.ts";
import { SentientError } from "../domain/errors.ts";
import { isObject, type Json } from "../domain/json.ts";
import { iso } from "../domain/time.ts";
import { hashOf, keyedHash, knownHash } from "./erasure.ts";
import type { Actor, CustomerExport, ErasureView, Operations } from "./operation.ts";
import { auditOf, type OperationDeps } from "./operations-deps.ts";

export function customerOperations(deps: OperationDeps): Operations["customers"] {
  return {
    export: (id, actor) => exportPerson(id, actor, deps),
    erase: (id, actor) => erase(id, actor, deps),
  };
}

// --- internal ---

async function exportPerson(customerId: string, actor: Actor, deps: OperationDeps): Promise<CustomerExport> {
  const { store, now } = deps;
  const tables = await store.people.export(customerId);
  if (!tables) throw await unknown(customerId, deps);
  const entry = auditOf(deps, actor, { action: "customer.exported", target: customerId, customerId });
  await store.operations.record(entry);
  const { customers: [record = null] = [], ...others } = tables;
  return { customerId, exportedAt: iso(now()), record, tables: others };
}

async function erase(customerId: string, actor: Actor, deps: OperationDeps): Promise<ErasureView> {
  const { store, now } = deps;
  const tables = await store.people.export(customerId);
  if (!tables) throw await unknown(customerId, deps);
  const hash = await keyedHash(store);
  const addressHashes = [...new Set(addressesOf(tables).map((address) => hashOf(address, hash)))];
  const at = now();
  const removed = await store.people.erase(customerId, { at, by: actor.by, customerHash: hash("customer", customerId), addressHashes });
  if (!removed) throw await unknown(customerId, deps);
  return { customerId, at: iso(at), by: actor.by, removed, suppressed: addressHashes.length };
}

/** Every address that the record knows, from whichever source, and those that something was sent to. */
function addressesOf({ identities = [], customers = [], deliveries = [] }: Readonly<Record<string, readonly Json[]>>) {
  const named = identities.flatMap((row) =>
    isObject(row) && typeof row.type === "string" && typeof row.value === "string" ? [{ type: row.type, value: row.value }] : [],
  );
  const claims = customers.flatMap((row) => (isObject(row) && isObject(row.claims) ? [row.claims] : []));
  const said = claims.flatMap((claim) =>
    Object.entries(claim).flatMap(([path, bySource]) =>
      isObject(bySource) ? Object.values(bySource).flatMap((one) => (isObject(one) ? addressesIn({ [path]: one.value }, []) : [])) : [],
    ),
  );
  const reached = deliveries.flatMap((row) => (isObject(row) && typeof row.address === "string" ? addressAs(row.address) : []));
  return [...named, ...said, ...reached];
}

/** An address that something was sent to, as what it may be: a delivery does not say. */
const addressAs = (value: string) => ["email", "phone", "push"].map((type) => ({ type, value }));

async function unknown(customerId: string, { store }: OperationDeps): Promise<SentientError> {
  const hash = await knownHash(store);
  const erasure = hash && (await store.people.erasure(hash("customer", customerId)));
  return new SentientError(
    "NOT_FOUND",
    erasure
      ? `customer ${customerId} was erased by ${erasure.by} at ${iso(erasure.at)}; nothing is held about them`
      : `no customer ${customerId} in the store; sentient decisions list shows ids of customers`,
  );
}
