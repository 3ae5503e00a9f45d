import { expect, test } from "vitest";
import type { JsonObject } from "../values/json.ts";
import { wordsOf } from "./content-words.ts";

test.each<[JsonObject, string | undefined]>([
  [{ subject: "Hello", body: "<p>x</p>" }, "Hello"],
  [{ title: "Now", text: "Come in" }, "Now"],
  [{ summary: "Call Ann", dueIn: "1h" }, "Call Ann"],
  [{ subject: " ", text: "Come in" }, "Come in"],
  [{ payload: { text: "Your permit is ready", citizen: "c-1" } }, "Your permit is ready"],
  [{ payload: "plain" }, "plain"],
  [{ payload: { number: 7, payload: { text: "deep" } } }, undefined],
  [{ payload: { __proto__: null, number: 7 } }, undefined],
  [{}, undefined],
])("the words of %j", (content, words) => {
  expect(wordsOf(content)).toBe(words);
});
