import { expect, test } from "vitest";
import { DAY, HOUR } from "../../domain/values/time.ts";
import { chanceOf, peopleOf } from "./population.ts";
import { REQUIREMENTS, resultLines } from "./report.ts";
import { type Simulation, shareOfGain, simulate } from "./simulate.ts";

const OPTIONS = { customers: 8, weeks: 3, perWeek: 3, within: DAY, explores: false };

test("where all read in the evening, part of the gain is there after three weeks", () => {
  const [, , third] = simulate("everyone's evening", OPTIONS).weeks;
  expect(third?.best).toBeGreaterThan((third?.atOnce ?? 1) + 0.1);
  expect(third && shareOfGain(third)).toBeGreaterThan(0.2);
});

test("where there is no habit, no hour is better than another", () => {
  const [person] = peopleOf("no habit", 1);
  const sentAt = Date.parse("2026-03-28T20:00:00Z");
  const chances = [0, 5, 11, 20].map((hours) => (person ? chanceOf(person, sentAt + hours * HOUR) : 0));
  for (const chance of chances) expect(chance).toBeCloseTo(chances[0] ?? 0, 9);
});

test("a population that is no better than at once fails its requirement, and the table says so", () => {
  const week = { messages: 1, atOnce: 0.4, chosen: 0.4, best: 0.7, waitHours: 0 };
  const simulation = (population: Simulation["population"]): Simulation => ({ population, customers: 1, weeks: Array(8).fill(week) });
  const judged = (["own hour", "everyone's evening", "half have an hour", "no habit"] as const).map((population) => ({
    exploring: simulation(population),
    without: simulation(population),
  }));
  expect(REQUIREMENTS.map(({ holds }) => holds(judged))).toEqual([false, false, false, true]);
  expect(resultLines(judged, OPTIONS).filter((line) => line.includes("**fails**"))).toHaveLength(3);
});
