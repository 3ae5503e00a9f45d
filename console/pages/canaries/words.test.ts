import { expect, test } from "vitest";
import { canariesAnswer, endingWords, evidenceWords, nearest, timesWords } from "./words.ts";

const [running, stopped] = [{ state: "running" }, { state: "stopped" }] as const;

test.each([
  [[], "No experience is tried on a share of customers."],
  [[running], "1 experience is tried on a share of customers; none was stopped."],
  [[running, running, stopped], "2 experiences are tried on a share of customers; 1 was stopped."],
  [[stopped, stopped], "No experience is tried now; 2 were stopped."],
])("the list %o in a sentence", (canaries, words) => {
  expect(canariesAnswer(canaries)).toBe(words);
});

test("the guard that is nearest to a stop, and how near it is", () => {
  const guard = (towards: number, broken = false) => ({ guard: "", events: 0, trials: 0, towards, broken, says: "", sight: [] });
  expect(nearest([guard(0.1), guard(0.34), guard(0)])?.towards).toBe(0.34);
  expect(nearest([])).toBeUndefined();
  expect([evidenceWords(guard(0.34)), evidenceWords(guard(1, true))]).toEqual([
    "34 % of the evidence for a stop",
    "broken: enough evidence for a stop",
  ]);
});

test("what becomes of it once its time is over", () => {
  expect([endingWords({ ending: "stay", least: 200 }), endingWords({ ending: "approve", least: 200 })]).toEqual([
    "then it stays on this share until somebody decides",
    "then it is approved by itself, if it had 200 deliveries at least and no guard is broken",
  ]);
  expect([2, 5].map(timesWords)).toEqual(["Twice the bound", "5 times the bound"]);
});
