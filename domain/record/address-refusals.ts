import type { AddressRefusal } from "../entities/address.ts";
import { apply, type Change, type Draft } from "../entities/change.ts";
import type { ConsentStatus } from "../entities/consent.ts";
import type { Customer, DeliveryNote } from "../entities/customer.ts";
import type { Policy } from "../entities/policy.ts";
import type { IdentityClaim, Signal } from "../entities/signal.ts";
import { addressesNamed, addressReached } from "../identity/addresses.ts";
import { consentKey, readConsent, revokedOn, setConsent } from "../identity/consent.ts";
import { consentReason } from "./intake.ts";

/** What was said from an address, for whoever has it. */
export type RefusalsOf = (address: IdentityClaim) => readonly AddressRefusal[];

/** Holds what was said from addresses for her who has them now. A later grant of her own stands. */
export const holdRefusals = (draft: Draft, addresses: readonly IdentityClaim[], refusalsOf: RefusalsOf): Draft =>
  addresses
    .flatMap(refusalsOf)
    .reduce((next, { type: _type, form: _form, ...consent }) => apply(next, setConsent(next.customer, consent)), draft);

/** Whether a signal may say no for others than its customer. */
export const mayRefuse = ({ type }: Pick<Signal, "type">): boolean => type === "customer.consent" || type === "delivery.unsubscribed";

/**
 * What a signal that denies or revokes consent says of addresses: those that its data names, and the one that the delivery
 * went to which it is about. Whoever has them, now or later, is not written to on these channels.
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

interface Said {
  readonly status: ConsentStatus;
  readonly keys: readonly string[];
}

const NOTHING: Said = { status: "granted", keys: [] };

function saidIn({ type, data }: Signal, note: DeliveryNote | undefined, channels: Policy["channels"]): Said {
  if (type === "delivery.unsubscribed")
    return { status: "revoked", keys: note ? [consentKey(note.channel)] : revokedOn(data.channel, channels) };
  const said = readConsent(data, channels);
  return "problem" in said ? NOTHING : said;
}
