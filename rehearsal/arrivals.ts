import { type Random, seededRandom } from "../domain/values/random.ts";
import { DAY, type Instant } from "../domain/values/time.ts";
import { type CommonLevel, drawLevels, fitLevel, type Week } from "./common-level.ts";
import { type Drawn, drawCustomer, expectedRepeats, fitLeaving, type Leaving, type Seen } from "./leaving.ts";
import { type Pace, paceOf, type Rhythm, rhythmIn } from "./rhythm.ts";
import { wait } from "./sampling.ts";

export const WEEK = 7 * DAY;

/** When one type of signal came from one customer: ascending; at least one, unless it says since when she is known. */
export interface History {
  readonly customerId: string;
  readonly times: readonly Instant[];
  /** Since when she is known, where that is before the first: she might have sent one since then. Without it, since the first. */
  readonly known?: Instant;
}

/** From when until when arrivals were seen, and in which zone their hours count. */
export interface Period {
  readonly from: Instant;
  readonly until: Instant;
  readonly zone: string;
}

/** What was seen of a customer in a period, in short. */
export interface Sent {
  readonly since: Instant;
  /** How many came after that. */
  readonly count: number;
  /** The last of them; `since` where none came. */
  readonly last: Instant;
}

/** How one type of signal comes. */
export interface ArrivalModel {
  readonly period: Period;
  readonly rhythm: Rhythm;
  readonly leaving: Leaving;
  readonly level: CommonLevel;
}

/** An arrival that is played: who, by her place among the histories, and when. */
export interface Arrival {
  readonly customer: number;
  readonly at: Instant;
}

/**
 * Learns how one type of signal comes: the hours of the week, how often customers come again and when they stop, and what moves all of
 * them at once.
 *
 * @param histories of whoever has sent one in the period, or might have; of more than 20,000 an even share is read
 * @param mostFitted of how many of them rates and leaving are learned, which takes the longest: of those who sent some, and of others
 */
export function fitArrivals(histories: readonly History[], period: Period, mostFitted = MOST_FITTED): ArrivalModel {
  const fitted = evenShare(histories, MOST_FITTED);
  const rhythm = rhythmIn(
    fitted.flatMap(({ times }) => times),
    period,
  );
  const pace = paceOf(rhythm, period, period.zone);
  const seen = [fitted.filter(({ times }) => times.length > 0), fitted.filter(({ times }) => times.length === 0)].flatMap((all) => {
    const share = evenShare(all, mostFitted);
    return share.map((one) => ({ ...seenIn(sentIn(one), pace, period), customers: all.length / share.length }));
  });
  const leaving = fitLeaving(seen);
  return { period, rhythm, leaving, level: fitLevel(weeksOf(fitted, leaving, pace, period)) };
}

export interface Play {
  readonly until: Instant;
  readonly seed: string;
  /** Which of several futures: the same one for the same seed and path, whatever is decided in it. */
  readonly path: number;
}

/** Plays what comes after the period, in no order. Each customer's draws are her own: another one more or less changes none of them. */
export function playArrivals(model: ArrivalModel, histories: readonly History[], { until, seed, path }: Play): Arrival[] {
  const paces = pacesOf(model, until, seededRandom(`${seed}\n${path}`));
  return histories.flatMap((one, customer) => {
    const random = seededRandom(`${seed}\n${path}\n${one.customerId}`);
    return drawArrivals(model, paces, sentIn(one), random).map((at) => ({ customer, at }));
  });
}

/** How time passed in the period, and how it passes in one play of what follows. */
export interface Paces {
  readonly past: Pace;
  readonly coming: Pace;
}

/** Draws what moves all customers at once in one play. */
export function pacesOf({ period, rhythm, level }: ArrivalModel, until: Instant, random: Random): Paces {
  const levels = drawLevels(level, Math.ceil((until - period.until) / WEEK), random);
  return {
    past: paceOf(rhythm, period, period.zone),
    coming: paceOf(rhythm, { from: period.until, until }, period.zone, levels),
  };
}

/** What follows the period from a customer, by time. */
export function drawArrivals({ leaving, period }: ArrivalModel, { past, coming }: Paces, sent: Sent, random: Random): Instant[] {
  const drawn = drawCustomer(leaving, seenIn(sent, past, period), random);
  return drawn ? drawTimes(drawn, random, (passed) => coming.instant(passed)) : [];
}

/** What was seen of a customer, in short. */
export function sentIn({ times, known }: History): Sent {
  const since = known ?? times[0] ?? 0;
  return { since, count: times.length - (known === undefined ? 1 : 0), last: times.at(-1) ?? since };
}

// --- internal ---

const MOST_FITTED = 20_000;

function evenShare<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  return Array.from({ length: most }, (_, n) => items[Math.floor((n * items.length) / most)] as T);
}

function seenIn(sent: Sent, pace: Pace, { until }: Period): Seen {
  const since = pace.passed(sent.since);
  return { repeats: sent.count, last: pace.passed(sent.last) - since, watched: pace.passed(until) - since };
}

/** The times at which a customer comes, of a wait after another, until she leaves or the time is over. */
function drawTimes({ perDay, leavesIn }: Drawn, random: Random, timeOf: (passed: number) => Instant | undefined): Instant[] {
  const times: Instant[] = [];
  for (let passed = wait(random) / perDay; passed < leavesIn; passed += wait(random) / perDay) {
    const time = timeOf(passed);
    if (time === undefined) break;
    times.push(time);
  }
  return times;
}

/** The whole weeks of the period: how many came again, and how many would have if nothing moved all customers at once. */
function weeksOf(histories: readonly History[], leaving: Leaving, pace: Pace, { from, until }: Period): Week[] {
  const count = Math.floor((until - from) / WEEK);
  const again = histories.flatMap(({ times, known }) => times.slice(known === undefined ? 1 : 0).map((at) => (at - from) / WEEK));
  const came = countedBy(again, count);
  const expected = new Float64Array(count);
  for (const one of histories) {
    const first = pace.passed(sentIn(one).since);
    let before = 0;
    // A week of the calendar takes a week of the pace.
    for (let week = Math.floor(first / 7); week < count; week++) {
      const by = expectedRepeats(leaving, Math.max(0, (week + 1) * 7 - first));
      expected[week] = (expected[week] ?? 0) + by - before;
      before = by;
    }
  }
  return Array.from({ length: count }, (_, week) => ({ came: came[week] ?? 0, expected: expected[week] ?? 0 }));
}

/** How many fall into each of so many weeks; later ones into none. */
function countedBy(weeks: readonly number[], count: number): readonly number[] {
  const counts = new Array<number>(count).fill(0);
  for (const week of weeks.map(Math.floor)) if (week < count) counts[week] = (counts[week] ?? 0) + 1;
  return counts;
}
