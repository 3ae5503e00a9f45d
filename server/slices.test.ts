import fc from "fast-check";
import { expect, test } from "vitest";
import { elementsOf, membersOf } from "./slices.ts";

test("an array is split into the texts of its elements", () => {
  expect(elementsOf(' [1, {"a": [2, "],"]} ,"x\\"]" ]\n')).toEqual(["1", '{"a": [2, "],"]} ', '"x\\"]" ']);
  expect(elementsOf("[]")).toEqual([]);
  expect(elementsOf("[ ]")).toEqual([]);
});

test.each(["", "[", "]", "{}", "[1", "1]", "[1,]", "[,1]", "[1,,2]", "[1]]", "[[1]", "[1] 2", '["]', "null"])("%s is no array", (text) => {
  expect(elementsOf(text)).toBeUndefined();
});

test("an object is split into the texts of its values", () => {
  expect(membersOf('{"a": 1, "b\\u0041" : [2, {"c": ":"}] }')).toEqual(
    new Map([
      ["a", "1"],
      ["bA", '[2, {"c": ":"}]'],
    ]),
  );
  expect(membersOf("{}")).toEqual(new Map());
});

test.each(["", "{", "[]", '{"a"}', "{a: 1}", '{"a": 1', "{: 1}", '{"a": 1,}', '{"\\x": 1}'])("%s is no object", (text) => {
  expect(membersOf(text)).toBeUndefined();
});

test("splitting and parsing equals parsing, in any formatting", () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), fc.constantFrom(undefined, 2), (values, indent) => {
      expect(elementsOf(JSON.stringify(values, undefined, indent))?.map((text) => JSON.parse(text))).toEqual(
        JSON.parse(JSON.stringify(values)),
      );
    }),
  );
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (values) => {
      const text = JSON.stringify(values);
      const parsed = Object.entries(JSON.parse(text));
      expect([...(membersOf(text) ?? [])].map(([name, value]) => [name, JSON.parse(value)])).toEqual(parsed);
    }),
  );
});

test("nesting is free: a hundred thousand brackets are split without recursion", () => {
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  expect(elementsOf(`[${deep},1]`)?.map((text) => text.length)).toEqual([200_000, 1]);
});
