import { type Instant, MINUTE } from "../../domain/values/time.ts";
import { calendarWindow } from "../../domain/values/zone.ts";
import type { DayFigures } from "../../store/store.ts";

/** A span of time, its end excluded. */
export interface Part {
  readonly from: Instant;
  readonly to: Instant;
}

/** How many days before today make the usual one. */
const DAYS = 7;

/** Figures of the days before are read again at most this often. */
const STEP = 15 * MINUTE;

/**
 * The parts of the last days up to the time of day that it is now, rounded up to a quarter of an hour, the latest first. Days that began
 * before `first`, the store's first decision, are left out.
 */
export function partsBefore(now: Instant, zone: string, first: Instant): Part[] {
  const parts: Part[] = [];
  const today = calendarWindow(now, 1, zone).start;
  const length = Math.ceil((now - today) / STEP) * STEP;
  for (let start = today; parts.length < DAYS; ) {
    const { start: from, end } = calendarWindow(start - 1, 1, zone);
    if (from < first) break;
    parts.push({ from, to: Math.min(end, from + length) });
    start = from;
  }
  return parts;
}

/** The median of each figure; undefined without days. */
export function usualOf(days: readonly DayFigures[]): DayFigures | undefined {
  if (days.length === 0) return undefined;
  const of = (pick: (day: DayFigures) => number) => median(days.map(pick));
  return {
    decisions: of(({ decisions }) => decisions),
    silent: of(({ silent }) => silent),
    delivered: of(({ delivered }) => delivered),
    outcomes: of(({ outcomes }) => outcomes),
    ...(days.some(({ about }) => about) ? { about: true } : {}),
  };
}

// --- internal ---

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = 0, high = low] = sorted.length % 2 === 1 ? [sorted[middle]] : [sorted[middle - 1], sorted[middle]];
  return Math.round((low + high) / 2);
}
