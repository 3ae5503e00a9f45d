import { expect, test } from "vitest";
import { auditAnswer, auditDetails, auditTarget, auditWords } from "./audit.ts";

test.each([
  ["task.claimed", "claimed a task"],
  ["task.returned", "returned a task to its queue"],
  ["paused", "paused"],
  ["something.new_here", "something new here"],
  ["constructor", "constructor"],
])("the action %s is told as %s", (action, words) => {
  expect(auditWords(action)).toBe(words);
});

test.each([
  [{ action: "task.done", target: "t/1" }, "/tasks/t%2F1"],
  [{ action: "approval.approved", target: "a" }, "/approvals/a"],
  [{ action: "run.retried", target: "r" }, "/runs/r"],
  [{ action: "promise.kept", target: "p" }, "/promises?all=true"],
  [{ action: "dead.revived", target: "x" }, "/health"],
  [{ action: "proposal_made", target: "prop_1" }, "/proposals/prop_1"],
  [{ action: "restored", target: "ab12" }, "/versions/ab12"],
  [{ action: "canary_stopped", target: "summer" }, "/canaries/summer"],
  [{ action: "resumed", target: "channel sms" }, "/health"],
  [{ action: "customer.merged", target: "c-1", customerId: "c-1" }, "/customers/c-1"],
  [{ action: "session.begun", target: "s" }, undefined],
])("%o leads to %s", (entry, to) => {
  expect(auditTarget(entry)).toBe(to);
});

test("details are names and values; what was before is named so, the note stands elsewhere", () => {
  expect(auditDetails({ from: "ann", note: "because", force: false, moments: ["a", "b"] })).toEqual([
    ["before", "ann"],
    ["moments", '["a","b"]'],
  ]);
});

test.each([
  [0, true, "Nobody has changed anything."],
  [1, true, "1 change by a person, with the reason where one was given."],
  [12, true, "12 changes by people, each with its reason where one was given."],
  [100, false, "The latest 100 changes by people, each with its reason where one was given."],
])("%i entries in a sentence, whole: %s", (entries, isWhole, words) => {
  expect(auditAnswer(entries, isWhole)).toBe(words);
});
