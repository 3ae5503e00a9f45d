import { expect, test } from "vitest";
import { holdRows } from "./held-rows.ts";

interface Row {
  readonly id: string;
  readonly value: number;
}
/** `a1` is the row `a` with the value 1. */
const rows = (text: string): Row[] =>
  text
    .split(" ")
    .filter(Boolean)
    .map((one) => ({ id: one.slice(0, 1), value: Number(one.slice(1)) }));
const textOf = (held: readonly Row[]): string => held.map(({ id, value }) => `${id}${value}`).join(" ");

test.each([
  ["nothing changed", "a1 b1", "a1 b1", "a1 b1", 0, 0],
  ["a value changed in its place", "a1 b1", "a1 b2", "a1 b2", 0, 0],
  ["a newer row waits above", "a1 b1", "c1 a1 b1", "a1 b1", 1, 0],
  ["a newer row waits in between", "a1 b1", "a1 c1 b1", "a1 b1", 1, 0],
  ["more that follow are shown", "a1 b1", "a1 b1 c1 d1", "a1 b1 c1 d1", 0, 0],
  ["newer ones push the last out of a page", "a1 b1", "c1 a2", "a2 b1", 1, 1],
  ["a row that has gone keeps its place and last value", "a1 b1 c1", "a1 c2", "a1 b1 c2", 0, 1],
  ["another order does not move rows", "a1 b1", "b2 a2", "a2 b2", 0, 0],
  ["all have gone", "a1 b1", "", "a1 b1", 0, 2],
  ["all are newer", "a1 b1", "c1 d1", "a1 b1", 2, 2],
  ["an empty list", "", "a1", "a1", 0, 0],
])("rows of a live list: %s", (_, shown, fresh, wanted, newer, gone) => {
  const held = holdRows(rows(shown), rows(fresh), ({ id }) => id);
  expect([textOf(held.rows), held.newer, held.gone]).toEqual([wanted, newer, gone]);
});

test.each([
  ["newer ones push the last out of a page", "a1 b1", "c1 a2", 1, 0],
  ["one before the last has gone", "a1 b1 c1", "a1 c2", 0, 1],
  ["all are newer", "a1 b1", "c1 d1", 2, 0],
])("of a list that goes on: %s", (_, shown, fresh, newer, gone) => {
  const held = holdRows(rows(shown), rows(fresh), ({ id }) => id, true);
  expect([held.newer, held.gone]).toEqual([newer, gone]);
});

test("of a page more, rows that are the same are not even asked for their keys, and none is copied", () => {
  const shown = rows("a1 b1");
  const fresh = [...shown, ...rows("c1 d1")];
  let asked = 0;
  const keyOf = ({ id }: Row): string => {
    asked += 1;
    return id;
  };
  expect(holdRows(shown, fresh, keyOf).rows).toBe(fresh);
  expect(asked).toBe(0);
});
