import { describe, expect, test } from "vitest";
import { aCustomer, aMoment, aTouch, type GivenCustomer, NOW, oneInTwo } from "../../testing/builders.ts";
import { policyOf } from "../../testing/policy.ts";
import { decide, type JudgeOptions } from "../../testing/story.ts";
import type { Approval } from "../entities/customer.ts";
import { type Belief, type Propensity, sigmoid } from "../learning/propensity.ts";
import { DAY, HOUR } from "../values/time.ts";

const decided = (settings: string, experiences: readonly string[], customer: GivenCustomer = {}, options: JudgeOptions = {}) =>
  decide(aCustomer({ moments: [aMoment()], ...customer }), policyOf(settings, experiences), options);

const believed = (mean: number, deviation = 0): Belief => ({ mean, logit: Math.log(mean / (1 - mean)), deviation });
/** Propensities by experience or by channel. */
const beliefs =
  (known: Readonly<Record<string, Belief>>): Propensity =>
  (context) =>
    known[context.channel] ?? known[context.experience.id] ?? oneInTwo(context);

describe("priority = P × C × V × L", () => {
  test.each<[string, string, string, GivenCustomer, object]>([
    ["nothing known", "", "", {}, { priority: 0.5, P: 0.5, C: 1, V: 1, L: 1 }],
    ["the value", "", "value: 900", {}, { priority: 450, P: 0.5, C: 1, V: 900, L: 1 }],
    ["a lever", "", "value: 900\nlevers: {weight: 10}", {}, { priority: 495.00000000000006, P: 0.5, C: 1, V: 900, L: 1.1 }],
    ["a lever downwards", "", "levers: {weight: -50}", {}, { priority: 0.25, L: 0.5 }],
    ["a context that holds", "", "context: [{when: moment.urgency >= 0.5, weight: 50}]", {}, { priority: 0.75, C: 1.5 }],
    ["contexts add up", "", "context: [{when: 'true', weight: 50}, {when: 'true', weight: 30}]", {}, { C: 1.8 }],
    ["a context that does not hold", "", "context: [{when: moment.urgency > 0.5, weight: 50}]", {}, { C: 1 }],
    ["a context that reads a missing field", "", "context: [{when: customer.vip, weight: 50}]", {}, { C: 1 }],
    [
      "a context that compares incomparable values",
      "",
      "context: [{when: customer.age > 3, weight: 50}]",
      { traits: { age: "old" } },
      { C: 1 },
    ],
    ["a goal that the customer has", "goals: {keep: {weight: 20}}", "goal: keep", { traits: { goals: ["other", "keep"] } }, { C: 1.2 }],
    ["a goal that the customer does not have", "goals: {keep: {weight: 20}}", "goal: keep", { traits: { goals: ["other"] } }, { C: 1 }],
    ["goals that are no list", "goals: {keep: {weight: 20}}", "goal: keep", { traits: { goals: "keep" } }, { C: 1 }],
    [
      "a goal and a context",
      "goals: {keep: {weight: 20}}",
      "goal: keep\ncontext: [{when: 'true', weight: 50}]",
      { traits: { goals: ["keep"] } },
      { C: 1.7 },
    ],
    ["worth nothing", "", "value: 0", {}, { priority: 0, V: 0 }],
  ])("%s", (_, settings, experience, customer, score) => {
    expect(decided(settings, [experience], customer).candidates[0]?.score).toMatchObject(score);
  });

  test("beliefs affect the priority", () => {
    const { candidates } = decided("", [""], {}, { propensity: beliefs({ e: believed(0.2) }) });
    expect(candidates[0]?.score).toMatchObject({ priority: 0.2, P: 0.2 });
  });
});

describe("the winner", () => {
  test.each<[string, string[], string]>([
    ["has the highest priority", ["id: a\nvalue: 1", "id: b\nvalue: 2"], "b"],
    ["of equals, the smaller id", ["id: b", "id: a"], "a"],
    ["of equals by different ways", ["id: b\nvalue: 2", "id: a\nvalue: 1\nlevers: {weight: 100}"], "a"],
  ])("%s", (_, experiences, wanted) => {
    expect(decided("", experiences)).toMatchObject({ action: "deliver", experienceId: wanted, reasons: [{ code: "eligible" }] });
  });

  test("losers keep their score and state the winner's", () => {
    const { candidates } = decided("", ["id: a\nvalue: 4", "id: b\nvalue: 2", "id: c\nvalue: 3"]);
    expect(candidates.map(({ experienceId, verdict }) => `${experienceId} ${verdict}`)).toEqual(["a chosen", "c eligible", "b eligible"]);
    expect(candidates[1]).toMatchObject({
      score: { priority: 1.5 },
      reasons: [{ code: "lower_priority", stage: "arbitration", decidedBy: "rule", detail: "1.5 against 2 of a" }],
    });
  });

  test("a candidate that may go now beats one that has to wait, whatever its priority", () => {
    const settings = "departments: [sales, service]\ngovernance: {caps: [{id: sales, department: sales, max: 1, window: 7d}]}";
    const decision = decided(settings, ["id: a\nvalue: 900\ndepartment: sales", "id: b\ndepartment: service"], {
      touches: [aTouch({ department: "sales" })],
    });
    expect(decision).toMatchObject({ action: "deliver", experienceId: "b" });
    expect(decision.candidates[1]).toMatchObject({
      experienceId: "a",
      verdict: "eligible",
      score: { priority: 450 },
      reasons: [{ code: "cap_reached", retryAt: "2026-06-08T15:00:00Z" }],
    });
  });
});

