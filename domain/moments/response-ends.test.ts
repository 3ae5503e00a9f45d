import { expect, test } from "vitest";
import { policyOf } from "../../testing/policy.ts";
import type { DeliveryNote } from "../entities/customer.ts";
import { DAY } from "../values/time.ts";
import { endResponse, endsQuietly } from "./response-ends.ts";

const EXPERIENCE = "id: e\nserves: [m]\nchannels: {box: {text: Hello}}";
const policyWith = (settings: string, more: readonly string[] = []) =>
  policyOf(`timezone: UTC\nchannels: {box: {kind: file}}\n${settings}`, [EXPERIENCE, ...more]);

test.each([
  ["nobody hears of it", "moments: {m: {on: go, expires: 1d}}", [], true],
  ["a moment opens on it", "moments: {m: {on: go, expires: 1d}, q: {on: delivery.ignored, expires: 1d}}", [], false],
  ["it is counted", "moments: {m: {on: go, expires: 1d, when: \"count('delivery.ignored', '9d') > 1\"}}", [], false],
  ["a stage may change", "moments: {m: {on: go, expires: 1d}}\nstages: {a: {when: \"count('go', '9d') > 1\"}, b: {}}", [], false],
  ["hours are learned", "moments: {m: {on: go, expires: 1d}}\nlearning: {times: {channels: [box]}}", [], false],
  [
    "what was stated may be corrected",
    "moments: {m: {on: go, expires: 1d}}",
    ["id: c\nserves: [fact_corrected]\nchannels: {box: {text: We were wrong}}"],
    false,
  ],
] as const)("the end of the time for a response needs no wake where nobody hears of it: %s", (_name, settings, more, expected) => {
  expect(endsQuietly(policyWith(settings, more))).toBe(expected);
});

test("what the end changes is an outcome, a lesson and its timer", () => {
  const policy = policyWith("moments: {m: {on: go, expires: 1d}}");
  const note: DeliveryNote = {
    ...{ deliveryId: "m_1", experienceId: "e", channel: "box", status: "sent", at: 0, moments: ["m"], features: ["f"] },
  };
  const given = { customerId: "c-1", version: 3, due: 7 * DAY, note, outcomes: [] };
  const { before, customer, changes } = endResponse(given, policy);
  expect(before).toMatchObject({ customerId: "c-1", version: 3 });
  expect(customer.timers).toEqual({});
  expect(changes).toEqual([
    { type: "timer_cleared", key: "response:m_1" },
    { type: "outcome_added", outcome: { deliveryId: "m_1", experienceId: "e", channel: "box", kind: "ignored", at: 7 * DAY }, reward: 0 },
    { type: "lesson", deliveryId: "m_1", experienceId: "e", channel: "box", features: ["f"], reward: 0, at: 7 * DAY },
  ]);
  const opened = { deliveryId: "m_1", experienceId: "e", channel: "box", kind: "opened", at: DAY } as const;
  expect(endResponse({ ...given, outcomes: [opened] }, policy).changes).not.toContainEqual(
    expect.objectContaining({ type: "outcome_added" }),
  );
});
