import { expect, test } from "vitest";
import { nearest } from "./nearest.ts";

test.each([
  ["ofer", "offer"],
  ["offre", "offer"],
  ["OFFER", "offer"],
  ["renewals", "renewal"],
  ["unlike", undefined],
])("the known word nearest to %s is %s", (word, known) => {
  expect(nearest(word, ["renewal", "offer"])).toBe(known);
});