describe("the channel", () => {
  const TWO = "channels: {one: {kind: file}, two: {kind: file}}";
  const both = "channels: {two: {text: Hi}, one: {text: Hi}}";
  const capped = (channels: readonly string[]) =>
    `${TWO}\ngovernance: {caps: [${channels.map((channel) => `{id: ${channel}, channel: ${channel}, max: 1, window: 7d}`).join(", ")}]}`;
  test.each<[string, string, Record<string, Belief>, GivenCustomer, object]>([
    ["the author's first, of equals", TWO, {}, {}, { action: "deliver", channel: "two" }],
    ["the likeliest", TWO, { one: believed(0.6), two: believed(0.5) }, {}, { action: "deliver", channel: "one" }],
    [
      "the likeliest of those that may go now",
      capped(["one"]),
      { one: believed(0.6), two: believed(0.5) },
      { touches: [aTouch({ channel: "one" })] },
      { action: "deliver", channel: "two" },
    ],
    [
      "the likeliest of those that wait, where none may go",
      capped(["one", "two"]),
      { one: believed(0.6), two: believed(0.5) },
      { touches: [aTouch({ channel: "one" }), aTouch({ channel: "two" })] },
      { action: "defer", channel: "one" },
    ],
    [
      "the author's first of those that wait, of equals",
      capped(["one", "two"]),
      {},
      { touches: [aTouch({ channel: "one", at: NOW - DAY }), aTouch({ channel: "two" })] },
      { action: "defer", channel: "two", until: "2026-06-08T15:00:00Z" },
    ],
  ])("%s", (_, settings, known, customer, wanted) => {
    expect(decided(settings, [both], customer, { propensity: beliefs(known) })).toMatchObject(wanted);
  });
});

describe("with exploration", () => {
  const settings = "learning: {explore: thompson}";
  const two = ["id: a", "id: b"];
  const explored = beliefs({ a: believed(0.5, 1), b: believed(0.4, 1) });

  test("P is a draw seeded by the wake", () => {
    const first = decided(settings, two, {}, { propensity: explored });
    const again = decided(settings, two, {}, { propensity: explored });
    const later = decided(settings, two, {}, { propensity: explored, now: NOW + HOUR });
    expect(first.candidates[0]?.score?.P).not.toBe(0.5);
    expect(again).toEqual(first);
    expect(later.candidates[0]?.score?.P).not.toBe(first.candidates[0]?.score?.P);
  });

  test("the recorded probability of each choice is its frequency of winning", () => {
    let wins = 0;
    let promised = 0;
    const wakes = 600;
    for (let wake = 0; wake < wakes; wake++) {
      const decision = decided(settings, two, {}, { propensity: explored, now: NOW + wake * HOUR * 0.5 });
      const isA = decision.experienceId === "a";
      wins += isA ? 1 : 0;
      promised += isA ? decision.probability : 1 - decision.probability;
    }
    expect(promised / wakes).toBeGreaterThan(0.5);
    expect(Math.abs(wins / wakes - promised / wakes)).toBeLessThan(0.05);
  });

  test("without exploration the mean decides with certainty", () => {
    const decision = decided("learning: {explore: none}", two, {}, { propensity: explored });
    expect(decision).toMatchObject({ experienceId: "a", probability: 1 });
    expect(decision.candidates.map(({ score }) => score?.P)).toEqual([0.5, 0.4]);
  });

  test("the probability is of the experience on its channel", () => {
    const channels = "channels: {one: {kind: file}, two: {kind: file}}";
    const decision = decided(
      `${settings}\n${channels}`,
      ["channels: {one: {text: Hi}, two: {text: Hi}}"],
      {},
      { propensity: beliefs({ e: believed(0.5, 1) }) },
    );
    expect(decision.probability).toBeCloseTo(0.5, 3);
  });
});

