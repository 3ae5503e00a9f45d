import { filters as builtIns, Liquid, toValue } from "liquidjs";
import { cut } from "../../domain/values/cut.ts";
import { HOUR, MINUTE, secondsAsTime, timeIn, utcOf } from "../../domain/values/time.ts";
import { fixedOffset, instantOf, isZone, offsetAt } from "../../domain/values/zone.ts";
import { zoneMeant } from "../../domain/values/zone-names.ts";
import { currencyIn, inLanguage, moneyIn, numberIn } from "./in-language.ts";
import { registerTextFilters } from "./liquid-filters.ts";
import { printed } from "./liquid-printing.ts";
import { currentPlace } from "./place.ts";

/** Replacements for filters of the library that print in the process's time zone. */
const DATE_FORMATS = {
  date_to_xmlschema: "%Y-%m-%dT%H:%M:%S%:z",
  date_to_rfc822: "%a, %d %b %Y %H:%M:%S %z",
  date_to_string: "%d %b %Y",
  date_to_long_string: "%d %B %Y",
};

/** Formats that programs read: their names are English in every language. */
const FOR_MACHINES = ["date_to_xmlschema", "date_to_rfc822"];

/** Filters that print a date. */
export const DATE_FILTERS: readonly string[] = ["date", ...Object.keys(DATE_FORMATS)];

/** A deterministic template engine: no files, no randomness, no clock, and independent of the process's time zone and locale. */
export function createEngine(templates: Readonly<Record<string, string>>, isHtml: boolean): Liquid {
  const named = Object.entries(templates).flatMap(([name, text]) => [
    [name, text],
    [name.replace(/(\.mjml)?\.liquid$/, ""), text],
  ]);
  const engine = new Liquid({
    ownPropertyOnly: true,
    strictVariables: true,
    strictFilters: true,
    lenientIf: true,
    locale: "en-US",
    renderLimit: 1_000,
    memoryLimit: 1e6,
    parseLimit: 1e5,
    templates: Object.fromEntries(named),
    // Every output passes here, escaped or not.
    outputEscape: isHtml ? escaped : printed,
  });
  for (const name of WITHHELD) delete engine.filters[name];
  registerTextFilters(engine);
  engine.registerFilter("date", function (value: unknown, format?: string, zone?: string | number) {
    return isNothing(value) ? value : printInLanguage(this, datedIn(value, format, zone));
  });
  for (const [name, format] of Object.entries(DATE_FORMATS)) {
    engine.registerFilter(name, function (value: unknown) {
      if (isNothing(value)) return value;
      return FOR_MACHINES.includes(name) ? printDate.apply(this, datedIn(value, format)) : printInLanguage(this, datedIn(value, format));
    });
  }
  engine.registerFilter("number", (value: unknown, given?: unknown) => {
    const digits = digitsOf(given);
    return isNothing(value) ? value : numberIn(numberOf(value), digits, languageNow());
  });
  engine.registerFilter("money", (value: unknown, given?: unknown) => {
    const currency = currencyIn(printed(given));
    return isNothing(value) ? value : moneyIn(numberOf(value), currency, languageNow());
  });
  return engine;
}

// --- internal ---

/** Disabled filters: `raw` bypasses escaping, `sample` is random, and the others read fields that cannot be determined before rendering. */
const WITHHELD = ["raw", "sample", "where_exp", "reject_exp", "group_by_exp", "has_exp", "find_exp", "find_index_exp"];

const isNothing = (value: unknown): boolean => value === undefined || value === null || value === "";

const languageNow = (): string => currentPlace().language ?? "en";

function numberOf(given: unknown): number {
  const value: unknown = toValue(given);
  const number = typeof value === "string" && /^\s*[-+]?\d+(\.\d+)?\s*$/.test(value) ? Number(value) : value;
  if (typeof number === "number" && Number.isFinite(number)) return number;
  throw new Error(`${JSON.stringify(cut(String(value), 40))} is there but is no number`);
}

function digitsOf(given: unknown): number | undefined {
  const digits: unknown = toValue(given);
  if (digits === undefined || digits === null) return undefined;
  if (Number.isInteger(digits) && (digits as number) >= 0 && (digits as number) <= 20) return digits as number;
  throw new Error("expected a count of digits from 0 to 20");
}

