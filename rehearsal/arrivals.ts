import { type Random, seededRandom } from "../domain/values/random.ts";
import { DAY, type Instant } from "../domain/values/time.ts";
import { type CommonLevel, drawLevels, fitLevel, type Week } from "./common-level.ts";
import { type Drawn, drawCustomer, drawStranger, fitLeaving, type Leaving, type Seen } from "./leaving.ts";
import { type Pace, paceOf, type Rhythm, rhythmOf } from "./rhythm.ts";
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
 */
export function fitArrivals(histories: readonly History[], period: Period): ArrivalModel {
  const fitted = evenShare(histories, MOST_FITTED);
  const rhythm = rhythmOf(
    fitted.flatMap(({ times }) => times),
    period.zone,
  );
  const pace = paceOf(rhythm, period, period.zone);
  const leaving = fitLeaving(fitted.map((one) => seenIn(one, pace, period)));
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
  const { period, rhythm, level, leaving } = model;
  const weeks = Math.ceil((until - period.until) / WEEK);
  const levels = drawLevels(level, weeks, seededRandom(`${seed}\n${path}`));
  const past = paceOf(rhythm, period, period.zone);
  const coming = paceOf(rhythm, { from: period.until, until }, period.zone, levels);
  return histories.flatMap((one, customer) => {
    const random = seededRandom(`${seed}\n${path}\n${one.customerId}`);
    const drawn = drawCustomer(leaving, seenIn(one, past, period), random);
    if (!drawn) return [];
    const times = drawTimes(drawn, random, (passed) => coming.instant(passed));
    return times.map((at) => ({ customer, at }));
  });
}

// --- internal ---

const MOST_FITTED = 20_000;

/** Strangers played for what is expected of each week: enough that chance hardly moves it. */
const STRANGERS = 50_000;

function evenShare<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  return Array.from({ length: most }, (_, n) => items[Math.floor((n * items.length) / most)] as T);
}

function seenIn({ times }: History, pace: Pace, { until }: Period): Seen {
  const first = pace.passed(times[0] ?? until);
  return { repeats: times.length - 1, last: pace.passed(times.at(-1) ?? until) - first, watched: pace.passed(until) - first };
}

/** The times at which a customer comes, of a wait after another, until she leaves or the time is over. */
function drawTimes<Time>({ perDay, leavesIn }: Drawn, random: Random, timeOf: (passed: number) => Time | undefined): Time[] {
  const times: Time[] = [];
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
  const each = Math.ceil(STRANGERS / Math.max(1, histories.length));
  const random = seededRandom("expected weeks");
  // A week of the calendar takes a week of the pace.
  const expected = histories.flatMap(({ times }) => {
    const first = pace.passed(times[0] ?? until);
    const weekAt = (passed: number): number | undefined => (first + passed < count * 7 ? (first + passed) / 7 : undefined);
    return Array.from({ length: each }, () => drawTimes(drawStranger(leaving, random), random, weekAt)).flat();
  });
  const [came, played] = [again, expected].map((weeks) => countedBy(weeks, count));
  return Array.from({ length: count }, (_, week) => ({ came: came?.[week] ?? 0, expected: (played?.[week] ?? 0) / each }));
}

/** How many fall into each of so many weeks; later ones into none. */
function countedBy(weeks: readonly number[], count: number): readonly number[] {
  const counts = new Array<number>(count).fill(0);
  for (const week of weeks.map(Math.floor)) if (week < count) counts[week] = (counts[week] ?? 0) + 1;
  return counts;
}
