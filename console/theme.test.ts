import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";

const code = readFileSync(join(import.meta.dirname, "theme.js"), "utf8");

/** The theme of a page after the script has run with something stored. */
function themeAfter(getItem: () => string | null): string | undefined {
  const dataset: { theme?: string } = {};
  runInNewContext(code, { localStorage: { getItem }, document: { documentElement: { dataset } } });
  return dataset.theme;
}

test.each([
  ["nothing", null, undefined],
  ["the system's", '{"theme":"system"}', undefined],
  ["dark", '{"theme":"dark"}', "dark"],
  ["light", '{"theme":"light"}', "light"],
  ["no theme", '{"theme":"</script>"}', undefined],
  ["no JSON", "{", undefined],
  ["null", "null", undefined],
])("before the style sheet: %s is stored", (_, stored, theme) => {
  expect(themeAfter(() => stored)).toBe(theme);
});

test("storage that is turned off is no failure", () => {
  const off = (): never => {
    throw new Error("denied");
  };
  expect(themeAfter(off)).toBeUndefined();
});
