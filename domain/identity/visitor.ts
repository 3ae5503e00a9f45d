import type { IdentityClaim } from "../entities/signal.ts";
import { idFrom } from "../entities/wake.ts";
import { addressForm } from "../values/address-form.ts";

/** The type of identity that a page or an app gives somebody who has not said who they are. */
export const ANONYMOUS = "anonymous_id";

/** The ids of one customer, of all records that were merged into it, and their identities. */
export interface KnownAs {
  readonly ids: readonly string[];
  readonly identities: readonly Pick<IdentityClaim, "type" | "value">[];
}

/**
 * Whether nothing is known of who a customer is: created by an anonymous id, and no identity but anonymous ones since. An anonymous id
 * that was attached to a customer who had another id proves nothing: any page can send such a signal.
 */
export function isVisitor({ ids, identities }: KnownAs): boolean {
  const made = new Set(identities.map(({ type, value }) => idFrom("c", type, addressForm(type, value))));
  return ids.every((id) => made.has(id)) && identities.every(({ type }) => type === ANONYMOUS);
}
