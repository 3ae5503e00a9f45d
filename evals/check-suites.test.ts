import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { policyOf } from "../testing/policy.ts";
import { describeProblem } from "../workspace/problem.ts";
import { checkSuites, suitesIn } from "./check-suites.ts";

const POLICY = policyOf("", ["promise: {name: callback, due: 1d, owner: sales}"]);

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "sentient-suites-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

function problemsOf(text: string): string[] {
  mkdirSync(join(dir, "evals"), { recursive: true });
  writeFileSync(join(dir, "evals", "a.yaml"), text);
  return checkSuites(suitesIn(dir), dir, POLICY).map(describeProblem);
}

const suite = (expectation: string, rest = "signals: []") =>
  `name: s\ncases:\n  - name: one\n    ${rest}\n    expect:\n      - {at: x, action: deliver}\n      - ${expectation}\n`;

test("a workspace without golden decisions has no problems with them", () => {
  expect(checkSuites(suitesIn(dir), dir, POLICY)).toEqual([]);
});

test.each(["{never: {experience: e, channel: box}}", "{count: {action: deliver, max: 4}}", "{task: {promise: callback}}"])(
  "%s is valid",
  (expectation) => {
    expect(problemsOf(suite(expectation))).toEqual([]);
  },
);

test.each([
  ["an unknown key", suite("{at: x, acton: deliver}"), "evals/a.yaml:7: cases.0.expect.1.acton: unknown key acton; did you mean action?"],
  ["a misspelt kind of expectation", suite("{nevr: {channel: box}}"), "cases.0.expect.1.nevr: unknown key nevr; did you mean never?"],
  ["a key of the case", suite("{at: x}", "signal: []"), "cases.0.signal: unknown key signal; did you mean signals?"],
  ["a misspelt reason", suite("{reasons: [consent_revokd]}"), "expect.1.reasons.0: unknown consent_revokd; did you mean consent_revoked?"],
  ["a reason that is no list", suite("{reasons: holdout}"), "expect.1.reasons: expected a list of reason codes, like [consent_revoked]"],
  ["an action that is none", suite("{action: xyz}"), "action: expected one of deliver, defer, await_approval, withhold, silence"],
  [
    "a name that the workspace does not have",
    suite("{never: {channel: sms}}"),
    "evals/a.yaml:7: cases.0.expect.1: unknown channel sms; expected one of ",
  ],
  [
    "a file that is not there",
    suite("{at: x, action: silence}", "signals: none.jsonl"),
    `evals/a.yaml:3: cases.0: a.yaml names none.jsonl, which is neither beside it nor in `,
  ],
  ["what is no YAML", "name: s\ncases: [", "evals/a.yaml:2: not YAML: "],
])("%s is reported with file, line and path", (_, text, problem) => {
  const [only, ...more] = problemsOf(text);
  expect(only).toContain(problem);
  expect(more).toEqual([]);
});
