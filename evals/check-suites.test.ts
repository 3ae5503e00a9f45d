import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { policyOf } from "../testing/policy.ts";
import { describeProblem } from "../workspace/problem.ts";
import { checkSuites, suitesIn } from "./check-suites.ts";
import { readDataFiles } from "./data-files.ts";

const POLICY = policyOf("", [
  "promise: {name: callback, due: 1d, owner: sales}",
  "id: f\nchannels: {box: {variants: {short: {text: Hi, locales: {de: {text: Hallo}}}}}}",
]);

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

test.each([
  "{never: {experience: e, channel: box}}",
  "{count: {action: deliver, max: 4}}",
  "{task: {promise: callback}}",
  "{variant: short, locale: DE}",
])("%s is valid", (expectation) => {
  expect(problemsOf(suite(expectation))).toEqual([]);
});

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
  ["a place that no channel has", suite("{never: {place: hero}}"), "cases.0.expect.1: unknown place hero"],
  ["an ask that is not among the signals", suite("{never: {ask: visit}}"), "cases.0.expect.1: unknown ask visit"],
  ["a variant that no experience has", suite("{never: {variant: shrt}}"), "cases.0.expect.1: unknown variant shrt; did you mean short?"],
  [
    "a language in which nothing is written",
    suite("{never: {locale: fr}}"),
    "cases.0.expect.1: unknown locale fr; expected one of default, de",
  ],
  ["a stage that the workspace does not have", suite("{never: {stage: lapsed}}"), "cases.0.expect.1: unknown stage lapsed; there are none"],
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

test.each([
  ["{noTask: {queue: sales}}", undefined],
  ["{noTask: {queue: credit}}", undefined],
  ["{noTask: {queue: approvals}}", undefined],
  ["{noTask: {queue: salse}}", "unknown queue salse; did you mean sales?"],
  ["{task: {queue: creditt}}", "unknown queue creditt; did you mean credit?"],
  ["{task: {queue: warehouse}}", "unknown queue warehouse; expected one of "],
])("the queue in %s", (expectation, problem) => {
  const found = problemsOf(suite(expectation, 'signals: [{type: promise.opened, data: {promise: p, due: "2026-06-09", owner: credit}}]'));
  expect(found).toEqual(problem === undefined ? [] : [expect.stringContaining(`evals/a.yaml:7: cases.0.expect.1: ${problem}`)]);
});

test.each(["warehouse", "'{{ customer.team }}'"])("the content of a task may name its queue: %s", (queue) => {
  const policy = policyOf("channels: {desk: {kind: human}}", [`channels: {desk: {summary: s, queue: ${queue}}}`]);
  mkdirSync(join(dir, "evals"));
  writeFileSync(join(dir, "evals", "a.yaml"), suite("{task: {queue: warehouse}}"));
  expect(checkSuites(suitesIn(dir), dir, policy).map(describeProblem)).toEqual([]);
});

const touch = (kind: string) => `{id: t, type: human.touch, subject: c, time: "2026-06-01T15:00:00Z", data: {kind: ${kind}}}`;

test.each([
  [
    "a refused signal that no expectation names",
    touch("phone"),
    "{count: {max: 0}}",
    "cases.0.signals.0: data.kind: phone is no kind of contact",
  ],
  ["one that an expectation names", touch("phone"), "{rejected: t, because: kind of contact}", undefined],
  ["a Segment message without a customer", "{segment: {type: identify, messageId: t}}", "{count: {max: 0}}", "names no customer"],
  ["a Segment message that is refused, as expected", "{segment: {type: identify, messageId: t}}", "{rejected: t}", undefined],
  [
    "a call that Segment does not have",
    "{segment: {type: identity, userId: c}}",
    "{count: {max: 0}}",
    "type: expected one of track, identify",
  ],
  ["a Segment message as text", "{segment: identify}", "{count: {max: 0}}", "type: expected one of track, identify"],
  [
    "a key beside the message",
    "{segment: {type: page, userId: c}, id: t}",
    "{count: {max: 0}}",
    "id: expected within the message, under segment",
  ],
])("W21, W24: %s", async (_name, signal, expectation, problem) => {
  mkdirSync(join(dir, "evals"));
  writeFileSync(join(dir, "evals", "a.yaml"), `name: s\ncases: [{name: one, signals: [${signal}], expect: [${expectation}]}]\n`);
  const found = [...checkSuites(suitesIn(dir), dir, POLICY), ...(await readDataFiles(dir, suitesIn(dir))).problems].map(describeProblem);
  expect(found).toEqual(problem === undefined ? [] : [expect.stringContaining(problem)]);
});

