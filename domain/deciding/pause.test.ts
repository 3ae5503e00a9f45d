import { expect, test } from "vitest";
import { aCustomer, aMoment, NOW } from "../../testing/builders.ts";
import { policyOf } from "../../testing/policy.ts";
import { decide } from "../../testing/story.ts";
import { heldByPauses, type Pause, type PauseTarget } from "./pause.ts";

const set = (target: PauseTarget): Pause => ({ ...target, by: "olga", since: NOW });

test.each<[string, PauseTarget, boolean]>([
  ["everything", { scope: "all" }, true],
  ["its channel", { scope: "channel", name: "sms" }, true],
  ["another channel", { scope: "channel", name: "email" }, false],
  ["its department", { scope: "department", name: "sales" }, true],
  ["another department", { scope: "department", name: "service" }, false],
  ["a channel with its department's name", { scope: "channel", name: "sales" }, false],
  ["an agent", { scope: "agent", name: "eligibility-judge" }, true],
  ["the agent that words answers", { scope: "agent", name: "conversationalist" }, false],
])("a pause of %s holds its target", (_what, target, isHeld) => {
  expect(heldByPauses([set(target)], { department: "sales", channel: "sms" })).toHaveLength(isHeld ? 1 : 0);
});

test("an experience without a department is not held by a department's pause", () => {
  expect(heldByPauses([set({ scope: "department", name: "sales" })], { department: undefined, channel: "sms" })).toEqual([]);
});

test("a pause states its target, operator and start, and never expires", () => {
  expect(heldByPauses([set({ scope: "channel", name: "sms" })], { department: undefined, channel: "sms" })).toEqual([
    { code: "suppressed", detail: "paused: channel sms, by olga since 2026-06-01T15:00:00Z" },
  ]);
});

test("a decision under a pause is silence, also for transactional messages", () => {
  const policy = policyOf("", ["transactional: true"]);
  const customer = aCustomer({ moments: [aMoment()] });
  expect(decide(customer, policy)).toMatchObject({ action: "deliver" });
  expect(decide(customer, policy, { pauses: [set({ scope: "all" })] })).toMatchObject({
    action: "silence",
    reasons: [{ code: "suppressed" }],
  });
});
