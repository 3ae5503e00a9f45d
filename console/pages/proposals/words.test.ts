import { expect, test } from "vitest";
import { goldenWords, proposalsAnswer, whyNot } from "./words.ts";

const [ready, unready, answered] = [
  { status: "open", ready: true },
  { status: "open", ready: false },
  { status: "approved", ready: true },
] as const;

test.each([
  [[], "No proposal waits for an answer."],
  [[answered], "No proposal waits for an answer."],
  [[ready, answered], "1 proposal waits for an answer; it has no problems, and its golden decisions pass."],
  [[ready, ready], "2 proposals wait for an answer; none of them has problems."],
  [[ready, unready], "2 proposals wait for an answer; 1 has problems or golden decisions that do not pass."],
])("the list %o in a sentence", (proposals, words) => {
  expect(proposalsAnswer(proposals)).toBe(words);
});

const suite = (...cases: readonly boolean[]) => ({
  ...{ name: "s", file: "evals/s.yaml", brought: true, gate: 1, score: 1, passed: cases.every(Boolean) },
  cases: cases.map((passed, index) => ({ name: `${index}`, passed, differs: [] })),
});
const ann = { by: "ann", at: "", hash: "" };
const paul = { name: "paul", mayApprove: true };
const proposal = { problems: [], golden: [suite(true)], authors: [ann], ready: true };

test.each([
  [proposal, paul, undefined],
  [proposal, { ...paul, mayApprove: false }, "Your role does not answer proposals."],
  [proposal, { ...paul, name: " ANN" }, "You have proposed or revised it: another person approves it."],
  [{ ...proposal, problems: [{ file: "f", message: "m" }], ready: false }, paul, "It has 1 problem: it is revised first."],
  [{ ...proposal, golden: [suite(true, false)], ready: false }, paul, "1 suite of golden decisions does not pass: it is revised first."],
  [{ ...proposal, ready: false }, paul, "It is not ready."],
])("%# an approval that is refused says why", (given, person, words) => {
  expect(whyNot(given, person)).toBe(words);
});

test("how many golden decisions pass", () => {
  expect([goldenWords([]), goldenWords([suite(true, false), suite(true)])]).toEqual(["none", "2 of 3 pass"]);
});
