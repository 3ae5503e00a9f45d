import { expect, test } from "vitest";
import { checkTexts } from "../testing/policy.ts";
import { describeProblem } from "./problem.ts";

const CHANNELS = "channels: {box: {kind: file}, desk: {kind: human}}";
const WROTE = "moments: {m: {on: message.received, expires: 1d}}";
const TASK = "channels: {desk: {summary: Call}}";

function notesOf(settings: string, experience: string): string[] {
  const checked = checkTexts(settings, [experience]);
  return checked.ok ? checked.notes.map(describeProblem) : checked.problems.map(describeProblem);
}

test.each<[string, string, string, RegExp[]]>([
  [
    "a holdout in the old form, where there are tasks",
    `${CHANNELS}\ngovernance:\n  holdout: 0.05`,
    TASK,
    [/sentient\.yaml:3: governance\.holdout: tasks and answers/],
  ],
  [
    "a holdout in the old form, where messages are answered",
    `${WROTE}\ngovernance: {holdout: 0.05}`,
    "",
    [/sentient\.yaml:2: governance\.holdout: /],
  ],
  ["a holdout in the new form", `${CHANNELS}\ngovernance: {holdout: {share: 0.05}}`, TASK, []],
  ["a holdout that withheld neither", "governance: {holdout: 0.05}", "", []],
  ["no holdout", `${CHANNELS}\ngovernance: {holdout: 0}`, TASK, []],
  [
    "an approval for everything that reads what some moments have",
    "governance:\n  approval: [moment.data.amount > 5]",
    "",
    [/sentient\.yaml:2: governance\.approval\.0: a missing field counts as met/],
  ],
  ["an approval that is narrowed", "governance: {approval: [{when: moment.data.amount > 5, experiences: [e]}]}", "", []],
  ["an approval that asks first", "governance: {approval: ['has(moment.data.amount) && moment.data.amount > 5']}", "", []],
])("W5, W6: check tells whom a changed rule concerns: %s", (_, settings, experience, notes) => {
  expect(notesOf(settings, experience)).toEqual(notes.map((note) => expect.stringMatching(note)));
});
