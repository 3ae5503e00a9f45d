import { describe, expect, test } from "vitest";
import { HOUR } from "../values/time.ts";
import { cellAt, eachPiece, nextHour } from "./hours-of-day.ts";

const BERLIN = "Europe/Berlin";
const at = (text: string) => Date.parse(text);
const isoOf = (instant: number) => new Date(instant).toISOString();

test.each([
  ["a Monday", "2026-06-01T07:30:00Z", BERLIN, 9],
  ["the last hour of a Friday", "2026-06-05T21:59:59Z", BERLIN, 23],
  ["a Saturday", "2026-06-05T22:00:00Z", BERLIN, 24],
  ["the last hour of a Sunday", "2026-06-07T21:59:00Z", BERLIN, 47],
  ["Sunday here, Monday there", "2026-06-07T18:30:00Z", "Asia/Kolkata", 0],
  ["Saturday here, Friday there", "2026-06-06T03:00:00Z", "America/New_York", 23],
  ["before 1970", "1969-12-31T23:00:00Z", "UTC", 23],
])("the cell of %s", (_, instant, zone, cell) => {
  expect(cellAt(at(instant), zone)).toBe(cell);
});

test.each([
  ["within an hour", "2026-06-01T07:30:00Z", BERLIN, "2026-06-01T08:00:00.000Z"],
  ["at its beginning", "2026-06-01T08:00:00Z", BERLIN, "2026-06-01T09:00:00.000Z"],
  ["of a zone with half an hour", "2026-06-01T07:00:00Z", "Asia/Kolkata", "2026-06-01T07:30:00.000Z"],
  ["over the hour that is skipped", "2026-03-29T00:30:00Z", BERLIN, "2026-03-29T01:00:00.000Z"],
  ["over the hour that comes twice", "2026-10-25T00:30:00Z", BERLIN, "2026-10-25T01:00:00.000Z"],
  ["before half an hour that is skipped", "2026-10-03T15:10:00Z", "Australia/Lord_Howe", "2026-10-03T15:30:00.000Z"],
])("the next hour %s", (_, instant, zone, wanted) => {
  expect(isoOf(nextHour(at(instant), zone))).toBe(wanted);
});

describe("what a delivery waits", () => {
  const pieces = (from: string, hours: number, zone = BERLIN) => {
    const found: [age: number, cell: number, hours: number][] = [];
    eachPiece(at(from), at(from) + hours * HOUR, zone, (...piece) => found.push(piece));
    return found;
  };

  test("is cut at hours of the day, and at ages", () => {
    expect(pieces("2026-06-01T07:45:00Z", 1.5)).toEqual([
      [0, 9, 0.25],
      [0, 10, 0.75],
      [1, 10, 0.25],
      [1, 11, 0.25],
    ]);
  });

  test("skips the hour that a day does not have, and has that twice which comes twice", () => {
    const hoursIn = (from: string, cell: number) => pieces(from, 6).reduce((sum, [, one, hours]) => sum + (one === cell ? hours : 0), 0);
    expect([hoursIn("2026-03-28T23:00:00Z", 24 + 2), hoursIn("2026-03-28T23:00:00Z", 24 + 3)]).toEqual([0, 1]);
    expect(hoursIn("2026-10-24T22:00:00Z", 24 + 2)).toBe(2);
  });

  test.each(["UTC", BERLIN, "Asia/Kolkata", "Australia/Lord_Howe"])("adds up to all of it, for at most three days (%s)", (zone) => {
    const total = (hours: number) => pieces("2026-10-03T10:17:00Z", hours, zone).reduce((sum, [, , one]) => sum + one, 0);
    expect([total(30), total(500)]).toEqual([expect.closeTo(30), expect.closeTo(72)]);
  });

  test("is nothing where it was taken up before it was sent", () => {
    expect(pieces("2026-06-01T07:45:00Z", -1)).toEqual([]);
  });
});
