import type { Change } from "../entities/change.ts";
import type { Consent, ConsentStatus } from "../entities/consent.ts";
import type { Customer } from "../entities/customer.ts";
import { type ChannelRule, isOnlyAsked, type Policy, standsFor } from "../entities/policy.ts";
import { entryOf } from "../values/json.ts";
import type { Instant } from "../values/time.ts";

/**
 * Key for a denial or revocation on every channel but human ones, including channels added later. No channel can have this name;
 * existing channels also get an entry each.
 */
export const EVERY_CHANNEL = "*";

/** Consents are stored and compared under this key: the name without case and outer blanks. */
export const consentKey = (channel: string): string => [...channel.trim().toLowerCase()].slice(0, MAX_NAME_LENGTH).join("");

/** A consent statement as read. */
export interface ConsentStatement {
  readonly status: ConsentStatus;
  /** Keys of the channels concerned. */
  readonly keys: readonly string[];
  /** Named keys without a channel. */
  readonly unknown: readonly string[];
}

type Channels = Policy["channels"];

/**
 * Reads `channel` and `status` from untrusted input. A denial or revocation is always accepted: without a channel it applies to all,
 * and an unknown channel is kept by name. A grant must name existing channels.
 */
export function readConsent(
  { channel, status: given }: { readonly channel?: unknown; readonly status?: unknown },
  channels: Channels,
): ConsentStatement | { readonly problem: string } {
  const status = statusOf(given);
  if (status === undefined) return { problem: "status: expected granted, denied or revoked" };
  const named = keysIn(channel);
  const known = Object.keys(channels);
  const unknown = named.filter((key) => key !== EVERY_CHANNEL && !known.some((name) => consentKey(name) === key));
  if (status !== "granted") return { status, keys: keysOf(named, channels), unknown };
  if (named.length > 0 && unknown.length === 0 && !named.includes(EVERY_CHANNEL))
    return { status, keys: sharedKeys(named, channels), unknown };
  const what = unknown.length > 0 ? `there is no channel ${unknown.join(", ")}` : "a grant names its channel";
  return { problem: `channel: ${what}; expected ${known.length > 0 ? `one of ${known.join(", ")}` : "a channel, and there is none"}` };
}

/** Keys affected by a revocation that names this channel, or none. */
export const revokedOn = (channel: unknown, channels: Channels): readonly string[] => keysOf(keysIn(channel), channels);

/** The newest statement that applies to a channel: its own, or one for all channels. */
export function consentOn(
  { consents }: Pick<Customer, "consents">,
  rule: Pick<ChannelRule, "name" | "makesTask" | "pull">,
): Consent | undefined {
  const own = entryOf(consents, consentKey(standsFor(rule)));
  const every = rule.makesTask || isOnlyAsked(rule) ? undefined : entryOf(consents, EVERY_CHANNEL);
  return own && every ? (isNewer(every, own) ? every : own) : (own ?? every);
}

/** Name of the channel with this key; the key itself where there is none. */
export const channelOf = (key: string, channels: Channels): string => ruleOf(key, channels).name;

/** Records a consent statement; an older one never replaces a newer one. */
export function setConsent(customer: Customer, consent: Consent): Change[] {
  const known = entryOf(customer.consents, consent.channel);
  return known && !isNews(consent, known) ? [] : [{ type: "consent_set", consent }];
}

/** A consent statement in a line of an import. */
export interface ImportedConsent {
  readonly channel?: unknown;
  readonly status: ConsentStatus;
  /** Time of the statement, from the line itself. */
  readonly at?: Instant;
}

/**
 * Consent changes of an import line. Files are imported repeatedly and do not know later statements, so a grant undoes a denial or
 * revocation only where the workspace trusts its source (`record.consentFrom`) and the line dates the grant after it.
 */
