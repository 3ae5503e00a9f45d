import { z } from "zod";
import { checkSignal, DATA_IDS, describeIssue, IdentityClaim, type ReadSignal } from "../domain/entities/signal.ts";
import { isObject, type Json, parseGuarded, SIGNAL_LIMITS } from "../domain/values/json.ts";
import { type IdPlaces, idsAsText } from "../domain/values/json-numbers.ts";
import { parseInstant } from "../domain/values/time.ts";

export const SEGMENT_CALLS = ["track", "identify", "page", "screen", "group", "alias"] as const;
export type SegmentCall = (typeof SEGMENT_CALLS)[number];

const isSegmentCall = (value: unknown): value is SegmentCall => SEGMENT_CALLS.includes(value as SegmentCall);

const ID_NAMES = ["userId", "anonymousId", "messageId", "previousId", "groupId"] as const;

/** Where a message contains ids: whole numbers of any size become their digits as text there. */
export const SEGMENT_IDS: IdPlaces = [...ID_NAMES.map((name) => [name]), ...DATA_IDS.map((place) => ["properties", ...place])];

/** An unset id is missing, null or empty. */
const ID = "expected text or a whole number, of at most 512 characters";
const Id = z.union([z.string().max(512, ID), z.int()], ID).nullish();

/** A message of a Segment client, as validated before it becomes a signal; whole numbers are read as their digits. */
export const SegmentMessage = z.object({
  ...{ userId: Id, anonymousId: Id, messageId: Id, previousId: Id, groupId: Id },
  timestamp: z.string().nullish().describe("ISO 8601 with a zone."),
});

/** How a message is read: its call where its `type` does not say so, and what its batch adds to it. */
export interface SegmentReading {
  readonly newId: () => string;
  readonly call?: SegmentCall;
  readonly complete?: (message: Record<string, unknown>) => Json;
}

/** Reads one message of a Segment client from untrusted text. */
export function readSegment(text: string, { newId, call, complete }: SegmentReading): ReadSignal {
  const guarded = parseGuarded(text, SIGNAL_LIMITS, SEGMENT_IDS);
  if (!guarded.ok) return guarded;
  const { value } = guarded;
  const type = call ?? (isObject(value) ? value.type : undefined);
  if (!isSegmentCall(type)) return { ok: false, problem: `type: expected one of ${SEGMENT_CALLS.join(", ")}` };
  return signalOf(type, isObject(value) && complete ? complete(value) : value, newId);
}

/** The default source of signals from Segment clients; `record.sources` may name it. */
const SOURCE = "segment";

/**
 * Converts a call of a Segment client to a signal. `userId` is the customer; `anonymousId` is an identity, which later finds
 * the customer by itself. A message without an id gets one, so that its repetition is no longer a recognisable duplicate.
 */
export function signalOf(call: SegmentCall, given: Json, newId: () => string): ReadSignal {
  if (!isObject(given)) return { ok: false, problem: "expected an object" };
  const message = idsAsText(given, SEGMENT_IDS);
  const read = SegmentMessage.safeParse(message);
  if (!read.success) return { ok: false, problem: read.error.issues.slice(0, 1).map(describeIssue).join() };
  const { userId, messageId, timestamp, originalTimestamp } = message;
  const { type, data } = MEANINGS[call](message);
  if (!isIdText(type)) return { ok: false, problem: "event: expected the name of what was tracked, of at most 512 characters" };
  const identities = [...identitiesIn(message, data), ...listOf(data.identities)];
  if (isUnset(userId) && identities.length === 0) return { ok: false, problem: "names no customer: expected userId or anonymousId" };
  const time = timestamp ?? originalTimestamp;
  const signal = checkSignal({
    specversion: "1.0",
    id: isUnset(messageId) ? newId() : messageId,
    source: sourceIn(message),
    type,
    ...(isUnset(userId) ? {} : { subject: userId }),
    ...(time === undefined || time === null ? {} : { time }),
    data: { ...data, ...(identities.length > 0 ? { identities } : {}) },
  } as Json);
  return signal.ok ? { ...signal, ...ageOf(message) } : { ...signal, problem: signal.problem.replace(/^time: /, "timestamp: ") };
}

// --- internal ---

type Fields = Record<string, unknown>;

interface Meaning {
  readonly type: unknown;
  readonly data: Fields;
}

/**
 * The age of a message when it was sent, by the sender's clock: clock skew cancels out. Messages forwarded by Segment itself
 * contain the time of receipt, and are already corrected.
 */
