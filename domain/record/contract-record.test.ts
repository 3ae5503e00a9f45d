import { describe, expect, test } from "vitest";
import { at } from "../../testing/builders.ts";
import { policyOf } from "../../testing/policy.ts";
import { inFull, play, type ScenarioSignal } from "../../testing/tell.ts";
import { iso } from "../values/time.ts";
import { profileOf } from "./profile.ts";

const says = (time: string, source: string, traits: Record<string, string | number | null | object>): ScenarioSignal => [
  time,
  "customer.updated",
  { traits } as never,
  { source },
];

/** Value and source of a field after statements of several sources, or why there is none. */
function reads(field: string, signals: readonly ScenarioSignal[], record = "{}", now = "06-01 15:00"): string {
  const settings = `record: ${record}`;
  const { customer } = play({ settings, signals });
  const { fields } = profileOf(customer, policyOf(settings), at(inFull(now)));
  const found = fields.find(({ path }) => path === field);
  return found === undefined ? "nothing" : `${found.state}${"value" in found ? ` ${JSON.stringify(found.value)} by ${found.source}` : ""}`;
}

const DEALER = says("05-20 10:00", "dealer", { a: "d" });
const LEASING = says("05-10 10:00", "leasing", { a: "l" });
const SEQUENCE = "{sources: [leasing, dealer], fields: {a: {rule: source_sequence}}}";

describe("a field reads as", () => {
  test.each<[string, string, readonly ScenarioSignal[], string?]>([
    ["the latest statement, where no rule is given", 'ok "d" by dealer', [DEALER, LEASING]],
    ["the latest statement by its own time, not by arrival", 'ok "d" by dealer', [DEALER, says("05-19 10:00", "web", { a: "w" })]],
    ["of two statements of one time the one that arrived later", 'ok "w" by web', [DEALER, says("05-20 10:00", "web", { a: "w" })]],
    [
      "what a source said last, though older news of it comes late",
      'ok "d" by dealer',
      [DEALER, says("05-01 10:00", "dealer", { a: "old" })],
    ],
    [
      "of two statements of one source and time the later to arrive",
      'ok "e" by dealer',
      [DEALER, says("05-20 10:00", "dealer", { a: "e" })],
    ],
    ["nothing once it is removed", "nothing", [DEALER, says("05-21 10:00", "dealer", { a: null })]],
    [
      "something again when it is said again",
      'ok "x" by dealer',
      [DEALER, says("05-21 10:00", "dealer", { a: null }), says("05-22 10:00", "dealer", { a: "x" })],
    ],
    ["nothing removed by older news", 'ok "d" by dealer', [DEALER, says("05-19 10:00", "dealer", { a: null })]],
    ["the statement of the first source of a sequence", 'ok "l" by leasing', [DEALER, LEASING], SEQUENCE],
    [
      "the statement of a listed source before an unlisted one's",
      'ok "d" by dealer',
      [DEALER, says("05-30 10:00", "web", { a: "w" })],
      SEQUENCE,
    ],
    [
      "by a sequence of its own",
      'ok "d" by dealer',
      [DEALER, LEASING],
      "{sources: [leasing, dealer], fields: {a: {rule: source_sequence, sources: [dealer]}}}",
    ],
    [
      "by the rule of the field above it",
      "ok 1 by leasing",
      [says("05-10 10:00", "leasing", { a: { b: 1 } }), says("05-20 10:00", "dealer", { a: { b: 2 } })],
      SEQUENCE,
    ],
    [
      "the next source where the first is too old",
      'ok "d" by dealer',
      [DEALER, LEASING],
      "{sources: [leasing, dealer], fields: {a: {rule: source_sequence, maxAge: 15d}}}",
    ],
    [
      "the newest, and stale, where all are too old",
      'stale "d" by dealer',
      [DEALER, LEASING],
      "{sources: [leasing, dealer], fields: {a: {rule: source_sequence, maxAge: 2d}}}",
    ],
    ["fresh at its greatest age", 'ok "d" by dealer', [says("05-30 15:00", "dealer", { a: "d" })], "{fields: {a: {maxAge: 2d}}}"],
    ["stale right after", 'stale "d" by dealer', [says("05-30 14:59:59.999", "dealer", { a: "d" })], "{fields: {a: {maxAge: 2d}}}"],
    ["nothing while sources disagree and the policy waits for them", "conflict", [DEALER, LEASING], "{fields: {a: {onConflict: hold}}}"],
    [
      "something when they agree",
      'ok "l" by dealer',
      [DEALER, LEASING, says("05-21 10:00", "dealer", { a: "l" })],
      "{fields: {a: {onConflict: hold}}}",
    ],
    [
      "something when the one that disagrees is too old",
      'ok "d" by dealer',
      [DEALER, LEASING],
      "{fields: {a: {onConflict: hold, maxAge: 15d}}}",
    ],
  ])("%s", (_, wanted, signals, record) => {
    expect(reads(JSON.stringify(signals).includes('"b"') ? "a.b" : "a", signals, record)).toBe(wanted);
  });
});

test("a field in conflict is no fact: a text that states it is not sent, and a condition on it is false", () => {
  const settings = "record: {fields: {a: {onConflict: hold}}}";
  const experiences = [
    "channels: {box: {text: '{{ customer.a }}'}}",
    "id: f\neligibility: [has(customer.a)]",
    "id: g\nchannels: {box: {text: \"{{ customer.a | default: 'x' }}\"}}",
  ];
  const { last } = play({ settings, experiences, signals: [LEASING, DEALER, ["06-01 15:00", "go"]] });
  expect(last.candidates.map(({ experienceId, reasons }) => [experienceId, reasons.map(({ code }) => code)])).toEqual([
    ["e", ["fact_conflict"]],
    ["f", ["ineligible"]],
    ["g", ["fact_conflict"]],
  ]);
});

test("a fact is kept with its source and time, also one that only an action reads", () => {
  const experiences = ['action: {tool: issue_offer, input: {percent: "{{ customer.a }}", validFor: 3h}}'];
  const { changes } = play({ experiences, signals: [DEALER, ["06-01 15:00", "go"]] });
  const delivery = changes.flatMap((change) => (change.type === "decided" && change.delivery ? [change.delivery] : []))[0];
  expect(delivery?.facts).toEqual({ a: { value: "d", source: "dealer", at: iso(at("2026-05-20T10:00:00Z")) } });
});
