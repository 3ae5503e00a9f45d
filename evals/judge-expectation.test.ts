import { describe, expect, test } from "vitest";
import type { Candidate, Decision } from "../domain/entities/decision.ts";
import type { Policy } from "../domain/entities/policy.ts";
import { Expectation } from "./golden.ts";
import { describeExpectation, judgeExpectation, type RefusedSignal, type SeenTask } from "./judge-expectation.ts";

const candidate = (experienceId: string, ...codes: Candidate["reasons"][number]["code"][]): Candidate => ({
  ...{ experienceId, moment: "m", verdict: "eligible" },
  reasons: codes.map((code) => ({ code, decidedBy: "rule" })),
});

const decision = (given: Partial<Decision>): Decision => ({
  ...{ decisionId: "d", runId: "r", customerId: "c-1", decidedAt: "2026-06-01T15:00:00Z", action: "silence", probability: 1 },
  wake: { kind: "timer", name: "judge", due: "2026-06-01T15:00:00Z" },
  timezone: { name: "UTC", from: "customer" },
  ...{ moments: [], candidates: [], reasons: [], deliveries: [], policyVersion: "v" },
  ...given,
});

const SENT = decision({
  ...{ action: "deliver", experienceId: "offer", channel: "email", probability: 0.8 },
  wake: { kind: "signal", signalId: "s-1", source: "web", type: "t" },
  candidates: [candidate("offer", "eligible"), candidate("other", "lower_priority")],
  reasons: [{ code: "eligible", decidedBy: "rule" }],
  deliveries: [
    {
      deliveryId: "m",
      channel: "email",
      to: "a@b.example",
      status: "sent",
      facts: {},
      content: { subject: "Twenty off", payload: { text: "today only" } },
    },
  ],
});
const WAITING = decision({
  ...{ action: "defer", experienceId: "news", channel: "sms", until: "2026-06-03T08:00:00Z", decidedAt: "2026-06-02T22:00:00Z" },
  candidates: [candidate("news", "quiet_hours")],
  reasons: [{ code: "quiet_hours", decidedBy: "rule" }],
});
const QUIET = decision({
  ...{ customerId: "c-2", decidedAt: "2026-06-04T09:00:00Z" },
  candidates: [candidate("offer", "consent_missing")],
  reasons: [{ code: "consent_missing", decidedBy: "rule" }],
});
const TASKS: SeenTask[] = [
  { ...{ customerId: "c-1", queue: "finance", summary: "overdue: charges" }, due: "2026-06-09T15:00:00Z", facts: { promise: "charges" } },
];
const REFUSED: RefusedSignal[] = [{ id: "s-9", problem: "data.kind: phone is no kind of contact" }];
// Only the owner of an experience is read from the policy.
const policy = { experiences: [{ id: "offer", department: "sales" }, { id: "news" }] } as unknown as Policy;

const holds = (given: unknown): boolean =>
  judgeExpectation(Expectation.parse(given), [SENT, WAITING, QUIET], policy, { tasks: TASKS, refused: REFUSED }).holds;

test("the variant and the language of what was delivered; a tag is compared as everywhere", () => {
  const told: Decision = {
    ...SENT,
    variant: "story",
    deliveries: SENT.deliveries.map((one) => ({ ...one, variant: "story", locale: "pt-BR" })),
  };
  const judged = (given: unknown) => judgeExpectation(Expectation.parse(given), [told], policy);
  expect(judged({ experience: "offer", variant: "story", locale: "PT_br" })).toEqual({ holds: true });
  expect(judged({ never: { locale: "pt-BR" } }).holds).toBe(false);
  expect(judged({ variant: "short", locale: "pt" })).toMatchObject({
    near: [{ decision: expect.stringContaining("by email, story"), differs: ["variant story, not short", "locale pt-BR, not pt"] }],
  });
  expect(judgeExpectation(Expectation.parse({ locale: "default" }), [SENT], policy).holds).toBe(false);
});

