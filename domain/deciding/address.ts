import type { UndeliverableAddress } from "../entities/address.ts";
import type { Customer, Identity } from "../entities/customer.ts";
import type { ChannelRule } from "../entities/policy.ts";
import { consentOn } from "../identity/consent.ts";
import { undeliverableAt } from "../identity/undeliverable.ts";
import type { GoldenRecord } from "../record/record.ts";
import { addressIn, flawOf, sendForm } from "../values/address-form.ts";
import { entryOf } from "../values/json.ts";
import { type Instant, iso } from "../values/time.ts";
import type { Hold } from "./timing.ts";

/**
 * The destination of a channel for the customer, in the provider's form: the newest statement of an address of the channel's type,
 * from an identity or the trait of that name. Invalid and undeliverable addresses are skipped; a removed trait invalidates every older
 * statement. A channel without an address type needs none; a human channel then uses its queue.
 */
export function addressOf(channel: ChannelRule, customer: Customer, golden: GoldenRecord): string | undefined {
  const { address: type } = channel;
  if (type === "none") return channel.queue;
  const best = statementsOf(type, customer, golden)
    .filter(({ value }) => flawOf(type, value) === undefined && !undeliverableAt(customer, type, value))
    .reduce<AddressStatement | undefined>(newer, undefined);
  return best && sendForm(type, best.value);
}

/** Holds by consent and reachability on a channel. A denial or revocation always holds. */
export function heldByConsent(channel: ChannelRule, customer: Customer, golden: GoldenRecord): Hold[] {
  const holds: Hold[] = [];
  const consent = consentOn(customer, channel);
  if (consent?.status === "denied" || consent?.status === "revoked") {
    holds.push({ code: "consent_revoked", detail: `${channel.name}: ${consent.status}${consent.reason ? ` (${consent.reason})` : ""}` });
  } else if (channel.consent === "opt_in" && consent?.status !== "granted") {
    holds.push({ code: "consent_missing", detail: `${channel.name} needs consent and has none` });
  }
  if (channel.address !== "none" && addressOf(channel, customer, golden) === undefined) {
    holds.push({ code: "no_channel", detail: whyUnreachable(channel.address, customer, golden) });
  }
  return holds;
}

// --- internal ---

/** One statement of an address of the customer. */
interface AddressStatement {
  readonly value: string;
  readonly at: Instant;
  readonly seq: number;
  /** Rank among statements of the same signal, lowest first; a trait ranks after identities. */
  readonly place: number;
}

const AFTER_IDENTITIES = Number.MAX_SAFE_INTEGER;

/** All statements of an address that no later removal invalidates. */
function statementsOf(type: string, { identities }: Pick<Customer, "identities">, golden: GoldenRecord): AddressStatement[] {
  const trait = golden.winning.get(type);
  const said: AddressStatement[] = identities.filter((one: Identity) => one.type === type);
  if (!trait) return said;
  if (trait.value === null) return said.filter((one) => one.at > trait.at || (one.at === trait.at && one.seq > trait.seq));
  const value = addressIn(type, entryOf(golden.traits, type));
  return value === undefined ? said : [...said, { value, at: trait.at, seq: trait.seq, place: AFTER_IDENTITIES }];
}

/** Ties in time, order and place are broken by value, so that the order of loading never shows. */
function newer(best: AddressStatement | undefined, one: AddressStatement): AddressStatement {
  if (!best) return one;
  const difference = one.at - best.at || one.seq - best.seq || best.place - one.place;
  return difference > 0 || (difference === 0 && one.value > best.value) ? one : best;
}

/** Reports the latest undeliverable address, or what is wrong with the statement that counts. */
function whyUnreachable(type: string, customer: Customer, golden: GoldenRecord): string {
  const last = customer.gone
    .filter((one) => one.type === type)
    .reduce<UndeliverableAddress | undefined>((best, one) => (!best || one.at >= best.at ? one : best), undefined);
  const latest = statementsOf(type, customer, golden).reduce<AddressStatement | undefined>(newer, undefined);
  const flaw = latest && flawOf(type, latest.value);
  if (flaw) return `no ${type} address that can be used: ${flaw}`;
  const trait = entryOf(golden.traits, type);
  if (trait !== undefined && trait !== null && addressIn(type, trait) === undefined)
    return `no ${type} address that can be used: the trait ${type} is ${kindOf(trait)}, expected a text`;
  return last ? `the ${type} address is undeliverable since ${iso(last.at)}: ${last.reason}` : `no ${type} address`;
}

const kindOf = (value: unknown): string =>
  Array.isArray(value)
    ? "a list"
    : typeof value === "object"
      ? "an object"
      : typeof value === "number"
        ? "no whole number"
        : `a ${typeof value}`;
