import { expect, test } from "vitest";
import { ACTIONS } from "../../domain/entities/decision.ts";
import { ACTIONS_IN_WORDS, actionWords, layoutMatrix } from "./recorded-matrix.layout.ts";

const cell = (against: string, after: string, count: number, different?: number) => ({ against, with: after, count, different });

test("rows are what was done before and columns what is done after, in the order in which actions are told", () => {
  const { columns, rows } = layoutMatrix([cell("silence", "deliver", 4), cell("deliver", "silence", 8), cell("none", "defer", 1)]);
  expect([columns, rows.map(({ action }) => action)]).toEqual([
    ["deliver", "defer", "silence"],
    ["deliver", "silence", "none"],
  ]);
  expect(rows[0]?.cells.map(({ count }) => count)).toEqual([0, 0, 8]);
});

test("what differs is shaded by its share of the most; the diagonal and what never was are not", () => {
  const { rows } = layoutMatrix([cell("deliver", "deliver", 900, 3), cell("deliver", "silence", 8), cell("silence", "deliver", 1)]);
  expect(rows.map(({ cells }) => cells.map(({ shade, different }) => [shade, different]))).toEqual([
    [
      [0, 3],
      [4, 8],
    ],
    [
      [1, 1],
      [0, 0],
    ],
  ]);
});

test("no cell is no table; an unknown action stands by its name, last", () => {
  expect(layoutMatrix([])).toEqual({ columns: [], rows: [] });
  expect(layoutMatrix([cell("later", "deliver", 1), cell("none", "deliver", 1)]).rows.map(({ action }) => action)).toEqual([
    "none",
    "later",
  ]);
  expect([actionWords("later"), actionWords("constructor")]).toEqual(["later", "constructor"]);
});

test("every action has its words", () => {
  expect(ACTIONS.filter((action) => ACTIONS_IN_WORDS[action] === undefined)).toEqual([]);
});
