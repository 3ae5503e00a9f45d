import { expect, test } from "vitest";
import { DAY, HOUR } from "../domain/values/time.ts";
import { at } from "../testing/builders.ts";
import { paceOf, rhythmIn, rhythmOf } from "./rhythm.ts";

const MONDAY = at("2026-03-02T00:00:00Z");

test("the rhythm says how much more comes at an hour of the local week, and is even where nothing came", () => {
  expect(new Set(rhythmOf([], "UTC"))).toEqual(new Set([1]));
  const rhythm = rhythmOf(
    Array.from({ length: 1_000 }, (_, week) => at("2026-03-03T08:30:00Z") - (week % 4) * 7 * DAY),
    "Europe/Berlin",
  );
  // Tuesday, half past nine in Berlin.
  expect(rhythm.indexOf(Math.max(...rhythm))).toBe(24 + 9);
  expect(rhythm.reduce((sum, one) => sum + one, 0) / rhythm.length).toBeCloseTo(1, 10);
});

test("a week of the calendar is a week of the pace, also one in which clocks are changed", () => {
  const rhythm = rhythmOf([MONDAY + 9 * HOUR, MONDAY + 9 * HOUR, MONDAY + 30 * HOUR], "UTC");
  const pace = paceOf(rhythm, { from: MONDAY, until: MONDAY + 14 * DAY }, "UTC");
  expect(pace.passed(MONDAY + 7 * DAY)).toBeCloseTo(7, 10);
  const berlin = paceOf(rhythm, { from: MONDAY, until: MONDAY + 28 * DAY }, "Europe/Berlin");
  expect(berlin.passed(MONDAY + 28 * DAY)).toBeCloseTo(28, 0);
});

test("an instant and what has passed by then lead to one another; before the begin nothing has, after the end nothing comes", () => {
  const rhythm = rhythmOf(
    Array.from({ length: 500 }, (_, n) => MONDAY + (n % 40) * HOUR),
    "UTC",
  );
  const until = MONDAY + 10 * DAY + 30 * 60_000;
  const pace = paceOf(rhythm, { from: MONDAY, until }, "UTC", [2]);
  for (const instant of [MONDAY, MONDAY + 1, MONDAY + 37 * HOUR + 1234, MONDAY + 9 * DAY, until - 1])
    expect(pace.instant(pace.passed(instant))).toBeCloseTo(instant, -1);
  expect([pace.passed(MONDAY - DAY), pace.passed(until + DAY)]).toEqual([0, pace.passed(until)]);
  expect(pace.instant(pace.passed(until) + 0.001)).toBeUndefined();
  // Twice as much in the first week.
  expect(pace.passed(MONDAY + 7 * DAY)).toBeCloseTo(14, 10);
});

test("a period tells the rhythm of its last whole weeks; a short one the hours of the day, a shorter one nothing", () => {
  const everyHour = (hours: number) => Array.from({ length: hours }, (_, n) => MONDAY + n * HOUR + 1);
  const days = (length: number) => ({ from: MONDAY, until: MONDAY + length * DAY, zone: "UTC" });
  // Three days more than two weeks: no weekday counts twice.
  expect(new Set(rhythmIn(everyHour(17 * 24), days(17)))).toEqual(new Set([1]));
  const atNine = Array.from({ length: 10 }, (_, day) => MONDAY + day * DAY + 9 * HOUR);
  const daily = rhythmIn(atNine, days(10));
  expect(daily[9]).toBe(daily[5 * 24 + 9]);
  expect((daily[9] ?? 0) / (daily[10] ?? 1)).toBeCloseTo(11, 10);
  expect(new Set(rhythmIn(atNine, days(1)))).toEqual(new Set([1]));
});
