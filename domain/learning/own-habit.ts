import type { Customer, OutcomeKind } from "../entities/customer.ts";
import { HABIT_REACH_MS } from "../entities/policy.ts";
import type { Instant } from "../values/time.ts";
import type { HabitRates } from "./common-habit.ts";
import { CELLS, cellAt, eachPiece, WATCHED_MS } from "./hours-of-day.ts";

/** Outcomes by which a customer takes a delivery up. */
export const TAKE_UPS: readonly OutcomeKind[] = ["opened", "clicked", "replied", "converted"];

/** Latest deliveries of a channel that a customer's own habit is read from. */
const MAX_DELIVERIES = 60;

/** What a customer's deliveries of one channel have shown, by cell of the week. */
export interface HabitEvidence {
  /** How often they would have been taken up by now, at everyone's rates by age and the same in every cell. */
  readonly expected: readonly number[];
  /** How often they were. */
  readonly taken: readonly number[];
  readonly count: number;
}

/** Reads the evidence from the deliveries and outcomes of a customer. */
export function evidenceOf(
  { deliveries, outcomes }: Pick<Customer, "deliveries" | "outcomes">,
  channel: string,
  { byAge }: HabitRates,
  { zone, now }: { readonly zone: string; readonly now: Instant },
): HabitEvidence {
  const expected = Array<number>(CELLS).fill(0);
  const taken = Array<number>(CELLS).fill(0);
  let count = 0;
  const takenAt = new Map<string, Instant>();
  for (const { deliveryId, kind, at } of outcomes)
    if (TAKE_UPS.includes(kind)) takenAt.set(deliveryId, Math.min(at, takenAt.get(deliveryId) ?? at));
  const own = deliveries
    .filter((note) => note.channel === channel && ARRIVED.includes(note.status) && now - note.at < HABIT_REACH_MS)
    .slice(-MAX_DELIVERIES);
  for (const { deliveryId, at } of own) {
    const taking = takenAt.get(deliveryId);
    eachPiece(at, taking ?? now, zone, (age, cell, hours) => {
      expected[cell] = (expected[cell] ?? 0) + (byAge[age] ?? 0) * hours;
    });
    if (taking === undefined || taking < at || taking - at > WATCHED_MS) continue;
    const cell = cellAt(taking, zone);
    taken[cell] = (taken[cell] ?? 0) + 1;
    count += 1;
  }
  return { expected, taken, count };
}

/** A habit that a customer may have: on weekdays like everyone (0) or around an hour (1 to 24), and the same for weekends. */
export interface OwnHabit {
  readonly weekday: number;
  readonly weekend: number;
  /** The posterior probability of this habit. */
  readonly weight: number;
  /** The level, a factor of all rates, is Gamma(shape, rate). */
  readonly rate: number;
}

/** The posterior of a customer's habit. */
export interface HabitPosterior {
  readonly habits: readonly OwnHabit[];
  /** The shape of the level's distribution, of every habit. */
  readonly shape: number;
  /** By class (0: like everyone), the factor of each cell of weekdays and weekends. */
  readonly weekday: readonly (readonly number[])[];
  readonly weekend: readonly (readonly number[])[];
}

/**
 * The posterior over latent classes: on weekdays the customer is like everyone or around one of 24 hours, on weekends likewise. Given
 * a class, takings are Poisson with everyone's rates by age, the factors of the class, and a level of her own, Gamma(α, α) (Clayton and
 * Kaldor 1987, "Empirical Bayes estimates of age-standardized relative risks"), which is integrated out:
 *
 *   weight ∝ prior × Π factorᵢ × (α + E)^−(α + n)        E: expected takings under the class, n: takings
 *
 * An hour is the more likely beforehand, the more everyone takes up around it: everyone's habit is the sum of many.
 */
export function habitOf({ byCell }: Pick<HabitRates, "byCell">, { expected, taken, count }: HabitEvidence): HabitPosterior {
  const sides = [0, 24].map((start) => {
    const common = byCell.slice(start, start + 24);
    const classes = classesOf(common);
    const fits = classes.map(({ prior, factors }) => {
      const log = factors.reduce((sum, factor, hour) => sum + (taken[start + hour] ?? 0) * Math.log(factor), Math.log(prior));
      return { log, expected: factors.reduce((sum, factor, hour) => sum + factor * (expected[start + hour] ?? 0), 0) };
    });
    return { factors: classes.map(({ factors }) => factors), fits };
  });
  const [weekday, weekend] = sides;
  const shape = LEVEL + count;
  const logs = (weekday?.fits ?? []).flatMap((a, i) =>
    (weekend?.fits ?? []).map((b, j) => {
      const rate = LEVEL + a.expected + b.expected;
      return { weekday: i, weekend: j, rate, log: a.log + b.log - shape * Math.log(rate) };
    }),
  );
  const most = Math.max(...logs.map(({ log }) => log));
  const total = logs.reduce((sum, { log }) => sum + Math.exp(log - most), 0);
  return {
    habits: logs.map(({ log, ...habit }) => ({ ...habit, weight: Math.exp(log - most) / total })),
    shape,
    weekday: weekday?.factors ?? [],
    weekend: weekend?.factors ?? [],
  };
}

// --- internal ---

const ARRIVED: readonly string[] = ["sent", "delivered", "uncertain"];

/** α of the level: a deviation of 0.7 around everyone's. */
const LEVEL = 2;
/** Prior probability of being like everyone. */
const LIKE_EVERYONE = 0.5;
/** Share of her takings that is around her hour; the rest is spread over the day. */
const AROUND = 0.8;
/** Deviation of the takings around her hour, in hours. */
const WIDTH = 1.5;

/** By distance in hours on the clock: factors of mean 1 over the day. */
const BUMP = (() => {
  const distances = Array.from({ length: 24 }, (_, hour) => Math.min(hour, 24 - hour));
  const density = distances.map((distance) => Math.exp(-((distance / WIDTH) ** 2) / 2));
  const total = density.reduce((sum, one) => sum + one, 0);
  return density.map((one) => (24 * one) / total);
})();

function classesOf(common: readonly number[]): { readonly prior: number; readonly factors: readonly number[] }[] {
  const mean = common.reduce((sum, factor) => sum + factor, 0) / 24;
  const around = Array.from({ length: 24 }, (_, own) => {
    const factors = common.map((_one, hour) => mean * (1 - AROUND + AROUND * (BUMP[(hour - own + 24) % 24] ?? 0)));
    const near = common.reduce((sum, factor, hour) => sum + factor * (BUMP[(hour - own + 24) % 24] ?? 0), 0);
    return { prior: ((1 - LIKE_EVERYONE) * near) / (24 * 24 * mean), factors };
  });
  return [{ prior: LIKE_EVERYONE, factors: common }, ...around];
}
