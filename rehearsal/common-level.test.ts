import { expect, test } from "vitest";
import { normal, seededRandom } from "../domain/values/random.ts";
import { drawLevels, fitLevel, STILL, type Week } from "./common-level.ts";

const weeksOf = (factors: readonly number[]): Week[] => factors.map((factor) => ({ came: Math.round(1_000 * factor), expected: 1_000 }));

/** The middle 90 of 100 factors of the tenth week to come. */
function bandOf(weeks: readonly Week[]): readonly [number, number] {
  const level = fitLevel(weeks);
  const random = seededRandom("paths");
  const drawn = Array.from({ length: 400 }, () => drawLevels(level, 10, random)[9] ?? 0).sort((a, b) => a - b);
  return [drawn[20] ?? 0, drawn[380] ?? 0];
}

test("where weeks came as expected, those to come do so too", () => {
  const [low, high] = bandOf(weeksOf(Array.from({ length: 40 }, () => 1)));
  expect([low > 0.85, high < 1.15]).toEqual([true, true]);
});

test("weeks that differ from one another make a wide band; a level that has moved stays where it is", () => {
  const random = seededRandom("weeks");
  const [low, high] = bandOf(weeksOf(Array.from({ length: 40 }, () => Math.exp(0.3 * normal(random)))));
  expect([low < 0.75, high > 1.35]).toEqual([true, true]);
  const [doubledLow, doubledHigh] = bandOf(weeksOf(Array.from({ length: 40 }, (_, week) => (week < 20 ? 1 : 2))));
  expect([doubledLow > 1, doubledHigh > 2]).toEqual([true, true]);
});

test("a few weeks, or weeks of which hardly anything is expected, say nothing", () => {
  expect(fitLevel(weeksOf([1, 5, 1]))).toBe(STILL);
  expect(fitLevel(Array.from({ length: 40 }, (_, week) => ({ came: week % 3, expected: 1 })))).toBe(STILL);
  expect(drawLevels(STILL, 3, seededRandom("still"))).toEqual([1, 1, 1]);
});

test("the weights of what it may be like add up to 1", () => {
  const sum = fitLevel(weeksOf(Array.from({ length: 20 }, (_, week) => 1 + week / 50))).reduce((total, { weight }) => total + weight, 0);
  expect(sum).toBeCloseTo(1, 10);
});
