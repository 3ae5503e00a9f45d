import { describe, expect, test } from "vitest";
import { aCustomer, aMoment, aTouch, NOW, oneInTwo } from "../../testing/builders.ts";
import { policyOf } from "../../testing/policy.ts";
import type { JudgeContext } from "../deciding/verdict.ts";
import { DAY, HOUR } from "../values/time.ts";
import { judgeNow } from "./judgement.ts";

const open = aCustomer({ moments: [aMoment()] });
const context = (settings = "", experiences = [""], more: Partial<JudgeContext> = {}): JudgeContext => ({
  ...{ policy: policyOf(settings, experiences), now: NOW, propensity: oneInTwo, usedInTotal: () => 0 },
  ...more,
});

describe("as if woken now", () => {
  test.each<[string, JudgeContext, Parameters<typeof aCustomer>[0], RegExp]>([
    ["a message", context(), { moments: [aMoment()] }, /^Woken now, e would go to c-1 by box\.$/],
    [
      "a wait",
      context("governance: {caps: [{id: day, max: 1, window: 24h}]}"),
      { moments: [aMoment()], touches: [aTouch({ at: NOW - HOUR })] },
      /^Woken now, e would wait until 2 June 2026, 09:00 \(America\/Chicago\): day: 1 in 1d, 1 used\.$/,
    ],
    [
      "an approval",
      context("governance: {approval: [{experiences: [e], reason: dear}]}"),
      { moments: [aMoment()] },
      /would wait for a human to approve it: dear\.$/,
    ],
    ["a holdout", context("governance: {holdout: 1}"), { moments: [aMoment()] }, /would be withheld from c-1 on purpose/],
    ["a silence", context("", ["eligibility: ['false']"]), { moments: [aMoment()] }, /^Woken now, nothing would be sent to c-1\.$/],
    ["nothing open", context(), {}, /nothing would be decided for c-1: no moment is open\.$/],
    ["a moment that is over", context(), { moments: [aMoment({ openedAt: NOW - 40 * DAY })] }, /no moment is open\.$/],
  ])("%s", (_title, judged, customer, answer) => expect(judgeNow(aCustomer(customer), judged).answer).toMatch(answer));
});

test("what stands does not silence the judgement, and the customer is left as it was", () => {
  const experiences = ["eligibility: ['false']"];
  const standing = { decisionId: "d", action: "silence", momentIds: ["mo-m"], signature: "silence|mo-m||||ineligible" } as const;
  const customer = { ...open, standing };
  const before = structuredClone(customer);
  const { decision, explanation } = judgeNow(customer, context("", experiences));
  expect(decision).toMatchObject({ action: "silence", candidates: [{ experienceId: "e", verdict: "ineligible" }] });
  expect(explanation?.others).toMatchObject([{ experienceId: "e" }]);
  expect(Object.keys(decision ?? {})).not.toContain("supersedes");
  expect(customer).toEqual(before);
});

test("says what a real wake may decide otherwise", () => {
  const judged = context("", ["judge: {ask: Is she happy?, without: pass}"], { propensity: () => ({ mean: 0.5, logit: 0, deviation: 1 }) });
  expect(judgeNow(open, judged).notes).toEqual(["e: its criterion in plain words counts as pass, since no language model is asked here"]);
  const two = context("learning: {explore: thompson}", ["id: a", "id: b"], { propensity: () => ({ mean: 0.5, logit: 0, deviation: 1 }) });
  expect(judgeNow(open, two).notes).toEqual(["the learner explores: a real wake draws again, and may choose another one"]);
});
