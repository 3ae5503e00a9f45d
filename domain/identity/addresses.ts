import { type AddressForm, identityKey } from "../entities/address.ts";
import type { Customer } from "../entities/customer.ts";
import type { IdentityClaim } from "../entities/signal.ts";
import { addressForm, addressIn, typeOfAddress } from "../values/address-form.ts";
import { entryOf, isObject } from "../values/json.ts";

/** Address types of channels: identity types, and traits of these names. */
export const ADDRESS_TYPES = ["email", "phone", "push"] as const;

/** All addresses of a customer, from identities and from any source's traits, by key. */
export function addressesHeld({ identities, claims }: Pick<Customer, "identities" | "claims">): Map<string, AddressForm> {
  const traits = ADDRESS_TYPES.flatMap((type) => Object.values(entryOf(claims, type) ?? {}).flatMap((claim) => claimIn(type, claim.value)));
  return byKey([...identities.filter(({ type }) => isAddressType(type)), ...traits]);
}

/** All addresses in traits and identities. */
export function addressesIn(traits: unknown, identities: readonly IdentityClaim[]): IdentityClaim[] {
  return [...identities, ...(isObject(traits) ? ADDRESS_TYPES.flatMap((type) => claimIn(type, entryOf(traits, type))) : [])];
}

/**
 * Addresses named in the data of a consent signal: `identities`, `email`, `phone` and `push`, and `address`, which is mail or a phone
 * by its form. `traits` are data about the customer, not the subject of the consent.
 */
export function addressesNamed(data: Readonly<Record<string, unknown>>): AddressForm[] {
  const { identities, address } = data;
  const claims = Array.isArray(identities) ? identities.filter(isClaim) : [];
  const plain = typeof address === "string" ? [{ type: typeOfAddress(address), value: address }] : [];
  return [...byKey([...claims.filter(({ type }) => isAddressType(type)), ...addressesIn(data, []), ...plain]).values()];
}

/** Identities that channels use as addresses, by key. */
export const addressesAmong = (identities: readonly IdentityClaim[]): Map<string, AddressForm> =>
  byKey(identities.filter(({ type }) => isAddressType(type)));

/** The address of a delivery's destination. */
export const addressReached = (to: string): AddressForm => {
  const type = typeOfAddress(to);
  return { type, form: addressForm(type, to) };
};

// --- internal ---

const isClaim = (one: unknown): one is IdentityClaim => isObject(one) && typeof one.type === "string" && typeof one.value === "string";

const isAddressType = (type: string): boolean => (ADDRESS_TYPES as readonly string[]).includes(type);

function claimIn(type: string, trait: unknown): IdentityClaim[] {
  const value = addressIn(type, trait);
  return value === undefined || addressForm(type, value) === "" ? [] : [{ type, value }];
}

function byKey(claims: readonly Pick<IdentityClaim, "type" | "value">[]): Map<string, AddressForm> {
  const forms = claims.map((claim) => [identityKey(claim), { type: claim.type, form: addressForm(claim.type, claim.value) }] as const);
  return new Map(forms.filter(([, { form }]) => form !== ""));
}
