import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cut, cutMiddle, cutShort, graphemeCount, graphemesOf } from "./cut.ts";

const FAMILY = "👨‍👩‍👧‍👦";
const FLAG = "🇩🇪";

describe("F3: truncation falls between graphemes", () => {
  test.each([
    ["abc", 2, "ab"],
    ["abc", 3, "abc"],
    ["abc", 0, ""],
    ["abc", -1, ""],
    ["a😀b", 2, "a"],
    ["a😀b", 3, "a😀"],
    [`a${FAMILY}`, 6, "a"],
    [`a${FLAG}b`, 3, "a"],
    ["e\u0301a", 1, ""],
    ["ae\u0301", 2, "a"],
    ["𠮷田", 1, ""],
    ["𠮷田", 2, "𠮷"],
  ])("F3: %j at %d is %j", (text, most, wanted) => {
    expect(cut(text, most)).toBe(wanted);
  });

  test("F3: an emoji at place 200 of a long text", () => {
    expect(cut(`${"x".repeat(199)}😀${"y".repeat(10_000)}`, 200)).toBe("x".repeat(199));
  });

  test("F3: a letter with very many marks is truncated between code points, and not to nothing", () => {
    expect(cut(`a${"\u0301".repeat(1_000)}`, 500)).toHaveLength(500);
  });

  test("F3: a truncated well-formed text is well-formed, a prefix, and not much shorter than allowed", () => {
    const texts = fc
      .array(fc.constantFrom("a", " ", "😀", FAMILY, FLAG, "e\u0301", "𠮷", "\r\n", "\u200d", "👍🏽"))
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(fc.oneof(texts, fc.string({ unit: "binary" })), fc.nat(80), (text, most) => {
        const left = cut(text, most);
        expect(text.startsWith(left)).toBe(true);
        expect(/\p{Surrogate}/u.test(left)).toBe(/\p{Surrogate}/u.test(text));
        expect(left.length).toBeLessThanOrEqual(most);
        expect(left.length).toBeGreaterThanOrEqual(Math.min(text.length, most) - 64);
      }),
      { examples: [["\u{10000}".repeat(3), 3]] },
    );
  });

  test("a text cut in its middle keeps both ends whole, within the limit", () => {
    const text = `first ${"😀".repeat(1_000)} last`;
    expect(cutMiddle(text, 500)).toMatch(/^first 😀+\n…\n😀+ last$/u);
    expect(cutMiddle(text, 500).length).toBeLessThanOrEqual(500);
    expect(cutMiddle(text, 501).length).toBeGreaterThan(430);
    expect(cutMiddle("short", 5)).toBe("short");
  });

  test("F3: a shortened text ends in an ellipsis, which counts into the limit", () => {
    expect(cutShort("abcdef", 6)).toBe("abcdef");
    expect(cutShort("abcdefg", 6)).toBe("abcde…");
    expect(cutShort("abcd😀g", 6)).toBe("abcd…");
  });

  test.each([
    ["abc", ["a", "b", "c"]],
    ["𠮷田", ["𠮷", "田"]],
    [`${FAMILY}${FLAG}e\u0301`, [FAMILY, FLAG, "e\u0301"]],
    ["", []],
  ])("F3: the graphemes of %j are %j", (text, wanted) => {
    expect(graphemesOf(text)).toEqual(wanted);
    expect(graphemeCount(text)).toBe(wanted.length);
  });
});
