import { expect, test, vi } from "vitest";
import { clock, dayStart, isZone, longTime, relativeTime, shortTime, spanOf, zoneChoices, zoneName } from "./zone-time.ts";

const at = Date.parse;
const NOW = at("2026-11-28T20:20:05Z");

test.each([
  ["America/Chicago", "2026-11-28T20:20:05Z", "CST"],
  ["America/Chicago", "2026-07-01T20:20:05Z", "CDT"],
  ["Europe/Berlin", "2026-07-01T20:20:05Z", "CEST"],
  ["Europe/London", "2026-07-01T20:20:05Z", "BST"],
  ["Australia/Sydney", "2026-07-01T20:20:05Z", "AEST"],
  ["Asia/Kolkata", "2026-07-01T20:20:05Z", "IST"],
  ["Asia/Singapore", "2026-07-01T20:20:05Z", "GMT+8"],
  ["UTC", "2026-07-01T20:20:05Z", "UTC"],
])("the name of %s at %s is %s", (zone, time, name) => {
  expect(zoneName(at(time), zone)).toBe(name);
});

test.each([
  ["this year", "2026-11-28T20:20:05Z", "America/Chicago", "28 Nov 14:20 CST"],
  ["September has three letters as well", "2026-09-03T08:00:00Z", "UTC", "3 Sep 08:00 UTC"],
  ["another year", "2025-01-02T00:30:00Z", "UTC", "2 Jan 2025 00:30 UTC"],
  ["the year is that of the zone", "2026-01-01T03:00:00Z", "America/Chicago", "31 Dec 2025 21:00 CST"],
  ["the hour that comes twice: the first", "2026-11-01T06:30:00Z", "America/Chicago", "1 Nov 01:30 CDT"],
  ["the hour that comes twice: the second", "2026-11-01T07:30:00Z", "America/Chicago", "1 Nov 01:30 CST"],
  ["after the hour that is missing", "2026-03-08T08:00:00Z", "America/Chicago", "8 Mar 03:00 CDT"],
  ["midnight is 00", "2026-06-01T00:00:00Z", "UTC", "1 Jun 00:00 UTC"],
])("a short time: %s", (_, time, zone, words) => {
  expect(shortTime(at(time), zone, NOW)).toBe(words);
});

test("a long time has day, seconds, and the zone by both names", () => {
  expect(longTime(NOW, "America/Chicago")).toBe("Saturday 28 November 2026, 14:20:05 CST (America/Chicago)");
  expect(longTime(NOW, "UTC")).toBe("Saturday 28 November 2026, 20:20:05 UTC");
  expect(clock(NOW, "Europe/Berlin")).toBe("21:20");
});

test.each([
  ["2026-11-28T20:20:04Z", "now"],
  ["2026-11-28T20:19:20Z", "45 s ago"],
  ["2026-11-28T20:00:05Z", "20 min ago"],
  ["2026-11-28T15:20:00Z", "5 h ago"],
  ["2026-11-26T20:20:05Z", "2 d ago"],
  ["2026-11-28T22:20:05Z", "in 2 h"],
  ["2026-05-28T22:20:05Z", "6 months ago"],
  ["2021-05-28T22:20:05Z", "5 years ago"],
])("%s is %s", (time, words) => {
  expect(relativeTime(at(time), NOW)).toBe(words);
});

test.each([
  ["2026-11-28", "America/Chicago", "2026-11-28T06:00:00.000Z"],
  ["2026-07-01", "Europe/Berlin", "2026-06-30T22:00:00.000Z"],
  ["2026-11-01", "America/Chicago", "2026-11-01T05:00:00.000Z"],
  ["2026-03-08", "America/Chicago", "2026-03-08T06:00:00.000Z"],
  ["2026-06-01", "UTC", "2026-06-01T00:00:00.000Z"],
  ["2026-06-31x", "UTC", undefined],
  ["yesterday", "UTC", undefined],
])("the day %s in %s begins at %s", (day, zone, wanted) => {
  const start = dayStart(day, zone);
  expect(start === undefined ? undefined : new Date(start).toISOString()).toBe(wanted);
});

test("a span is rounded down", () => {
  expect([spanOf(59), spanOf(119), spanOf(86_399)]).toEqual(["59 s", "1 min", "23 h"]);
});

test("the zones to choose from: hers, mine, UTC, none of them twice, none that the browser does not know", () => {
  const modes = (hers: string | undefined, mine: string) => zoneChoices(hers, mine).map(({ mode }) => mode);
  expect(modes("America/Chicago", "Europe/Berlin")).toEqual(["hers", "mine", "utc"]);
  expect(modes(undefined, "Europe/Berlin")).toEqual(["mine", "utc"]);
  expect(modes("Europe/Berlin", "Europe/Berlin")).toEqual(["hers", "utc"]);
  expect(modes("Mars/Olympus", "UTC")).toEqual(["mine"]);
  expect([isZone("Europe/Berlin"), isZone("<img src=x>")]).toEqual([true, false]);
});

test("of the times of a list, the browser is asked once a quarter of an hour, and for the name of the zone once", () => {
  const asked = vi.spyOn(Intl.DateTimeFormat.prototype, "formatToParts");
  const begin = at("2019-05-01T10:00:00Z");
  const words = Array.from({ length: 600 }, (_, n) => longTime(begin + n * 3_000, "America/Denver"));
  expect([words[0], words[599]]).toEqual([
    "Wednesday 1 May 2019, 04:00:00 MDT (America/Denver)",
    "Wednesday 1 May 2019, 04:29:57 MDT (America/Denver)",
  ]);
  // Two quarters, and a name in seven locales.
  expect(asked.mock.calls.length).toBe(2 + 7);
  asked.mockRestore();
});
