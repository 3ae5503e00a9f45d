import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

type Theme = "light" | "dark";

/** Colours by name, from `--name: light-dark(#…, #…)`. */
function tokens(theme: Theme): ReadonlyMap<string, string> {
  const text = readFileSync(join(import.meta.dirname, "tokens.css"), "utf8");
  const pairs = [...text.matchAll(/--([\w-]+): light-dark\((#[\da-f]{6}), (#[\da-f]{6})\)/g)];
  return new Map(pairs.map(([, name = "", light = "", dark = ""]) => [name, theme === "light" ? light : dark]));
}

/** The relative luminance of WCAG 2. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((from) => {
    const value = Number.parseInt(colour.slice(from, from + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

const GROUNDS = ["ground", "surface", "raised", "sunken", "hover", "selected"];
const MARKS = ["sent", "waits", "held", "silent", "failed", "task"];
/** Pairs of a text and what it stands on: at least 4.5. */
const TEXTS = [
  ...["ink", "ink-soft", "ink-faint", "accent", "accent-strong"].flatMap((ink) => GROUNDS.map((ground) => [ink, ground])),
  ...MARKS.flatMap((mark) => [...GROUNDS, `${mark}-ground`].map((ground) => [mark, ground])),
  ...MARKS.flatMap((mark) => [
    ["ink", `${mark}-ground`],
    ["ink-soft", `${mark}-ground`],
  ]),
  ["on-accent", "accent"],
  ["on-accent", "accent-strong"],
];
/** Borders of controls, the focus, and lines of pictures: at least 3. */
const SHAPES = ["line-strong", "accent", "before"].flatMap((line) =>
  ["ground", "surface", "raised", "sunken"].map((ground) => [line, ground]),
);

test.each(["light", "dark"] as const)("contrasts of WCAG 2.2 AA, %s", (theme) => {
  const colours = tokens(theme);
  const measured = (pairs: readonly (readonly string[])[], least: number): string[] =>
    pairs.flatMap(([front = "", back = ""]) => {
      const [one, other] = [colours.get(front), colours.get(back)];
      if (one === undefined || other === undefined) return [`${front} or ${back} is no colour`];
      const value = contrast(one, other);
      return value >= least ? [] : [`${front} on ${back}: ${value.toFixed(2)}, wanted ${least}`];
    });
  expect([...measured(TEXTS, 4.5), ...measured(SHAPES, 3)]).toEqual([]);
});

test("the contrast of black on white is 21", () => {
  expect(contrast("#000000", "#ffffff")).toBeCloseTo(21);
});
