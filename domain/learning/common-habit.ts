import { z } from "zod";
import type { HourLesson } from "../entities/lesson.ts";
import { HOUR } from "../values/time.ts";
import { AGES, CELLS, cellAt, eachPiece, WATCHED_MS } from "./hours-of-day.ts";

const Numbers = (length: number) => z.array(z.number().nonnegative()).length(length).readonly();

/**
 * What deliveries of one channel have shown about the hours at which everyone takes them up: a life table, JSON of at most about
 * 3 KB. It holds sums over all customers, and nothing of one of them.
 */
export const CommonHabit = z.object({
  version: z.literal(1),
  /** Hours that deliveries waited, by age and cell of the week (age × 48 + cell). */
  waited: Numbers(AGES.length * CELLS),
  /** Deliveries taken up, by cell and by age. */
  takenByCell: Numbers(CELLS),
  takenByAge: Numbers(AGES.length),
});
export type CommonHabit = Readonly<z.infer<typeof CommonHabit>>;

/** The state of a channel before its first delivery has taught. */
export const NO_HABIT: CommonHabit = {
  version: 1,
  waited: Array<number>(AGES.length * CELLS).fill(0),
  takenByCell: Array<number>(CELLS).fill(0),
  takenByAge: Array<number>(AGES.length).fill(0),
};

/** Parses a stored state; undefined for another version: learning then starts over. */
export function readCommonHabit(stored: unknown): CommonHabit | undefined {
  const read = CommonHabit.safeParse(stored);
  return read.success ? read.data : undefined;
}

/** The state after one more delivery, whether it was taken up or not. */
export function learnHour(
  habit: CommonHabit,
  { sentAt, until, taken, zone }: Pick<HourLesson, "sentAt" | "until" | "taken" | "zone">,
): CommonHabit {
  const waited = habit.waited.map((hours) => KEPT * hours);
  const takenByCell = habit.takenByCell.map((count) => KEPT * count);
  const takenByAge = habit.takenByAge.map((count) => KEPT * count);
  eachPiece(sentAt, until, zone, (age, cell, hours) => add(waited, age * CELLS + cell, hours));
  if (taken && until - sentAt <= WATCHED_MS) {
    add(takenByCell, cellAt(until, zone), 1);
    add(takenByAge, ageOf(until - sentAt), 1);
  }
  return { version: 1, waited: waited.map(rounded), takenByCell: takenByCell.map(rounded), takenByAge: takenByAge.map(rounded) };
}

/** The hazard of being taken up is the product of a rate by age (an hour) and a factor by cell of the week. */
export interface HabitRates {
  readonly byAge: readonly number[];
  readonly byCell: readonly number[];
}

/**
 * Fits the rates of a life table: piecewise exponential in age and cell (Holford 1980, "The analysis of rates and of survivorship using
 * log-linear models"), which is a Poisson regression with the waits as offset, here by alternating its two margins. So an opening soon
 * after a send counts for the age of the delivery and not as a habit of that hour. Each factor has a gamma prior around 1 that is worth
 * `CELL_PRIOR` deliveries taken up, and each rate one worth two: without evidence every hour is as good as any other.
 */
export function ratesOf(habit: CommonHabit): HabitRates {
  const known = fits.get(habit);
  if (known) return known;
  const fit = fitted(habit);
  fits.set(habit, fit);
  return fit;
}

// --- internal ---

/** Deliveries after which evidence has decayed to 1/e. */
const MEMORY = 20_000;
const KEPT = 1 - 1 / MEMORY;
const CELL_PRIOR = 10;
const AGE_PRIOR = 2;
/** Rates an hour before anything is learned. */
const USUAL_RATES: readonly number[] = [0.1, 0.05, 0.03, 0.015, 0.003];
const ROUNDS = 25;

const fits = new WeakMap<CommonHabit, HabitRates>();

const rounded = (value: number): number => Math.round(value * 1e4) / 1e4;

function add(to: number[], index: number, value: number): void {
  to[index] = (to[index] ?? 0) + value;
}

const ageOf = (ms: number): number => {
  const age = AGES.findIndex((bound) => ms < bound * HOUR);
  return age < 0 ? AGES.length - 1 : age;
};

function fitted({ waited, takenByCell, takenByAge }: CommonHabit): HabitRates {
  let byCell: number[] = Array<number>(CELLS).fill(1);
  let byAge: number[] = [...USUAL_RATES];
  for (let round = 0; round < ROUNDS; round++) {
    byAge = takenByAge.map((taken, age) => {
      const expected = byCell.reduce((sum, factor, cell) => sum + factor * (waited[age * CELLS + cell] ?? 0), 0);
      return (taken + AGE_PRIOR) / (expected + AGE_PRIOR / (USUAL_RATES[age] ?? 1));
    });
    byCell = takenByCell.map((taken, cell) => {
      const expected = byAge.reduce((sum, rate, age) => sum + rate * (waited[age * CELLS + cell] ?? 0), 0);
      return (taken + CELL_PRIOR) / (expected + CELL_PRIOR);
    });
  }
  return { byAge, byCell };
}
