import { isObject, type Json } from "../values/json.ts";
import type { Assignment } from "./assignment.ts";
import { claimsIn, stemOf } from "./claims.ts";
import { languagesIn, scriptsIn } from "./language.ts";
import { type Leaf, masker, maskOf } from "./mask.ts";
import { looseUnits, type NumberInText, numbersIn } from "./numbers.ts";
import { asRead } from "./signs.ts";
import { type CalendarNames, calendarNames, weekdayNumber } from "./words.ts";

/** Everything that a text may state, from its sources. */
export interface TextSources {
  readonly languages: readonly string[];
  /** Words and whole tokens of the author's text, the names and the disclosures, in lower case. */
  readonly words: ReadonlySet<string>;
  /** Signs and words for money and shares that the author uses without a number. */
  readonly looseUnits: ReadonlySet<string>;
  /** Scripts of the sources and of the brand's languages. */
  readonly scripts: ReadonlySet<string>;
  /**
   * Whether a sentence may be in this language: the author's, that of the text; without one, one of the brand's, and where the brand names
   * none, any known here.
   */
  mayBeIn(language: string): boolean;
  allowsClaim(claim: string): boolean;
  readonly calendar: CalendarNames;
  /** Months and weekdays of dates among the facts, by calendar number. */
  readonly dateNumbers: ReadonlySet<number>;
  allowsNumber(given: NumberInText): boolean;
  /**
   * The text without verbatim facts. What a customer wrote counts as one piece: it may be repeated as a whole, and nothing in it
   * counts as said by the author.
   */
  mask(text: string): string;
}

export function sourcesOf({ author, facts, quoted, names, brand, language }: Assignment): TextSources {
  // Numbers, dates and names are recognized in every language of the brand, whichever the text is in.
  const languages = languagesOf([...(language === undefined ? [] : [language]), ...(brand.languages ?? [])]);
  const leaves = Object.entries(facts).flatMap(([name, value]) => leavesOf(name, value));
  const own = [...Object.values(author), ...names, ...(brand.disclosures ?? [])].join("\n");
  const mask = masker(
    [...leaves.map(maskOf), ...quoted.map((value) => maskOf({ name: "", value }))].flatMap((one) => one ?? []),
    own,
  );
  const said = mask(own);
  const numbers = numbersIn(said);
  const calendar = calendarNames(languages);
  const dates = leaves.flatMap(({ value }) => dateOf(value) ?? []);
  return {
    languages,
    words: wordsOf(said, leaves),
    ...claimsOf(said),
    looseUnits: new Set(looseUnits(said)),
    scripts: scriptsIn([own, ...leaves.map(({ value }) => String(value)), ...calendar.byName.keys()].join(" ")),
    mayBeIn: languageCheck(language === undefined ? (brand.languages ?? []) : [language], own),
    calendar,
    dateNumbers: new Set(dates.flatMap(({ month, weekday }) => [month, weekdayNumber(weekday)])),
    allowsNumber: (given) =>
      numbers.some((source) => isSame(given, source)) ||
      leaves.some((leaf) => isFact(given, leaf)) ||
      (!given.isPrice && dates.some((date) => isOfDate(given, date))),
    mask,
  };
}

// --- internal ---

function leavesOf(name: string, value: Json | undefined): Leaf[] {
  if (typeof value === "number" || typeof value === "string") return [{ name, value }];
  if (Array.isArray(value)) return value.flatMap((item) => leavesOf(name, item));
  return isObject(value) ? Object.entries(value).flatMap(([key, item]) => leavesOf(key, item as Json)) : [];
}

const languagesOf = (given: readonly string[]): string[] => {
  const known = given.map((language) => language.toLowerCase().split(/[-_]/)[0] ?? "").filter((language) => /^[a-z]{2,3}$/.test(language));
  return known.length > 0 ? [...new Set(known)] : ["en"];
};

/** Claims made by the sources, verbatim or in another form of the same word. */
function claimsOf(said: string): Pick<TextSources, "allowsClaim"> {
  const claims = new Set(claimsIn(asRead(said)));
  const stems = new Set([...claims].map(stemOf));
  return { allowsClaim: (claim) => claims.has(claim) || (!claim.includes(" ") && stems.has(stemOf(claim))) };
}

/** Languages with known number words and claims. */
const KNOWN_LANGUAGES = ["en", "de", "fr", "es"];

function languageCheck(declared: readonly string[], own: string): (language: string) => boolean {
  const allowed = new Set([...(declared.length > 0 ? languagesOf(declared) : KNOWN_LANGUAGES), ...languagesIn(own)]);
  return (language) => allowed.has(language);
}

function wordsOf(said: string, leaves: readonly Leaf[]): Set<string> {
  const lower = said.toLowerCase().replaceAll("’", "'");
  return new Set([
    ...(lower.match(/[\p{L}\p{N}'-]+/gu) ?? []),
    ...(lower.match(/\p{L}+/gu) ?? []),
    ...lower.split(/\s+/).map((token) => token.replace(/[.,;:!?)]+$/, "")),
    // Short values are not masked; they count as ordinary words.
    ...leaves.flatMap(({ value }) => (typeof value === "string" && value.trim().length < 3 ? [value.trim().toLowerCase()] : [])),
  ]);
}

const NAMES_OF_SUMS = /price|amount|cost|fee|rate|total/i;
const MONEY = new Set(["eur", "usd", "gbp", "chf", "cent"]);

/** Same number, same unit; a text may drop the unit, not invent one. */
function isSame(given: NumberInText, source: NumberInText): boolean {
  const isEqual = given.written === source.written || given.values.some((value) => source.values.includes(value));
  if (given.isPrice) return isEqual && (source.isPrice === true || (source.unit !== undefined && MONEY.has(source.unit)));
  return isEqual && (given.unit === undefined || given.unit === source.unit);
}

function isFact(given: NumberInText, { name, value }: Leaf): boolean {
  if (typeof value === "string" && !/^[\d\s.,:/+-]+$/.test(value)) return false;
  const [source] = numbersIn(String(value));
  const isEqual =
    source !== undefined && (given.written === source.written || given.values.some((number) => source.values.includes(number)));
  if (isEqual && given.isPrice) return NAMES_OF_SUMS.test(name);
  if (!isEqual || given.unit === undefined) return isEqual;
  if (/percent/i.test(name)) return given.unit === "%";
  if (NAMES_OF_SUMS.test(name)) return MONEY.has(given.unit);
  return given.unit !== "%" && !MONEY.has(given.unit);
}

interface DateParts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
}

/** Only for a date without a time of day: with one, the day depends on the zone, and the author's text states it. */
function dateOf(value: string | number): DateParts | undefined {
  const [, year, month, day] = (typeof value === "string" && /^(\d{4})-(\d{2})-(\d{2})$/.exec(value)) || [];
  if (year === undefined) return undefined;
  const weekday = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDay();
  return { year: Number(year), month: Number(month), day: Number(day), weekday: weekday === 0 ? 7 : weekday };
}

/** A day, a year, or a whole date in digits; a month in digits alone is ambiguous. */
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
