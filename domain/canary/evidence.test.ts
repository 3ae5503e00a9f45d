import { expect, test } from "vitest";
import { evidenceAbove, evidenceBelow } from "./evidence.ts";

const count = (events: number, trials: number) => ({ events, trials });

/** The expected e-value after so many trials, summed over all results. */
function expectedAbove(max: number, rate: number, trials: number): number {
  let sum = 0;
  let ways = 1;
  for (let events = 0; events <= trials; events++) {
    sum += ways * rate ** events * (1 - rate) ** (trials - events) * Math.exp(evidenceAbove(max, count(events, trials)));
    ways = (ways * (trials - events)) / (events + 1);
  }
  return sum;
}

test("nothing seen is no evidence", () => {
  expect(evidenceAbove(0.005, count(0, 0))).toBeCloseTo(0, 12);
  expect(evidenceBelow(0.5, count(0, 0), count(0, 0))).toBeCloseTo(0, 9);
});

test("at the bound the evidence is 1 on average after any number of trials, below it less", () => {
  for (const trials of [1, 7, 40]) {
    expect(expectedAbove(0.1, 0.1, trials)).toBeCloseTo(1, 9);
    expect(expectedAbove(0.1, 0.04, trials)).toBeLessThan(1);
    expect(expectedAbove(0.1, 0.3, trials)).toBeGreaterThan(1);
  }
});

test("an event more is never less evidence, so that events may come late", () => {
  for (let events = 0; events < 60; events++)
    expect(evidenceAbove(0.3, count(events + 1, 60))).toBeGreaterThan(evidenceAbove(0.3, count(events, 60)));
});

test("a bound of 0 is broken by the first event, one of 1 by none", () => {
  expect(evidenceAbove(0, count(0, 500))).toBe(0);
  expect(evidenceAbove(0, count(1, 500))).toBe(Number.POSITIVE_INFINITY);
  expect(evidenceAbove(1, count(500, 500))).toBe(0);
});

test("counts that cannot be are refused", () => {
  expect(() => evidenceAbove(0.1, count(2, 1))).toThrow(RangeError);
});

test("two rates: at the border the evidence is at most 1 on average", () => {
  const sizes = { mine: 9, theirs: 8 };
  const ways = (n: number, k: number): number => (k === 0 ? 1 : (ways(n, k - 1) * (n - k + 1)) / k);
  const chance = (n: number, k: number, rate: number): number => ways(n, k) * rate ** k * (1 - rate) ** (n - k);
  const expected = (p: number, q: number): number => {
    let sum = 0;
    for (let mine = 0; mine <= sizes.mine; mine++)
      for (let theirs = 0; theirs <= sizes.theirs; theirs++)
        sum +=
          chance(sizes.mine, mine, p) *
          chance(sizes.theirs, theirs, q) *
          Math.exp(evidenceBelow(0.5, count(mine, sizes.mine), count(theirs, sizes.theirs)));
    return sum;
  };
  for (const q of [0.1, 0.5, 0.9]) expect(expected(q / 2, q)).toBeLessThanOrEqual(1);
});

test("two rates: clear evidence where mine is far below, none where it is as good", () => {
  expect(evidenceBelow(0.5, count(0, 200), count(60, 200))).toBeGreaterThan(Math.log(1000));
  expect(evidenceBelow(0.5, count(60, 200), count(60, 200))).toBeLessThan(0);
  expect(evidenceBelow(0.5, count(0, 200), count(0, 0))).toBeLessThan(0);
  expect(evidenceBelow(0.5, count(0, 1000), count(1000, 1000))).toBeGreaterThan(300);
});
