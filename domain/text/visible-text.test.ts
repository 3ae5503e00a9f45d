import { expect, test } from "vitest";
import { oneLine, visibleText } from "./visible-text.ts";

test("invisible characters are removed", () => {
  expect(visibleText("a\u200Bb\u202Ec\u{E0041}d\u0007e\nf")).toBe("abcde\nf");
});

test("a text on one line has single spaces and none at its ends", () => {
  expect(oneLine("  a\n\t b\u200B  c\r\n")).toBe("a b c");
});
