import { expect, test } from "vitest";
import { aCustomer } from "../../testing/builders.ts";
import { policyOf } from "../../testing/policy.ts";
import type { Exemption } from "../entities/policy.ts";
import { parseInstant } from "../values/time.ts";
import { quietUntil } from "./quiet.ts";

const policy = policyOf(
  `
  timezone: UTC
  channels: {box: {kind: file}, other: {kind: file}, desk: {kind: human, queue: q}, line: {kind: human, queue: q}}
  moments: {m: {on: go, expires: 2d}}
  governance: {quietHours: [{channels: [box, line], from: "21:00", to: "08:00"}, {channels: [box], from: "08:00", to: "09:00"}, {from: "03:00", to: "04:00"}]}
  `,
);

const endOf = (channel: string, time: string, more: { outside?: readonly Exemption[]; timezone?: string } = {}) => {
  const rule = policy.channels[channel];
  if (!rule) throw new Error(`no channel ${channel}`);
  const customer = aCustomer(more.timezone === undefined ? {} : { traits: { timezone: more.timezone } });
  const until = quietUntil({ policy, customer, rule, experience: { outside: more.outside ?? [] } }, parseInstant(time) ?? 0);
  return until === undefined ? undefined : new Date(until).toISOString();
};

test.each([
  ["box", "2026-06-01T20:59:59Z", {}, undefined],
  ["box", "2026-06-01T21:00:00Z", {}, "2026-06-02T09:00:00.000Z"],
  ["box", "2026-06-02T08:59:59Z", {}, "2026-06-02T09:00:00.000Z"],
  ["box", "2026-06-02T09:00:00Z", {}, undefined],
  ["box", "2026-06-01T23:00:00Z", { outside: ["quiet_hours"] }, undefined],
  ["box", "2026-06-01T23:00:00Z", { outside: ["caps", "holdout", "minPropensity"] }, "2026-06-02T09:00:00.000Z"],
  ["box", "2026-06-01T23:00:00Z", { timezone: "America/Chicago" }, undefined],
  ["box", "2026-06-02T03:00:00Z", { timezone: "America/Chicago" }, "2026-06-02T14:00:00.000Z"],
  ["other", "2026-06-01T23:00:00Z", {}, undefined],
  ["other", "2026-06-02T03:30:00Z", {}, "2026-06-02T04:00:00.000Z"],
  ["desk", "2026-06-02T03:30:00Z", {}, undefined],
  ["line", "2026-06-01T23:00:00Z", {}, "2026-06-02T08:00:00.000Z"],
] as const)("on %s at %s (%j) quiet hours end at %s", (channel, time, more, end) => {
  expect(endOf(channel, time, more)).toBe(end);
});
