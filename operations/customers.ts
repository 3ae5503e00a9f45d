import { SentientError } from "../domain/errors.ts";
import { addressesAmong, addressesIn } from "../domain/identity/addresses.ts";
import { isObject, type Json } from "../domain/values/json.ts";
import { iso } from "../domain/values/time.ts";
import { hashOf, keyedHash, knownHash } from "../intake/erasure.ts";
import { auditOf, type OperationDeps } from "./deps.ts";
import { mergeInto } from "./merge-customers.ts";
import type { Actor, CustomerExport, ErasureView, Operations } from "./operation.ts";
import { recordTouch } from "./people/touch.ts";
import { lift } from "./reinstate-address.ts";
import { split } from "./split-customer.ts";

export function customerOperations(deps: OperationDeps): Operations["customers"] {
  return {
    touch: (request, actor) => recordTouch(request, actor, deps),
    export: ({ id }, actor) => exportPerson(id, actor, deps),
    erase: ({ id }, actor) => erase(id, actor, deps),
    lift: ({ id, address }, actor) => lift(id, actor, address, deps),
    merge: ({ id, into }, actor) => mergeInto(id, into, actor, deps),
    split: ({ id }, actor) => split(id, actor, deps),
  };
}

// --- internal ---

async function exportPerson(customerId: string, actor: Actor, deps: OperationDeps): Promise<CustomerExport> {
  const { store, now } = deps;
  const ids = await store.links.group(customerId);
  const tables = await allTables(ids, deps);
  if (!tables) throw await unknown(customerId, deps);
  const said = await store.people.refusals([...addressesAmong(addressesOf(tables)).values()]);
  const entry = auditOf(deps, actor, { action: "customer.exported", target: customerId, customerId });
  await store.operations.record(entry);
  const { customers: records = [], ...others } = tables;
  // Records of the same person's other ids follow.
  const [record = null, ...also] = records;
  return {
    customerId,
    ...otherIds(ids, customerId),
    exportedAt: iso(now()),
    record,
    tables: { ...(also.length > 0 ? { customers: also } : {}), ...others, ...(said.length > 0 ? { opted_out_addresses: said } : {}) },
  };
}

/** Every row about a person, under all of their ids. */
async function allTables(ids: readonly string[], { store }: OperationDeps): Promise<Record<string, Json[]> | undefined> {
  const all: Record<string, Json[]> = {};
  for (const id of ids) {
    for (const [name, rows] of Object.entries((await store.people.export(id)) ?? {})) all[name] = [...(all[name] ?? []), ...rows];
  }
  return Object.keys(all).length > 0 ? all : undefined;
}

const otherIds = (ids: readonly string[], customerId: string): { readonly alsoKnownAs?: readonly string[] } =>
  ids.length > 1 ? { alsoKnownAs: ids.filter((id) => id !== customerId) } : {};

async function erase(customerId: string, actor: Actor, deps: OperationDeps): Promise<ErasureView> {
  const { store, now } = deps;
  const ids = await store.links.group(customerId);
  const tables = await allTables(ids, deps);
  if (!tables) throw await unknown(customerId, deps);
  const hash = await keyedHash(store);
  const known = addressesOf(tables);
  const addressHashes = [...new Set(known.map((address) => hashOf(address, hash)))];
  const addresses = [...addressesAmong(known).values()];
  const at = now();
  const removed: Record<string, number> = {};
  // The surviving customer is erased last: until then their id leads to the remaining rows.
  for (const id of [...ids].reverse()) {
    const gone = await store.people.erase(id, { at, by: actor.by, customerHash: hash("customer", id), addressHashes, addresses });
    for (const [name, count] of Object.entries(gone ?? {})) removed[name] = (removed[name] ?? 0) + count;
  }
  if (Object.keys(removed).length === 0) throw await unknown(customerId, deps);
  return { customerId, ...otherIds(ids, customerId), at: iso(at), by: actor.by, removed, suppressed: addressHashes.length };
}

/** Every address in the record, from any source, and those of deliveries. */
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

/** An address of a delivery under each type it may have: a delivery does not record the type. */
const addressAs = (value: string) => ["email", "phone", "push"].map((type) => ({ type, value }));

async function unknown(customerId: string, { store }: OperationDeps): Promise<SentientError> {
  const hash = await knownHash(store);
  const erasure = hash && (await store.people.erasure(hash("customer", customerId)));
  return new SentientError(
    "NOT_FOUND",
    erasure
      ? `customer ${customerId} was erased by ${erasure.by} at ${iso(erasure.at)}; nothing is held about them`
      : `no customer ${customerId} in the store; npx sentient decisions list shows ids of customers`,
  );
}
