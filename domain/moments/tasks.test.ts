import { expect, test } from "vitest";
import { aCustomer, aDelivery, aSignal, NOW } from "../../testing/builders.ts";
import { policyOf } from "../../testing/policy.ts";
import { DAY } from "../values/time.ts";
import { withdrawTasks } from "./tasks.ts";

const POLICY = policyOf(
  `
  channels: {desk: {kind: human, queue: showroom}, box: {kind: file}}
  moments: {m: {on: go, expires: 30d, closes: [gone]}, other: {on: go, expires: 30d}}
  `,
  ["channels: {desk: {summary: Call}, box: {text: Hello}}\nsuccess: {signal: bought, within: 30d}\n"],
);

const withdrawn = (type: string, given: Parameters<typeof aDelivery>[0] = {}, time = NOW) =>
  withdrawTasks(
    aSignal(type, {}, { time }),
    aCustomer({ deliveries: [aDelivery({ channel: "desk", ...given })] }),
    POLICY,
    type === "bought" ? POLICY.experiences : [],
  );

test("a task whose moment is closed, or whose goal is achieved, is withdrawn", () => {
  expect(withdrawn("gone")).toEqual([{ type: "task_withdrawn", deliveryId: "d-1", at: NOW }]);
  expect(withdrawn("bought")).toHaveLength(1);
});

test.each<[string, string, Parameters<typeof aDelivery>[0]]>([
  ["another signal", "went", {}],
  ["a closed moment, while another one is left", "gone", { moments: ["m", "other"] }],
  ["a message, which is no task", "gone", { channel: "box" }],
  ["a task that never was made", "gone", { status: "cancelled" }],
  ["a task not created yet: its delivery is cancelled elsewhere", "gone", { status: "reserved" }],
])("%s withdraws nothing", (_what, type, given) => {
  expect(withdrawn(type, given)).toEqual([]);
});

test("a signal from before the task does not withdraw it", () => {
  expect(withdrawn("gone", {}, NOW - 2 * DAY)).toEqual([]);
});
