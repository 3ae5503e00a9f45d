import { isObject, type Json, type JsonObject } from "../../domain/values/json.ts";
import { parseInstant } from "../../domain/values/time.ts";

/** Fields of the data of built-in signals whose words are no one's: names of channels, states, experiences, references. */
const WORDS: readonly string[] = [
  "channel",
  "status",
  "kind",
  "deliveryId",
  "experienceId",
  "place",
  "code",
  "promise",
  "department",
  "from",
  "to",
];

/** Replaces what is about a person, the same by the same. */
export interface Mask {
  /** Of traits, identities and data: texts. */
  value<T extends Json>(value: T): T;
  /** Of the data of a built-in signal: texts but for names of channels, states and experiences. */
  dataOf(type: string, data: JsonObject): JsonObject;
  /** An id stays, unless it is an address: shares and draws follow from it. */
  id(id: string): string;
}

/**
 * Replaces texts by ones that say nothing: names, addresses, what a customer wrote. Kept are times, truth values and numbers, words that a condition of
 * the policy compares with, and names of channels and states.
 *
 * @param conditions of the policy, as their authors wrote them
 */
export function createMask(conditions: readonly string[]): Mask {
  const seen = new Map<string, string>();
  const isNamed = (text: string): boolean => conditions.some((one) => one.includes(`'${text}'`) || one.includes(`"${text}"`));
  const masked = (text: string): string => {
    if (text === "" || parseInstant(text) !== undefined || isNamed(text)) return text;
    const form = formOf(text);
    const known = seen.get(form) ?? substitute(text, seen.size + 1);
    seen.set(form, known);
    return known;
  };
  const value = (given: Json): Json => {
    if (typeof given === "string") return masked(given);
    // A telephone number may be written as a number.
    if (typeof given === "number" && Number.isInteger(given) && Math.abs(given) >= 1e9)
      return Number(masked(String(given)).replace("+", ""));
    if (Array.isArray(given)) return given.map(value);
    if (!isObject(given)) return given;
    return Object.fromEntries(
      Object.entries(given as JsonObject).map(([key, one]) => [key, key === "type" && "value" in given ? one : value(one)]),
    );
  };
  return {
    value: <T extends Json>(given: T) => value(given) as T,
    dataOf: (type, data) =>
      Object.fromEntries(
        Object.entries(data).map(([key, one]) => [
          key,
          BUILT_IN.test(type) && WORDS.includes(key) ? one : key === "traits" ? traitsIn(one, value) : value(one),
        ]),
      ),
    id: (id) => (isAddress(id) ? masked(id) : id),
  };
}

/** Traits with their zone and language, which decide about time and wording, as they are. */
export function traitsIn(traits: Json, value: (given: Json) => Json): Json {
  if (!isObject(traits)) return value(traits);
  const { timezone, locale, ...rest } = traits as JsonObject;
  return { ...(value(rest) as JsonObject), ...(timezone === undefined ? {} : { timezone }), ...(locale === undefined ? {} : { locale }) };
}

// --- internal ---

const BUILT_IN = /^(customer|message|human|case|promise|offer|delivery|sentient)\./;

const MAIL = /^\S+@\S+$/;
const PHONE = /^(tel:)?\+?[\d\s()./-]{7,}$/;
const isAddress = (text: string): boolean => MAIL.test(text) || PHONE.test(text);

/** Addresses are compared as people mean them. */
const formOf = (text: string): string => {
  if (MAIL.test(text)) return text.trim().toLowerCase();
  return PHONE.test(text) ? text.replace(/\(0\)|\D/g, "") : text;
};

/** Of the same form: an address stays one. */
function substitute(text: string, count: number): string {
  if (MAIL.test(text)) return `customer${count}@masked.example`;
  if (PHONE.test(text)) return `+1555${String(count).padStart(7, "0")}`;
  return `masked ${count}`;
}
