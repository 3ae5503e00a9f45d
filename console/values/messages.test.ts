import { expect, test } from "vitest";
import { wayWords } from "./messages.ts";

test.each([
  [{}, ""],
  [{ variant: "short" }, "variant short"],
  [{ variant: "short", locale: "de-AT" }, "variant short, in de-AT"],
  [{ locale: "default" }, "in the language it is written in"],
])("the way of %j in words", (delivery, words) => {
  expect(wayWords(delivery)).toBe(words);
});
