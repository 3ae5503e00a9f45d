import { expect, test } from "vitest";
import type { LoggedDecision } from "./log.ts";
import { crossFit, fitRewardModel, numberColumns, type Observed } from "./model.ts";
import { createRidge } from "./ridge.ts";

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);
const seen = (columns: readonly number[], action: number, reward: number): Observed => ({ columns, action, reward });
const decision = (...features: string[]): LoggedDecision => ({ features, action: "a", probability: 1, reward: 0 });

test("a ridge over one column is its sum over its count and the pull", () => {
  const ridge = createRidge(1);
  for (const target of [1, 2, 6]) ridge.add([0], target);
  expect(ridge.solve(2)[0]).toBeCloseTo(9 / 5, 12);
});

test("a ridge over two columns solves its normal equations", () => {
  const ridge = createRidge(2);
  ridge.add([0], 1);
  ridge.add([0, 1], 3);
  ridge.add([1], 2);
  const [first = 0, second = 0] = ridge.solve(1);

  // (2 + 1) a + b = 4 and a + (2 + 1) b = 5.
  expect(3 * first + second).toBeCloseTo(4, 12);
  expect(first + 3 * second).toBeCloseTo(5, 12);
});

test("the model distinguishes actions and contexts, and expects the mean for unseen ones", () => {
  const rows = [
    ...times(200, seen([0], 0, 1)),
    ...times(200, seen([1], 0, 0)),
    ...times(200, seen([0], 1, 0)),
    ...times(200, seen([1], 1, 1)),
  ];
  const model = fitRewardModel(rows, 2, 1);

  expect(model([0], 0)).toBeCloseTo(1, 1);
  expect(model([1], 0)).toBeCloseTo(0, 1);
  expect(model([0], 1)).toBeCloseTo(0, 1);
  expect(model([], 7)).toBeCloseTo(0.5, 6);
});

test("a decision is predicted by a model not trained on it", () => {
  // The only decision with this action has a reward that nothing else would suggest.
  const rows = [...times(40, seen([], 0, 0)), seen([], 1, 100)];
  const folds = rows.map((_, index) => index % 5);
  const [own] = crossFit(rows, folds, 0);
  expect(own?.([], 1)).toBeCloseTo(0, 6);
});

test("columns are frequent values that are not constant", () => {
  const log = [...times(30, decision("all", "often")), ...times(12, decision("all", "now and then")), ...times(3, decision("all", "rare"))];
  const { width, columnsOf } = numberColumns(log);

  expect(width).toBe(2);
  expect(columnsOf(["often", "all", "now and then", "rare", "never met"])).toEqual([0, 1]);
});
