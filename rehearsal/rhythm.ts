import { DAY, HOUR, type Instant } from "../domain/values/time.ts";
import { offsetAt } from "../domain/values/zone.ts";

/** How much more comes at each hour of the local week than on average; Monday's first hour first. Their mean is 1. */
export type Rhythm = readonly number[];

const HOURS_OF_WEEK = 7 * 24;

/** Below so many whole days no hour of the day is told from another, below so many weeks no day of the week. */
export const DAYS_FOR_RHYTHM = 2;
export const WEEKS_FOR_RHYTHM = 2;

/**
 * The rhythm of a period, from its last whole weeks, so that each hour was watched as often as any other. Of a shorter one than two weeks
 * the hours of the day are read, and of less than two days nothing.
 */
export function rhythmIn(arrivals: readonly Instant[], { from, until, zone }: { from: Instant; until: Instant; zone: string }): Rhythm {
  const weeks = Math.floor((until - from) / (7 * DAY));
  const days = Math.floor((until - from) / DAY);
  if (days < DAYS_FOR_RHYTHM) return rhythmOf([], zone);
  if (weeks >= WEEKS_FOR_RHYTHM)
    return rhythmOf(
      arrivals.filter((at) => at >= until - weeks * 7 * DAY),
      zone,
    );
  const hours = new Array<number>(24).fill(1);
  const watched = arrivals.filter((at) => at >= until - days * DAY);
  for (const at of watched) hours[hourOfWeek(at, zone) % 24] = (hours[hourOfWeek(at, zone) % 24] ?? 0) + 1;
  return Array.from({ length: HOURS_OF_WEEK }, (_, hour) => ((hours[hour % 24] ?? 0) / (watched.length + 24)) * 24);
}

/** The rhythm of arrivals, drawn towards an even one by one arrival an hour of the week. */
export function rhythmOf(arrivals: readonly Instant[], zone: string): Rhythm {
  const counts = new Array<number>(HOURS_OF_WEEK).fill(1);
  for (const at of arrivals) {
    const hour = hourOfWeek(at, zone);
    counts[hour] = (counts[hour] ?? 0) + 1;
  }
  const total = arrivals.length + HOURS_OF_WEEK;
  return counts.map((count) => (count / total) * HOURS_OF_WEEK);
}

/**
 * Time that passes faster when more comes, so that what comes by the rhythm comes evenly in it. In days, from the begin of a period; after
 * a week of the calendar a week has passed, unless levels say otherwise.
 */
export interface Pace {
  passed(at: Instant): number;
  /** The instant at which so much has passed; undefined after the end of the period. */
  instant(passed: number): Instant | undefined;
}

/**
 * @param levels factors of the weeks of the period, from its begin; 1 where there is none
 */
export function paceOf(
  rhythm: Rhythm,
  period: { readonly from: Instant; readonly until: Instant },
  zone: string,
  levels: readonly number[] = [],
): Pace {
  const { from, until } = period;
  const hours = Math.max(0, Math.ceil((until - from) / HOUR));
  const ends = new Float64Array(hours + 1);
  for (let hour = 0; hour < hours; hour++) {
    const level = levels[Math.floor(hour / HOURS_OF_WEEK)] ?? 1;
    ends[hour + 1] = (ends[hour] ?? 0) + ((rhythm[hourOfWeek(from + hour * HOUR, zone)] ?? 1) * level) / 24;
  }
  const passed = (at: Instant): number => {
    const exact = (Math.min(Math.max(at, from), until) - from) / HOUR;
    const hour = Math.min(hours, Math.floor(exact));
    const [before = 0, after = before] = [ends[hour], ends[hour + 1]];
    return before + (exact - hour) * (after - before);
  };
  return {
    passed,
    instant(wanted) {
      if (wanted > passed(until)) return undefined;
      const hour = firstOver(ends, wanted) - 1;
      const [before = 0, after = before] = [ends[hour], ends[hour + 1]];
      const share = after > before ? (wanted - before) / (after - before) : 0;
      return from + (hour + share) * HOUR;
    },
  };
}

// --- internal ---

/** Offsets are read at midnights (UTC), which are few: a clock that shows the same at both ends of a day was not changed in it. */
function offsetOn(at: Instant, zone: string): number {
  const day = Math.floor(at / DAY) * DAY;
  const offset = offsetAt(day, zone);
  return offset === offsetAt(day + DAY, zone) ? offset : offsetAt(at, zone);
}

function hourOfWeek(at: Instant, zone: string): number {
  const local = at + offsetOn(at, zone);
  // Day 0 of the epoch was a Thursday.
  const weekday = (((Math.floor(local / DAY) + 3) % 7) + 7) % 7;
  return weekday * 24 + Math.floor((local - Math.floor(local / DAY) * DAY) / HOUR);
}

/** The first place at which an ascending list is greater than a number; its last place where none is. */
function firstOver(list: Float64Array, number: number): number {
  let low = 1;
  let high = list.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle] ?? 0) > number) high = middle;
    else low = middle + 1;
  }
  return low;
}
