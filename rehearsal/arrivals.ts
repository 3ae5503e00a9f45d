import { type Random, seededRandom } from "../domain/values/random.ts";
import { DAY, type Instant } from "../domain/values/time.ts";
import { type CommonLevel, drawLevels, fitLevel, type Week } from "./common-level.ts";
import { type Drawn, drawCustomer, drawStranger, expectedRepeats, fitLeaving, type Leaving, type Seen } from "./leaving.ts";
import { type Pace, paceOf, type Rhythm, rhythmIn } from "./rhythm.ts";
import { wait } from "./sampling.ts";

export const WEEK = 7 * DAY;

/** When one type of signal came from one customer: ascending, at least one. */
export interface History {
  readonly customerId: string;
  readonly times: readonly Instant[];
}

/** From when until when arrivals were seen, and in which zone their hours count. */
export interface Period {
  readonly from: Instant;
  readonly until: Instant;
  readonly zone: string;
}

/** What was seen of a customer in a period, in short. */
export interface Sent {
  readonly count: number;
  readonly first: Instant;
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
 * them at once. Whoever has never sent one is not part of it.
 *
 * @param histories of whoever has sent one in the period; of more than 20,000 an even share is read
 * @param mostFitted of how many of them her own rate and her leaving are learned, which takes the longest
 */
export function fitArrivals(histories: readonly History[], period: Period, mostFitted = MOST_FITTED): ArrivalModel {
  const fitted = evenShare(histories, MOST_FITTED);
  const rhythm = rhythmIn(
    fitted.flatMap(({ times }) => times),
    period,
  );
  const pace = paceOf(rhythm, period, period.zone);
  const leaving = fitLeaving(evenShare(fitted, mostFitted).map(({ times }) => seenIn(sentIn(times), pace, period)));
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
  return histories.flatMap(({ customerId, times }, customer) => {
    const random = seededRandom(`${seed}\n${path}\n${customerId}`);
    return drawArrivals(model, paces, sentIn(times), random).map((at) => ({ customer, at }));
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

/** What follows the period from a customer who has sent some in it, by time. */
export function drawArrivals({ leaving, period }: ArrivalModel, { past, coming }: Paces, sent: Sent, random: Random): Instant[] {
  const drawn = drawCustomer(leaving, seenIn(sent, past, period), random);
  return drawn ? drawTimes(drawn, random, (passed) => coming.instant(passed)) : [];
}

/** What follows a first one that comes after the period, when so much has passed of what is coming; the first one included. */
export function drawFromFirst({ leaving }: ArrivalModel, { coming }: Paces, passed: number, random: Random): Instant[] {
  const first = coming.instant(passed);
  if (first === undefined) return [];
  return [first, ...drawTimes(drawStranger(leaving, random), random, (more) => coming.instant(passed + more))];
}

// --- internal ---

const MOST_FITTED = 20_000;

function evenShare<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  return Array.from({ length: most }, (_, n) => items[Math.floor((n * items.length) / most)] as T);
}

const sentIn = (times: readonly Instant[]): Sent => ({ count: times.length, first: times[0] ?? 0, last: times.at(-1) ?? 0 });

function seenIn(sent: Sent, pace: Pace, { until }: Period): Seen {
  const first = pace.passed(sent.first);
  return { repeats: sent.count - 1, last: pace.passed(sent.last) - first, watched: pace.passed(until) - first };
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
  const again = histories.flatMap(({ times }) => times.slice(1).map((at) => (at - from) / WEEK));
  const came = countedBy(again, count);
  const expected = new Float64Array(count);
  for (const { times } of histories) {
    const first = pace.passed(times[0] ?? until);
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
