import { addressForm } from "../values/address-form.ts";
import { joinKey } from "../values/key.ts";
import type { Instant } from "../values/time.ts";
import type { ConsentStatus } from "./consent.ts";
import type { IdentityClaim } from "./signal.ts";

export type Named = Pick<IdentityClaim, "type" | "value">;

/** An identity as a key, however it is written: of two customers who bring the same one, it finds the first. */
export const identityKey = ({ type, value }: Named): string => joinKey(type, addressForm(type, value));

/** Whether two are one identity or address, however they are written. */
export const isSameIdentity = (a: Named, b: Named): boolean =>
  a.type === b.type && addressForm(a.type, a.value) === addressForm(b.type, b.value);

/** An address in the form in which it is compared. */
export interface AddressForm {
  readonly type: string;
  readonly form: string;
}

/** Somebody who has an address said no on a channel: it holds for whoever has it, until she herself grants anew. */
export interface AddressRefusal extends AddressForm {
  readonly channel: string;
  readonly status: Exclude<ConsentStatus, "granted">;
  readonly at: Instant;
  readonly source: string;
  readonly seq: number;
  readonly reason?: string;
}

/** An address that reaches nobody any more. Nothing is sent there, until she has another one or an operator lifts it. */
export interface UndeliverableAddress {
  /** As channels name it: `email`, `phone` or `push`. */
  readonly type: string;
  readonly value: string;
  readonly at: Instant;
  /** Who said so: `channel/<name>`. */
  readonly source: string;
  /** In the provider's numbers and our words, never in its own: those repeat addresses. */
  readonly reason: string;
}
