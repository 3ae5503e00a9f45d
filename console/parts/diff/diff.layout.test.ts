import { expect, test } from "vitest";
import { lineDifference } from "../../../workspace/versions/line-difference.ts";
import { diffLines } from "./diff.layout.ts";

const told = (diff: string) =>
  diffLines(diff).map(({ kind, number, text }) => `${{ same: " ", added: "+", removed: "-", gap: "…" }[kind]}${number ?? ""} ${text}`);

test("each line has its sign and its number in the text that has it", () => {
  expect(told(lineDifference("a\nb\nc\n", "a\nB\n@@ -1 +1 @@\nc\n"))).toEqual([" 1 a", "-2 b", "+2 B", "+3 @@ -1 +1 @@", " 4 c"]);
});

test("what is left out between changes is a gap", () => {
  const before = Array.from({ length: 20 }, (_, n) => `line ${n + 1}`);
  const after = before.with(1, "two").with(17, "eighteen");
  expect(told(lineDifference(before.join("\n"), after.join("\n")))).toEqual([
    ...[" 1 line 1", "-2 line 2", "+2 two", " 3 line 3", " 4 line 4", " 5 line 5", "… "],
    ...[" 15 line 15", " 16 line 16", " 17 line 17", "-18 line 18", "+18 eighteen", " 19 line 19", " 20 line 20"],
  ]);
});

test("a file that is new, and one without a difference", () => {
  expect([told(lineDifference("", "a\n")), told("")]).toEqual([["+1 a"], []]);
});
