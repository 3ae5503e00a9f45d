import type { Customer } from "../../domain/entities/customer.ts";
import type { Policy } from "../../domain/entities/policy.ts";
import { SentientError } from "../../domain/errors.ts";
import { goldenRecord } from "../../domain/record/record.ts";
import { zoneOf } from "../../domain/record/view.ts";
import { nameOf } from "../../domain/story/name.ts";
import type { Instant } from "../../domain/values/time.ts";
import type { Zoned } from "../../domain/values/zone.ts";
import { type OperationDeps, storeTime } from "../deps.ts";

/** Dependencies of look-ups about people. */
export interface PeopleDeps extends Pick<OperationDeps, "store" | "now"> {
  readonly policy: () => Policy | Promise<Policy>;
}

/** A customer with what reading about them needs: the record, not everything that happened. */
export interface KnownCustomer {
  readonly customer: Pick<Customer, "customerId" | "claims">;
  /** All ids, that of the surviving record first. */
  readonly ids: readonly string[];
  readonly policy: Policy;
  readonly at: Instant;
  readonly zoned: Zoned;
  readonly name?: string;
}

/** @throws `NOT_FOUND` */
export async function knownCustomer(id: string, deps: PeopleDeps): Promise<KnownCustomer> {
  const policy = await deps.policy();
  const { at } = await storeTime(deps);
  const customer = (await deps.store.customers.records([id])).get(id);
  if (!customer) throw new SentientError("NOT_FOUND", `no customer ${id} in the store; npx sentient customers list shows recent ones`);
  const golden = goldenRecord(customer.claims, policy.record, at);
  const name = nameOf(golden.traits);
  return {
    ...{ customer, ids: await deps.store.links.group(id), policy, at, zoned: zoneOf(golden, policy) },
    ...(name === undefined ? {} : { name }),
  };
}

export const alsoKnownAs = ({ customer, ids }: KnownCustomer): { readonly alsoKnownAs?: string[] } =>
  ids.length > 1 ? { alsoKnownAs: ids.filter((id) => id !== customer.customerId) } : {};

/** A zone as decisions name it. */
export const zoneView = ({ zone, zoneIsOwn, unknownZone }: Zoned) => ({
  name: zone,
  from: zoneIsOwn ? ("customer" as const) : ("workspace" as const),
  ...(unknownZone === undefined ? {} : { unknown: unknownZone }),
});