const DEFAULT_FORMAT = "%A, %B %-e, %Y at %-l:%M %P %z";

/** Names of days and months in the language of the text. */
function printInLanguage(filter: unknown, [at, format = DEFAULT_FORMAT, zone]: ReturnType<typeof datedIn>): unknown {
  const language = languageNow();
  const isPlain = /^en(-us)?$/i.test(language) ? !/%[cxX]/.test(format) : !/%[-_0^#]*\d*[AaBbhcxX]/.test(format);
  const behind = /%[-_0^#:]*\d*Z/.test(format) ? zone : minutesBehind(at, zone);
  if (isPlain)
    return printDate.call(
      filter,
      at,
      withEnglishNames(format, () => String(printDate.call(filter, at, "%m %w", behind))),
      behind,
    );
  const local = String(printDate.call(filter, at, "%Y-%m-%dT%H:%M:%SZ", behind));
  return printDate.call(filter, at, inLanguage(format, new Date(local), language), behind);
}

/**
 * A format with its names of months and weekdays in place. The library makes a formatter for each name that it prints, which takes ten times as
 * long as all the rest of a date.
 *
 * @param numbers of the month and the weekday
 */
function withEnglishNames(format: string, numbers: () => string): string {
  if (!/%[AaBbh]/.test(format)) return format;
  const [month, weekday] = numbers().split(" ").map(Number);
  const long = { A: WEEKDAYS[weekday ?? -1], B: MONTHS[(month ?? 0) - 1] };
  const short = { a: long.A?.slice(0, 3), b: long.B?.slice(0, 3), h: long.B?.slice(0, 3) };
  const names: Readonly<Record<string, string | undefined>> = { ...long, ...short };
  return format.replace(CODES, (code, letter) => (code.length === 2 ? (names[letter] ?? code) : code));
}

/** A code with its flags and width, as the library reads it. */
const CODES = /%[-_0^#:]*\d*[EO]?(.)/g;

const MONTHS = "January February March April May June July August September October November December".split(" ");
const WEEKDAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");

/** The library works an offset out by printing and reading the time twice, which takes longer than all the rest of a short text. */
function minutesBehind(time: string, zone: string | number): string | number {
  if (zone === "UTC") return 0;
  const at = Date.parse(time);
  // Before that, offsets may be some minutes off here.
  if (typeof zone === "number" || at < EXACT_SINCE || !isZone(zone)) return zone;
  return -offsetAt(at, zone) / MINUTE;
}

const EXACT_SINCE = Date.UTC(2012, 0);

const printDate = builtIns.date as (this: unknown, value: string, format: string | undefined, zone: string | number) => unknown;

/** Converts a zone for the library: an offset is the minutes that local time is behind. */
function forLibrary(zone: string | number): string | number {
  const meant = typeof zone === "string" ? (zoneMeant(zone) ?? zone) : zone;
  const fixed = typeof meant === "string" ? fixedOffset(meant) : undefined;
  return fixed === undefined ? meant : -fixed / MINUTE;
}

/** The library calls an output's escape with the rendering as `this`. */
function escaped(this: unknown, value: unknown): string {
  return (builtIns.escape as (this: unknown, text: string) => string).call(this, printed(value));
}

/**
 * A date without a time of day prints as that date everywhere; an instant prints in the customer's zone. A number is seconds since
 * 1970, the output of `date: '%s'`, so that texts can add days to it. For that purpose a date is its noon in the customer's zone, so
 * that clock changes do not move it to another day.
 */
function datedIn(given: unknown, format?: string, zone?: string | number): [string, string | undefined, string | number] {
  const value: unknown = toValue(given);
  const parsed = typeof value === "number" ? secondsAsTime(value) : timeIn(value);
  if (!parsed) throw new Error(`${JSON.stringify(cut(String(value), 40))} is there but is no date`);
  if (parsed.kind === "instant") return [new Date(parsed.at).toISOString(), format, forLibrary(zone ?? currentPlace().zone)];
  const utc = parsed.kind === "date" ? utcOf(parsed.date) : parsed.utc;
  if (format !== "%s") return [new Date(utc).toISOString(), format, "UTC"];
  return [new Date(instantOf(parsed.kind === "date" ? utc + 12 * HOUR : utc, currentPlace().zone)).toISOString(), format, "UTC"];
}
