import { addressForm } from "../values/address-form.ts";
import { joinKey } from "../values/key.ts";
import type { Instant } from "../values/time.ts";
import type { ConsentStatus } from "./consent.ts";
import type { IdentityClaim } from "./signal.ts";

export type Named = Pick<IdentityClaim, "type" | "value">;

/**
 * Key of an identity, independent of how it is written. Two customers that bring the same identity share the key; it finds the first
 * of them.
 */
export const identityKey = ({ type, value }: Named): string => joinKey(type, addressForm(type, value));

/** Whether two identities or addresses are the same, however they are written. */
export const isSameIdentity = (a: Named, b: Named): boolean =>
  a.type === b.type && addressForm(a.type, a.value) === addressForm(b.type, b.value);

/** An address in the form used for comparison. */
export interface AddressForm {
  readonly type: string;
  readonly form: string;
}

/**
 * An opt-out bound to an address instead of a customer: it applies to every customer with this address until that customer grants
 * consent again.
 */
export interface AddressRefusal extends AddressForm {
  readonly channel: string;
  readonly status: Exclude<ConsentStatus, "granted">;
  readonly at: Instant;
  readonly source: string;
  readonly seq: number;
  readonly reason?: string;
}

/** An address that permanently fails. Suppressed until the customer has another address or an operator reinstates it. */
export interface UndeliverableAddress {
  /** Address type as channels name it: `email`, `phone` or `push`. */
  readonly type: string;
  readonly value: string;
  readonly at: Instant;
  /** The reporter: `channel/<name>`. */
  readonly source: string;
  /** Provider codes and our own words. Never the provider's text: it repeats addresses. */
  readonly reason: string;
}
