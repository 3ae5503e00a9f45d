import fc from "fast-check";
import { expect, test } from "vitest";
import { storable, storableJson } from "./storable.ts";

const ODD = fc
  .array(fc.constantFrom("a", "\u0000", "\ud83d", "\ude00", "😀", "\\", "\\u0000", "\\ud83d", '"', "\n", "\u001f"))
  .map((parts) => parts.join(""));
// biome-ignore lint/suspicious/noControlCharactersInRegex: NUL is what is looked for
const REFUSED = /[\u0000\p{Surrogate}]/gu;

test("F3: stored text has no NUL and no lone surrogate, and is otherwise unchanged", () => {
  fc.assert(
    fc.property(fc.dictionary(ODD, fc.oneof(ODD, fc.array(ODD))), (value) => {
      const clean = (given: unknown): unknown =>
        typeof given === "string"
          ? given.replace(REFUSED, "\ufffd")
          : Array.isArray(given)
            ? given.map(clean)
            : Object.fromEntries(Object.entries(given as object).map(([key, one]) => [clean(key), clean(one)]));
      expect(JSON.parse(storableJson(value))).toEqual(clean(value));
    }),
  );
});

test("F3: a text is stored the same way", () => {
  fc.assert(fc.property(ODD, (text) => storable(text) === text.replace(REFUSED, "\ufffd")));
});

test("F3: undefined stays undefined", () => {
  expect(storableJson(undefined)).toBeUndefined();
  expect(storableJson(null)).toBe("null");
});
