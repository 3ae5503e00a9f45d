import type { AddressRefusal } from "../entities/address.ts";
import { identityKey } from "../entities/address.ts";
import type { IdentityClaim } from "../entities/signal.ts";
import { idFrom } from "../entities/wake.ts";
import { addressForm } from "../values/address-form.ts";

/** Customers known by identities and addresses, by `identityKey`. */
export interface KnownIdentities {
  /** The customer that owns an identity; one each. */
  readonly owners: ReadonlyMap<string, string>;
  /** For an address known only as a trait, or shared as an identity: the customer stored first. */
  readonly holders: ReadonlyMap<string, string>;
  /** Opt-outs bound to these addresses. */
  readonly refusals: ReadonlyMap<string, readonly AddressRefusal[]>;
}

/**
 * The customer of a signal without a subject: the owner of the first owned identity; otherwise the first customer with one of them as
 * an address; otherwise a new customer, with an id derived from the first identity.
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
