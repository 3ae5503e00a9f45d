import { z } from "zod";
import { addressForm } from "../values/address-form.ts";
import { cutShort } from "../values/cut.ts";
import { isObject, type Json, type JsonObject, parseGuarded, SIGNAL_LIMITS } from "../values/json.ts";
import { type IdPlaces, idsAsText } from "../values/json-numbers.ts";
import { joinKey } from "../values/key.ts";
import { type Instant, parseInstant } from "../values/time.ts";
import type { BuiltInSignalType } from "./built-ins.ts";

/** Type of the signal that stands for an ask, in recorded streams and in the record. */
export const ASK = "sentient.ask" satisfies BuiltInSignalType;

/** Bounds for the time of a signal: outside of them it would sort before or after everything else. */
const EARLIEST_TIME: Instant = Date.UTC(1970, 0, 1);
const LATEST_TIME: Instant = Date.UTC(2101, 0, 1) - 1;
export const isTimeOfSignal = (at: Instant): boolean => at >= EARLIEST_TIME && at <= LATEST_TIME;

/** Characters of an id, a source or a type. */
const MAX_TEXT = 512;

const time = z
  .string()
  .refine((text) => parseInstant(text) !== undefined, "expected an ISO 8601 time with a zone, like 2026-06-01T15:00:00Z");

const text = (what: string, kind = "a string") =>
  z
    .string(`expected ${what}, ${kind}`)
    .min(1, `expected ${what}, not an empty string`)
    .max(MAX_TEXT, `expected ${what} of at most ${MAX_TEXT} characters`);

const idText = (what: string) => text(what, "text or a whole number");

export const IdentityClaim = z.object({
  type: text("an identity type"),
  value: idText("an identity value"),
  /** Takes precedence over other addresses of its type in the same signal; without it the first one does. */
  primary: z.boolean("expected true or false").optional(),
});
export type IdentityClaim = z.infer<typeof IdentityClaim>;
/** Created once: building a schema takes longer than parsing a signal with it. */
const IdentityClaims = z.array(IdentityClaim);

/** An incoming CloudEvent 1.0. Extension attributes are allowed and count for deduplication only. */
export const SignalEvent = z.looseObject({
  specversion: z.literal("1.0", 'expected specversion "1.0"'),
  id: idText("id"),
  source: text("source"),
  type: text("type"),
  subject: idText("subject").optional(),
  time: time.optional(),
  data: z.record(z.string(), z.unknown(), "expected data to be an object").optional(),
});
export type SignalEvent = z.infer<typeof SignalEvent>;

/** A signal assigned to a customer. (`source`, `id`) identifies it; `seq` is its order of arrival. */
export interface Signal {
  readonly source: string;
  readonly id: string;
  readonly type: string;
  readonly customerId: string;
  readonly time: Instant;
  readonly data: JsonObject;
  readonly seq: number;
}

/** The deduplication key of a signal. */
export type SignalIdentity = Pick<Signal, "source" | "id">;

/** The identity of a signal as one text; moments and promises refer to their opening signals by it. */
export const signalKey = ({ source, id }: SignalIdentity): string => joinKey(source, id);

/** A parsed signal, or why it is invalid. `FORBIDDEN`: a valid signal that its sender may not send. */
export type ReadSignal =
  /** `age`: milliseconds between the event and its sending, by the sender's clock. */
  | { readonly ok: true; readonly event: SignalEvent; readonly age?: number }
  | { readonly ok: false; readonly problem: string; readonly code?: "FORBIDDEN" };

/** Places of ids in the data of a signal: of a case, a delivery, a thread, and identities. */
export const DATA_IDS: IdPlaces = [["caseId"], ["deliveryId"], ["providerId"], ["thread"], ["identities", "*", "value"]];

/** Places of ids in a signal. Whole numbers of any size become their digits as text there. */
export const SIGNAL_IDS: IdPlaces = [["id"], ["subject"], ...DATA_IDS.map((place) => ["data", ...place])];

/** Parses one event from untrusted text. The problem names the path and what was expected. */
export function readSignal(raw: string): ReadSignal {
  const guarded = parseGuarded(raw, SIGNAL_LIMITS, SIGNAL_IDS);
  return guarded.ok ? checkRead(guarded.value) : { ok: false, problem: guarded.problem };
}

