import { describe, expect, test } from "vitest";
import type { Candidate, Decision } from "../domain/entities/decision.ts";
import type { Policy } from "../domain/entities/policy.ts";
import { Expectation } from "./golden.ts";
import { describeExpectation, judgeExpectation, type SeenTask } from "./judge-expectation.ts";

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
    { deliveryId: "m", channel: "email", status: "sent", facts: {}, content: { subject: "Twenty off", payload: { text: "today only" } } },
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
// Only the owner of an experience is read from the policy.
const policy = { experiences: [{ id: "offer", department: "sales" }, { id: "news" }] } as unknown as Policy;

const holds = (given: unknown): boolean => judgeExpectation(Expectation.parse(given), [SENT, WAITING, QUIET], policy, TASKS).holds;

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
    ["what a message does not say", { at: "s-1", saysNot: "Thirty" }, { at: "s-1", saysNot: "Twenty" }],
    ["never means that nothing goes out", { never: { experience: "news" } }, { never: { experience: "offer" } }],
    ["never of another action", { never: { customer: "c-2", action: "defer" } }, { never: { action: "defer" } }],
    ["never a text", { never: { says: "Thirty" } }, { never: { says: "Twenty" } }],
    ["never before a time", { never: { channel: "email", before: "2026-06-01T15:00:00Z" } }, { never: { before: "2026-06-02T00:00:00Z" } }],
    ["a count takes every action", { count: { customer: "c-1", min: 2, max: 2 } }, { count: { customer: "c-1", max: 1 } }],
    ["at least so many", { count: { action: "deliver", min: 1 } }, { count: { action: "deliver", min: 2 } }],
    ["a task of a queue", { task: { queue: "finance", promise: "charges" } }, { task: { queue: "service" } }],
    ["a task that is due", { task: { due: "2026-06-09T15:00:00Z" } }, { task: { due: "2026-06-09T15:00:01Z" } }],
    ["no such task", { noTask: { customer: "c-2" } }, { noTask: { says: "overdue" } }],
  ])("%s", (_name, held, broken) => {
    expect([holds(held), holds(broken)]).toEqual([true, false]);
  });
});

test("the actual outcome is reported", () => {
  const judged = judgeExpectation({ at: "s-1", action: "silence" }, [SENT], policy);
  expect(judged).toEqual({ holds: false, because: "saw 2026-06-01T15:00:00Z c-1 deliver offer by email (eligible)" });
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
