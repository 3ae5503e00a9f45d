import { describe, expect, test } from "vitest";
import { DAY, HOUR } from "../values/time.ts";
import { chooseHour, hoursUntil } from "./better-hour.ts";
import { NO_HABIT, ratesOf } from "./common-habit.ts";
import { type HabitEvidence, habitOf } from "./own-habit.ts";

const zone = "Europe/Berlin";
const at = (text: string) => Date.parse(text);
/** A Tuesday, 10:20 in Berlin. */
const NOW = at("2026-06-02T08:20:00Z");
const EVERY = ratesOf(NO_HABIT);
const NOTHING: HabitEvidence = { expected: Array(48).fill(0), taken: Array(48).fill(0), count: 0 };

/** Takings at an hour of weekdays, out of waits that were the same at every hour. */
const takings = (hour: number, count: number): HabitEvidence => ({
  expected: Array.from({ length: 48 }, (_, cell) => (cell < 24 ? count / 24 : 0)),
  taken: Array.from({ length: 48 }, (_, cell) => (cell === hour ? count : 0)),
  count,
});

function choose(evidence: HabitEvidence, options: { byCell?: readonly number[]; seed?: string; within?: number; now?: number } = {}) {
  const { byCell = EVERY.byCell, seed, within = DAY, now = NOW } = options;
  const hours = hoursUntil(now, now + within, zone);
  const rates = { byAge: EVERY.byAge, byCell };
  return { ...chooseHour({ rates, posterior: habitOf(rates, evidence), zone, hours, ...(seed === undefined ? {} : { seed }) }), hours };
}

const clock = (instant: number) => new Date(instant).toLocaleTimeString("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit" });

describe("the hours to choose from", () => {
  const count = (from: string, span = DAY) => hoursUntil(at(from), at(from) + span, zone).map(clock);

  test("are now and the starts of the hours after it, before the end", () => {
    expect(count("2026-06-02T08:20:00Z", 3 * HOUR)).toEqual(["10:20", "11:00", "12:00", "13:00"]);
    expect(count("2026-06-02T08:00:00Z", 2 * HOUR)).toEqual(["10:00", "11:00"]);
    expect(count("2026-06-02T08:20:00Z", 0)).toEqual(["10:20"]);
  });

  test("skip the hour that the day does not have, and have that twice which comes twice", () => {
    expect(count("2026-03-29T00:00:00Z", 3 * HOUR)).toEqual(["01:00", "03:00", "04:00"]);
    expect(count("2026-10-25T00:00:00Z", 3 * HOUR)).toEqual(["02:00", "02:00", "03:00"]);
  });
});

describe("without exploring", () => {
  test("it goes now where nothing is known", () => {
    expect(choose(NOTHING)).toMatchObject({ at: NOW, probability: 1 });
  });

  test("it waits for the hour at which everyone takes up", () => {
    const byCell = EVERY.byCell.map((_, cell) => (cell % 24 >= 19 && cell % 24 < 22 ? 5 : 0.5));
    const { at: chosen, chance, chanceNow, isOwn } = choose(NOTHING, { byCell });
    expect(clock(chosen)).toBe("19:00");
    expect(chance).toBeGreaterThan(1.2 * chanceNow);
    expect(isOwn).toBe(false);
  });

  test("it waits for her hour, and for none that is not within reach", () => {
    const evidence = takings(19, 12);
    const chosen = choose(evidence);
    expect(["18:00", "19:00"]).toContain(clock(chosen.at));
    expect(chosen).toMatchObject({ isOwn: true, probability: 1 });
    expect(choose(evidence, { within: 4 * HOUR }).at).toBe(NOW + 4 * HOUR - 20 * 60_000);
  });

  test("it goes now where it is her hour", () => {
    const evening = at("2026-06-02T16:40:00Z");
    expect(choose(takings(19, 12), { now: evening }).at).toBe(evening);
  });
});

describe("exploring", () => {
  const seeds = Array.from({ length: 200 }, (_, index) => `seed ${index}`);

  test.each([
    ["nothing", NOTHING],
    ["a few takings", takings(19, 3)],
  ])("with %s known, an hour is chosen as often as it says, and all probabilities add up to one", (_, evidence) => {
    const hours = hoursUntil(NOW, NOW + DAY, zone);
    const rates = EVERY;
    const posterior = habitOf(rates, evidence);
    const drawn = new Map<number, { count: number; probability: number }>();
    for (const seed of seeds) {
      const { at: chosen, probability } = chooseHour({ rates, posterior, zone, hours, seed });
      drawn.set(chosen, { count: (drawn.get(chosen)?.count ?? 0) + 1, probability });
    }
    for (const { count, probability } of drawn.values())
      expect(Math.abs(count / seeds.length - probability)).toBeLessThan(
        4 * Math.sqrt((probability * (1 - probability)) / seeds.length) + 1e-3,
      );
    expect([...drawn.values()].reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 2);
  });

  test("the same seed draws the same hour", () => {
    expect(choose(takings(19, 3), { seed: "a" })).toEqual(choose(takings(19, 3), { seed: "a" }));
  });

  test("what is well known is hardly drawn otherwise", () => {
    const { at: chosen, probability } = choose(takings(19, 30), { seed: "a" });
    expect(["18:00", "19:00"]).toContain(clock(chosen));
    expect(probability).toBeGreaterThan(0.9);
  });
});
