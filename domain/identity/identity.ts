import type { AddressRefusal } from "../entities/address.ts";
import { identityKey } from "../entities/address.ts";
import type { IdentityClaim } from "../entities/signal.ts";
import { idFrom } from "../entities/wake.ts";
import { addressForm } from "../values/address-form.ts";

/** Whom identities and addresses lead to, by `identityKey`. */
export interface KnownIdentities {
  /** Customers whom an identity names: one each. */
  readonly owners: ReadonlyMap<string, string>;
  /** Of an address that is known only as a trait, or as another's identity too, whoever was in the store first. */
  readonly holders: ReadonlyMap<string, string>;
  /** What was said from these addresses, for whoever has them. */
  readonly refusals: ReadonlyMap<string, readonly AddressRefusal[]>;
}

/**
 * Whom a signal without a subject is about: the customer whom its identities find, the first that finds one; else whoever has
 * one of them as an address; else a new one, with an id made from the first.
 */
export function customerNamedBy(
  identities: readonly IdentityClaim[],
  { owners, holders }: Pick<KnownIdentities, "owners" | "holders">,
): string {
  const keys = identities.map(identityKey);
  const find = (known: ReadonlyMap<string, string>) => keys.map((key) => known.get(key)).find((id) => id !== undefined);
  const [first] = identities;
  return find(owners) ?? find(holders) ?? idFrom("c", first?.type ?? "", first ? addressForm(first.type, first.value) : "");
}
