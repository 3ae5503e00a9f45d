import { endOfString, type IdPlaces, idsAsText, keepDigits, LARGEST_WHOLE, lost } from "./json-numbers.ts";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The entry of a record whose keys come from outside: `constructor` and its like are names as any other. */
export const entryOf = <T>(record: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;

/** JSON with sorted keys: two values are the same exactly when their canonical texts are. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? "null";
  const entries = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`);
  return `{${entries.join(",")}}`;
}

export function sameJson(a: unknown, b: unknown): boolean {
  return a === b || canonicalJson(a) === canonicalJson(b);
}

/**
 * The value without its null fields, at any depth: a null field reads as a missing one.
 * Nulls that are elements of a list stay, so that positions do not move.
 */
export function withoutNulls(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value;
  const kept: JsonObject = {};
  for (const [key, field] of Object.entries(value)) {
    if (field !== null && key !== "__proto__") kept[key] = withoutNulls(field as Json);
  }
  return kept;
}

/** Limits that text from outside must keep before it is parsed (bytes, levels of nesting). */
export interface TextLimits {
  readonly maxBytes: number;
  readonly maxDepth: number;
}

export const SIGNAL_LIMITS: TextLimits = { maxBytes: 32 * 1024, maxDepth: 64 };

export type GuardedJson = { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly problem: string };

/**
 * Parses JSON that we did not write. Size and depth are bounded on the raw text, because deep values overflow the stack
 * of everything that walks them later (`JSON.stringify`, PGlite's jsonb). What PostgreSQL cannot store (NUL, lone
 * surrogates, numbers beyond a double) is refused here, with the path, instead of failing later for ever; and so is a field
 * that comes twice in one object, of which everybody would take another one. A whole number beyond 2^53 is refused too.
 *
 * @param ids where ids are expected: a whole number of any size is its digits as text there
 */
export function parseGuarded(text: string, { maxBytes, maxDepth }: TextLimits, ids: IdPlaces = []): GuardedJson {
  const bytes = Buffer.byteLength(text);
  if (bytes > maxBytes) return refuse(`${bytes} bytes, at most ${maxBytes} are taken`);
  const { deepest, fields, hasLongNumbers } = shapeOf(text, maxDepth);
  if (deepest > maxDepth) return refuse(`nested deeper than ${maxDepth} levels`);
  const digits = hasLongNumbers ? keepDigits(text, ids) : ({ ok: true, text } as const);
  if (!digits.ok) return refuse(digits.problem);
  let value: Json;
  try {
    value = idsAsText(JSON.parse(digits.text) as Json, ids);
  } catch (error) {
    return refuse(`not JSON: ${withoutQuote((error as Error).message)}`);
  }
  const problem = unstorable(value, "") ?? (fieldsIn(value) < fields ? "a field comes twice in one object" : undefined);
  return problem === undefined ? { ok: true, value } : refuse(problem);
}

/** Why PostgreSQL or JavaScript could not carry the value unharmed, with its path; undefined when it can. */
export function unstorable(value: unknown, path: string): string | undefined {
  if (typeof value === "string") return badText(value, path || "the value");
  if (typeof value === "number") return Number.isFinite(value) ? undefined : `${path || "the value"} is beyond what a number can hold`;
  if (Array.isArray(value)) return firstOf(value.entries(), path);
  return isObject(value) ? firstOf(Object.entries(value), path) : undefined;
}

/** The path of a whole number that may have lost digits before it came here: a double beyond 2^53, or one that JSON does not have. */
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

const refuse = (problem: string): GuardedJson => ({ ok: false, problem });

/** The engine quotes what stands around a wrong character, which may be anybody's secret; the character and the place are enough. */
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

/** How many fields all objects have together; each that came twice is one less than was written. */
function fieldsIn(value: Json): number {
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + fieldsIn(item), 0);
  if (!isObject(value)) return 0;
  const items = Object.values(value);
  return items.reduce((sum: number, item) => sum + fieldsIn(item as Json), items.length);
}

interface Shape {
  readonly deepest: number;
  /** How many fields are written. */
  readonly fields: number;
  /** Whether a number may have more digits than a double holds. */
  readonly hasLongNumbers: boolean;
}

const QUOTE = 34;
const COLON = 58;
/** Digits of a whole number that a double holds whatever they are. */
const SAFE_DIGITS = 15;

/** What stands outside of strings: how deep brackets nest, fields, numbers; stops counting one level past `enough`. */
function shapeOf(text: string, enough: number): Shape {
  let depth = 0;
  let deepest = 0;
  let fields = 0;
  let hasLongNumbers = false;
  for (let index = 0; index < text.length && deepest <= enough; index++) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) index = endOfString(text, index);
    else if (code === COLON) fields++;
    else if (isDigit(code)) {
      const end = endOfDigits(text, index);
      hasLongNumbers = hasLongNumbers || isLong(text, index, end);
      index = end - 1;
    } else {
      depth += STEPS[code] ?? 0;
      deepest = Math.max(deepest, depth);
    }
  }
  return { deepest, fields, hasLongNumbers };
}

/** What the codes of brackets do to the depth. */
const STEPS: Readonly<Record<number, number>> = { 91: 1, 123: 1, 93: -1, 125: -1 };

const isDigit = (code: number): boolean => code >= 48 && code <= 57;
/** Many digits, or few that an exponent follows. */
const isLong = (text: string, start: number, end: number): boolean => end - start > SAFE_DIGITS || text[end] === "e" || text[end] === "E";

function endOfDigits(text: string, start: number): number {
  let end = start + 1;
  while (isDigit(text.charCodeAt(end))) end++;
  return end;
}
