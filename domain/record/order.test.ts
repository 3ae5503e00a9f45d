import { expect, test } from "vitest";
import { byText, inOrder, ORDER } from "./order.ts";

const touch = (touchId: string, at: number) => ({ touchId, at, kind: "visit" as const, channel: "visit" });

test("a list that is in order stays the same object", () => {
  const list = [touch("a", 1), touch("b", 1), touch("a", 2)];
  expect(inOrder(list, ORDER.touches)).toBe(list);
});

test("a list that is not is put in order by time and then by id, and the given one stays as it was", () => {
  const list = [touch("b", 2), touch("a", 2), touch("c", 1)];
  expect(inOrder(list, ORDER.touches).map(({ touchId }) => touchId)).toEqual(["c", "a", "b"]);
  expect(list.map(({ touchId }) => touchId)).toEqual(["b", "a", "c"]);
});

test("texts are compared by code units, as the store's keys are: capitals first, and no locale", () => {
  expect(["é", "b", "B", "a"].sort(byText)).toEqual(["B", "a", "b", "é"]);
});
