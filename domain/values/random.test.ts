import { expect, test } from "vitest";
import { normal, seededRandom, shareOf } from "./random.ts";

const draws = (seed: string, count: number) => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, random);
};

test("the same seed gives the same numbers on every machine", () => {
  expect(draws("a", 3)).toEqual(draws("a", 3));
  expect(draws("a", 3)).toEqual([0.20970235927961767, 0.32256067730486393, 0.28760303230956197]);
});

test("another seed gives others", () => {
  expect(draws("a", 3)).not.toEqual(draws("b", 3));
});

test("numbers are spread evenly from 0 to below 1", () => {
  const numbers = draws("spread", 20_000);
  const tenths = numbers.map((number) => Math.floor(number * 10));
  for (let tenth = 0; tenth < 10; tenth++) expect(Math.abs(tenths.filter((one) => one === tenth).length / 20_000 - 0.1)).toBeLessThan(0.01);
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...numbers)).toBeLessThan(1);
});

test("normal draws have mean 0 and deviation 1", () => {
  const random = seededRandom("normal");
  const numbers = Array.from({ length: 20_000 }, () => normal(random));
  const mean = numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
  const variance = numbers.reduce((sum, number) => sum + (number - mean) ** 2, 0) / numbers.length;
  expect(mean).toBeCloseTo(0, 1);
  expect(variance).toBeCloseTo(1, 1);
  expect(numbers.every(Number.isFinite)).toBe(true);
});

test("a text keeps its share", () => {
  expect(shareOf("c-1")).toBe(shareOf("c-1"));
  expect(shareOf("c-1")).not.toBe(shareOf("c-2"));
});
