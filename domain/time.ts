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

const DATE_TIME = /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(Z|z|[+-]\d{2}:?\d{2})?)?$/;

export type ParsedTime =
  | { readonly kind: "date"; readonly date: CalendarDate }
  | { readonly kind: "instant"; readonly at: Instant }
  /** A wall-clock time without a zone: `utc` reads it as if it were UTC; the reader adds the zone. */
  | { readonly kind: "local"; readonly utc: Instant };

/** Reads an ISO 8601 date or time; undefined for everything else, `2026-02-30` and `25:00` included. */
export function parseTime(text: string): ParsedTime | undefined {
  const match = DATE_TIME.exec(text);
  if (!match) return undefined;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  if (!isCalendarDate({ year, month, day })) return undefined;
  if (match[4] === undefined) return { kind: "date", date: { year, month, day } };
  const [hour, minute, second] = [Number(match[4]), Number(match[5]), Number(match[6] ?? 0)];
  if (hour > 24 || minute > 59 || second > 60 || (hour === 24 && minute + second > 0)) return undefined;
  const fraction = Math.floor(Number(`0.${match[7] ?? 0}`) * 1000);
  const utc = utcOf({ year, month, day }) + hour * HOUR + minute * MINUTE + second * SECOND + fraction;
  const zone = match[8];
  if (zone === undefined) return { kind: "local", utc };
  const offset = offsetOf(zone);
  return offset === undefined ? undefined : { kind: "instant", at: utc - offset };
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

function offsetOf(zone: string): number | undefined {
  if (zone === "Z" || zone === "z") return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(-2));
  if (hours > 23 || minutes > 59) return undefined;
  return (zone.startsWith("-") ? -1 : 1) * (hours * HOUR + minutes * MINUTE);
}