function ageOf({ sentAt, timestamp, originalTimestamp, receivedAt }: Fields): { age?: number } {
  if (!isUnset(receivedAt)) return {};
  const [sent, happened] = [sentAt, isUnset(originalTimestamp) ? timestamp : originalTimestamp].map((time) =>
    typeof time === "string" ? parseInstant(time) : undefined,
  );
  return sent === undefined || happened === undefined ? {} : { age: sent - happened };
}

/** Clients send an unset id as an empty string as well as leaving it out. */
const isUnset = (value: unknown): boolean => value === undefined || value === null || value === "";
const isIdText = (value: unknown): value is string => typeof value === "string" && value !== "" && value.length <= 512;

const objectOf = (value: unknown): Fields => (isObject(value) ? value : {});
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** Traits in an event's `context` update the customer all the same; so do time zone and language. */
function traitsIn({ context }: Fields): Fields {
  const { traits, timezone, locale } = objectOf(context);
  const said = Object.entries({ timezone, locale }).filter(([, value]) => typeof value === "string" && value.trim() !== "");
  const all = { ...Object.fromEntries(said), ...objectOf(traits) };
  return Object.keys(all).length > 0 ? { traits: all } : {};
}

/** Data of an event with the traits of its context; traits among its properties win, name by name. */
const withContext = (message: Fields, data: Fields): Fields => {
  const context = traitsIn(message);
  return isObject(context.traits) && isObject(data.traits)
    ? { ...data, traits: { ...context.traits, ...data.traits } }
    : { ...context, ...data };
};

const named = (fields: Fields, ...names: string[]): Fields =>
  Object.fromEntries(names.filter((name) => fields[name] !== undefined && fields[name] !== null).map((name) => [name, fields[name]]));

const MEANINGS: Readonly<Record<SegmentCall, (message: Fields) => Meaning>> = {
  track: (message) => ({ type: message.event, data: withContext(message, propertiesIn(message)) }),
  // Some clients send the traits under `context` alone, some in both places.
  identify: (message) => ({
    type: "customer.updated",
    data: { traits: { ...objectOf(traitsIn(message).traits), ...objectOf(message.traits) } },
  }),
  page: (message) => ({
    type: "page.viewed",
    data: withContext(message, { ...named(message, "name", "category"), ...propertiesIn(message) }),
  }),
  screen: (message) => ({
    type: "screen.viewed",
    data: withContext(message, { ...named(message, "name", "category"), ...propertiesIn(message) }),
  }),
  group: (message) => ({
    type: "group.joined",
    data: { ...traitsIn(message), ...named(message, "groupId"), group: objectOf(message.traits) },
  }),
  alias: (message) => ({ type: "customer.aliased", data: { ...traitsIn(message), ...named(message, "previousId") } }),
};

/** The data of a tracked event. A property whose name conflicts with a field of a signal's data is found under `properties`. */
function propertiesIn({ properties }: Fields): Fields {
  const { identities, traits, ...others } = objectOf(properties);
  const aside = {
    ...(identities === undefined || isListOfClaims(identities) ? {} : { identities }),
    ...(traits === undefined || isObject(traits) ? {} : { traits }),
  };
  if (Object.keys(aside).length === 0) return objectOf(properties);
  return {
    ...others,
    ...("identities" in aside || identities === undefined ? {} : { identities }),
    ...("traits" in aside || traits === undefined ? {} : { traits }),
    properties: { ...objectOf(others.properties), ...aside },
  };
}

const isListOfClaims = (value: unknown): boolean => Array.isArray(value) && value.every((claim) => IdentityClaim.safeParse(claim).success);

/** The source that the client sets for this destination, under `integrations.Sentient`. */
function sourceIn({ integrations }: Fields): string {
  const { source } = objectOf(objectOf(integrations).Sentient);
  return typeof source === "string" && source !== "" ? source : SOURCE;
}

/** Other ids of the customer in the message. */
function identitiesIn({ anonymousId, previousId }: Fields, { traits }: Fields): Fields[] {
  const { email, phone } = objectOf(traits);
  const said = { anonymous_id: anonymousId, email, phone };
  const claims = Object.entries(said).flatMap(([type, value]) => (isIdText(value) ? [{ type, value }] : []));
  return isIdText(previousId) ? [...claims, { type: "anonymous_id", value: previousId }] : claims;
}
