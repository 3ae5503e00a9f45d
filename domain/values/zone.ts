import { type CalendarDate, DAY, HOUR, type Instant, isLeapYear, MINUTE, type ParsedTime, SECOND, utcOf } from "./time.ts";

/** Wall-clock reading of an instant in a zone. `weekday` counts from Monday = 1. */
export interface LocalTime extends CalendarDate {
  readonly hour: number;
  readonly minute: number;
  readonly weekday: number;
}

/** Zone for a customer's days and hours. */
export interface Zoned {
  readonly zone: string;
  /** False: the customer has no known time zone and the workspace's is used. */
  readonly zoneIsOwn: boolean;
  /** The time zone in the customer's record, where it is not a known one. */
  readonly unknownZone?: string;
}

/** Whether the runtime knows the IANA name; offsets like `+02:00` are not zones. */
export function isZone(name: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+\-/]*$/.test(name)) return false;
  return formatterOf(name) !== undefined;
}

/**
 * Milliseconds that local time is ahead of UTC at that instant. Exact since 2012 (except Antarctica/Casey, which changed at 00:01 in
 * 2022); before that a few zones changed their clocks between two quarters of an hour, and the offset is up to 14 minutes late.
 */
export function offsetAt(at: Instant, zone: string): number {
  // Offsets change on a quarter of an hour, so the cache has one entry per quarter.
  const quarter = Math.floor(at / (15 * MINUTE));
  const offsets = offsetsByZone.get(zone) ?? new Map<number, number>();
  offsetsByZone.set(zone, offsets);
  const known = offsets.get(quarter);
  if (known !== undefined) return known;
  if (offsets.size >= OFFSETS_KEPT) offsets.clear();
  const offset = readOffset(quarter * 15 * MINUTE, zone);
  offsets.set(quarter, offset);
  return offset;
}

export function localTime(at: Instant, zone: string): LocalTime {
  const shifted = new Date(at + offsetAt(at, zone));
  return {
    year: shifted.getUTCFullYear(),
    month: shifted.getUTCMonth() + 1,
    day: shifted.getUTCDate(),
    hour: shifted.getUTCHours(),
    minute: shifted.getUTCMinutes(),
    weekday: ((shifted.getUTCDay() + 6) % 7) + 1,
  };
}

/**
 * The instant at which a zone's clocks show `wall` (local time written as UTC). For a skipped time in spring, the first instant after
 * the gap; for a repeated time, the first of the two.
 */
export function instantOf(wall: number, zone: string): Instant {
  const before = offsetAt(wall - DAY, zone);
  const after = offsetAt(wall + DAY, zone);
  for (const offset of [Math.max(before, after), Math.min(before, after)]) {
    if (offsetAt(wall - offset, zone) === offset) return wall - offset;
  }
  return gapEnd(wall - Math.max(before, after), wall - Math.min(before, after), zone);
}

/** Midnight at the start of a calendar date in a zone (the first instant of that date, where midnight is skipped). */
export function startOfDate(date: CalendarDate, zone: string): Instant {
  return instantOf(utcOf(date), zone);
}

/**
 * The first instant at or after `from` at which the zone's clocks reach `minutes` after midnight, or skip it. Where clocks are set
 * back over that time they reach it twice, and both count.
 */
export function nextTimeOfDay(from: Instant, minutes: number, zone: string): Instant {
  const today = utcOf(localTime(from, zone));
  for (let day = -1; day <= 2; day++) {
    const wall = today + day * DAY + minutes * MINUTE;
    const first = instantOf(wall, zone);
    if (first >= from) return first;
    const second = wall - offsetAt(wall + DAY, zone);
    if (second >= from && offsetAt(second, zone) === wall - second) return second;
  }
  return instantOf(today + 3 * DAY + minutes * MINUTE, zone);
}

/** Bounds of the current local day (`days` = 1) or week from Monday (`days` = 7). */
export function calendarWindow(at: Instant, days: 1 | 7, zone: string): { start: Instant; end: Instant } {
  const local = localTime(at, zone);
  const first = utcOf(local) - (days === 7 ? (local.weekday - 1) * DAY : 0);
  return { start: instantOf(first, zone), end: instantOf(first + days * DAY, zone) };
}

/** Resolves a parsed time to an instant: a date to its first instant in the zone, a wall-clock time in the zone. */
export function resolveTime(time: ParsedTime, zone: string): Instant {
  if (time.kind === "instant") return time.at;
  return time.kind === "date" ? startOfDate(time.date, zone) : instantOf(time.utc, zone);
}

/** Days from `now` until a time: whole calendar days for a date, hours / 24 otherwise; negative when it is past. */
export function daysUntil(time: ParsedTime, now: Instant, zone: string): number {
  if (time.kind !== "date") return (resolveTime(time, zone) - now) / DAY;
  return Math.round((utcOf(time.date) - utcOf(localTime(now, zone))) / DAY);
}

/** Whole days until the date's next anniversary, 0 on the day; 29 February is kept on the 28th in other years. */
export function daysUntilAnniversary(time: ParsedTime, now: Instant, zone: string): number {
  const date = time.kind === "date" ? time.date : localTime(resolveTime(time, zone), zone);
  const today = localTime(now, zone);
  const inYear = (year: number) =>
    utcOf({ year, month: date.month, day: date.month === 2 && date.day === 29 && !isLeapYear(year) ? 28 : date.day });
  const start = utcOf(today);
  const next = inYear(today.year) >= start ? inYear(today.year) : inYear(today.year + 1);
  return Math.round((next - start) / DAY);
}

/** A fixed offset used as a zone, in milliseconds: it has no clock changes. */
export function fixedOffset(zone: string): number | undefined {
  const [, sign, hours, minutes] = FIXED.exec(zone) ?? [];
  return sign === undefined ? undefined : (sign === "-" ? -1 : 1) * (Number(hours) * HOUR + Number(minutes) * MINUTE);
}

// --- internal ---

const OFFSETS_KEPT = 4_096;
const offsetsByZone = new Map<string, Map<number, number>>();
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(zone: string): Intl.DateTimeFormat | undefined {
  const known = formatters.get(zone);
  if (known) return known;
  try {
    const made = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      era: "short",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    formatters.set(zone, made);
    return made;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

const FIXED = /^([+-])(\d{2}):(\d{2})$/;

function readOffset(at: Instant, zone: string): number {
  const fixed = fixedOffset(zone);
  if (fixed !== undefined) return fixed;
  const formatter = formatterOf(zone);
  if (!formatter) throw new RangeError(`unknown time zone ${zone}`);
  const parts: Record<string, string> = {};
  for (const { type, value } of formatter.formatToParts(at)) parts[type] = value;
  const year = parts.era === "BC" ? 1 - Number(parts.year) : Number(parts.year);
  const wall =
    utcOf({ year, month: Number(parts.month), day: Number(parts.day) }) +
    Number(parts.hour) * HOUR +
    Number(parts.minute) * MINUTE +
    Number(parts.second) * SECOND;
  return wall - at;
}

/** The instant between two bounds at which the zone's offset changes: the end of the gap. */
function gapEnd(from: Instant, to: Instant, zone: string): Instant {
  const before = offsetAt(from, zone);
  let [low, high] = [Math.floor(from / (15 * MINUTE)), Math.ceil(to / (15 * MINUTE))];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle * 15 * MINUTE, zone) === before) low = middle;
    else high = middle;
  }
  return high * 15 * MINUTE;
}
