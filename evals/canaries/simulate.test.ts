import { expect, test } from "vitest";
import type { Guard } from "../../domain/entities/canary.ts";
import { resultLines } from "./report.ts";
import { simulate } from "./simulate.ts";

const GUARDS: readonly Guard[] = [
  { outcome: "complained", max: 0.01 },
  { success: "below", of: "others", by: 0.5 },
];

const of = (complained: number, mine: number, delay = 0) =>
  simulate(GUARDS, { rates: { complained }, success: { mine, others: 0.2 }, delay }, { lives: 30, deliveries: 600, seed: "lives" });

test("few harmless lives are stopped, late outcomes included; the worse a canary, the sooner it is stopped", () => {
  for (const delay of [0, 100]) expect(of(0.01, 0.1, delay).stopped).toBeLessThanOrEqual(0.05);
  expect(of(0.1, 0.1).median).toBeLessThan(of(0.05, 0.1).median);
  expect(of(0.01, 0.01).median).toBeLessThan(600);
});

test("the same seed gives the same lives", () => {
  const lives = () =>
    simulate([{ outcome: "complained", max: 0.1 }], { rates: { complained: 0.3 }, delay: 5 }, { lives: 9, deliveries: 50, seed: "a" });
  expect(lives()).toEqual(lives());
});

test("the tables name a life that is never stopped as longer than simulated", () => {
  const never = { stopped: 0, median: Number.POSITIVE_INFINITY, nineOfTen: Number.POSITIVE_INFINITY };
  const some = { stopped: 1, median: 123, nineOfTen: 1_234 };
  const lines = resultLines({ harmless: [{ name: "calm", lives: never }], harmful: [{ name: "bad", lives: [never, some, some] }] }, 2_000);
  expect(lines).toContain("| calm | 0.0 % |");
  expect(lines).toContain("| bad | over 20,000 (over 20,000) | 120 (1,200) | 120 (1,200) |");
});