describe("minPropensity", () => {
  const settings = "governance: {minPropensity: 0.02}";
  test.each<[string, string[], Record<string, Belief>, object]>([
    ["below it: silence", ["id: a"], { a: believed(0.019) }, { action: "silence", reasons: [{ code: "below_min_propensity" }] }],
    ["at it", ["id: a"], { a: believed(0.02) }, { action: "deliver" }],
    ["transactional messages are outside", ["id: a\ntransactional: true"], { a: believed(0.001) }, { action: "deliver" }],
    ["the next that reaches it wins", ["id: a\nvalue: 1000", "id: b"], { a: believed(0.01) }, { action: "deliver", experienceId: "b" }],
    ["the mean is compared, not the draw", ["id: a"], { a: believed(0.019, 3) }, { action: "silence", probability: 1 }],
  ])("%s", (_, experiences, known, wanted) => {
    expect(decided(settings, experiences, {}, { propensity: beliefs(known) })).toMatchObject(wanted);
  });

  test("without a threshold even the least likely candidate is chosen", () => {
    expect(decided("", ["id: a"], {}, { propensity: beliefs({ a: believed(0.0001) }) }).action).toBe("deliver");
  });

  test("a channel above the threshold is chosen before a better draw of one below it", () => {
    const two = "channels: {one: {kind: file}, two: {kind: file}}";
    const decision = decided(
      `${settings}\n${two}`,
      ["channels: {one: {text: Hi}, two: {text: Hi}}"],
      {},
      { propensity: beliefs({ one: believed(0.01), two: believed(0.03) }) },
    );
    expect(decision).toMatchObject({ action: "deliver", channel: "two" });
  });
});

describe("approval", () => {
  const settings = "governance: {approval: [{when: experience.value > 5000, reason: high value}]}";
  const approvals = (state: Approval["state"], experienceId = "a"): GivenCustomer => ({
    approvals: [{ approvalId: "a-1", experienceId, momentId: "mo-m", state, reason: "high value", askedAt: NOW }],
  });
  const RICH = "id: a\nvalue: 6000";
  test.each<[string, string, string[], GivenCustomer, object]>([
    [
      "is asked for what it names",
      settings,
      [RICH],
      {},
      { action: "await_approval", experienceId: "a", channel: "box", reasons: [{ code: "approval_required", detail: "high value" }] },
    ],
    ["is not asked for others", settings, ["id: a\nvalue: 5000"], {}, { action: "deliver" }],
    ["is asked while it is pending", settings, [RICH], approvals("pending"), { action: "await_approval" }],
    ["once given, it goes", settings, [RICH], approvals("approved"), { action: "deliver", experienceId: "a" }],
    ["given to another experience", settings, [RICH], approvals("approved", "b"), { action: "await_approval" }],
    [
      "given for another moment",
      settings,
      [RICH],
      { approvals: [{ approvalId: "a-1", experienceId: "a", momentId: "mo-old", state: "approved", reason: "high value", askedAt: NOW }] },
      { action: "await_approval" },
    ],
    [
      "once rejected, silence",
      settings,
      [RICH],
      approvals("rejected"),
      { action: "silence", reasons: [{ code: "approval_rejected", decidedBy: "human" }] },
    ],
    ["once rejected, the next best", settings, [RICH, "id: b"], approvals("rejected"), { action: "deliver", experienceId: "b" }],
    ["is asked of transactional messages too", settings, [`${RICH}\ntransactional: true`], {}, { action: "await_approval" }],
    [
      "is asked when in doubt",
      "governance: {approval: [{when: customer.risk > 3}]}",
      ["id: a"],
      { traits: { risk: "high" } },
      { action: "await_approval", reasons: [{ detail: "customer.risk > 3 (in doubt: no such overload: dyn<string> > double)" }] },
    ],
    [
      "W6: is asked when the field is missing",
      "governance: {approval: [{when: customer.risk > 3}]}",
      ["id: a"],
      {},
      { action: "await_approval", reasons: [{ detail: "customer.risk > 3 (in doubt: customer.risk is missing)" }] },
    ],
    [
      "W6: is not asked where another part decides",
      "governance: {approval: [has(customer.risk) && customer.risk > 3]}",
      ["id: a"],
      {},
      { action: "deliver" },
    ],
    [
      "every reason is recorded",
      "governance: {approval: ['true', {when: 'true', reason: b}]}",
      ["id: a"],
      {},
      { reasons: [{ detail: "true" }, { detail: "b" }] },
    ],
    ["comes before the holdout", "governance: {holdout: 1, approval: ['true']}", ["id: a"], {}, { action: "await_approval" }],
  ])("%s", (_, given, experiences, customer, wanted) => {
    expect(decided(given, experiences, customer)).toMatchObject(wanted);
  });
});

test("sigmoid turns log-odds into a probability", () => {
  expect([sigmoid(0), sigmoid(Number.POSITIVE_INFINITY), sigmoid(Number.NEGATIVE_INFINITY)]).toEqual([0.5, 1, 0]);
});
