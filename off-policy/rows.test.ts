import { describe, expect, test } from "vitest";
import { encodeFeatures } from "../domain/learning/features.ts";
import { readLogRow, readPolicyRow, readRewardRow } from "./rows.ts";

const log = (row: unknown) => readLogRow(JSON.stringify(row));
const PLAIN = { context: { segment: "vip" }, action: "quote", probability: 0.25, reward: 1 };
const candidate = (experienceId: string, verdict: string, code: string, channel = "email") => ({
  ...{ experienceId, verdict, channel, moment: "m", reasons: [{ code }] },
});
const DECISION = {
  ...{ decisionId: "d-1", runId: "r-1", customerId: "c-1", decidedAt: "2026-06-01T15:00:00Z", policyVersion: "v", reasons: [] },
  ...{ action: "deliver", experienceId: "quote", channel: "email", probability: 0.8 },
  wake: { kind: "signal", signalId: "s-1", source: "web", type: "page.viewed" },
  moments: [{ name: "lease_ending" }],
  candidates: [
    candidate("quote", "chosen", "eligible"),
    candidate("visit", "eligible", "lower_priority", "sms"),
    candidate("survey", "eligible", "quiet_hours"),
    candidate("news", "ineligible", "consent_missing"),
  ],
  deliveries: [{ deliveryId: "m-1" }],
};

describe("a plain row", () => {
  test("is a context, an action, its probability and the reward", () => {
    expect(log(PLAIN)).toEqual({
      ok: true,
      row: { features: encodeFeatures([["segment", "vip"]]), action: "quote", probability: 0.25, reward: 1, keys: [] },
    });
  });

  test("may name the available choices, the customer and the decision; numbers are names too", () => {
    const row = { action: 3, probability: 1, reward: 0, choices: [3, 5, 5], customerId: 17, decisionId: "d-1" };
    expect(log(row)).toEqual({
      ok: true,
      row: { features: [], action: "3", probability: 1, reward: 0, choices: ["3", "5"], customer: "17", keys: ["d-1"] },
    });
  });

  test("reads nested contexts by their paths", () => {
    const nested = log({ ...PLAIN, context: { customer: { segment: "vip", place: { zone: 3 } } } });
    const flat = encodeFeatures([
      ["customer.segment", "vip"],
      ["customer.place.zone", 3],
    ]);
    expect(nested).toMatchObject({ ok: true, row: { features: flat } });
  });

  test.each<[string, unknown, RegExp]>([
    ["no probability", { action: "a", reward: 1 }, /^probability: /],
    ["a probability of 0", { ...PLAIN, probability: 0 }, /probability: expected a number above 0 and at most 1/],
    ["a probability above 1", { ...PLAIN, probability: 1.01 }, /probability: expected a number above 0 and at most 1/],
    ["a probability that is text", { ...PLAIN, probability: "0.5" }, /^probability: /],
    ["no action", { probability: 1, reward: 1 }, /^action: /],
    ["a reward that is text", { ...PLAIN, reward: "1" }, /^reward: /],
    ["a reward beyond measure", { ...PLAIN, reward: 1e300 }, /^reward: /],
    ["an action that is not among the choices", { ...PLAIN, choices: ["visit"] }, /choices: the action is not among them/],
    ["a list", [1, 2], /expected object/],
  ])("with %s is refused by name", (_, row, why) => {
    expect(log(row)).toMatchObject({ ok: false, problem: expect.stringMatching(why) });
  });

  test("that is no JSON is refused", () => {
    expect(readLogRow("{")).toMatchObject({ ok: false, problem: expect.stringMatching(/^not JSON/) });
  });
});

