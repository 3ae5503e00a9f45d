import { expect, test } from "vitest";
import { z } from "zod";
import { inputsOf } from "../runtime/load-tools.ts";
import { checkTexts } from "../testing/policy.ts";
import { defineTool } from "../tools/tool.ts";
import { describeProblem } from "./problem.ts";

const ORDER = z.strictObject({ customerId: z.string(), orderId: z.string(), express: z.boolean().optional() });
const inputs = inputsOf([
  defineTool({
    name: "find_order",
    description: "Find an order.",
    effect: "read",
    asks: ["orderId", "colour"],
    input: ORDER,
    output: z.unknown(),
    run: async () => undefined,
  }),
]);

/** The problems of one experience, each with its line. */
function problemsOf(experience: string): string[] {
  const checked = checkTexts("", [experience], { tools: ["find_order"], inputs });
  return checked.ok ? [] : checked.problems.map(describeProblem);
}

const action = (tool: string, input: string) => `action:\n  tool: ${tool}\n  input: ${input}`;
const converse = (tool: string) =>
  `transactional: true\nchannels: {box: {text: Hello}}\nconverse:\n  brief: We help.\n  tools:\n    find_order: ${tool}`;

test.each<[string, string, string[]]>([
  ["what a tool takes", action("issue_offer", "{percent: 20, validFor: 3h}"), []],
  [
    "a misspelt key",
    action("issue_offer", "{percnt: 20, validFor: 3h}"),
    ["experiences/0.yaml:3: action.input.percnt: issue_offer: unknown key percnt; did you mean percent?"],
  ],
  [
    "a key that the tool does not know",
    action("open_case", "{subject: Brakes, colour: red}"),
    ["experiences/0.yaml:3: action.input.colour: open_case: unknown key colour; expected one of subject, queue"],
  ],
  [
    "a key that is left out",
    action("open_case", "{queue: sales}"),
    ["experiences/0.yaml:3: action.input.subject: missing for open_case: expected string"],
  ],
  [
    "a value of another type",
    action("update_traits", "{traits: 5}"),
    ["experiences/0.yaml:3: action.input.traits: invalid for update_traits: expected record, received number"],
  ],
  [
    "a number in words",
    action("issue_offer", "{percent: ten, validFor: 2 weeks}"),
    [
      "experiences/0.yaml:3: action.input.percent: invalid for issue_offer: expected a number",
      "experiences/0.yaml:3: action.input.validFor: invalid for issue_offer: expected a duration such as 3h or 14d",
    ],
  ],
  [
    "W4: a floor above the list price",
    action("issue_offer", "{listPrice: 19.99, percent: 25, floor: 20, validFor: 3h}"),
    [
      "experiences/0.yaml:3: action.input.floor: invalid for issue_offer: expected at most listPrice, 19.99: raised to the floor, the offer would cost more than without it",
    ],
  ],
  [
    "W4: the same beside a percentage that is rendered first",
    action("issue_offer", '{listPrice: 19.99, percent: "{{ customer.percent }}", floor: 20, validFor: 3h}'),
    [
      "experiences/0.yaml:3: action.input.floor: invalid for issue_offer: expected at most listPrice, 19.99: raised to the floor, the offer would cost more than without it",
    ],
  ],
  [
    "W4: a list price that is rendered first",
    action("issue_offer", '{listPrice: "{{ customer.price }}", percent: 25, floor: 20, validFor: 3h}'),
    [],
  ],
  ["a text that is rendered first", action("open_case", '{subject: "{{ moment.data.text }}"}'), []],
  ["a number that is rendered first", action("issue_offer", '{percent: "{{ customer.percent }}", validFor: 3h}'), []],
  [
    "a wrong key beside a text that is rendered first",
    action("issue_offer", '{percent: "{{ customer.percent }}", stackabel: true, validFor: 3h}'),
    ["experiences/0.yaml:3: action.input.stackabel: issue_offer: unknown key stackabel; did you mean stackable?"],
  ],
  ["what the customer is asked for", converse('{with: {customerId: "{{ customer.id }}"}, asks: {orderId: its number}}'), []],
  [
    "what is neither fixed nor asked",
    converse("{asks: {orderId: its number}}"),
    ["experiences/0.yaml:6: converse.tools.find_order.with.customerId: missing for find_order: expected string"],
  ],
  [
    "a literal of another type in a conversation",
    converse("{with: {customerId: c-1, express: maybe}, asks: {orderId: its number}}"),
    ["experiences/0.yaml:6: converse.tools.find_order.with.express: invalid for find_order: expected boolean, received string"],
  ],
  [
    "what is asked and not taken",
    converse("{with: {customerId: c-1}, asks: {orderId: its number, colour: which}}"),
    [
      "experiences/0.yaml:6: converse.tools.find_order.with.colour: find_order: unknown key colour; expected one of customerId, orderId, express",
    ],
  ],
])("the input of a tool is checked: %s", (_, experience, problems) => {
  expect(problemsOf(experience)).toEqual(problems);
});

test.each<[string, string, string[]]>([
  [
    "an action",
    action("issue_offer", "{percent: 40, validFor: 3h}"),
    ["experiences/0.yaml:3: action.input.percent: governance.offers.maxPercent allows at most 30 %; expected 30 or less"],
  ],
  [
    "a percentage in quotes",
    action("issue_offer", '{percent: "40", validFor: 3h}'),
    ["experiences/0.yaml:3: action.input.percent: governance.offers.maxPercent allows at most 30 %; expected 30 or less"],
  ],
  [
    "a matched price",
    action("issue_offer", "{price: 60, listPrice: 100, validFor: 3h}"),
    ["experiences/0.yaml:3: action.input.price: governance.offers.maxPercent allows at most 30 %, and this is 40 % off 100"],
  ],
  [
    "an assistant's tool",
    converse("{tool: issue_offer, with: {percent: 40, validFor: 3h}}"),
    ["experiences/0.yaml:6: converse.tools.find_order.with.percent: governance.offers.maxPercent allows at most 30 %; expected 30 or less"],
  ],
  ["at the ceiling", action("issue_offer", "{percent: 30, validFor: 3h}"), []],
  ["a value that is computed is lowered when it runs", action("issue_offer", '{percent: "{{ customer.percent }}", validFor: 3h}'), []],
])("an offer above the ceiling of the workspace is an error: %s", (_, experience, problems) => {
  const checked = checkTexts("governance: {offers: {maxPercent: 30}}", [experience], { inputs });
  expect(checked.ok ? [] : checked.problems.map(describeProblem)).toEqual(problems);
});

test.each(["0", "101", "30%", "{max: 30}"])("a ceiling of offers that is none: %s", (maxPercent) => {
  const checked = checkTexts(`governance: {offers: {maxPercent: ${maxPercent}}}`);
  expect(checked.ok ? [] : checked.problems.map(describeProblem)).toMatchObject([
    expect.stringContaining("governance.offers.maxPercent: "),
  ]);
});