test("W21: a signal expected to be refused is one written into the case", () => {
  const own = suite("{rejected: touched}", `signals: [${touch("phone").replace("id: t", "id: touchd")}]`);
  expect(problemsOf(own)).toEqual([
    expect.stringContaining("cases.0.expect.1: rejected: no signal written into this case has the id touched; did you mean touchd?"),
  ]);
});

test("W24: whole numbers of any size are ids in a Segment message of a case", () => {
  expect(problemsOf(suite("{count: {max: 0}}", "signals: [{segment: {type: page, userId: 12345678901234567890, messageId: m}}]"))).toEqual(
    [],
  );
});

describe("ids that no record and no signal of the case has", () => {
  async function unknownIds(text: string, files: Readonly<Record<string, string>> = {}): Promise<string[]> {
    mkdirSync(join(dir, "evals"), { recursive: true });
    for (const [name, lines] of Object.entries({ "evals/a.yaml": text, ...files })) writeFileSync(join(dir, name), lines);
    return (await readDataFiles(dir, suitesIn(dir))).problems.map(describeProblem);
  }
  const x = "{specversion: '1.0', source: s, type: go, time: '2026-06-01T15:00:00Z', id: x";
  const own = (expectation: string) => suite(expectation, `customers: [{id: gus}]\n    signals: [${x}}]`);

  test.each([
    ["{customer: gus}", undefined],
    ["{at: '2026-06-01T15:00:00Z', action: silence}", undefined],
    ["{customer: guus}", "unknown customer guus; did you mean gus?"],
    ["{never: {customer: nobody}}", "unknown customer nobody; no record and no signal of the case names it"],
    ["{noTask: {customer: nobody}}", "unknown customer nobody; no record and no signal of the case names it"],
    [
      "{at: '2026-02-30', action: silence}",
      "at 2026-02-30 is neither the id of a signal of the case nor a time with a zone, like 2026-06-01T15:00:00Z",
    ],
    [
      "{at: nosuchid, action: silence}",
      "at nosuchid is neither the id of a signal of the case nor a time with a zone, like 2026-06-01T15:00:00Z",
    ],
  ])("%s", async (expectation, problem) => {
    expect(await unknownIds(own(expectation))).toEqual(
      problem === undefined ? [] : [`evals/a.yaml:${own("").split("\n").length - 1}: cases.0.expect.1: ${problem}`],
    );
  });

  test("the files of the workspace are read where a case has none of its own", async () => {
    const text = "name: s\ncases:\n  - name: one\n    expect:\n      - {at: x1, customer: anna}\n      - {at: x2, customer: ann}\n";
    const line = JSON.stringify({ specversion: "1.0", source: "s", type: "go", time: "2026-06-01T15:00:00Z", id: "x1", subject: "anna" });
    expect(await unknownIds(text, { "customers.jsonl": '{"id": "bob"}\n', "signals.jsonl": `${line}\n` })).toEqual([
      "evals/a.yaml:6: cases.0.expect.1: unknown customer ann; did you mean anna?",
      "evals/a.yaml:6: cases.0.expect.1: at x2 is neither the id of a signal of the case nor a time with a zone, like 2026-06-01T15:00:00Z; did you mean x1?",
    ]);
  });

  test("a customer who is known by an address only may have any id that is not nearly another one", async () => {
    const signals = `signals: [${x}, data: {identities: [{type: email, value: a@mail.example}]}}]`;
    expect(await unknownIds(suite("{customer: c_made}", `customers: [{id: gus}, {id: ann}]\n    ${signals}`))).toEqual([]);
  });
});
