/** A point in time: milliseconds since 1970 UTC. Internally time is a number; ISO text is parsed and printed at the edges. */
export type Instant = number;

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const UNITS: Record<string, number> = { s: SECOND, m: MINUTE, h: HOUR, d: DAY, w: 7 * DAY };

/** A thousand years: added to or subtracted from any signal time, the result still fits into a database timestamp. */
const MAX_DURATION = 365_000 * DAY;

/**
 * Whether `ms` have passed since an instant. True also where the clock was set back meanwhile: the elapsed time is then unknown and
 * must not block anything.
 */
export const hasPassed = (ms: number, since: Instant, now: Instant): boolean => now - since >= ms || now < since;

/** Parses `30s`, `15m`, `3h`, `7d`, `4w` to milliseconds; undefined for other texts. A day is 24 hours. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,12})([smhdw])$/.exec(text.trim());
  const unit = UNITS[match?.[2] ?? ""];
  if (!match || unit === undefined) return undefined;
  const span = Number(match[1]) * unit;
  return span <= MAX_DURATION ? span : undefined;
}

/** The shortest text that `parseDuration` parses back; weeks are written as days. */
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

/** A duration in words, in its largest whole unit: `59 days`, `1 hour`. */
export function durationInWords(ms: number): string {
  const [name, size] = DURATION_NAMES.find(([, one]) => ms >= one) ?? ["second", SECOND];
  const count = Math.floor(ms / size);
  return `${count} ${name}${count === 1 ? "" : "s"}`;
}

const DURATION_NAMES = [
  ["day", DAY],
  ["hour", HOUR],
  ["minute", MINUTE],
] as const;

/** The canonical form of an instant: ISO 8601, UTC, with `Z`; milliseconds only where not zero. */
export function iso(at: Instant): string {
  const known = written.get(at);
  if (known !== undefined) return known;
  const text = new Date(at).toISOString().replace(".000Z", "Z");
  if (written.size >= MOST_WRITTEN) written.clear();
  written.set(at, text);
  return text;
}

/**
 * Compares two times that are written as text, by the instants they name. Their texts do not sort: `…:57.202Z` is before `…:57Z`, since
 * a whole second has no fraction and `.` comes before `Z`. A long list is sorted by instants that are parsed once each.
 */
export const byTime = (a: string, b: string): number => Date.parse(a) - Date.parse(b);

/** A calendar date without a time of day. Months count from 1. */
export interface CalendarDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** The extended form, by far the most frequent. */
const EXTENDED =
  /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2})(?::(\d{2})(?::(\d{2})(?:[.,](\d+))?)?)?(Z|z|[+\-\u2212]\d{2}(?::?\d{2}(?::?\d{2})?)?)?)?$/;
const BASIC =
  /^(\d{4})(\d{2})(\d{2})(?:[Tt ](\d{2})(?:(\d{2})(?:(\d{2})(?:[.,](\d+))?)?)?(Z|z|[+\-\u2212]\d{2}(?::?\d{2}(?::?\d{2})?)?)?)?$/;

export type ParsedTime =
  | { readonly kind: "date"; readonly date: CalendarDate }
  | { readonly kind: "instant"; readonly at: Instant }
  /** A wall-clock time without a zone: `utc` reads it as UTC; the caller applies the zone. */
  | { readonly kind: "local"; readonly utc: Instant };

/**
 * Parses an ISO 8601 date or time in the extended or the basic form, and PostgreSQL's output (`2026-09-08 15:30:00+00`). Undefined for
 * all other texts, including week dates, ordinal dates, `2026-02-30` and `25:00`. Truncates to milliseconds.
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
 * The date that a text would print for a value: an ISO 8601 text, a `Date`, or seconds since 1970 as a number or as digits, the form
 * in which templates calculate with dates. Undefined for other values, such as milliseconds since 1970 and numbers without nine or ten
 * digits: those are more likely counts, or dates written as numbers.
 */
export function timeIn(value: unknown): ParsedTime | undefined {
  if (value instanceof Date) return secondsAsTime(value.getTime() / SECOND);
  if (typeof value === "string") return parseTime(value.trim()) ?? (/^-?\d{9,10}$/.test(value) ? secondsAsTime(Number(value)) : undefined);
  return typeof value === "number" && Math.abs(value) >= 1e8 && Math.abs(value) < 1e10 ? secondsAsTime(value) : undefined;
}

/** Seconds since 1970 as a time, for years 0 to 9999. */
export function secondsAsTime(seconds: number): ParsedTime | undefined {
  const at = Math.trunc(seconds * SECOND);
  return at >= FIRST && at <= LAST ? { kind: "instant", at } : undefined;
}

/** Parses an ISO 8601 time with a zone, which every time from outside must have; undefined otherwise. */
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

/** `08:30` for 510 minutes after midnight. */
export const formatTimeOfDay = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;

// --- internal ---

/** Times as they were written last: a wake writes the same few many times. */
const written = new Map<Instant, string>();
const MOST_WRITTEN = 1_000;

function isCalendarDate({ year, month, day }: CalendarDate): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  const lengths = [31, isLeapYear(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return day <= (lengths[month - 1] ?? 0);
}

/** Bounds of years with four digits. */
const FIRST = utcOf({ year: 0, month: 1, day: 1 });
const LAST = utcOf({ year: 9999, month: 12, day: 31 }) + DAY - 1;

/** Historical offsets can include seconds, and PostgreSQL prints them. */
function offsetOf(zone: string): number | undefined {
  if (zone === "Z" || zone === "z") return 0;
  const digits = zone.slice(1).replaceAll(":", "");
  const [hours, minutes, seconds] = [Number(digits.slice(0, 2)), Number(digits.slice(2, 4)), Number(digits.slice(4, 6))];
  if (hours > 23 || minutes > 59 || seconds > 59) return undefined;
  return (zone.startsWith("+") ? 1 : -1) * (hours * HOUR + minutes * MINUTE + seconds * SECOND);
}
