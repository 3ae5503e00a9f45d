import { isObject, type Json } from "../domain/json.ts";
import { checkSignal, type ReadSignal } from "../domain/signal.ts";

export const SEGMENT_CALLS = ["track", "identify", "page", "screen", "group", "alias"] as const;
export type SegmentCall = (typeof SEGMENT_CALLS)[number];

export const isSegmentCall = (value: unknown): value is SegmentCall => SEGMENT_CALLS.includes(value as SegmentCall);

/** Where signals come from that a Segment client sends, if it does not say; `record.sources` may name it. */
const SOURCE = "segment";

/**
 * A call of a Segment client as a signal. `userId` is the customer; `anonymousId` is an identity, which finds her later
 * also without it. A message that brings no id of its own gets one, and then it cannot be told from its own repetition.
 */
export function signalOf(call: SegmentCall, message: Json, newId: () => string): ReadSignal {
  if (!isObject(message)) return { ok: false, problem: "expected an object" };
  const { userId, messageId, timestamp, originalTimestamp } = message;
  const { type, data } = MEANINGS[call](message);
  if (typeof type !== "string" || type === "") return { ok: false, problem: "event: expected the name of what was tracked" };
  const identities = [...identitiesIn(message, data), ...listOf(data.identities)];
  const time = timestamp ?? originalTimestamp;
  return checkSignal({
    specversion: "1.0",
    id: messageId ?? newId(),
    source: sourceIn(message),
    type,
    // Clients that do not know her write an empty name as well as none.
    ...(userId === undefined || userId === null || userId === "" ? {} : { subject: typeof userId === "number" ? String(userId) : userId }),
    ...(time === undefined || time === null ? {} : { time }),
    data: { ...data, ...(identities.length > 0 ? { identities } : {}) },
  } as Json);
}

// --- internal ---

type Fields = Record<string, unknown>;

interface Meaning {
  readonly type: unknown;
  readonly data: Fields;
}

const objectOf = (value: unknown): Fields => (isObject(value) ? value : {});
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** Traits that come with an event, under its `context`, are news about the customer all the same. */
function traitsIn({ context }: Fields): Fields {
  const { traits } = objectOf(context);
  return isObject(traits) ? { traits } : {};
}

const named = (fields: Fields, ...names: string[]): Fields =>
  Object.fromEntries(names.filter((name) => fields[name] !== undefined && fields[name] !== null).map((name) => [name, fields[name]]));

const MEANINGS: Readonly<Record<SegmentCall, (message: Fields) => Meaning>> = {
  track: (message) => ({ type: message.event, data: { ...traitsIn(message), ...objectOf(message.properties) } }),
  // Some clients give the traits under `context` alone, some in both places.
  identify: (message) => ({
    type: "customer.updated",
    data: { traits: { ...objectOf(traitsIn(message).traits), ...objectOf(message.traits) } },
  }),
  page: (message) => ({
    type: "page.viewed",
    data: { ...traitsIn(message), ...named(message, "name", "category"), ...objectOf(message.properties) },
  }),
  screen: (message) => ({
    type: "screen.viewed",
    data: { ...traitsIn(message), ...named(message, "name", "category"), ...objectOf(message.properties) },
  }),
  group: (message) => ({ type: "group.joined", data: { ...named(message, "groupId"), group: objectOf(message.traits) } }),
  alias: (message) => ({ type: "customer.aliased", data: named(message, "previousId") }),
};

/** What a client may say to us alone, as it does to every destination. */
function sourceIn({ integrations }: Fields): string {
  const { source } = objectOf(objectOf(integrations).Sentient);
  return typeof source === "string" && source !== "" ? source : SOURCE;
}

/** What else the message calls the customer. */
function identitiesIn({ anonymousId, previousId }: Fields, { traits }: Fields): Fields[] {
  const { email, phone } = objectOf(traits);
  const said = { anonymous_id: anonymousId, email, phone };
  const claims = Object.entries(said).flatMap(([type, value]) => (typeof value === "string" && value !== "" ? [{ type, value }] : []));
  return typeof previousId === "string" && previousId !== "" ? [...claims, { type: "anonymous_id", value: previousId }] : claims;
}
