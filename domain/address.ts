import type { Customer, Identity } from "./customer.ts";
import { entryOf } from "./json.ts";
import type { ChannelRule } from "./policy.ts";
import type { GoldenRecord } from "./record.ts";
import type { Hold } from "./timing.ts";

/**
 * Where a channel reaches the customer: the newest identity of the channel's address type, otherwise the trait of that
 * name. A channel without an address type needs none; a human one then goes by its queue.
 */
export function addressOf(channel: ChannelRule, customer: Customer, golden: GoldenRecord): string | undefined {
  if (channel.address === "none") return channel.queue;
  const newest = customer.identities
    .filter(({ type }) => type === channel.address)
    .reduce<Identity | undefined>((best, one) => (!best || isNewer(one, best) ? one : best), undefined);
  if (newest) return newest.value;
  const trait = golden.traits[channel.address];
  return typeof trait === "string" && trait !== "" ? trait : undefined;
}

/** What consent and reachability keep back on a channel. A denial or revocation always holds. */
export function heldByConsent(channel: ChannelRule, customer: Customer, golden: GoldenRecord): Hold[] {
  const holds: Hold[] = [];
  const consent = entryOf(customer.consents, channel.name);
  if (consent?.status === "denied" || consent?.status === "revoked") {
    holds.push({ code: "consent_revoked", detail: `${channel.name}: ${consent.status}` });
  } else if (channel.consent === "opt_in" && consent?.status !== "granted") {
    holds.push({ code: "consent_missing", detail: `${channel.name} needs consent and has none` });
  }
  if (channel.address !== "none" && addressOf(channel, customer, golden) === undefined) {
    holds.push({ code: "no_channel", detail: `no ${channel.address} address` });
  }
  return holds;
}

// --- internal ---

/** Of two that came at the same time the value settles it, so that the order of loading never shows. */
const isNewer = (a: Identity, b: Identity): boolean => a.at > b.at || (a.at === b.at && a.value > b.value);
