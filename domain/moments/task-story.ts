import type { Customer, Promised } from "../entities/customer.ts";
import type { Policy } from "../entities/policy.ts";
import { cut } from "../values/cut.ts";
import type { Json, JsonObject } from "../values/json.ts";
import { iso } from "../values/time.ts";

/** Contacts that a task lists, the latest first. */
const MAX_CONTACTS = 3;

/** Messages whose words are kept with a promise, and the length of each. */
const MAX_WORDS = 3;
const MAX_WORDS_LENGTH = 200;

/** The customer's words as one quoted line: data, never markup, and never closing the quotation marks around them. */
export const quoted = (text: string): string => `"${oneLine(text).replaceAll('"', "'")}"`;

/** The words of a message as a promise keeps them; none where it has no text. */
export function wordsOf(text: unknown): readonly string[] {
  const words = typeof text === "string" ? cut(oneLine(text), MAX_WORDS_LENGTH) : "";
  return words === "" ? [] : [words];
}

/** The words of a promise with those of a later message: the latest ones. */
export const withWords = (known: readonly string[] = [], more: readonly string[] = []): readonly string[] =>
  [...known, ...more].slice(-MAX_WORDS);

/**
 * What somebody who picks up the task of a promise has to know: `promise`, `owner`, `openedAt`, `due`, `words` (the customer's messages,
 * shortened), `cases` (ids of the open ones) and `contacts` (the latest: `at`, `channel`, and `experience` or `kind`).
 */
export function storyOf(promise: Promised, customer: Customer, policy: Policy): JsonObject {
  const { name, owner, openedAt, due } = promise;
  const words = wordsAbout(promise, customer);
  return {
    promise: name,
    owner,
    openedAt: iso(openedAt),
    due: iso(due),
    ...(words.length > 0 ? { words: [...words] } : {}),
    ...aboutCustomer(customer, policy),
  };
}

/** The words that a promise is about: its own, or those that the customer still waits for a reply to. */
export const wordsAbout = ({ words }: Promised, { promises }: Customer): readonly string[] =>
  words ?? promises.find((one) => one.words !== undefined)?.words ?? [];

/** The open cases and the latest contacts of a customer. */
export function aboutCustomer(customer: Customer, policy: Policy): JsonObject {
  const { openCases } = customer;
  const contacts = contactsOf(customer, policy);
  return { ...(openCases.length > 0 ? { cases: [...openCases] } : {}), ...(contacts.length > 0 ? { contacts } : {}) };
}

/** The case and the latest contact in a few words, for a summary; empty where there are none. */
export function inShort(customer: Customer, policy: Policy): string {
  const { openCases } = customer;
  const [last] = contactsOf(customer, policy);
  const cases = openCases.length === 0 ? "" : `; case ${openCases.slice(-MAX_CONTACTS).join(", ")}`;
  return `${cases}${last === undefined ? "" : `; last contact ${String(last.at).slice(0, 10)}: ${last.experience ?? last.kind} on ${last.channel}`}`;
}

// --- internal ---

const oneLine = (text: string): string => text.replace(/\s+/g, " ").trim();

/** Deliveries that reached the customer, and contacts by humans. */
function contactsOf({ deliveries, touches }: Customer, policy: Policy): { readonly [field: string]: Json }[] {
  const sent = deliveries.filter(
    ({ status, channel }) => ["sent", "delivered"].includes(status) && policy.channels[channel]?.isTouch !== false,
  );
  const contacts = [
    ...sent.map(({ at, channel, experienceId }) => ({ at, channel, what: { experience: experienceId } })),
    ...touches.filter(({ kind }) => kind !== "delivery").map(({ at, channel, kind }) => ({ at, channel, what: { kind } })),
  ];
  return contacts
    .sort((a, b) => b.at - a.at)
    .slice(0, MAX_CONTACTS)
    .map(({ at, channel, what }) => ({ at: iso(at), channel, ...what }));
}
