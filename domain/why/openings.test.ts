import { expect, test } from "vitest";
import { aCustomer, at, NOW } from "../../testing/builders.ts";
import { policyOf } from "../../testing/policy.ts";
import { DAY, iso } from "../values/time.ts";
import { whyNotOpened } from "./openings.ts";
import type { CameSignal } from "./rung.ts";

const policy = policyOf(`
moments:
  m: {on: go, expires: 5d}
  daily: {on: clock.daily, when: customer.active, expires: 5d}
  away: {absent: {signal: visit, for: 30d}, expires: 5d}
  says: {on: message.received, says: [where is my car, when does my car arrive, is my car there yet], expires: 5d}
  about: {on: campaign, when: 'signal.data.name == "june" && moment.data.name == "june"', expires: 5d}`);

const came = (type: string, data: CameSignal["data"] = {}): CameSignal => ({ source: "web", id: "s", type, time: NOW - DAY, data });
const seen = { at: NOW - 3 * DAY, seq: 1, count: 1 };

test.each<[string, string, Parameters<typeof aCustomer>[0], readonly CameSignal[], RegExp]>([
  [
    "a signal that last came before the window",
    "m",
    { seen: { go: seen } },
    [],
    /^no go came \(the last go came on 2026-05-29T15:00:00Z\)$/,
  ],
  ["a signal that came, with nothing against it", "m", {}, [came("go")], /nothing on record tells why$/],
  ["a daily look", "daily", { traits: { active: false } }, [], /^it is asked about each day, and its condition does not hold/],
  ["an absence without a first signal", "away", {}, [], /opens when visit stays away, and none ever came$/],
  [
    "an absence that is not long enough",
    "away",
    { seen: { visit: seen }, timers: { "absent:away": { name: "absent:away", due: at("2026-06-28") } } },
    [],
    /the last visit came on 2026-05-29T15:00:00Z: it opens on 2026-06-28T00:00:00Z if none comes before$/,
  ],
  ["an absence that nothing waits for", "away", { seen: { visit: seen } }, [], /nothing waits for its absence$/],
  [
    "a text that says something else",
    "says",
    {},
    [came("message.received", { text: "please cancel my order of tyres" })],
    /was not read as says$/,
  ],
  ["data of the signal", "about", {}, [came("campaign", { name: "may" })], /its condition does not hold/],
  [
    "data of the signal that hold now",
    "about",
    {},
    [came("campaign", { name: "june" })],
    /holds of the customer now, which it may not have done then$/,
  ],
  ["a built-in moment", "fact_corrected", {}, [], /^it opens by itself when a value that a delivery stated/],
  ["a moment that is no longer declared", "none", {}, [], /^no rule of the workspace opens it$/],
])("%s", (_title, moment, customer, signals, says) => {
  const window = { from: NOW - 2 * DAY, to: NOW };
  const miss = whyNotOpened(moment, aCustomer(customer), { policy, now: NOW, window, signals, inWords: iso });
  expect(miss.says).toMatch(says);
  expect(miss.change).not.toBe("");
});
