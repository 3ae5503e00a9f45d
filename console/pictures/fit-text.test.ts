import { expect, test } from "vitest";
import { charactersIn, linesOf, shorten } from "./fit-text.ts";

test.each([
  [122, 6.1, 8, 20],
  [30, 6.1, 8, 8],
])("in %d units, at %d a character and %d at least, there is room for %d", (room, character, least, wanted) => {
  expect(charactersIn(room, character, least)).toBe(wanted);
});

test.each([
  ["short", 8, "short"],
  ["as long as it may be", 20, "as long as it may be"],
  ["a little longer than that", 10, "a little …"],
  ["🚗🚗🚗🚗", 3, "🚗🚗…"],
])("%s cut to %d characters is %s", (text, most, wanted) => {
  expect(shorten(text, most)).toBe(wanted);
});

test.each([
  ["one two three", 7, ["one two", "three"]],
  ["a verylongword b", 5, ["a", "veryl", "ongwo", "rd b"]],
  ["", 5, []],
])("%s in lines of %d characters is %o", (text, most, wanted) => {
  expect(linesOf(text, most)).toEqual(wanted);
});
