import { expect, test } from "vitest";
import { layoutCourse, pathOf } from "./guard-course.layout.ts";

const SIZE = { width: 300, rates: 100, evidence: 40 };
const point = (events: number, trials: number, towards = 0, bound: number | undefined = 0.01) => ({
  at: "",
  events,
  trials,
  towards,
  bound,
});

test("lines from the first time to the last; without trials there is no rate yet", () => {
  const { rate, bound, evidence, most } = layoutCourse([point(0, 0), point(0, 50), point(1, 100), point(4, 200, 0.5)], SIZE);
  expect(most).toBeCloseTo(0.023);
  expect(rate.map(([x]) => x)).toEqual([100, 200, 300]);
  expect(rate[0]?.[1]).toBe(100);
  expect(rate.at(-1)?.[1]).toBeCloseTo(13.04, 2);
  expect(bound.map(([, y]) => Math.round(y))).toEqual([57, 57, 57, 57]);
  expect(evidence.map(([, y]) => y)).toEqual([40, 40, 40, 20]);
});

test("a wild rate of the first trials is drawn at the edge", () => {
  const { rate, most } = layoutCourse([point(1, 1), point(1, 50), point(1, 100), point(1, 200)], SIZE);
  expect(most).toBeCloseTo(0.01725);
  expect(rate[0]?.[1]).toBe(0);
  expect(rate.at(-1)?.[1]).toBeGreaterThan(50);
});

test("nothing seen, no bound known and a single time have a picture too", () => {
  expect(layoutCourse([], SIZE)).toMatchObject({ rate: [], bound: [], evidence: [] });
  const { rate, bound } = layoutCourse([{ at: "", events: 0, trials: 5, towards: 0 }], SIZE);
  expect([bound, rate]).toEqual([[], [[300, 100]]]);
  expect([
    pathOf([]),
    pathOf(rate),
    pathOf([
      [0, 1],
      [2.34, 5],
    ]),
  ]).toEqual(["", "M296 100H300", "M0 1L2.3 5"]);
});
