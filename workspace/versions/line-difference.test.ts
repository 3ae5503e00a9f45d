import { expect, test } from "vitest";
import { lineDifference } from "./line-difference.ts";

test.each([
  ["equal texts", "a\nb\n", "a\nb\n", ""],
  ["a line more at the end", "a\n", "a\nb\n", "@@ -1,1 +1,2 @@\n a\n+b"],
  ["a text from nothing", "", "a\nb", "@@ -0,0 +1,2 @@\n+a\n+b"],
  ["a text to nothing", "a\nb", "", "@@ -1,2 +0,0 @@\n-a\n-b"],
  ["a line replaced", "a\nb\nc", "a\nx\nc", "@@ -1,3 +1,3 @@\n a\n-b\n+x\n c"],
  [
    "three lines around a change",
    "1\n2\n3\n4\n5\n6\n7\n8\n9",
    "1\n2\n3\n4\nx\n6\n7\n8\n9",
    "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8",
  ],
  [
    "two changes far apart are two hunks",
    "a\n1\n2\n3\n4\n5\n6\n7\nz",
    "b\n1\n2\n3\n4\n5\n6\n7\ny",
    "@@ -1,4 +1,4 @@\n-a\n+b\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-z\n+y",
  ],
])("%s", (_, before, after, expected) => {
  expect(lineDifference(before, after)).toBe(expected);
});

/** Draws from a linear congruential generator, so that each run has the same texts. */
function drawing(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
}

/** Length of the longest common subsequence, by the table of the textbook. */
function longestCommon(a: readonly string[], b: readonly string[]): number {
  let row = new Array<number>(b.length + 1).fill(0);
  for (const line of a) {
    const next = [0];
    for (const [index, other] of b.entries())
      next.push(line === other ? (row[index] ?? 0) + 1 : Math.max(row[index + 1] ?? 0, next[index] ?? 0));
    row = next;
  }
  return row[b.length] ?? 0;
}

test("the hunks turn one text into the other with as few lines as possible, over 300 random pairs", () => {
  const draw = drawing(7);
  for (let pair = 0; pair < 300; pair++) {
    const [a = [], b = []] = [0, 1].map(() => Array.from({ length: draw(14) }, () => "abc"[draw(3)] ?? ""));
    const lines = lineDifference(a.join("\n"), b.join("\n")).split("\n");
    const [minus, plus] = ["-", "+"].map((sign) => lines.filter((line) => line.startsWith(sign)).length);
    const common = longestCommon(a, b);
    expect([minus, plus], `${a} to ${b}`).toEqual([a.length - common, b.length - common]);
    expect(patched(a, lines), `${a} to ${b}`).toEqual(b);
  }
});

/** The lines of a text after hunks are applied by their places. */
function patched(a: readonly string[], hunks: readonly string[]): string[] {
  const result: string[] = [];
  let place = 0;
  for (const line of hunks) {
    const [, from, count] = /^@@ -(\d+),(\d+)/.exec(line) ?? [];
    if (from !== undefined) {
      const start = count === "0" ? Number(from) : Number(from) - 1;
      result.push(...a.slice(place, start));
      place = start;
    } else if (line.startsWith("+")) result.push(line.slice(1));
    else if (line !== "") {
      expect(line.slice(1)).toBe(a[place]);
      if (line.startsWith(" ")) result.push(a[place] ?? "");
      place++;
    }
  }
  return [...result, ...a.slice(place)];
}

test("texts that share nothing are replaced as a whole, however long", () => {
  const [before, after] = ["x", "y"].map((letter) => Array.from({ length: 5_000 }, (_, n) => `${letter}${n}`).join("\n"));
  expect(lineDifference(before ?? "", after ?? "").split("\n")).toHaveLength(10_001);
});
