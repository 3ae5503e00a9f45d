import { expect, test } from "vitest";
import { DAY, HOUR, iso } from "../../domain/values/time.ts";
import { at } from "../../testing/builders.ts";
import { partsBefore, usualOf } from "./usual-day.ts";

const ZONE = "America/Chicago";
const LONG_AGO = at("2020-01-01T00:00:00Z");

test("the parts of the last seven days end at this time of day, rounded up to a quarter of an hour", () => {
  const parts = partsBefore(at("2026-06-08T20:07:00Z"), ZONE, LONG_AGO);
  expect(parts).toHaveLength(7);
  expect(parts.slice(0, 2).map(({ from, to }) => [iso(from), iso(to)])).toEqual([
    ["2026-06-07T05:00:00Z", "2026-06-07T20:15:00Z"],
    ["2026-06-06T05:00:00Z", "2026-06-06T20:15:00Z"],
  ]);
});

test("days begin in the zone on both sides of a change of the clock", () => {
  const parts = partsBefore(at("2026-03-09T12:00:00Z"), ZONE, LONG_AGO);
  expect(parts.slice(0, 2).map(({ from }) => iso(from))).toEqual(["2026-03-08T06:00:00Z", "2026-03-07T06:00:00Z"]);
  const late = partsBefore(at("2026-03-10T04:59:00Z"), ZONE, LONG_AGO);
  // The day of the change has 23 hours only: its part ends with it.
  expect(late.slice(0, 1).map(({ from, to }) => [iso(from), (to - from) / HOUR])).toEqual([["2026-03-08T06:00:00Z", 23]]);
});

test("days that began before the first decision are left out", () => {
  const now = at("2026-06-08T20:00:00Z");
  expect(partsBefore(now, ZONE, now - 1)).toEqual([]);
  expect(partsBefore(now, ZONE, at("2026-06-06T05:00:00Z"))).toHaveLength(2);
  expect(partsBefore(now, ZONE, at("2026-06-06T05:00:01Z"))).toHaveLength(1);
  expect(partsBefore(now, ZONE, now - 400 * DAY)).toHaveLength(7);
});

test.each([
  [[], undefined],
  [[3], 3],
  [[1, 4], 3],
  [[9, 1, 5], 5],
  [[0, 0, 100, 2], 1],
])("the usual of %j is the median, %j", (counts, median) => {
  const days = counts.map((count) => ({ decisions: count, silent: count, delivered: count, outcomes: count }));
  const wanted = median === undefined ? undefined : { decisions: median, silent: median, delivered: median, outcomes: median };
  expect(usualOf(days)).toEqual(wanted);
});

test("a usual day with a day of about is about", () => {
  const day = { decisions: 1, silent: 0, delivered: 0, outcomes: 0 };
  expect(usualOf([day, { ...day, about: true }])).toEqual({ ...day, about: true });
});
