import { normal, type Random, seededRandom } from "../../domain/values/random.ts";
import { DAY, HOUR, type Instant } from "../../domain/values/time.ts";
import { type History, WEEK } from "../../rehearsal/arrivals.ts";
import { wait } from "../../rehearsal/sampling.ts";

/** A Monday. */
export const FROM = Date.UTC(2026, 0, 5);
export const SPLIT = FROM + 28 * WEEK;
export const UNTIL = FROM + 40 * WEEK;
export const ZONE = "UTC";

/** Histories whose truth is known, and whether the past tells what comes of them. */
interface Population {
  readonly what: string;
  readonly isForetold: boolean;
  /** How much more comes at an instant than on average. */
  readonly intensity: (at: Instant) => number;
  /** Mean weeks until a customer leaves; nobody does without it. */
  readonly staysWeeks?: number;
}

const isOfficeHour = (at: Instant): boolean => {
  const hour = Math.floor(((at - FROM) % DAY) / HOUR);
  return Math.floor((at - FROM) / DAY) % 7 < 5 && hour >= 9 && hour < 17;
};

const inWeek = (at: Instant, week: number): boolean => Math.floor((at - FROM) / WEEK) === week;

export const POPULATIONS = {
  stationary: { what: "each at a rate of her own, for ever", isForetold: true, intensity: () => 1 },
  rhythm: { what: "ten times as often in office hours", isForetold: true, intensity: (at) => (isOfficeHour(at) ? 3 : 0.3) },
  leaving: { what: "each leaves for good, after 20 weeks on average", isForetold: true, intensity: () => 1, staysWeeks: 20 },
  burst: { what: "five times as much in week 12", isForetold: true, intensity: (at) => (inWeek(at, 12) ? 5 : 1) },
  change: { what: "three times as much from the split on", isForetold: false, intensity: (at) => (at < SPLIT ? 1 : 3) },
} as const satisfies Readonly<Record<string, Population>>;

export type PopulationName = keyof typeof POPULATIONS;

/** Customers who begin in the first eight weeks. Their rates are log-normal around one arrival in two weeks, which is not what the model assumes. */
export function historiesOf(name: PopulationName, customers: number, seed: string): History[] {
  const population: Population = POPULATIONS[name];
  const random = seededRandom(`${seed}\n${name}`);
  return Array.from({ length: customers }, (_, n) => ({ customerId: `c-${n}`, times: timesOf(population, random) }));
}

// --- internal ---

const MOST_INTENSE = 5;

/** A Poisson process whose rate changes: each arrival of one as fast as it ever is, kept by chance (Lewis and Shedler 1979). */
function timesOf({ intensity, staysWeeks }: Population, random: Random): Instant[] {
  const perWeek = Math.exp(Math.log(0.5) - 0.32 + 0.8 * normal(random));
  const first = FROM + Math.floor(random() * 8 * WEEK);
  const end = staysWeeks === undefined ? UNTIL : Math.min(UNTIL, first + staysWeeks * WEEK * wait(random));
  const times = [first];
  for (let at = first; ; ) {
    at += (wait(random) / (perWeek * MOST_INTENSE)) * WEEK;
    if (at >= end) return times;
    if (random() * MOST_INTENSE < intensity(at)) times.push(Math.floor(at));
  }
}
