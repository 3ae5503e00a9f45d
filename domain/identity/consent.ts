import type { Change } from "../entities/change.ts";
import type { Consent, ConsentStatus } from "../entities/consent.ts";
import type { Customer } from "../entities/customer.ts";
import type { ChannelRule, Policy } from "../entities/policy.ts";
import { entryOf } from "../values/json.ts";
import type { Instant } from "../values/time.ts";

/**
 * A denial or revocation for every channel but human ones, those that are added later too. No channel can have this name;
 * the channels that there are get a row each beside it.
 */
export const EVERY_CHANNEL = "*";

/** The name that consents of a channel are kept and compared under: without case and outer blanks. */
export const consentKey = (channel: string): string => [...channel.trim().toLowerCase()].slice(0, LONGEST_NAME).join("");

/** What somebody said about consent, as far as it was understood. */
export interface SaidConsent {
  readonly status: ConsentStatus;
  /** Of the channels that it holds for. */
  readonly keys: readonly string[];
  /** Names among them that no channel has. */
  readonly unknown: readonly string[];
}

type Channels = Policy["channels"];

/**
 * Reads `channel` and `status` as they came. A denial or revocation is always taken: without a channel for all of them, and
 * for one that is not known by its name. A grant has to name channels that are there.
 */
export function readConsent(
  { channel, status: given }: { readonly channel?: unknown; readonly status?: unknown },
  channels: Channels,
): SaidConsent | { readonly problem: string } {
  const status = statusOf(given);
  if (status === undefined) return { problem: "status: expected granted, denied or revoked" };
  const named = keysIn(channel);
  const known = Object.keys(channels);
  const unknown = named.filter((key) => key !== EVERY_CHANNEL && !known.some((name) => consentKey(name) === key));
  if (status !== "granted") return { status, keys: keysOf(named, channels), unknown };
  if (named.length > 0 && unknown.length === 0 && !named.includes(EVERY_CHANNEL)) return { status, keys: named, unknown };
  const what = unknown.length > 0 ? `there is no channel ${unknown.join(", ")}` : "a grant names its channel";
  return { problem: `channel: ${what}; expected ${known.length > 0 ? `one of ${known.join(", ")}` : "a channel, and there is none"}` };
}

/** Where a revocation holds that names this channel, or none. */
export const revokedOn = (channel: unknown, channels: Channels): readonly string[] => keysOf(keysIn(channel), channels);

/** What a customer last said that holds for a channel: about it, or about all. */
export function consentOn(
  { consents }: Pick<Customer, "consents">,
  { name, makesTask }: Pick<ChannelRule, "name" | "makesTask">,
): Consent | undefined {
  const own = entryOf(consents, consentKey(name));
  const every = makesTask ? undefined : entryOf(consents, EVERY_CHANNEL);
  return own && every ? (isNewer(every, own) ? every : own) : (own ?? every);
}

/** What a channel is called whose consents are kept under a key; the key itself where there is none. */
export const channelOf = (key: string, channels: Channels): string => ruleOf(key, channels).name;

/** News about consent; older news never replaces newer news. */
export function setConsent(customer: Customer, consent: Consent): Change[] {
  const known = entryOf(customer.consents, consent.channel);
  return known && !isNews(consent, known) ? [] : [{ type: "consent_set", consent }];
}

/** What a line of an import says about consent. */
export interface ImportedConsent {
  readonly channel?: unknown;
  readonly status: ConsentStatus;
  /** When she said so, as the line itself tells. */
  readonly at?: Instant;
}

/**
 * The news of an import's line. Files are imported again and again, and do not know what she has said meanwhile: a grant
 * undoes a denial or revocation only where the workspace lets its source do that (`record.consentFrom`) and the line itself
 * says that she granted it later.
 */
export function importConsents(
  customer: Customer,
  said: readonly ImportedConsent[],
  by: { readonly source: string; readonly seq: number; readonly now: Instant },
  { channels, record }: Pick<Policy, "channels" | "record">,
): Change[] {
  const mayUndo = record.consentFrom?.includes(by.source) === true;
  // What ends messages goes first, so that the order of a line's words does not matter.
  const inOrder = [...said.filter(({ status }) => status !== "granted"), ...said.filter(({ status }) => status === "granted")];
  const changes: Change[] = [];
  let next = customer;
  for (const one of inOrder) {
    for (const consent of consentsOf(one, by, channels)) {
      const known = consentOn(next, ruleOf(consent.channel, channels));
      const isUndone = consent.status === "granted" && known !== undefined && known.status !== "granted";
      if (isUndone && !(mayUndo && isSaidBetween(one, known.at, by.now))) continue;
      const set = setConsent(next, consent);
      changes.push(...set);
      if (set.length > 0) next = { ...next, consents: { ...next.consents, [consent.channel]: consent } };
    }
  }
  return changes;
}

/** A status as it was written, without regard to case and outer blanks; undefined where it is none. */
export const statusOf = (given: unknown): ConsentStatus | undefined =>
  typeof given === "string" ? STATUSES.find((status) => status === given.trim().toLowerCase()) : undefined;

// --- internal ---

/** Longer than any channel is called: a name of others has to fit into an index. */
const LONGEST_NAME = 100;

const STATUSES: readonly ConsentStatus[] = ["granted", "denied", "revoked"];

/** The channels that somebody names; none where that is no name. */
function keysIn(channel: unknown): string[] {
  if (Array.isArray(channel)) return [...new Set(channel.flatMap(keysIn))];
  if (typeof channel !== "string" && typeof channel !== "number" && typeof channel !== "boolean") return [];
  const key = consentKey(String(channel));
  return key === "" ? [] : [key];
}

function keysOf(named: readonly string[], channels: Channels): readonly string[] {
  if (named.length > 0 && !named.includes(EVERY_CHANNEL)) return named;
  const all = Object.values(channels).filter(({ makesTask }) => !makesTask);
  return [...new Set([...named, ...all.map(({ name }) => consentKey(name)), EVERY_CHANNEL])];
}

const ruleOf = (key: string, channels: Channels): Pick<ChannelRule, "name" | "makesTask"> =>
  Object.values(channels).find(({ name }) => consentKey(name) === key) ?? { name: key, makesTask: false };

const isNewer = (a: Consent, b: Consent): boolean => a.at > b.at || (a.at === b.at && a.seq > b.seq);

/** Imports have no place in the order of arrival: of two with the same time the later one counts. */
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

/** A line that is dated ahead does not tell when she said so. */
const isSaidBetween = ({ at }: ImportedConsent, after: Instant, now: Instant): boolean => at !== undefined && at > after && at <= now;