test("the ask and the place that a decision answers, and whether the place was given it before", () => {
  const wake = { kind: "ask", askId: "a-1", source: "site", channel: "web", place: "hero" } as const;
  const first = decision({ action: "deliver", experienceId: "offer", channel: "web", wake });
  const judged = (given: unknown, one: Decision = first) => judgeExpectation(Expectation.parse(given), [one], policy);
  expect(judged({ at: "a-1", ask: "a-1", place: "hero", again: false })).toEqual({ holds: true });
  expect(judged({ again: true }, { ...first, again: true })).toEqual({ holds: true });
  expect(judged({ never: { place: "hero" } }).holds).toBe(false);
  expect(judged({ ask: "a-2", place: "banner", again: true })).toMatchObject({
    near: [
      {
        decision: "2026-06-01T15:00:00Z (a-1, hero) c-1 deliver offer by web ()",
        differs: ["ask a-1, not a-2", "place hero, not banner", "again false, not true"],
      },
    ],
  });
  expect(judgeExpectation(Expectation.parse({ place: "hero" }), [SENT], policy).holds).toBe(false);
});

describe("an expectation holds, or does not", () => {
  test.each<[string, unknown, unknown]>([
    ["a decision at a signal", { at: "s-1", action: "deliver" }, { at: "s-2", action: "deliver" }],
    ["a decision at a time, however it is written", { at: "2026-06-02T17:00:00-05:00", action: "defer" }, { at: "2026-06-02T22:00:01Z" }],
    ["the experience, the channel and the customer", { experience: "offer", channel: "email" }, { experience: "offer", customer: "c-2" }],
    ["the department that owns the experience", { department: "sales" }, { department: "sales", action: "defer" }],
    [
      "before excludes the instant",
      { action: "defer", before: "2026-06-02T22:00:01Z" },
      { action: "defer", before: "2026-06-02T22:00:00Z" },
    ],
    ["after excludes the instant", { action: "defer", after: "2026-06-02T21:59:59Z" }, { action: "defer", after: "2026-06-02T22:00:00Z" }],
    ["until is the same instant", { until: "2026-06-03T10:00:00+02:00" }, { until: "2026-06-03T08:00:01Z" }],
    ["reasons must all be there", { reasons: ["quiet_hours"] }, { reasons: ["quiet_hours", "cap_reached"] }],
    ["codes of other candidates", { candidates: { other: "lower_priority" } }, { candidates: { other: "eligible" } }],
    ["the chance on record", { action: "deliver", probability: 0.8 }, { action: "deliver", probability: 1 }],
    ["what a message says, inside of a payload too", { says: "today only" }, { says: "tomorrow" }],
    ["the address it goes to", { at: "s-1", to: "a@b.example" }, { at: "s-1", to: "b@b.example" }],
    ["what a message does not say", { at: "s-1", saysNot: "Thirty" }, { at: "s-1", saysNot: "Twenty" }],
    ["never means that nothing goes out", { never: { experience: "news" } }, { never: { experience: "offer" } }],
    ["never of another action", { never: { customer: "c-2", action: "defer" } }, { never: { action: "defer" } }],
    ["never a text", { never: { says: "Thirty" } }, { never: { says: "Twenty" } }],
    ["never before a time", { never: { channel: "email", before: "2026-06-01T15:00:00Z" } }, { never: { before: "2026-06-02T00:00:00Z" } }],
    ["a count takes every action", { count: { customer: "c-1", min: 2, max: 2 } }, { count: { customer: "c-1", max: 1 } }],
    ["at least so many", { count: { action: "deliver", min: 1 } }, { count: { action: "deliver", min: 2 } }],
    ["a task of a queue", { task: { queue: "finance", promise: "charges" } }, { task: { queue: "service" } }],
    ["a task that is due", { task: { due: "2026-06-09T15:00:00Z" } }, { task: { due: "2026-06-09T15:00:01Z" } }],
    ["a signal that is refused", { rejected: "s-9" }, { rejected: "s-1" }],
    ["why it is refused", { rejected: "s-9", because: "no kind of contact" }, { rejected: "s-9", because: "no customer" }],
    ["no such task", { noTask: { customer: "c-2" } }, { noTask: { says: "overdue" } }],
  ])("%s", (_name, held, broken) => {
    expect([holds(held), holds(broken)]).toEqual([true, false]);
  });
});

const judge = (given: unknown) =>
  judgeExpectation(Expectation.parse(given), [WAITING, QUIET, SENT], policy, { tasks: TASKS, refused: REFUSED });
const SENT_IN_SHORT = "2026-06-01T15:00:00Z (s-1) c-1 deliver offer by email (eligible)";
const WAITING_IN_SHORT = "2026-06-02T22:00:00Z c-1 defer news by sms (quiet_hours)";
const QUIET_IN_SHORT = "2026-06-04T09:00:00Z c-2 silence (consent_missing)";

