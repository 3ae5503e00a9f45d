import { expect, test } from "vitest";
import { changedWords, eachOnce, processesWords } from "./words.ts";

const [ONE, TWO] = ["1".repeat(64), "2".repeat(64)];

test.each([
  [[], "They have the same files."],
  [["changed"], "1 file changed."],
  [["added", "changed", "changed", "removed"], "2 files changed, 1 added and 1 removed."],
  [["removed", "removed"], "2 files removed."],
] as const)("files that are %o in words", (changes, words) => {
  expect(changedWords(changes.map((change) => ({ file: "a", change })))).toBe(words);
});

test.each([
  [[], "No process that decides is running."],
  [[{ policyVersion: ONE, count: 1 }], "1 process decides by it."],
  [[{ policyVersion: ONE, count: 3 }], "3 processes decide by it."],
  [
    [
      { policyVersion: ONE, count: 2 },
      { policyVersion: TWO, count: 1 },
    ],
    "2 processes decide by it, 1 by 222222222222: they follow within seconds, or their /readyz says what they lack.",
  ],
])("processes %o in words", (processes, words) => {
  expect(processesWords(processes, ONE)).toBe(words);
});

test("a version that was put in force twice is there once to choose, by its latest publication", () => {
  const version = (policyVersion: string, at: string) => ({ policyVersion, at, by: "", from: "", inForce: false });
  expect(eachOnce([version(ONE, "3"), version(TWO, "2"), version(ONE, "1")]).map(({ at }) => at)).toEqual(["3", "2"]);
});
