import { isObject, type Json } from "./json.ts";
import type { Assignment } from "./text-gate.ts";
import { type NumberInText, numbersIn } from "./text-numbers.ts";
import { type CalendarNames, calendarNames, claimsIn, weekdayNumber } from "./text-words.ts";
import { parseTime } from "./time.ts";

/** Everything that a text may state. */
export interface TextSources {
  readonly languages: readonly string[];
  /** Words and whole tokens of the author's text, the names and the disclosures, lower-case. */
  readonly words: ReadonlySet<string>;
  readonly claims: ReadonlySet<string>;
  readonly calendar: CalendarNames;
  /** Months and weekdays of dates among the facts, as the calendar numbers them. */
  readonly dateNumbers: ReadonlySet<number>;
  allowsNumber(given: NumberInText): boolean;
  /**
   * The text without the facts that it states whole. What a customer wrote about herself counts as one piece: it may be
   * repeated as it is, and nothing in it counts as said by the author.
   */
  mask(text: string): string;
}

export function sourcesOf({ author, facts, quoted, names, brand }: Assignment): TextSources {
  const languages = languagesOf(brand.languages ?? []);
  const leaves = Object.entries(facts).flatMap(([name, value]) => leavesOf(name, value));
  const mask = masker([...leaves.map(({ value }) => value), ...quoted].filter((value) => typeof value === "string").filter(isMaskable));
  const said = mask([...Object.values(author), ...names, ...(brand.disclosures ?? [])].join("\n"));
  const numbers = numbersIn(said);
  const dates = leaves.flatMap(({ value }) => dateOf(value) ?? []);
  return {
    languages,
    words: wordsOf(said, leaves),
    claims: new Set(claimsIn(said)),
    calendar: calendarNames(languages),
    dateNumbers: new Set(dates.flatMap(({ month, weekday }) => [month, weekdayNumber(weekday)])),
    allowsNumber: (given) =>
      numbers.some((source) => isSame(given, source)) ||
      leaves.some((leaf) => isFact(given, leaf)) ||
      dates.some((date) => isOfDate(given, date)),
    mask,
  };
}

// --- internal ---

interface Leaf {
  readonly name: string;
  readonly value: string | number;
}

function leavesOf(name: string, value: Json | undefined): Leaf[] {
  if (typeof value === "number" || typeof value === "string") return [{ name, value }];
  if (Array.isArray(value)) return value.flatMap((item) => leavesOf(name, item));
  return isObject(value) ? Object.entries(value).flatMap(([key, item]) => leavesOf(key, item as Json)) : [];
}

const languagesOf = (given: readonly string[]): string[] => {
  const known = given.map((language) => language.toLowerCase().split(/[-_]/)[0] ?? "").filter((language) => /^[a-z]{2,3}$/.test(language));
  return known.length > 0 ? known : ["en"];
};

/** Numbers and dates are compared by what they mean; single signs would hide too much. */
const isMaskable = (value: string): boolean => value.trim().length >= 3 && !/^[\d\s.,:/+-]+$/.test(value) && parseTime(value) === undefined;

function masker(values: readonly string[]): (text: string) => string {
  const longestFirst = [...new Set(values)].sort((a, b) => b.length - a.length);
  return (text) => longestFirst.reduce((rest, value) => replaceWhole(rest, value), text);
}

/** Where it stands by itself, not within a longer word or number. */
function replaceWhole(text: string, value: string): string {
  const pattern = value.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return text.replace(new RegExp(`(?<![\\p{L}\\p{N}])${pattern}(?![\\p{L}\\p{N}])`, "giu"), MASK);
}

/** Neither a name nor a number nor a code. */
const MASK = "it";

function wordsOf(said: string, leaves: readonly Leaf[]): Set<string> {
  const lower = said.toLowerCase().replaceAll("’", "'");
  return new Set([
    ...(lower.match(/[\p{L}\p{N}'-]+/gu) ?? []),
    ...(lower.match(/\p{L}+/gu) ?? []),
    ...lower.split(/\s+/).map((token) => token.replace(/[.,;:!?)]+$/, "")),
    // Short ones are not masked; they are words like any other.
    ...leaves.flatMap(({ value }) => (typeof value === "string" && value.trim().length < 3 ? [value.trim().toLowerCase()] : [])),
  ]);
}

const MONEY = new Set(["eur", "usd", "gbp", "chf", "cent"]);

/** The same number, counting the same; a text may leave out what it counts, and may not invent it. */
function isSame(given: NumberInText, source: NumberInText): boolean {
  const isEqual = given.written === source.written || given.values.some((value) => source.values.includes(value));
  return isEqual && (given.unit === undefined || given.unit === source.unit);
}

function isFact(given: NumberInText, { name, value }: Leaf): boolean {
  if (typeof value === "string" && !/^[\d\s.,:/+-]+$/.test(value)) return false;
  const [source] = numbersIn(String(value));
  const isEqual =
    source !== undefined && (given.written === source.written || given.values.some((number) => source.values.includes(number)));
  if (!isEqual || given.unit === undefined) return isEqual;
  if (/percent/i.test(name)) return given.unit === "%";
  if (/price|amount|cost|fee|rate|total/i.test(name)) return MONEY.has(given.unit);
  return given.unit !== "%" && !MONEY.has(given.unit);
}

interface DateParts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
}

/** Of a date without a time of day: with one, the day depends on the zone, and the author's text says it. */
function dateOf(value: string | number): DateParts | undefined {
  const [, year, month, day] = (typeof value === "string" && /^(\d{4})-(\d{2})-(\d{2})$/.exec(value)) || [];
  if (year === undefined) return undefined;
  const weekday = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDay();
  return { year: Number(year), month: Number(month), day: Number(day), weekday: weekday === 0 ? 7 : weekday };
}

/** A day, a year, or a whole date in digits; a month in digits alone could be anything. */
function isOfDate({ written, unit }: NumberInText, { year, month, day }: DateParts): boolean {
  if (unit !== undefined) return false;
  const groups = written.split(/[./-]/).map(Number);
  if (groups.length === 1) return groups[0] === day || groups[0] === year;
  const rest = [day, month, year];
  return groups.every((group) => {
    const at = rest.findIndex((number) => number === group || (number === year && number % 100 === group));
    return at >= 0 && rest.splice(at, 1).length > 0;
  });
}
