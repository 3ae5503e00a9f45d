import { expect, test } from "vitest";
import { policyOf } from "../../testing/policy.ts";
import { DAY, HOUR } from "../values/time.ts";
import { keepingOf } from "./retention.ts";

const SHORT = "retention: {signals: 1h, history: 1h, runs: 1h}";
const keeping = (settings = "", experiences: readonly string[] = [""]) => keepingOf(policyOf(`${SHORT}\n${settings}`, experiences));

test("by default everything is kept for thirteen months, runs for ninety days, and signal identities for ever", () => {
  const { signals, history, runs, duplicates, audit } = keepingOf(policyOf(""));
  expect([signals / DAY, history / DAY, runs / DAY, duplicates, audit]).toEqual([400, 400, 90, undefined, undefined]);
});

test("signals stay for as long as a condition counts them", () => {
  expect(keeping().signals).toBe(HOUR);
  expect(keeping("moments: {m: {on: go, expires: 1d, when: \"count('go', '5d') > 1\"}}").signals).toBe(5 * DAY);
});

test.each([
  ["a cap", "governance: {caps: [{id: c, max: 1, window: 30d}]}", "", 30 * DAY + 2 * HOUR],
  ["a condition over touches", "moments: {m: {on: go, expires: 1d, when: \"touches('40d') < 1\"}}", "", 40 * DAY],
  ["a limit", "", "limits: {perCustomer: 1, window: 20d}", 20 * DAY],
  ["the time in which success may come", "", "success: {signal: bought, within: 50d}", 50 * DAY],
  ["the time for a response", "", "", 7 * DAY],
  ["a correction of a stated fact", "", "serves: [fact_corrected]", 90 * DAY],
  ["the hour of the day", "learning: {times: {channels: [box]}}", "", 180 * DAY],
  ["a suppression after outcomes", "governance: {suppress: [{after: {outcome: ignored, times: 2, within: 30d}, for: 60d}]}", "", 90 * DAY],
])("history stays for as long as %s looks back", (_, settings, experience, span) => {
  expect(keeping(settings, [experience]).history).toBe(span);
});

test("deliveries that count for ever stay for ever", () => {
  const { countedForEver, heldForEver } = keeping(
    "governance: {suppress: [{after: {outcome: complained}}, {after: {outcome: ignored}, for: 2d}]}",
    ["id: once\nlimits: {perCustomer: 1}", "id: often\nlimits: {perCustomer: 1, window: 2d}"],
  );
  expect([countedForEver, heldForEver]).toEqual([["once"], ["complained"]]);
});

test("asks that gave nothing and visitors: thirty days, and as long as a condition looks back", () => {
  const days = (settings: string) => {
    const { asks, anonymous } = keepingOf(policyOf(settings));
    return [asks / DAY, anonymous / DAY];
  };
  expect(days("")).toEqual([30, 30]);
  expect(days("retention: {asks: 3d, anonymous: 9d}")).toEqual([3, 9]);
  expect(days("moments: {m: {on: go, expires: 1d, when: \"count('sentient.ask', '50d') > 1\"}}")).toEqual([50, 50]);
  expect(days("moments: {m: {on: go, expires: 1d, when: \"count('go', '40d') > 1\"}}")).toEqual([30, 40]);
});

test("a signal's identity is kept at least as long as its body", () => {
  expect(keepingOf(policyOf("retention: {signals: 10d, duplicates: 1d}")).duplicates).toBe(10 * DAY);
});
