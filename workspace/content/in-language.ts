import { tagForm } from "../../domain/values/language-tag.ts";

/**
 * A format of `strftime` with every name of a month or a weekday, and every whole date or time (`%x`, `%X`, `%c`), as it is printed in a
 * language; all other codes stay. Beside a day of the month, a month stands in the form that the language has there (Polish "8 czerwca").
 *
 * @param local the date and time of day to print, as if it were UTC
 */
export function inLanguage(format: string, local: Date, language: string): string {
  const isBesideDay = /%[-_0^#]*[de]/.test(format);
  return format.replace(CODES, (code, flags: string, letter: string) => {
    if (letter === "%") return code;
    const text = printedCode(letter, local, isBesideDay, language);
    return (/[\^#]/.test(flags) ? text.toLocaleUpperCase(tagForm(language)) : text).replaceAll("%", "%%");
  });
}

/** A number with the separators of the language; with a count of digits after the point, rounded to it. */
export function numberIn(value: number, digits: number | undefined, language: string): string {
  const fraction = digits === undefined ? { maximumFractionDigits: 20 } : { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return plainSpaces(formatter(Intl.NumberFormat, language, { ...fraction, ...DIGITS }).format(value));
}

/** The code of a currency, in capitals. Throws where it is not known. */
export function currencyIn(code: string): string {
  const currency = code.trim().toUpperCase();
  if (!CURRENCIES.has(currency)) throw new Error(`${JSON.stringify(code)} is no currency; expected a code like EUR`);
  return currency;
}

/** An amount of money by the habit of the language. */
export function moneyIn(value: number, currency: string, language: string): string {
  return plainSpaces(formatter(Intl.NumberFormat, language, { style: "currency", currency, ...DIGITS }).format(value));
}

// --- internal ---

const CODES = /%([-_0^#]*)\d*([AaBbhcxX%])/g;

/** Western digits and the Gregorian calendar in every language, as in the rest of a text. */
const DIGITS = { numberingSystem: "latn" } as const;
const PINNED = { ...DIGITS, calendar: "gregory" } as const;

const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf("currency"));

function printedCode(letter: string, local: Date, isBesideDay: boolean, language: string): string {
  const print = (options: Intl.DateTimeFormatOptions) =>
    plainSpaces(formatter(Intl.DateTimeFormat, language, { timeZone: "UTC", ...PINNED, ...options }).format(local));
  if (letter === "A") return print({ weekday: "long" });
  if (letter === "a") return print({ weekday: "short" });
  if (letter === "x") return print(DATE);
  if (letter === "X") return print(TIME);
  if (letter === "c") return print({ ...DATE, ...TIME });
  const month = letter === "B" ? "long" : "short";
  return isBesideDay ? monthBesideDay(month, local, language) : print({ month });
}

const DATE = { year: "numeric", month: "numeric", day: "numeric" } as const;
const TIME = { hour: "numeric", minute: "numeric", second: "numeric" } as const;

function monthBesideDay(month: "long" | "short", local: Date, language: string): string {
  const format = formatter(Intl.DateTimeFormat, language, { month, day: "numeric", timeZone: "UTC", ...PINNED });
  return format.formatToParts(local).find(({ type }) => type === "month")?.value ?? "";
}

/**
 * Versions of Node differ in which of the narrow and wide no-break spaces they print, and in invisible marks of direction: a text has the
 * same ones everywhere.
 */
const plainSpaces = (text: string): string => text.replace(/[\u202f\u2009]/g, "\u00a0").replace(/[\u200e\u200f\u061c]/g, "");

const formatters = new Map<string, unknown>();

/** Making one takes far longer than using it. */
function formatter<T, Options>(make: new (language: string, options: Options) => T, language: string, options: Options): T {
  const key = JSON.stringify([make.name, language, options]);
  const known = formatters.get(key) as T | undefined;
  if (known) return known;
  const made = new make(tagForm(language), options);
  formatters.set(key, made);
  return made;
}
