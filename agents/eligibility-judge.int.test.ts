import { afterAll, beforeAll, expect, test } from "vitest";
import type { Decision } from "../domain/entities/decision.ts";
import type { Json } from "../domain/values/json.ts";
import { createScriptedModel, type ScriptedAnswer, type ScriptedModel } from "../models/scripted.ts";
import { type OperatedStore, openOperated } from "../testing/operated-store.ts";
import { policyOf } from "../testing/policy.ts";

const POLICY = policyOf("moments: {m: {on: go, expires: 30d}}\nlearning: {explore: none}", [
  "id: asked\njudge: The customer is waiting for us.",
  "id: lenient\njudge: {ask: The customer likes letters., without: pass}\nvalue: 0.5",
  "id: barred\neligibility: [customer.vip]\njudge: The customer is a bird.",
  "id: plain\nvalue: 0.1",
]);

let current = createScriptedModel([]);
let opened: OperatedStore;
beforeAll(async () => {
  opened = await openOperated(POLICY, {}, () => ({ name: "scripted", ask: (question) => current.ask(question) }));
});
afterAll(() => opened.runtime.close());

let customers = 0;

/** Decides for a new customer, by default with a record that occurs in no other test. */
async function decide(script: readonly ScriptedAnswer[], seat = ++customers): Promise<[Decision, ScriptedModel]> {
  current = createScriptedModel(script);
  const subject = `c-${++customers}`;
  await opened.customers({ id: subject, traits: { seat, email: "dana@mail.example", firstName: "Dana" } });
  const [decision] = await opened.play([["2026-06-02T15:00:00Z", "go", { subject, note: "please" }]]);
  if (!decision) throw new Error("expected a decision");
  return [decision, current];
}

const verdict = (criterion: string, verdict: string, evidence: string[] = ["customer.seat"]): Json => ({
  criterion,
  verdict,
  reason: `it is ${verdict}`,
  evidence,
});
const says = (...verdicts: Json[]): ScriptedAnswer[] => [{ prompt: "judge-criteria@1", says: { verdicts } }];
const reasonFor = (decision: Decision, id: string) => decision.candidates.find(({ experienceId }) => experienceId === id)?.reasons[0];

test("all criteria of a wake are one question, for the candidates that reach it only", async () => {
  const [decision, model] = await decide(says(verdict("c1", "met"), verdict("c2", "met")));
  expect(model.asked).toHaveLength(1);
  expect(model.asked[0]?.user).toContain("c1 (the moment is m): The customer is waiting for us.");
  expect(model.asked[0]?.user).toContain("c2 (the moment is m): The customer likes letters.");
  expect(model.asked[0]?.user).not.toContain("bird");
  expect(decision).toMatchObject({ action: "deliver", experienceId: "asked" });
});

test("the model sees the decisive data, and neither names nor addresses", async () => {
  const [, model] = await decide(says(verdict("c1", "met"), verdict("c2", "met")));
  expect(model.asked[0]?.user).toMatch(/"customer.seat":\d/);
  expect(model.asked[0]?.user).toContain('"moment.m.data.note":"please"');
  expect(model.asked[0]?.user).not.toMatch(/Dana|mail\.example/);
});

test("an unmet criterion removes the candidate, with the judge and the evidence on record", async () => {
  const [decision] = await decide(says(verdict("c1", "not_met"), verdict("c2", "not_met")));
  expect(decision).toMatchObject({ action: "deliver", experienceId: "plain" });
  for (const id of ["asked", "lenient"])
    expect(reasonFor(decision, id)).toMatchObject({
      code: "judge_declined",
      stage: "judge",
      decidedBy: "model",
      detail: "it is not_met (customer.seat)",
    });
});

test.each<[string, readonly ScriptedAnswer[], string, string]>([
  ["gives no answer", [{ prompt: "judge-criteria", fails: "timed_out" }], "judge_unavailable", "agent"],
  ["may not be asked any more", [{ prompt: "judge-criteria", fails: "budget_spent" }], "budget_spent", "agent"],
  ["says nothing about it", says(), "judge_unavailable", "agent"],
  [
    "says two things about it",
    says(verdict("c1", "met"), verdict("c1", "met"), verdict("c2", "met"), verdict("c2", "not_met")),
    "judge_unavailable",
    "agent",
  ],
  [
    "names evidence that is not there",
    says(verdict("c1", "met", ["customer.height"]), verdict("c2", "not_met", ["customer.height"])),
    "judge_unavailable",
    "agent",
  ],
  ["names no evidence", says(verdict("c1", "met", []), verdict("c2", "not_met", [])), "judge_unavailable", "agent"],
  ["is not sure", says(verdict("c1", "unsure", []), verdict("c2", "unsure", [])), "judge_declined", "model"],
  ["judges criteria that nobody asked about", says(verdict("c9", "met"), verdict("asked", "met")), "judge_unavailable", "agent"],
])("where the model %s, the result without a model applies", async (_, script, code, decidedBy) => {
  const [decision] = await decide(script);
  expect(reasonFor(decision, "asked")).toMatchObject({ code, decidedBy, stage: "judge" });
  expect(decision).toMatchObject({ action: "deliver", experienceId: "lenient" });
});

test("a verdict cannot admit a candidate that a rule excludes", async () => {
  const [decision] = await decide(says(verdict("c1", "met"), verdict("c2", "met"), verdict("c3", "met")));
  expect(reasonFor(decision, "barred")).toMatchObject({ code: "ineligible", decidedBy: "rule" });
});

test("the same criterion on the same record is asked once, and again when the record has changed", async () => {
  const [first, model] = await decide(says(verdict("c1", "not_met"), verdict("c2", "met")), 1_000);
  const [second, unasked] = await decide([], 1_000);
  const [third] = await decide(says(verdict("c1", "met"), verdict("c2", "met")), 1_001);
  expect(model.asked).toHaveLength(1);
  expect(unasked.asked).toHaveLength(0);
  expect([first, second, third].map(({ experienceId }) => experienceId)).toEqual(["lenient", "lenient", "asked"]);
});

test("the run records the questions, their cost and the conclusions", async () => {
  const [{ runId }] = await decide([
    {
      ...says(verdict("c1", "met"), verdict("c2", "not_met"))[0],
      prompt: "judge-criteria",
      usage: { inputTokens: 300, outputTokens: 40, usd: 0.01 },
    },
  ]);
  const run = await opened.runtime.store.read.run(runId);
  expect(run.usage).toEqual({ inputTokens: 300, outputTokens: 40, usd: 0.01 });
  expect(run.steps).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ agent: "eligibility-judge", asked: "judge-criteria@1", model: "scripted" }),
      expect.objectContaining({ agent: "eligibility-judge", experience: "asked", pass: true, reason: "it is met (customer.seat)" }),
    ]),
  );
});
