import { seededRandom } from "../values/random.ts";
import type { Instant } from "../values/time.ts";
import type { HabitRates } from "./common-habit.ts";
import { CELLS, cellAt, eachPiece, nextHour, WATCHED_MS } from "./hours-of-day.ts";
import type { HabitPosterior, OwnHabit } from "./own-habit.ts";

/** The hour chosen for a message. */
export interface ChosenHour {
  /** Now, or the start of an hour. */
  readonly at: Instant;
  /** The probability of choosing it, over all draws; 1 where nothing is drawn. */
  readonly probability: number;
  /** Expected chance of being taken up within three days, when sent then and when sent now. */
  readonly chance: number;
  readonly chanceNow: number;
  /** Whether the customer alone, and not everyone, makes it better than now, or most probably has an hour of her own. */
  readonly isOwn: boolean;
  /** Every hour that may be chosen, with its probability; the chosen one is among them. */
  readonly shares: readonly { readonly at: Instant; readonly probability: number }[];
}

export interface HourQuestion {
  readonly rates: HabitRates;
  readonly posterior: HabitPosterior;
  readonly zone: string;
  /** Instants to choose from, in order, now first. */
  readonly hours: readonly Instant[];
  /** Seeds the draw of a habit; without it, the best hour over all habits is chosen. */
  readonly seed?: string;
}

/** Now, and the starts of the hours of the local day before `end`. */
export function hoursUntil(now: Instant, end: Instant, zone: string): Instant[] {
  const hours = [now];
  for (let at = nextHour(now, zone); at < end; at = nextHour(at, zone)) hours.push(at);
  return hours;
}

/**
 * Chooses the hour at which a message is most likely taken up; now, unless another is clearly better. While exploring, one habit is drawn
 * from the posterior and its best hour is chosen; the probability is the exact sum of the weights of the habits that choose that hour.
 */
export function chooseHour({ rates, posterior, zone, hours, seed }: HourQuestion): ChosenHour {
  const { habits, shape } = posterior;
  const spans = hours.map((at) => spanOf(at, rates, zone));
  const [weekday, weekend] = [expectedBy(spans, posterior.weekday, 0), expectedBy(spans, posterior.weekend, 24)];
  const expectedAt = (habit: OwnHabit, hour: number): number =>
    (weekday[habit.weekday]?.[hour] ?? 0) + (weekend[habit.weekend]?.[hour] ?? 0);
  const chance = ({ rate }: OwnHabit, expected: number): number => 1 - (rate / (rate + expected)) ** shape;
  // What has no weight takes no part in a mean.
  const likely = habits.filter(({ weight }) => weight > NEGLIGIBLE);
  const mean = (hour: number): number => likely.reduce((sum, habit) => sum + habit.weight * chance(habit, expectedAt(habit, hour)), 0);
  const isEveryones = (hour: number): boolean => {
    const [everyone] = habits;
    return !everyone || chance(everyone, expectedAt(everyone, hour)) > WORTH_WAITING * chance(everyone, expectedAt(everyone, 0));
  };
  const tell = (hour: number, weights: ReadonlyMap<number, number>): ChosenHour => {
    const at = hours[hour] ?? Number.NaN;
    const shares = [...weights].map(([one, weight]) => ({ at: hours[one] ?? Number.NaN, probability: Math.min(1, weight) }));
    const probability = Math.min(1, weights.get(hour) ?? 0);
    return { at, probability, chance: mean(hour), chanceNow: mean(0), isOwn: isOwnAt(at, habits, zone) || !isEveryones(hour), shares };
  };
  if (seed === undefined) {
    const hour = best(hours.map((_, one) => mean(one)));
    return tell(hour, new Map([[hour, 1]]));
  }
  const choices = habits.map((habit) => {
    // The chance grows with what is expected, so the best hour is found without it.
    let found = 0;
    for (let hour = 1; hour < hours.length; hour++) if (expectedAt(habit, hour) > expectedAt(habit, found)) found = hour;
    return chance(habit, expectedAt(habit, found)) > WORTH_WAITING * chance(habit, expectedAt(habit, 0)) ? found : 0;
  });
  const weights = new Map<number, number>();
  for (const [index, { weight }] of habits.entries()) {
    const choice = choices[index] ?? 0;
    weights.set(choice, (weights.get(choice) ?? 0) + weight);
  }
  return tell(choices[drawnFrom(habits, seed)] ?? 0, weights);
}

// --- internal ---

/** A wait is worth it only where the chance rises by this factor. */
const WORTH_WAITING = 1.05;
const NEGLIGIBLE = 1e-9;
/** From this probability on the hour counts as the customer's own. */
const SURELY = 0.8;

/** By cell, how often a message sent then is taken up at everyone's rates by age. */
function spanOf(at: Instant, { byAge }: HabitRates, zone: string): readonly number[] {
  const expected = Array<number>(CELLS).fill(0);
  eachPiece(at, at + WATCHED_MS, zone, (age, cell, hours) => {
    expected[cell] = (expected[cell] ?? 0) + (byAge[age] ?? 0) * hours;
  });
  return expected;
}

/** By class, and by hour of sending. */
const expectedBy = (spans: readonly (readonly number[])[], classes: readonly (readonly number[])[], start: number): number[][] =>
  classes.map((factors) => spans.map((span) => factors.reduce((sum, factor, hour) => sum + factor * (span[start + hour] ?? 0), 0)));

/** The first of the best hours, and now where none is clearly better. */
function best(chances: readonly number[]): number {
  const most = Math.max(...chances);
  return most > WORTH_WAITING * (chances[0] ?? 0) ? chances.indexOf(most) : 0;
}

/** Whether the customer has an hour of her own on days like that of an instant. */
function isOwnAt(at: Instant, habits: readonly OwnHabit[], zone: string): boolean {
  const isWeekend = cellAt(at, zone) >= 24;
  return habits.reduce((sum, { weekday, weekend, weight }) => sum + ((isWeekend ? weekend : weekday) > 0 ? weight : 0), 0) > SURELY;
}

function drawnFrom(habits: readonly OwnHabit[], seed: string): number {
  let left = seededRandom(seed)();
  for (const [index, { weight }] of habits.entries()) {
    left -= weight;
    if (left < 0) return index;
  }
  return habits.length - 1;
}
