import { cellAt } from "../../domain/learning/hours-of-day.ts";
import { type Random, seededRandom, shareOf } from "../../domain/values/random.ts";
import { HOUR, type Instant, MINUTE } from "../../domain/values/time.ts";

/** A simulated customer whose habit is known. */
export interface Person {
  readonly id: string;
  readonly zone: string;
  /** Factor of all rates. */
  readonly level: number;
  /** Factor of an hour of the local day. */
  factor(hour: number, isWeekend: boolean): number;
}

export const POPULATIONS = {
  "own hour": "each customer reads mail around an hour of her own, another one at weekends",
  "everyone's evening": "all read mail in the evening",
  "half have an hour": "half of them have an hour of their own, half have none",
  "no habit": "every hour is as good as any other",
} as const;
export type PopulationName = keyof typeof POPULATIONS;

/** The customers of a population, always the same ones. */
export function peopleOf(population: PopulationName, count: number): Person[] {
  return Array.from({ length: count }, (_, index) => {
    const id = `${population} ${index}`;
    const random = seededRandom(id);
    const zone = ZONES[index % ZONES.length] ?? "UTC";
    return { id, zone, level: levelOf(random), factor: factorOf(population, id) };
  });
}

/** Rate an hour at which mail of this age is read, on average over the day: most is read soon or never. Not of the form that is learned. */
const rateAt = (age: number): number => 0.12 * Math.exp(-age / (5 * HOUR)) + 0.0015;

/** How long a message may be read. */
const READABLE_MS = 72 * HOUR;
const STEP = 15 * MINUTE;

/** Rates of reading a message that is sent at an instant, in steps of a quarter of an hour. */
function* rates({ zone, level, factor }: Person, sentAt: Instant): Generator<readonly [at: Instant, expected: number]> {
  for (let age = 0; age < READABLE_MS; age += STEP) {
    const cell = cellAt(sentAt + age, zone);
    yield [sentAt + age, (level * factor(cell % 24, cell >= 24) * rateAt(age) * STEP) / HOUR];
  }
}

/** The true chance that a message sent then is read. */
export function chanceOf(person: Person, sentAt: Instant): number {
  let expected = 0;
  for (const [, one] of rates(person, sentAt)) expected += one;
  return 1 - Math.exp(-expected);
}

/** When a message is read, drawn; undefined where it never is. */
export function readingOf(person: Person, sentAt: Instant, random: Random): Instant | undefined {
  let left = -Math.log(1 - random());
  for (const [at, expected] of rates(person, sentAt)) {
    left -= expected;
    if (left < 0) return at + random() * STEP;
  }
  return undefined;
}

// --- internal ---

const ZONES = ["Europe/Berlin", "America/New_York", "Asia/Kolkata"];

/** Gamma with mean 1 and deviation 0.7: the mean of two exponentials. */
const levelOf = (random: Random): number => -Math.log((1 - random()) * (1 - random())) / 2;

/** Three hours with three quarters of all reading; the rest of the day has the other quarter. */
const around = (own: number) => (hour: number) => ((hour - own + 25) % 24 < 3 ? (0.75 * 24) / 3 : (0.25 * 24) / 21);

const evening = (hour: number): number => (hour >= 18 && hour < 22 ? (0.6 * 24) / 4 : (0.4 * 24) / 20);

const flat = (): number => 1;

function factorOf(population: PopulationName, id: string): Person["factor"] {
  const [weekday, weekend] = [Math.floor(24 * shareOf(`weekday ${id}`)), Math.floor(24 * shareOf(`weekend ${id}`))];
  const own: Person["factor"] = (hour, isWeekend) => around(isWeekend ? weekend : weekday)(hour);
  if (population === "own hour") return own;
  if (population === "half have an hour") return shareOf(`half ${id}`) < 0.5 ? own : flat;
  return population === "no habit" ? flat : evening;
}
