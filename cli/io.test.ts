import { expect, test } from "vitest";
import { createPaint, written } from "./io.ts";
import { widthOf } from "./views/table.ts";

const MARK = ";123456789012";

test("B5: our own colours are written, and escape sequences in a text are shown", () => {
  const { red, bold } = createPaint(true, MARK);
  const line = `${red("late")} ${bold("x\u001b[31my\u001b[31;1my\nz")} \u001b[39m`;
  expect(written(line, MARK)).toBe("\u001b[31mlate\u001b[39m \u001b[1mx\\u001b[31my\\u001b[31;1my\\nz\u001b[22m \\u001b[39m");
});

test("B5: without colours no terminal control sequence is written", () => {
  const { red } = createPaint(false, MARK);
  expect(written(red("a\u001b[0mb"), MARK)).toBe("a\\u001b[0mb");
});

test("B5: a mark takes no room in a column", () => {
  expect(widthOf(createPaint(true, MARK).red("late"))).toBe(4);
});
