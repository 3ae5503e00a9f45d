import type { Policy } from "../../domain/entities/policy.ts";
import { goldenRecord } from "../../domain/record/record.ts";
import { NAME_TRAITS, nameOf } from "../../domain/story/name.ts";
import { storeTime } from "../deps.ts";
import type { PeopleDeps } from "./known-customer.ts";
import type { SearchRequest } from "./requests.ts";
import type { FoundView, SearchView } from "./views.ts";

/** Of each kind. */
const MOST = 6;
/** The customers of these latest decisions are looked at by name: names have no index. */
const DECISIONS = 1_000;
const NAMED = 300;

/** Records by the beginning of their ids, customers by an address in any spelling or by their name, experiences by their name. */
export async function search({ q }: SearchRequest, deps: PeopleDeps): Promise<SearchView> {
  const wanted = q.trim();
  const { finding } = deps.store;
  const byId = await finding.byId(wanted, MOST);
  const customers = new Map<string, FoundView["by"]>();
  for (const { kind, customerId } of byId) if (kind === "customer") customers.set(customerId, "id");
  for (const id of await byAddress(wanted, deps)) if (!customers.has(id)) customers.set(id, "address");
  const recent = (await finding.recent({ decisions: DECISIONS })).slice(0, NAMED).map(({ customerId }) => customerId);
  const names = await namesOf([...new Set([...customers.keys(), ...recent])], deps);
  const isNamed = (id: string): boolean => holds(names.get(id) ?? "", wanted);
  for (const id of recent.filter(isNamed).slice(0, MOST)) if (!customers.has(id)) customers.set(id, "name");
  return {
    q: wanted,
    found: [
      ...[...customers].map(([id, by]): FoundView => ({ kind: "customer", id, customerId: id, title: names.get(id) ?? id, by })),
      ...experiencesNamed(wanted, await deps.policy()),
      ...byId.flatMap(({ kind, id, customerId, about }): FoundView[] =>
        kind === "customer" ? [] : [{ kind, id, customerId, title: about ?? id, by: "id" }],
      ),
    ],
  };
}

// --- internal ---

const holds = (text: string, wanted: string): boolean => text.toLocaleLowerCase().includes(wanted.toLocaleLowerCase());

async function namesOf(ids: readonly string[], deps: PeopleDeps): Promise<ReadonlyMap<string, string>> {
  const { record } = await deps.policy();
  const { at } = await storeTime(deps);
  const known = await deps.store.finding.claims(ids, NAME_TRAITS);
  return new Map(
    known.flatMap(({ customerId, claims }) => {
      const name = nameOf(goldenRecord(claims, record, at).traits);
      return name === undefined ? [] : [[customerId, name] as const];
    }),
  );
}

async function byAddress(value: string, { store }: PeopleDeps): Promise<string[]> {
  const claims = (await store.finding.identityTypes()).map((type) => ({ type, value }));
  const { owners, holders } = await store.customers.byIdentity(claims);
  return [...new Set([...owners.values(), ...holders.values()])].slice(0, MOST);
}

const experiencesNamed = (wanted: string, { experiences }: Policy): FoundView[] =>
  experiences
    .filter(({ id, name }) => holds(id, wanted) || holds(name, wanted))
    .slice(0, MOST)
    .map(({ id, name }) => ({ kind: "experience", id, title: name, by: "name" }));
