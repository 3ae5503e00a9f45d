import type { DeliveryNote, Outcome } from "../../domain/entities/customer.ts";
import { chooseHour, hoursUntil } from "../../domain/learning/better-hour.ts";
import { type CommonHabit, learnHour, NO_HABIT, ratesOf } from "../../domain/learning/common-habit.ts";
import { evidenceOf, habitOf } from "../../domain/learning/own-habit.ts";
import { seededRandom } from "../../domain/values/random.ts";
import { DAY, HOUR, type Instant } from "../../domain/values/time.ts";
import { chanceOf, type Person, type PopulationName, peopleOf, readingOf } from "./population.ts";

/** What the messages of one week were worth: mean true chances of being read, and the mean wait. */
export interface Week {
  readonly messages: number;
  /** Sent at once, at the hour chosen, and at the best hour within reach. */
  readonly atOnce: number;
  readonly chosen: number;
  readonly best: number;
  readonly waitHours: number;
}

export interface Simulation {
  readonly population: PopulationName;
  readonly customers: number;
  readonly weeks: readonly Week[];
}

export interface SimulationOptions {
  readonly customers: number;
  readonly weeks: number;
  readonly perWeek: number;
  readonly within: number;
  readonly explores: boolean;
}

/** Weeks of messages to a population, each sent at the hour that is chosen from what was learned until then. */
export function simulate(population: PopulationName, options: SimulationOptions): Simulation {
  const { customers, weeks } = options;
  const people = peopleOf(population, customers).map((person): Known => ({ person, deliveries: [], outcomes: [] }));
  const state: State = { common: NO_HABIT, pending: [] };
  const random = seededRandom(`messages ${population}`);
  const found: Week[] = [];
  for (let week = 0; week < weeks; week++) {
    const wakes = people.flatMap((known) =>
      Array.from({ length: options.perWeek }, () => ({ known, at: START + (week + random()) * 7 * DAY })),
    );
    wakes.sort((a, b) => a.at - b.at);
    found.push(meanOf(wakes.map(({ known, at }) => send(known, at, state, options))));
  }
  return { population, customers, weeks: found };
}

/** The share of the possible gain over sending at once. */
export const shareOfGain = ({ atOnce, chosen, best }: Week): number => (chosen - atOnce) / (best - atOnce);

// --- internal ---

/** A Monday. The weeks that follow contain a change of clocks in Berlin and in New York. */
const START = Date.UTC(2026, 1, 16);
const CHANNEL = "email";
const RESPONSE_MS = 7 * DAY;

interface Known {
  readonly person: Person;
  readonly deliveries: DeliveryNote[];
  readonly outcomes: Outcome[];
}

interface Lesson {
  readonly sentAt: Instant;
  readonly until: Instant;
  readonly taken: boolean;
  readonly zone: string;
  /** When it is known: at once, or when the wait for a response is over. */
  readonly knownAt: Instant;
}

interface State {
  common: CommonHabit;
  pending: Lesson[];
}

function send({ person, deliveries, outcomes }: Known, at: Instant, state: State, { within, explores }: SimulationOptions): Week {
  const { id, zone } = person;
  study(state, at);
  const rates = ratesOf(state.common);
  const hours = hoursUntil(at, at + within, zone);
  const known = { deliveries: deliveries.filter((note) => note.at <= at), outcomes: outcomes.filter((outcome) => outcome.at <= at) };
  const posterior = habitOf(rates, evidenceOf(known, CHANNEL, rates, { zone, now: at }));
  const seed = `${id} ${deliveries.length}`;
  const chosen = chooseHour({ rates, posterior, zone, hours, ...(explores ? { seed } : {}) }).at;
  const deliveryId = `m-${deliveries.length}`;
  const about = { deliveryId, experienceId: "e", channel: CHANNEL };
  const note: DeliveryNote = { ...about, status: "sent", at: chosen, moments: [] };
  deliveries.push(note);
  deliveries.sort((a, b) => a.at - b.at);
  const read = readingOf(person, chosen, seededRandom(`reading ${seed}`));
  if (read !== undefined) outcomes.push({ ...about, kind: "opened", at: read });
  const until = read ?? chosen + RESPONSE_MS;
  state.pending.push({ sentAt: chosen, until, taken: read !== undefined, zone, knownAt: until });
  const chances = hours.map((hour) => chanceOf(person, hour));
  return {
    messages: 1,
    atOnce: chances[0] ?? 0,
    chosen: chances[hours.indexOf(chosen)] ?? 0,
    best: Math.max(...chances),
    waitHours: (chosen - at) / HOUR,
  };
}

/** Everyone's habit as it is known at an instant. */
function study(state: State, at: Instant): void {
  const due = state.pending.filter(({ knownAt }) => knownAt <= at).sort((a, b) => a.knownAt - b.knownAt);
  if (due.length === 0) return;
  state.pending = state.pending.filter(({ knownAt }) => knownAt > at);
  state.common = due.reduce(learnHour, state.common);
}

function meanOf(all: readonly Week[]): Week {
  const mean = (of: (one: Week) => number) => all.reduce((sum, one) => sum + of(one), 0) / all.length;
  return {
    messages: all.length,
    atOnce: mean(({ atOnce }) => atOnce),
    chosen: mean(({ chosen }) => chosen),
    best: mean(({ best }) => best),
    waitHours: mean(({ waitHours }) => waitHours),
  };
}
