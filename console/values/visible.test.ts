import { expect, test } from "vitest";
import { breakable, CUT, cut, piecesOf, plain } from "./visible.ts";

const shown = (text: string): string =>
  piecesOf(text)
    .map((piece) => ("text" in piece ? piece.text : `[${piece.hidden}]`))
    .join("");

test.each([
  ["plain text", "Hello, Dana", "Hello, Dana"],
  ["line feeds and tabs stay", "a\n\tb", "a\n\tb"],
  ["letters of any script", "Zoë 松本 مرحبا", "Zoë 松本 مرحبا"],
  ["a control character", "a\u0007b", "a[U+0007]b"],
  ["a carriage return", "a\rb", "a[U+000D]b"],
  ["a right-to-left override", "pay\u202egpj.exe", "pay[right-to-left override]gpj.exe"],
  ["an isolate", "\u2066x\u2069", "[left-to-right isolate]x[end of isolate]"],
  ["a zero width space", "free\u200bform", "free[zero width space]form"],
  ["tag characters by the letter that they hide", "ok\u{e0069}\u{e0067}", "ok[tag i][tag g]"],
  ["a lone surrogate", "a\ud800b", "a[U+D800]b"],
  ["a byte order mark", "\ufeffx", "[zero width no-break space]x"],
  ["an emoji with its selector and joiner", "❤️ 👩‍👧", "❤️ 👩‍👧"],
  ["a variation selector after a letter", "a\ufe0f", "a[U+FE0F]"],
  ["a digit is no emoji here", "1\u200d2", "1[zero width joiner]2"],
  ["markup is text", "<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"],
])("%s", (_, text, wanted) => {
  expect(shown(text)).toBe(wanted);
});

test("a long text is cut, never in half a character", () => {
  expect(cut("a".repeat(CUT + 10))).toHaveLength(CUT);
  expect(cut(`${"a".repeat(CUT - 1)}😀`)).toBe("a".repeat(CUT - 1));
  expect(cut("short")).toBe("short");
});

test("a title is one line", () => {
  expect(plain("two\nlines\u202e  here")).toBe("two lines[right-to-left override] here");
});

test.each([
  ["lease.updated", ["lease.", "updated"]],
  ["upgrade-discount_2/x", ["upgrade-", "discount_", "2/", "x"]],
  ["Hello. Well - yes, 12.5 or so.", ["Hello. Well - yes, 12.", "5 or so."]],
])("%s may break into %j, and nothing is lost", (text, parts) => {
  expect(breakable(text)).toEqual(parts);
});
