import type { AddressRefusal } from "../entities/address.ts";
import { apply, type Change, type Draft } from "../entities/change.ts";
import type { ConsentStatus } from "../entities/consent.ts";
import type { Customer, DeliveryNote } from "../entities/customer.ts";
import type { Policy } from "../entities/policy.ts";
import type { IdentityClaim, Signal } from "../entities/signal.ts";
import { addressesNamed, addressReached } from "../identity/addresses.ts";
import { consentKey, readConsent, revokedOn, setConsent } from "../identity/consent.ts";
import { consentReason } from "./intake.ts";

/** Opt-outs bound to an address, for any customer that has it. */
export type RefusalsOf = (address: IdentityClaim) => readonly AddressRefusal[];

/** Applies the opt-outs bound to addresses to their current owner. A later grant by the customer stands. */
export const applyRefusals = (draft: Draft, addresses: readonly IdentityClaim[], refusalsOf: RefusalsOf): Draft =>
  addresses
    .flatMap(refusalsOf)
    .reduce((next, { type: _type, form: _form, ...consent }) => apply(next, setConsent(next.customer, consent)), draft);

/** Whether a signal may create opt-outs that apply to other customers too. */
export const mayRefuse = ({ type }: Pick<Signal, "type">): boolean => type === "customer.consent" || type === "delivery.unsubscribed";

/**
 * Address-bound opt-outs of a signal that denies or revokes consent: for the addresses named in its data, and for the destination of
 * the delivery concerned. No customer with such an address, now or later, receives messages on these channels.
 */
export function refusalsIn(signal: Signal, { deliveries }: Customer, channels: Policy["channels"]): Change[] {
  if (!mayRefuse(signal)) return [];
  const { source, seq, time: at, data } = signal;
  const note = deliveries.find(({ deliveryId }) => deliveryId === data.deliveryId);
  const addresses = [...addressesNamed(data), ...(note?.to === undefined ? [] : [addressReached(note.to)])];
  const { status, keys } = addresses.length === 0 ? NOTHING : saidIn(signal, note, channels);
  if (status === "granted") return [];
  const reason = consentReason(data.reason);
  const said = { status, at, source, seq, ...(reason ? { reason } : {}) };
  return keys.flatMap((channel) =>
    addresses.map((address): Change => ({ type: "address_refused", refusal: { ...said, ...address, channel } })),
  );
}

// --- internal ---

interface Statement {
  readonly status: ConsentStatus;
  readonly keys: readonly string[];
}

const NOTHING: Statement = { status: "granted", keys: [] };

function saidIn({ type, data }: Signal, note: DeliveryNote | undefined, channels: Policy["channels"]): Statement {
  if (type === "delivery.unsubscribed")
    return { status: "revoked", keys: note ? [consentKey(note.channel)] : revokedOn(data.channel, channels) };
  const said = readConsent(data, channels);
  return "problem" in said ? NOTHING : said;
}