describe("a decision as printed", () => {
  test("is an experience on its channel, chosen among those that lost by priority alone", () => {
    expect(log({ ...DECISION, reward: 2 })).toEqual({
      ok: true,
      row: {
        features: encodeFeatures([
          ["moment", ["lease_ending"]],
          ["wake", "page.viewed"],
        ]),
        action: "quote@email",
        probability: 0.8,
        choices: ["quote@email", "visit@sms"],
        customer: "c-1",
        keys: ["d-1", "m-1"],
        reward: 2,
      },
    });
  });

  test("is an experience on its channel in one variant, chosen among its others and those of rivals", () => {
    const way = (variant: string) => ({ channel: "email", variant, P: 0.5 });
    const channels = [way("short"), way("story"), { channel: "sms", P: 0.2 }];
    const candidates = [
      { experienceId: "quote", channel: "email", variant: "short", channels, verdict: "chosen", reasons: [{ code: "eligible" }] },
      {
        experienceId: "visit",
        channel: "email",
        variant: "b",
        channels: [way("a"), way("b")],
        verdict: "eligible",
        reasons: [{ code: "lower_priority" }],
      },
    ];
    expect(log({ ...DECISION, variant: "short", candidates })).toMatchObject({
      row: { action: "quote@email/short", choices: ["quote@email/short", "quote@email/story", "visit@email/a", "visit@email/b"] },
    });
  });

  test("says where it gave again what an earlier one had given", () => {
    expect(log({ ...DECISION, again: true })).toMatchObject({ row: { isAgain: true } });
    expect(log(DECISION)).not.toHaveProperty("row.isAgain");
  });

  test("has the hour that was drawn in its probability already", () => {
    const hour = { at: "2026-06-01T19:00:00Z", probability: 0.5 };
    expect(log({ ...DECISION, probability: 0.4, hour })).toMatchObject({ row: { action: "quote@email", probability: 0.4 } });
  });

  test("takes the context beside it", () => {
    expect(log({ ...DECISION, context: { segment: "vip" } })).toMatchObject({ row: { features: encodeFeatures([["segment", "vip"]]) } });
  });

  test.each([
    ["silence", { action: "silence", experienceId: undefined, channel: undefined }],
    ["defer quote@email", { action: "defer" }],
    ["withhold quote@email", { action: "withhold" }],
  ])("without a delivery is its own action: %s", (name, given) => {
    expect(log({ ...DECISION, ...given })).toMatchObject({ row: { action: name } });
  });

  test("without a probability is refused", () => {
    expect(log({ ...DECISION, probability: undefined })).toMatchObject({ ok: false, problem: expect.stringMatching(/^probability: /) });
  });
});

test.each<[unknown, unknown]>([
  [
    { decisionId: "d-1", reward: 3 },
    { ok: true, row: { key: "d-1", reward: 3 } },
  ],
  [
    { deliveryId: "m-1", reward: 0 },
    { ok: true, row: { key: "m-1", reward: 0 } },
  ],
  [{ reward: 3 }, { ok: false, problem: "expected a decisionId or a deliveryId" }],
  [
    { decisionId: "d-1", deliveryId: "m-1", reward: 3 },
    { ok: false, problem: "expected a decisionId or a deliveryId" },
  ],
])("a reward names one decision or one delivery: %j", (row, wanted) => {
  expect(readRewardRow(JSON.stringify(row))).toEqual(wanted);
});

test.each<[unknown, unknown]>([
  ["a", { ok: true, row: new Map([["a", 1]]) }],
  [
    { a: 0.25, b: 0.75 },
    { ok: true, row: new Map(Object.entries({ a: 0.25, b: 0.75 })) },
  ],
  [{ a: 0.25 }, { ok: false, problem: "the probabilities sum to 0.25, expected 1" }],
  [
    { a: 1.5, b: -0.5 },
    { ok: false, problem: "the probability of a is 1.5, expected 0 to 1" },
  ],
  [{ a: "1" }, { ok: false, problem: expect.stringContaining("expected") }],
  [7, { ok: false, problem: expect.stringContaining("expected") }],
])("the target of a policy is a name or probabilities that sum to 1: %j", (row, wanted) => {
  expect(readPolicyRow(JSON.stringify(row))).toEqual(wanted);
});
