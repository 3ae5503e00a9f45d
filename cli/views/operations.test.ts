import { expect, test } from "vitest";
import { noteIfCut } from "./operations.ts";

test.each([
  ["as many as were asked for", 50, 50, ["these are as many as --limit asks for (50); there may be more: --limit 100"]],
  ["fewer", 49, 50, []],
  ["none", 0, 50, []],
  ["a list without a limit", 7, undefined, []],
])("a list that may be cut says how to see more: %s", (_which, count, limit, wanted) => {
  const noted: string[] = [];
  noteIfCut(count, limit, { note: (text) => noted.push(text) });
  expect(noted).toEqual(wanted);
});
