/** A point in time: milliseconds since 1970 UTC. Inside, time is a number; ISO text is made and read at the edges. */
export type Instant = number;

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const UNITS: Record<string, number> = { s: SECOND, m: MINUTE, h: HOUR, d: DAY, w: 7 * DAY };

/** A thousand years: added to any time of a signal, or taken from it, it still gives a time that a database can hold. */
const LONGEST_DURATION = 365_000 * DAY;

/** Whether so much time has passed since an instant. A clock that was put back meanwhile tells nothing, and holds nothing up: then it has. */
export const hasPassed = (ms: number, since: Instant, now: Instant): boolean => now - since >= ms || now < since;

/** `30s`, `15m`, `3h`, `7d`, `4w` in milliseconds; undefined when it is not one of these. A day is 24 hours. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,12})([smhdw])$/.exec(text.trim());
  const unit = UNITS[match?.[2] ?? ""];
  if (!match || unit === undefined) return undefined;
  const span = Number(match[1]) * unit;
  return span <= LONGEST_DURATION ? span : undefined;
}

/** The shortest way to write a duration so that `parseDuration` reads it back; weeks are written as days. */
export function formatDuration(ms: number): string {
  for (const [unit, size] of [
    ["d", DAY],
    ["h", HOUR],
    ["m", MINUTE],
  ] as const) {
    if (ms !== 0 && ms % size === 0) return `${ms / size}${unit}`;
  }
  return `${Math.round(ms / SECOND)}s`;
}

/** How an instant is written everywhere: ISO 8601, UTC, with `Z`; milliseconds only when there are any. */
export function iso(at: Instant): string {
  return new Date(at).toISOString().replace(".000Z", "Z");
}

/** A calendar date without a time of day. Months count from 1. */
export interface CalendarDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** What nearly every time looks like: the extended form. */
const EXTENDED =
  /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2})(?::(\d{2})(?::(\d{2})(?:[.,](\d+))?)?)?(Z|z|[+\-\u2212]\d{2}(?::?\d{2}(?::?\d{2})?)?)?)?$/;
const BASIC =
  /^(\d{4})(\d{2})(\d{2})(?:[Tt ](\d{2})(?:(\d{2})(?:(\d{2})(?:[.,](\d+))?)?)?(Z|z|[+\-\u2212]\d{2}(?::?\d{2}(?::?\d{2})?)?)?)?$/;

export type ParsedTime =
  | { readonly kind: "date"; readonly date: CalendarDate }
  | { readonly kind: "instant"; readonly at: Instant }
  /** A wall-clock time without a zone: `utc` reads it as if it were UTC; the reader adds the zone. */
  | { readonly kind: "local"; readonly utc: Instant };

/**
 * Reads an ISO 8601 date or time in the extended or the basic form, and as PostgreSQL prints it (`2026-09-08 15:30:00+00`);
 * undefined for everything else, weeks, days of the year, `2026-02-30` and `25:00` included. Finer than milliseconds is cut.
 */
export function parseTime(text: string): ParsedTime | undefined {
  const match = EXTENDED.exec(text) ?? BASIC.exec(text);
  if (!match) return undefined;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  if (!isCalendarDate({ year, month, day })) return undefined;
  if (match[4] === undefined) return { kind: "date", date: { year, month, day } };
  const [hour, minute, second] = [Number(match[4]), Number(match[5] ?? 0), Number(match[6] ?? 0)];
  if (hour > 24 || minute > 59 || second > 60 || (hour === 24 && minute + second > 0)) return undefined;
  const milliseconds = Number((match[7] ?? "0").slice(0, 3).padEnd(3, "0"));
  const utc = utcOf({ year, month, day }) + hour * HOUR + minute * MINUTE + second * SECOND + milliseconds;
  const zone = match[8];
  if (zone === undefined) return { kind: "local", utc };
  const offset = offsetOf(zone);
  return offset === undefined ? undefined : { kind: "instant", at: utc - offset };
}

/**
 * What a text prints as a date: an ISO 8601 text, a time, or seconds since 1970 as a number or as digits, which is how texts
 * calculate with dates. Undefined for everything else, such as milliseconds since 1970, and a number that has not nine or ten
 * digits, which is rather a count or a date written as a number.
 */
export function timeIn(value: unknown): ParsedTime | undefined {
  if (value instanceof Date) return secondsAsTime(value.getTime() / SECOND);
  if (typeof value === "string") return parseTime(value.trim()) ?? (/^-?\d{9,10}$/.test(value) ? secondsAsTime(Number(value)) : undefined);
  return typeof value === "number" && Math.abs(value) >= 1e8 && Math.abs(value) < 1e10 ? secondsAsTime(value) : undefined;
}

/** Seconds since 1970 as a time, from the year 0 to 9999. */
export function secondsAsTime(seconds: number): ParsedTime | undefined {
  const at = Math.trunc(seconds * SECOND);
  return at >= FIRST && at <= LAST ? { kind: "instant", at } : undefined;
}

/** An ISO 8601 time with its zone, as every time that comes from outside must be; undefined otherwise. */
export function parseInstant(text: string): Instant | undefined {
  const parsed = parseTime(text);
  return parsed?.kind === "instant" ? parsed.at : undefined;
}

/** Midnight UTC of a calendar date. `Date.UTC` reads years below 100 as 19xx, hence the detour. */
export function utcOf({ year, month, day }: CalendarDate): Instant {
  return new Date(0).setUTCFullYear(year, month - 1, day);
}

export function isLeapYear(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

export function formatDate({ year, month, day }: CalendarDate): string {
  return `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
}

// --- internal ---

function isCalendarDate({ year, month, day }: CalendarDate): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  const lengths = [31, isLeapYear(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return day <= (lengths[month - 1] ?? 0);
}

/** Where years have four digits. */
const FIRST = utcOf({ year: 0, month: 1, day: 1 });
const LAST = utcOf({ year: 9999, month: 12, day: 31 }) + DAY - 1;

/** Old times of some places have seconds in their offset, and PostgreSQL prints them. */
function offsetOf(zone: string): number | undefined {
  if (zone === "Z" || zone === "z") return 0;
  const digits = zone.slice(1).replaceAll(":", "");
  const [hours, minutes, seconds] = [Number(digits.slice(0, 2)), Number(digits.slice(2, 4)), Number(digits.slice(4, 6))];
  if (hours > 23 || minutes > 59 || seconds > 59) return undefined;
  return (zone.startsWith("+") ? 1 : -1) * (hours * HOUR + minutes * MINUTE + seconds * SECOND);
}
