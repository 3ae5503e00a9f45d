import type { Change } from "../entities/change.ts";
import type { Customer } from "../entities/customer.ts";
import type { Policy } from "../entities/policy.ts";
import type { IdentityClaim } from "../entities/signal.ts";
import { consentKey, consentOn } from "../identity/consent.ts";
import type { ImportedCustomer, Word } from "./intake.ts";

/** Whether an address belongs to somebody who was erased. */
export type IsErased = (address: IdentityClaim) => boolean;

/**
 * Somebody who was erased is not written to because her address comes back: every channel that has an address is denied,
 * until she herself consents anew.
 */
export function denyErased(customer: Customer, policy: Policy, { source, at, seq }: Word): Change[] {
  return Object.values(policy.channels)
    .filter((rule) => rule.address !== "none" && !consentOn(customer, rule))
    .map(({ name }) => ({ type: "consent_set", consent: { channel: consentKey(name), status: "denied", at, source, seq } }));
}

/** A line of an import without the consent it claims for somebody who was erased; what the record knows already stays. */
export const withoutGrants = (record: ImportedCustomer): ImportedCustomer => ({
  ...record,
  consents: record.consents.filter(({ status }) => status !== "granted"),
});
