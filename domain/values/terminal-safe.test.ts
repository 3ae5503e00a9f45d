import fc from "fast-check";
import { expect, test } from "vitest";
import { terminalSafe } from "./terminal-safe.ts";

test.each([
  ["a\u001b[31mb\u001b[2K", "a\\u001b[31mb\\u001b[2K"],
  ["a\r\nb\tc", "a\\r\\nb\\tc"],
  ["a\u009b31mb\u0085\u007f", "a\\u009b31mb\\u0085\\u007f"],
  ["\u202egnp.exe\u2066\u200f", "\\u202egnp.exe\\u2066\\u200f"],
  ["a\u2028b\u0000\ufeff\u200b", "a\\u2028b\\u0000\\ufeff\\u200b"],
  ["\ud83d", "\\ud83d"],
  ["𠮷田 👨‍👩‍👧‍👦 می\u200cخواهم שלום", "𠮷田 👨‍👩‍👧‍👦 می\u200cخواهم שלום"],
  ['{"a":"b\\n"}', '{"a":"b\\n"}'],
])("B5: %j is shown as %j", (text, wanted) => {
  expect(terminalSafe(text)).toBe(wanted);
});

test("B5: escaped JSON parses to the same value", () => {
  const texts = fc
    .array(fc.constantFrom("a", "\\", '"', "\u001b", "\n", "\u0085", "\u202e", "\u2028", "\ud83d", "😀"))
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(fc.dictionary(texts, texts), (value) => {
      const json = terminalSafe(JSON.stringify(value));
      expect(JSON.parse(json)).toEqual(value);
      expect(json).not.toMatch(/[\p{Cc}\u202e\u2028]/u);
    }),
  );
});