/** Checks an event that was built or already parsed. A null attribute counts as unset; numbers at ids become text. */
export const checkSignal = (value: Json): ReadSignal => checkRead(idsAsText(value, SIGNAL_IDS));

/** The identities in a signal, in order. */
export function identitiesOf(event: SignalEvent): IdentityClaim[] {
  const { identities } = event.data ?? {};
  if (identities === undefined || identities === null) return [];
  const parsed = IdentityClaims.safeParse(identities);
  return parsed.success ? parsed.data.filter(isNonBlank) : [];
}

export const describeIssue = ({ path, message }: { path: PropertyKey[]; message: string }): string =>
  path.length === 0 ? message : `${path.join(".")}: ${message}`;

/** Whether a media type is JSON: application/json, text/json and types that end in +json. */
export const isJsonType = (type: string): boolean => /^\s*[\w.+-]+\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(type);

// --- internal ---

function checkRead(value: Json): ReadSignal {
  const given = isObject(value) ? withoutUnset(value) : value;
  const unread = isObject(given) ? notRead(given) : undefined;
  if (unread !== undefined) return { ok: false, problem: unread };
  const parsed = isEvent(given) ? { success: true as const, data: given } : SignalEvent.safeParse(given);
  if (!parsed.success) return { ok: false, problem: parsed.error.issues.map(describeIssue).join("; ") };
  const event = parsed.data;
  const at = event.time === undefined ? undefined : parseInstant(event.time);
  if (at !== undefined && !isTimeOfSignal(at)) {
    return { ok: false, problem: `time: ${event.time} is before 1970 or after 2100` };
  }
  const problem = namesNobody(event) ?? unknownContact(event);
  return problem === undefined ? { ok: true, event } : { ok: false, problem };
}

/** What the schema accepts, found without it: nearly every event is one, and of the rest the schema says why they are none. */
function isEvent(given: unknown): given is SignalEvent {
  if (!isObject(given)) return false;
  const { specversion, id, source, type, subject, time: at, data } = given;
  return (
    specversion === "1.0" &&
    isText(id) &&
    isText(source) &&
    isText(type) &&
    (subject === undefined || isText(subject)) &&
    (at === undefined || (typeof at === "string" && parseInstant(at) !== undefined)) &&
    (data === undefined || (isObject(data) && Object.getPrototypeOf(data) === Object.prototype))
  );
}

const isText = (given: unknown): boolean => typeof given === "string" && given !== "" && given.length <= MAX_TEXT;

const withoutUnset = (event: Record<string, unknown>): Record<string, unknown> =>
  Object.values(event).includes(null) ? Object.fromEntries(Object.entries(event).filter(([, attribute]) => attribute !== null)) : event;

/** Rejects data that CloudEvents allows and this code does not read, so that none is dropped silently. */
function notRead({ data_base64: binary, datacontenttype: type, data }: Record<string, unknown>): string | undefined {
  if (binary !== undefined) return "data_base64: binary data is not read; expected data, a JSON object";
  if (data === undefined || typeof type !== "string" || isJsonType(type)) return undefined;
  return `datacontenttype: ${type} is not read; expected data in application/json`;
}

/** Kinds of contact by a human that the ledger of touches knows. */
const CONTACTS: readonly unknown[] = ["visit", "call", "chat"];

/** Without a kind a contact is a visit; another word would be guessed at. */
function unknownContact({ type, data: { kind } = {} }: SignalEvent): string | undefined {
  if (type !== "human.touch" || kind === undefined || kind === null || CONTACTS.includes(kind)) return undefined;
  return `data.kind: ${cutShort(typeof kind === "string" ? kind : JSON.stringify(kind), 60)} is no kind of contact; expected visit, call or chat`;
}

/** A blank value identifies no customer. */
const isNonBlank = ({ type, value }: IdentityClaim): boolean => addressForm(type, value) !== "";

function namesNobody(event: SignalEvent): string | undefined {
  const claims = event.data?.identities;
  if (claims !== undefined && claims !== null) {
    const identities = IdentityClaims.safeParse(claims);
    if (!identities.success) {
      return `data.identities: expected a list of {type, value}: ${identities.error.issues.map(describeIssue).join("; ")}`;
    }
    if (identities.data.some(isNonBlank)) return undefined;
  }
  if (event.subject !== undefined) return undefined;
  if (event.type === ASK && typeof event.data?.customer === "string") return undefined;
  return "names no customer: expected subject, or data.identities with at least one {type, value}";
}
