// The window of a question: days as people type them, in the zone in which they read times.

/** The window in the address: days such as `2026-09-01`, both ends included. */
export interface Days {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** The same as instants: from the beginning of the first day to the end of the last. A day that is none is left out. */
export function windowOf({ from, to }: Days, zone: string): Days {
  const start = from === undefined ? undefined : dayStart(from, 0, zone);
  const end = to === undefined ? undefined : dayStart(to, 1, zone);
  return { from: start === undefined ? undefined : iso(start), to: end === undefined ? undefined : iso(end - 1_000) };
}

/** The days around an instant, a week before and after it. */
export function around(at: string, zone: string): Days {
  const time = Date.parse(at);
  return { from: dayIn(time - WEEK, zone), to: dayIn(time + WEEK, zone) };
}

// --- internal ---

const DAY = 86_400_000;
const WEEK = 7 * DAY;

const iso = (at: number): string => new Date(at).toISOString().replace(".000Z", "Z");

/** The instant at which a day, or one some days later, begins in a zone. */
function dayStart(day: string, later: number, zone: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return undefined;
  const wall = Date.parse(`${day}T00:00:00Z`) + later * DAY;
  if (Number.isNaN(wall)) return undefined;
  const guess = wall - offsetAt(wall, zone);
  // Between the guess and midnight the clocks may have changed.
  return wall - offsetAt(guess, zone);
}

function dayIn(at: number, zone: string): string {
  return new Date(at + offsetAt(at, zone)).toISOString().slice(0, 10);
}

/** Milliseconds that a zone's clocks are ahead of UTC. */
function offsetAt(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat("en-GB", {
    ...{ timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric" },
    ...{ hour: "numeric", minute: "numeric", second: "numeric" },
  }).formatToParts(at);
  const read = (type: string): number => Number(parts.find((part) => part.type === type)?.value ?? 0);
  const local = Date.UTC(read("year"), read("month") - 1, read("day"), read("hour"), read("minute"), read("second"));
  return local - Math.floor(at / 1_000) * 1_000;
}
