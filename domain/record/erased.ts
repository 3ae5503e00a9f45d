import type { Change } from "../entities/change.ts";
import type { Customer } from "../entities/customer.ts";
import type { Policy } from "../entities/policy.ts";
import type { IdentityClaim } from "../entities/signal.ts";
import { consentKey, consentOn } from "../identity/consent.ts";
import type { ImportedCustomer, Provenance } from "./intake.ts";

/** Whether an address belongs to an erased customer. */
export type IsErased = (address: IdentityClaim) => boolean;

/**
 * An address that returns after erasure is not a new customer to contact: every channel with an address is denied until the customer
 * consents again.
 */
export function denyErased(customer: Customer, policy: Policy, { source, at, seq }: Provenance): Change[] {
  return Object.values(policy.channels)
    .filter((rule) => rule.address !== "none" && !consentOn(customer, rule))
    .map(({ name }) => ({ type: "consent_set", consent: { channel: consentKey(name), status: "denied", at, source, seq } }));
}

/** A line of an import for an erased customer without the grants it claims; consents already in the record stay. */
export const withoutGrants = (record: ImportedCustomer): ImportedCustomer => ({
  ...record,
  consents: record.consents.filter(({ status }) => status !== "granted"),
});
