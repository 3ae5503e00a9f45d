import { expect, test } from "vitest";
import { policyOf } from "../../testing/policy.ts";
import type { Candidate, Decision, Reason, ReasonCode, Stage } from "../entities/decision.ts";
import { compareDepartments } from "./compare-departments.ts";

const policy = policyOf("channels: {email: {kind: smtp}, sms: {kind: twilio}, desk: {kind: human}}", [
  "id: news\nchannels: {email: {subject: Hi, body: Hi}, sms: {text: Hi}}",
  "id: quote\nlimits: {perCustomer: 1, window: 30d}\nchannels: {email: {subject: Hi, body: Hi}}",
  "id: visit\nchannels: {desk: {summary: Hi}}",
  "id: repair\nserves: [fact_corrected]\nchannels: {email: {subject: Hi, body: Hi}}",
]);

const why = (stage: Stage, code: ReasonCode, given: Partial<Reason> = {}): Reason => ({ code, stage, decidedBy: "rule", ...given });
const held = (experienceId: string, ...reasons: Reason[]): Candidate => ({
  ...{ experienceId, moment: "m", verdict: "ineligible", reasons },
});
const chosen = (experienceId: string, moment = "m"): Candidate => ({
  ...{ experienceId, moment, verdict: "chosen", reasons: [{ code: "eligible", decidedBy: "rule" }] },
});

/** A decision on a day of June, about a moment that opened on the given day, by default the same day. */
function decided(day: number, candidates: Candidate[], { opened = day, moment = "m" } = {}): Decision {
  const on = (date: number) => `2026-06-${String(date).padStart(2, "0")}T15:00:00Z`;
  const winner = candidates.find(({ verdict }) => verdict === "chosen");
  return {
    ...{ decisionId: `d-${day}`, runId: "r", customerId: "c-1", decidedAt: on(day), probability: 1, reasons: [], policyVersion: "v" },
    wake: { kind: "timer", name: "review", due: on(day) },
    action: winner ? "deliver" : "silence",
    ...(winner ? { experienceId: winner.experienceId, channel: "email" } : {}),
    timezone: { name: "America/Chicago", from: "customer" },
    moments: [{ name: moment, openedAt: on(opened), expiresAt: on(30), urgency: 0.5, confidence: 1, decidedBy: "rule" }],
    candidates,
    deliveries: winner
      ? [{ deliveryId: "x", channel: "email", status: "sent", recorded: true, content: { subject: "Hi" }, facts: {} }]
      : [],
  };
}

/** Days on which the department alone would have sent it, and on which it was sent. */
const days = (decisions: Decision[]) =>
  compareDepartments(policy, decisions).map(({ experienceId, alone, sent }) => [
    experienceId,
    alone?.decision.decisionId,
    sent?.decision.decisionId,
  ]);

test.each([
  ["eligibility", "ineligible"],
  ["applicability", "not_applicable"],
  ["applicability", "goal_met"],
  ["suitability", "not_suitable"],
] as const)("a message held back by the department's own %s (%s) is not sent by it alone either", (stage, code) => {
  expect(days([decided(1, [held("news", why(stage, code))])])).toEqual([]);
});

test.each([
  ["suppression", "suppressed"],
  ["suppression", "promise_open"],
  ["timing", "cap_reached"],
  ["arbitration", "lower_priority"],
  ["facts", "fact_conflict"],
  ["approval", "approval_required"],
] as const)("a message held back only by others' knowledge (%s: %s) is sent by the department alone", (stage, code) => {
  expect(days([decided(1, [held("news", why(stage, code))])])).toEqual([["news", "d-1", undefined]]);
});

test("no department sends messages that cannot be written or addressed, or were never permitted", () => {
  const nowhere = [why("consent", "no_channel", { channel: "email" }), why("consent", "consent_missing", { channel: "sms" })];
  expect(days([decided(1, [held("news", ...nowhere)])])).toEqual([]);
  expect(days([decided(1, [held("news", why("facts", "fact_missing", { channel: "email" }))])])).toEqual([]);
});

test("an opt-out given to another department does not stop a department working alone", () => {
  const reasons = [why("consent", "consent_revoked", { channel: "email" }), why("consent", "consent_missing", { channel: "sms" })];
  expect(days([decided(1, [held("news", ...reasons)])])).toEqual([["news", "d-1", undefined]]);
});

test("a message counts once for each opening of its moment, however often it is judged", () => {
  const looks = [decided(1, [held("news", why("timing", "cap_reached"))]), decided(2, [chosen("news")], { opened: 1 })];
  expect(days(looks)).toEqual([["news", "d-1", "d-2"]]);
  expect(days([...looks, decided(9, [chosen("news")])])).toEqual([
    ["news", "d-1", "d-2"],
    ["news", "d-9", "d-9"],
  ]);
});

test("a department keeps its own limits: a message held within them and sent later is one message", () => {
  const first = decided(1, [held("quote", why("arbitration", "lower_priority"))]);
  expect(days([first, decided(9, [held("quote", why("timing", "cap_reached"))])])).toEqual([["quote", "d-1", undefined]]);
  expect(days([first, decided(9, [chosen("quote")])])).toEqual([["quote", "d-1", "d-9"]]);
});

test("work for a human is no message, and a correction is sent by no department alone", () => {
  expect(days([decided(1, [chosen("visit")])])).toEqual([]);
  expect(days([decided(1, [chosen("repair", "fact_corrected")], { moment: "fact_corrected" })])).toEqual([["repair", undefined, "d-1"]]);
});
