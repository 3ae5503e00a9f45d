import { expect, test } from "vitest";
import { checkTexts, policyOf } from "../testing/policy.ts";

const TALK = "id: answer\ntransactional: true\n";

const problemsIn = (experience: string): string[] => {
  const checked = checkTexts("", [experience]);
  return checked.ok ? [] : checked.problems.map(({ message }) => message);
};

test("an assistant's permissions are compiled: fixed, requested and confirmed inputs", () => {
  const { experiences } = policyOf("", [
    `${TALK}converse:\n  brief: Help.\n  tools:\n    change_address: {tool: update_traits, asks: {traits.address: the address}}\n    issue_offer: {with: {percent: 10, validFor: 3d}}`,
  ]);
  expect(experiences[0]?.converse).toMatchObject({
    brief: "Help.",
    settle: 5_000,
    tools: [
      { name: "change_address", tool: "update_traits", asks: { "traits.address": "the address" }, confirm: "Shall I do this?" },
      { name: "issue_offer", tool: "issue_offer", asks: {} },
    ],
  });
  expect(experiences[0]?.converse?.tools[1]?.confirm).toBeUndefined();
});

test.each([
  ["issue_offer", "percent"],
  ["http_request", "url"],
  ["open_promise", "due"],
  ["open_case", "queue"],
])("fields for amounts and recipients are never asked of a customer: %s %s", (tool, path) => {
  const problems = problemsIn(`${TALK}converse: {brief: Help., tools: {${tool}: {asks: {${path}: what it is}}}}`);
  expect(problems).toEqual([`${path} of ${tool} is fixed under with, and never asked`]);
});

test.each([
  ["id: answer\ntransactional: [caps]\nconverse: {brief: Help.}", "an answer to a message is transactional; expected transactional: true"],
  ["id: answer\nconverse: {brief: Help.}", "an answer to a message is transactional; expected transactional: true"],
  [
    `${TALK}action: {tool: open_case, input: {subject: x}}\nconverse: {brief: Help.}`,
    "an experience that converses has tools instead of an action",
  ],
  [`${TALK}channels: {box: {text: Hello, brief: Warmly.}}\nconverse: {brief: Help.}`, "box has a brief; the brief of converse is enough"],
])("an invalid combination is reported: %s", (experience, problem) => {
  expect(problemsIn(experience)).toEqual([problem]);
});

test("an unknown tool is reported", () => {
  expect(problemsIn(`${TALK}converse: {brief: Help., tools: {wire_money: {}}}`)[0]).toMatch(/wire_money/);
});

test.each<[string, readonly string[] | undefined, string, string[]]>([
  [
    "a tool that says nothing",
    undefined,
    "amount",
    ["amount of pay_out is fixed under with, and never asked; pay_out names in its own asks what a customer may fill in"],
  ],
  ["a tool that lets nothing be filled in", [], "amount", ["amount of pay_out is fixed under with, and never asked"]],
  ["another field than the one it opens", ["note"], "amount", ["amount of pay_out is fixed under with, and never asked"]],
  [
    "a field whose name begins like one that it opens",
    ["amount"],
    "amount.cents",
    ["amount.cents of pay_out is fixed under with, and never asked"],
  ],
  ["the field that it opens", ["amount"], "amount", []],
  ["a field below one that it opens whole", ["to."], "to.name", []],
])("open tool default: a customer fills in nothing that the tool does not open: %s", (_what, asks, path, problems) => {
  const tool = asks === undefined ? { name: "pay_out" } : { name: "pay_out", asks };
  const checked = checkTexts("", [`${TALK}converse: {brief: Help., tools: {pay_out: {asks: {${path}: what it is}}}}`], { tools: [tool] });
  expect(checked.ok ? [] : checked.problems.map(({ message }) => message)).toEqual(problems);
});
