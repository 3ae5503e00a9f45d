import { HOUR, type Instant } from "../values/time.ts";
import { offsetAt } from "../values/zone.ts";

/** Cells of a week: 24 hours of a weekday, then 24 hours of a day of the weekend. */
export const CELLS = 48;

/** Upper bounds, in hours, of the ages of a delivery within which its chance of being taken up counts as constant. */
export const AGES: readonly number[] = [1, 3, 8, 24, 72];

/** How long a delivery is watched; what is taken up later says nothing about an hour. */
export const WATCHED_MS = (AGES.at(-1) ?? 0) * HOUR;

/** The cell of an instant in a zone. */
export const cellAt = (at: Instant, zone: string): number => cellOf(at + offsetAt(at, zone));

/** The first instant after `at` at which another hour of the local day begins; clocks are changed at the turn of an hour. */
export const nextHour = (at: Instant, zone: string): Instant => at + leftOfHour(at + offsetAt(at, zone));

/** Visits what a delivery waited between two instants: pieces within one cell and one age, with their length in hours. */
export function eachPiece(sentAt: Instant, until: Instant, zone: string, visit: (age: number, cell: number, hours: number) => void): void {
  const end = Math.min(until, sentAt + WATCHED_MS);
  let age = 0;
  for (let at = sentAt; at < end; ) {
    while (sentAt + (AGES[age] ?? 0) * HOUR <= at) age += 1;
    const local = at + offsetAt(at, zone);
    const next = Math.min(end, at + leftOfHour(local), sentAt + (AGES[age] ?? 0) * HOUR);
    visit(age, cellOf(local), (next - at) / HOUR);
    at = next;
  }
}

// --- internal ---

const WEEKDAYS = 5;

function cellOf(local: number): number {
  const hours = Math.floor(local / HOUR);
  const day = Math.floor(hours / 24);
  // Day 0 of the epoch was a Thursday.
  const weekday = (((day + 3) % 7) + 7) % 7;
  return (weekday < WEEKDAYS ? 0 : 24) + hours - day * 24;
}

const leftOfHour = (local: number): number => HOUR - (local - Math.floor(local / HOUR) * HOUR);