export function importConsents(
  customer: Customer,
  said: readonly ImportedConsent[],
  by: { readonly source: string; readonly seq: number; readonly now: Instant },
  { channels, record }: Pick<Policy, "channels" | "record">,
): Change[] {
  const mayUndo = record.consentFrom?.includes(by.source) === true;
  // Opt-outs first, so that the order within a line does not matter.
  const inOrder = [...said.filter(({ status }) => status !== "granted"), ...said.filter(({ status }) => status === "granted")];
  const changes: Change[] = [];
  let next = customer;
  for (const one of inOrder) {
    for (const consent of consentsOf(one, by, channels)) {
      const known = consentOn(next, ruleOf(consent.channel, channels));
      const isUndone = consent.status === "granted" && known !== undefined && known.status !== "granted";
      if (isUndone && !(mayUndo && isDatedBetween(one, known.at, by.now))) continue;
      const set = setConsent(next, consent);
      changes.push(...set);
      if (set.length > 0) next = { ...next, consents: { ...next.consents, [consent.channel]: consent } };
    }
  }
  return changes;
}

/** Parses a status, without regard to case and outer blanks; undefined for other values. */
export const statusOf = (given: unknown): ConsentStatus | undefined =>
  typeof given === "string" ? STATUSES.find((status) => status === given.trim().toLowerCase()) : undefined;

// --- internal ---

/** Longer than any channel name: unknown names must fit into an index. */
const MAX_NAME_LENGTH = 100;

const STATUSES: readonly ConsentStatus[] = ["granted", "denied", "revoked"];

/** Keys of the named channels; empty where the value names none. */
function keysIn(channel: unknown): string[] {
  if (Array.isArray(channel)) return [...new Set(channel.flatMap(keysIn))];
  if (typeof channel !== "string" && typeof channel !== "number" && typeof channel !== "boolean") return [];
  const key = consentKey(String(channel));
  return key === "" ? [] : [key];
}

function keysOf(named: readonly string[], channels: Channels): readonly string[] {
  if (named.length > 0 && !named.includes(EVERY_CHANNEL)) return sharedKeys(named, channels);
  const all = Object.values(channels).filter((rule) => !rule.makesTask && !isOnlyAsked(rule));
  return [...new Set([...sharedKeys(named, channels), ...all.map((rule) => consentKey(standsFor(rule))), EVERY_CHANNEL])];
}

/** Consent for a channel that is like another is consent for that one. */
function sharedKeys(named: readonly string[], channels: Channels): readonly string[] {
  const like = Object.values(channels).filter(({ pull }) => pull?.like !== undefined);
  if (like.length === 0) return named;
  return [
    ...new Set(
      named.map((key) => {
        const rule = like.find(({ name }) => consentKey(name) === key);
        return rule ? consentKey(standsFor(rule)) : key;
      }),
    ),
  ];
}

const ruleOf = (key: string, channels: Channels): Pick<ChannelRule, "name" | "makesTask" | "pull"> =>
  Object.values(channels).find(({ name }) => consentKey(name) === key) ?? { name: key, makesTask: false };

const isNewer = (a: Consent, b: Consent): boolean => a.at > b.at || (a.at === b.at && a.seq > b.seq);

/** Imports have no order of arrival: with equal times the one applied later wins. */
const isNews = (consent: Consent, known: Consent): boolean =>
  isNewer(consent, known) || (consent.at === known.at && consent.seq === known.seq && consent.status !== known.status);

function consentsOf(
  one: ImportedConsent,
  { source, seq, now }: { readonly source: string; readonly seq: number; readonly now: Instant },
  channels: Channels,
): Consent[] {
  const read = readConsent(one, channels);
  const at = Math.min(one.at ?? now, now);
  return "problem" in read ? [] : read.keys.map((channel) => ({ channel, status: read.status, at, source, seq }));
}

/** A line dated in the future gives no reliable time. */
const isDatedBetween = ({ at }: ImportedConsent, after: Instant, now: Instant): boolean => at !== undefined && at > after && at <= now;