test("W11: a missing decision shows the nearest of that customer, with what differs", () => {
  const near = (given: unknown) => {
    const judged = judge(given);
    return judged.holds ? [] : judged.near;
  };
  expect(
    near({ at: "s-1", action: "silence", channel: "sms", reasons: ["cap_reached"], says: "Thirty", until: "2026-06-03T08:00:00Z" })?.[0],
  ).toEqual({
    decision: SENT_IN_SHORT,
    differs: [
      "action deliver, not silence",
      "channel email, not sms",
      "until none, not 2026-06-03T08:00:00Z",
      "reasons eligible, without cap_reached",
      expect.stringMatching(/^says “Twenty off .*today only.*”, not “Thirty”$/),
    ],
  });
  expect(near({ at: "s-1", action: "silence" })?.map(({ decision }) => decision)).toEqual([SENT_IN_SHORT, WAITING_IN_SHORT]);
  expect(near({ customer: "c-1", experience: "news", at: "2026-06-02T21:00:00Z" })).toEqual([
    { decision: WAITING_IN_SHORT, differs: ["at 2026-06-02T22:00:00Z, not 2026-06-02T21:00:00Z"] },
  ]);
  expect(near({ customer: "c-3", action: "silence" })?.[0]).toEqual({ decision: QUIET_IN_SHORT, differs: ["customer c-2, not c-3"] });
  expect(
    near({ experience: "offer", candidates: { other: "eligible" }, probability: 1, department: "finance", saysNot: "Twenty" })?.[0],
  ).toEqual({
    decision: SENT_IN_SHORT,
    differs: [
      "department sales, not finance",
      "probability 0.8, not 1",
      "candidate other lower_priority, without eligible",
      "says “Twenty”",
    ],
  });
  expect(near({ action: "deliver", before: "2026-06-01T00:00:00Z" })?.[0]?.differs).toEqual(["not before 2026-06-01T00:00:00Z"]);
  expect(judgeExpectation({ action: "deliver" }, [], policy)).toEqual({ holds: false, because: "there is no decision", near: [] });
});

test("W11: never shows the decision that should not be there, with its reasons", () => {
  expect(judge({ never: { experience: "offer" } })).toEqual({
    holds: false,
    because: "this must not be there",
    near: [{ decision: SENT_IN_SHORT, differs: [] }],
  });
});

test("W11: count shows those counted, and where too few the nearest others", () => {
  expect(judge({ count: { customer: "c-1", max: 1 } })).toEqual({
    holds: false,
    because: "counted 2, expected at most 1",
    near: [WAITING_IN_SHORT, SENT_IN_SHORT].map((decision) => ({ decision, differs: [] })),
  });
  expect(judge({ count: { action: "deliver", customer: "c-1", min: 2 } })).toEqual({
    holds: false,
    because: "counted 1, expected at least 2",
    near: [
      { decision: SENT_IN_SHORT, differs: [] },
      { decision: WAITING_IN_SHORT, differs: ["action defer, not deliver"] },
    ],
  });
});

test("an expectation is one line in a report", () => {
  const line = (given: unknown) => describeExpectation(Expectation.parse(given));
  expect(line({ at: "s-1", reasons: ["suppressed", "promise_open"], candidates: { offer: ["suppressed"] } })).toBe(
    "at s-1, reasons suppressed+promise_open, candidates (offer suppressed)",
  );
  expect(line({ noTask: { queue: "finance" } })).toBe("noTask: queue finance");
});

test.each([
  ["a misspelt key", { at: "s-1", experiense: "offer" }],
  ["an unknown code", { at: "s-1", reasons: ["because"] }],
  ["nothing at all", {}],
  ["never anything", { never: {} }],
  ["a count without a number", { count: { action: "deliver" } }],
  ["a time without a zone", { never: { before: "2026-06-01 12:00" } }],
])("%s is not a valid expectation", (_name, given) => {
  expect(Expectation.safeParse(given).success).toBe(false);
});

test("W21: a signal that was accepted, or refused because of something else, is named with what happened", () => {
  expect(judge({ rejected: "s-1" })).toEqual({ holds: false, because: "signal s-1 was accepted" });
  expect(judge({ rejected: "s-9", because: "time" })).toEqual({
    holds: false,
    because: "signal s-9 was refused because of something else: data.kind: phone is no kind of contact",
  });
  expect(describeExpectation({ rejected: "s-9", because: "time" })).toBe("rejected s-9, because time");
});
