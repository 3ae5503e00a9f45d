import { expect, test } from "vitest";
import { checkTexts } from "../testing/policy.ts";
import { compileCondition } from "./conditions.ts";
import { describeProblem } from "./problem.ts";

function namesOf(text: string): string[] {
  const compiled = compileCondition(text);
  if (!compiled.ok) throw new Error(compiled.problem);
  return compiled.names.map((found) => {
    if (found.kind === "path") return found.steps.join(".");
    return found.kind === "delivery" ? `${found.of}'s ${found.field} ${found.name}` : `${found.kind} ${found.name}`;
  });
}

test.each<[string, string[]]>([
  ['moment.name == "a"', ["moment a", "moment.name"]],
  ['"a" != moment.name', ["moment a", "moment.name"]],
  ['experience.id in ["a", "b"]', ["experience a", "experience b", "experience.id"]],
  ['"a" in experience.serves', ["moment a", "experience.serves"]],
  ['experience.department == "a" || experience.goal == "b"', ["department a", "experience.department", "goal b", "experience.goal"]],
  ["touches('7d', 'sms') + count('go', '1d') > 1", ["channel sms", "signal go"]],
  ["cadence('go') > 7", ["signal go"]],
  ['signal.type == "go"', ["signal go", "signal.type"]],
  ['customer.promises.exists(p, p.name == "a")', ["customer.promises", "promise a", "customer.promises.*.name"]],
  ['"a" in customer.promises.map(p, p.name)', ["promise a", "customer.promises", "customer.promises.*.name"]],
  ['customer.promises.filter(p, p.owner == "x").exists(q, q.name == "a")', ["promise a"]],
  [
    'customer.consents.all(c, c.channel != "a" || c.status == "b")',
    ["customer.consents", "channel a", "customer.consents.*.channel", "consent status b", "customer.consents.*.status"],
  ],
  ['moment.data.experienceId == "a"', ["moment's experience a", "moment.data.experienceId"]],
  ["has(customer.a.b) && !(customer['c'].d[0].e > 1)", ["customer.a.b", "customer.c.d.*.e"]],
  ["customer.prices[signal.data.plan] > 1", ["customer.prices.*", "signal.data.plan"]],
  [
    "customer.lines.exists(l, l.active && l.ends < customer.ends)",
    ["customer.lines", "customer.lines.*.active", "customer.lines.*.ends", "customer.ends"],
  ],
  ["customer.a.size() > 0 && [1, 2].exists(customer, customer > 1)", ["customer.a"]],
  ["customer.?a.b.orValue(1) == 1", ["customer.a.b"]],
])("W12: names in a condition: %s", (text, names) => {
  expect(namesOf(text)).toEqual(expect.arrayContaining(names));
  if (!text.includes("filter(")) expect(namesOf(text)).toHaveLength(names.length);
});

test("W12: a name has the column of its word", () => {
  const compiled = compileCondition('has(customer.a) && moment.name == "a"');
  expect(compiled.ok && compiled.names.find(({ kind }) => kind === "moment")?.column).toBe(34);
});

/** Problems of one condition in an experience that serves `m`, in a workspace with the promise `callback` and the channel `box`. */
function problemsOf(condition: string, moment = "{on: go, expires: 30d}"): string[] {
  const settings = `departments: [sales]\ngoals: {keep: {weight: 1}}\nmoments: {m: ${moment}}\npromises: {callback: {due: 1d, owner: sales}}`;
  const checked = checkTexts(settings, [`eligibility:\n  - ${JSON.stringify(condition)}`]);
  return checked.ok ? [] : checked.problems.map(describeProblem);
}

const FOLLOW_UP = "{on: delivery.ignored, expires: 1d}";

test.each<[string, string, string?]>([
  ["moment.name == 'mm'", "unknown moment mm; did you mean m? at column 16"],
  ["moment.name != 'lease_endng'", "unknown moment lease_endng; expected one of m at column 16"],
  ["experience.id in ['e', 'other']", "unknown experience other; expected one of e at column 24"],
  ["'mm' in experience.serves", "unknown moment mm; did you mean m? at column 1"],
  ["experience.department == 'salez'", "unknown department salez; did you mean sales? at column 26"],
  ["experience.goal == 'kep'", "unknown goal kep; did you mean keep? at column 20"],
  ["touches('7d', 'smss') < 1", "unknown channel smss; did you mean sms? at column 15"],
  ["customer.promises.exists(p, p.name == 'calback')", "unknown promise calback; did you mean callback? at column 39"],
  ["customer.consents.exists(c, c.channel == 'boxx')", "unknown channel boxx; did you mean box? at column 42"],
  ["customer.consents.exists(c, c.status == 'grantd')", "unknown consent status grantd; did you mean granted? at column 41"],
  ["moment.data.experienceId == 'ee'", "unknown experience ee; did you mean e? at column 29", FOLLOW_UP],
  ["moment.data.channel in ['boxx']", "unknown channel boxx; did you mean box? at column 25", FOLLOW_UP],
])("W12: an id within a condition that nothing has is an error: %s", (condition, problem, moment) => {
  expect(problemsOf(condition, moment)).toEqual([`experiences/0.yaml:2: eligibility.0: ${problem} of: ${condition}`]);
});

test.each<[string, string?]>([
  ["moment.name in ['m', 'fact_corrected'] || experience.id == 'e'"],
  ["touches('7d', 'visit') + touches('7d', 'box') < 1"],
  ["customer.promises.exists(p, p.name == 'callback' || p.name == 'reply' || p.owner == 'anyone')"],
  ["moment.data.experienceId == 'of another system'"],
  ["moment.data.experienceId == 'e'", FOLLOW_UP],
  ["customer.plan == 'm' && moment.data.name == 'x'"],
])("W12: ids that are known, and texts that are no ids: %s", (condition, moment) => {
  expect(problemsOf(condition, moment)).toEqual([]);
});
