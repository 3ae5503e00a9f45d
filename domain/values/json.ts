import { endOfString, type IdPlaces, idsAsText, keepDigits, LARGEST_WHOLE, lost } from "./json-numbers.ts";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The entry of a record with untrusted keys: `constructor` and the like are ordinary names. */
export const entryOf = <T>(record: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;

/** JSON with sorted keys: two values are equal exactly when their canonical texts are. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? "null";
  let fields = "";
  for (const key of Object.keys(value).sort()) {
    const field = value[key];
    if (field !== undefined) fields += `${fields === "" ? "" : ","}${quoted(key)}:${canonicalJson(field)}`;
  }
  return `{${fields}}`;
}

export function sameJson(a: unknown, b: unknown): boolean {
  return a === b || canonicalJson(a) === canonicalJson(b);
}

/**
 * Removes null fields at any depth: a null field reads as a missing one. Nulls in lists stay, so that positions do not move. A value without
 * any is returned as it is.
 */
export function withoutNulls(value: Json): Json {
  if (Array.isArray(value)) return value.some(hasNulls) ? value.map(withoutNulls) : value;
  if (!isObject(value) || !hasNulls(value)) return value;
  const kept: JsonObject = {};
  for (const [key, field] of Object.entries(value)) {
    if (field !== null && key !== "__proto__") kept[key] = withoutNulls(field as Json);
  }
  return kept;
}

/** Whether a field of it, at any depth, is null, or one that is left out with those. */
function hasNulls(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return value.some(hasNulls);
  for (const key of Object.keys(value)) {
    const field = (value as Record<string, unknown>)[key];
    if (field === null || key === "__proto__" || hasNulls(field)) return true;
  }
  return false;
}

/**
 * A value as it is read from its JSON: times are texts, and what JSON leaves out is left out. Parts that read the same are not copied, as
 * nothing here is changed once it is made.
 */
export function asJson(value: unknown): Json | undefined {
  if (typeof value !== "object" || value === null) return plainJson(value);
  if (Array.isArray(value)) return asJsonList(value);
  const isPlain = Object.getPrototypeOf(value) === Object.prototype && !("toJSON" in value) && !Object.hasOwn(value, "__proto__");
  return isPlain ? asJsonObject(value as JsonObject) : plainJson(value);
}

/** Limits on text from outside, checked before parsing (bytes, levels of nesting). */
export interface TextLimits {
  readonly maxBytes: number;
  readonly maxDepth: number;
}

export const SIGNAL_LIMITS: TextLimits = { maxBytes: 32 * 1024, maxDepth: 64 };

export type GuardedJson = { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly problem: string };

/**
 * Parses untrusted JSON. Size and depth are bounded on the raw text, because deeply nested values overflow the stack of later
 * recursion (`JSON.stringify`, PGlite's jsonb). Values that PostgreSQL cannot store (NUL, lone surrogates, numbers beyond a double)
 * are rejected here with their path, instead of failing on every retry; so are duplicate fields in one object, because parsers
 * disagree on which one counts, and whole numbers beyond 2^53.
 *
 * @param ids places of ids: a whole number of any size becomes its digits as text there
 */
export function parseGuarded(text: string, { maxBytes, maxDepth }: TextLimits, ids: IdPlaces = []): GuardedJson {
  const bytes = Buffer.byteLength(text);
  if (bytes > maxBytes) return refuse(`${bytes} bytes, at most ${maxBytes} are taken`);
  const { deepest, fields, hasNumbers, hasLongNumbers } = shapeOf(text, maxDepth);
  if (deepest > maxDepth) return refuse(`nested deeper than ${maxDepth} levels`);
  const digits = hasLongNumbers ? keepDigits(text, ids) : ({ ok: true, text } as const);
  if (!digits.ok) return refuse(digits.problem);
  let value: Json;
  try {
    value = JSON.parse(digits.text) as Json;
  } catch (error) {
    return refuse(`not JSON: ${withoutQuote((error as Error).message)}`);
  }
  // Most texts hold nothing that could be refused in one of their values: then no value is looked at.
  const problem =
    (hasLongNumbers || MAY_BE_UNSTORABLE.test(text) ? unstorable(value, "") : undefined) ??
    (fieldsIn(value) < fields ? "a field comes twice in one object" : undefined);
  if (problem !== undefined) return refuse(problem);
  return { ok: true, value: hasNumbers ? idsAsText(value, ids) : value };
}

/** Why PostgreSQL or JavaScript cannot hold the value unchanged, with its path; undefined where they can. */
export function unstorable(value: unknown, path: string): string | undefined {
  if (typeof value === "string") return badText(value, path || "the value");
  if (typeof value === "number") return Number.isFinite(value) ? undefined : `${path || "the value"} is beyond what a number can hold`;
  if (Array.isArray(value)) return firstOf(value.entries(), path);
  return isObject(value) ? firstOf(Object.entries(value), path) : undefined;
}

/** Path of a whole number that may already have lost digits: a double beyond 2^53, or one that JSON cannot express. */
export function inexact(value: unknown, path: string): string | undefined {
  if (typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value) && Math.abs(value) > LARGEST_WHOLE))
    return lost(path, String(value));
  const entries = Array.isArray(value) ? [...value.entries()] : isObject(value) ? Object.entries(value) : [];
  for (const [key, item] of entries) {
    const problem = inexact(item, path === "" ? String(key) : `${path}.${key}`);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

// --- internal ---

/** The name of a field as JSON. */
const quoted = (name: string): string => (PLAIN.test(name) ? `"${name}"` : JSON.stringify(name));
const PLAIN = /^[\w.-]*$/;

/** An escape, which may be a NUL or half of a surrogate pair, or such a half itself, or the name that is none. */
const MAY_BE_UNSTORABLE = /\\u|\p{Surrogate}|__proto__/u;

function plainJson(value: unknown): Json | undefined {
  if (typeof value === "string" || typeof value === "boolean" || value === null || (Number.isFinite(value) && !Object.is(value, -0)))
    return value as Json;
  const json = JSON.stringify(value) as string | undefined;
  return json === undefined ? undefined : (JSON.parse(json) as Json);
}

function asJsonObject(value: JsonObject): JsonObject {
  let copy: JsonObject | undefined;
  const names = Object.keys(value);
  for (let place = 0; place < names.length; place++) {
    const name = names[place] as string;
    const field = value[name];
    const read = asJson(field);
    if (read === undefined || !Object.is(read, field)) copy ??= fieldsOf(value, names.slice(0, place));
    if (copy && read !== undefined) copy[name] = read;
  }
  return copy ?? value;
}

/** In a list, what JSON leaves out is null. */
function asJsonList(list: readonly unknown[]): Json[] {
  const read = Array.from(list, (item) => asJson(item) ?? null);
  return read.every((item, place) => Object.is(item, list[place])) ? (list as Json[]) : read;
}

const fieldsOf = (value: JsonObject, names: readonly string[]): JsonObject => {
  const copy: JsonObject = {};
  for (const name of names) copy[name] = value[name] as Json;
  return copy;
};

const refuse = (problem: string): GuardedJson => ({ ok: false, problem });

/** The engine quotes the text around a wrong character, which may contain secrets; character and position are enough. */
const withoutQuote = (message: string): string => message.replace(/, (?:\.\.\.)?".*"(?:\.\.\.)? is not valid JSON$/s, "");

function firstOf(entries: Iterable<[string | number, unknown]>, path: string): string | undefined {
  for (const [key, item] of entries) {
    const here = path === "" ? String(key) : `${path}.${key}`;
    if (key === "__proto__") return `${here} is not allowed as a field name`;
    const problem =
      (typeof key === "string" ? badText(key, `a field name in ${path || "the value"}`) : undefined) ?? unstorable(item, here);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function badText(text: string, where: string): string | undefined {
  if (text.includes("\u0000")) return `${where} holds a NUL character`;
  if (/\p{Surrogate}/u.test(text)) return `${where} holds half of a surrogate pair`;
  return undefined;
}

/** Number of fields over all objects after parsing; each duplicate makes it one less than in the text. */
function fieldsIn(value: Json): number {
  if (typeof value !== "object" || value === null) return 0;
  const items: readonly Json[] = Array.isArray(value) ? value : Object.values(value);
  let fields = Array.isArray(value) ? 0 : items.length;
  for (const item of items) fields += fieldsIn(item);
  return fields;
}

interface Shape {
  readonly deepest: number;
  /** Number of fields in the text. */
  readonly fields: number;
  readonly hasNumbers: boolean;
  /** Whether a number may have more digits than a double represents. */
  readonly hasLongNumbers: boolean;
}

const QUOTE = 34;
const COLON = 58;
/** Number of digits that a double always represents. */
const SAFE_DIGITS = 15;

/** Shape of the text outside of strings: nesting, fields, long numbers. Stops one level past `enough`. */
function shapeOf(text: string, enough: number): Shape {
  let depth = 0;
  let deepest = 0;
  let fields = 0;
  let hasNumbers = false;
  let hasLongNumbers = false;
  for (let index = 0; index < text.length && deepest <= enough; index++) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) index = endOfString(text, index);
    else if (code === COLON) fields++;
    else if (isDigit(code)) {
      const end = endOfDigits(text, index);
      hasNumbers = true;
      hasLongNumbers = hasLongNumbers || isLong(text, index, end);
      index = end - 1;
    } else {
      depth += STEPS[code] ?? 0;
      deepest = Math.max(deepest, depth);
    }
  }
  return { deepest, fields, hasNumbers, hasLongNumbers };
}

/** Change of depth by character code of a bracket. */
const STEPS: Readonly<Record<number, number>> = { 91: 1, 123: 1, 93: -1, 125: -1 };

const isDigit = (code: number): boolean => code >= 48 && code <= 57;
/** Many digits, or few with an exponent. */
const isLong = (text: string, start: number, end: number): boolean => end - start > SAFE_DIGITS || text[end] === "e" || text[end] === "E";

function endOfDigits(text: string, start: number): number {
  let end = start + 1;
  while (isDigit(text.charCodeAt(end))) end++;
  return end;
}
