import { consentOn } from "./consent.ts";
import type { Customer, Identity } from "./customer.ts";
import { type GoneAddress, goneAt } from "./gone.ts";
import type { ChannelRule } from "./policy.ts";
import type { GoldenRecord } from "./record.ts";
import { iso } from "./time.ts";
import type { Hold } from "./timing.ts";

/**
 * Where a channel reaches the customer: the newest identity of the channel's address type, otherwise the trait of that
 * name; what is known to reach nobody any more is passed over. A channel without an address type needs none; a human one then goes by its queue.
 */
export function addressOf(channel: ChannelRule, customer: Customer, golden: GoldenRecord): string | undefined {
  if (channel.address === "none") return channel.queue;
  const newest = customer.identities
    .filter(({ type, value }) => type === channel.address && !goneAt(customer, type, value))
    .reduce<Identity | undefined>((best, one) => (!best || isNewer(one, best) ? one : best), undefined);
  if (newest) return newest.value;
  const trait = golden.traits[channel.address];
  return typeof trait === "string" && trait !== "" && !goneAt(customer, channel.address, trait) ? trait : undefined;
}

/** What consent and reachability keep back on a channel. A denial or revocation always holds. */
export function heldByConsent(channel: ChannelRule, customer: Customer, golden: GoldenRecord): Hold[] {
  const holds: Hold[] = [];
  const consent = consentOn(customer, channel);
  if (consent?.status === "denied" || consent?.status === "revoked") {
    holds.push({ code: "consent_revoked", detail: `${channel.name}: ${consent.status}${consent.reason ? ` (${consent.reason})` : ""}` });
  } else if (channel.consent === "opt_in" && consent?.status !== "granted") {
    holds.push({ code: "consent_missing", detail: `${channel.name} needs consent and has none` });
  }
  if (channel.address !== "none" && addressOf(channel, customer, golden) === undefined) {
    holds.push({ code: "no_channel", detail: whyUnreachable(channel.address, customer) });
  }
  return holds;
}

// --- internal ---

/** The latest word about an address of that type, where every one is given up. */
function whyUnreachable(type: string, { gone }: Customer): string {
  const last = gone
    .filter((one) => one.type === type)
    .reduce<GoneAddress | undefined>((best, one) => (!best || one.at >= best.at ? one : best), undefined);
  return last ? `the ${type} address reaches nobody since ${iso(last.at)}: ${last.reason}` : `no ${type} address`;
}

/** Of two that came at the same time the value settles it, so that the order of loading never shows. */
const isNewer = (a: Identity, b: Identity): boolean => a.at > b.at || (a.at === b.at && a.value > b.value);
