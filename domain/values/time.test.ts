import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  byTime,
  DAY,
  formatDate,
  formatDuration,
  HOUR,
  hasPassed,
  iso,
  MINUTE,
  parseDuration,
  parseInstant,
  parseTime,
  SECOND,
  timeIn,
} from "./time.ts";

test("B11: an interval has passed when it has elapsed, and when the clock was set back", () => {
  expect([999, 1_000, 2_000].map((now) => hasPassed(SECOND, 0, now))).toEqual([false, true, true]);
  expect(hasPassed(SECOND, HOUR, 0)).toBe(true);
  expect(hasPassed(SECOND, Number.NEGATIVE_INFINITY, 0)).toBe(true);
});

test("times as text are ordered by their instants, in a second that one of them begins as well", () => {
  const [whole, within] = ["2026-11-30T16:20:57Z", "2026-11-30T16:20:57.202Z"];
  expect([within, whole].toSorted(byTime)).toEqual([whole, within]);
  expect(byTime(whole, "2026-11-30T17:20:57+01:00")).toBe(0);
  const instant = fc.integer({ min: 0, max: 5 * SECOND });
  fc.assert(fc.property(instant, instant, (a, b) => byTime(iso(a), iso(b)) === a - b));
});

describe("durations", () => {
  test.each([
    ["30s", 30 * SECOND],
    ["15m", 15 * MINUTE],
    ["3h", 3 * HOUR],
    ["7d", 7 * DAY],
    ["4w", 28 * DAY],
    ["0d", 0],
    [" 7d ", 7 * DAY],
    ["365000d", 365_000 * DAY],
    ["365001d", undefined],
    ["999999999w", undefined],
    ["7", undefined],
    ["d", undefined],
    ["-7d", undefined],
    ["1.5h", undefined],
    ["7 d", undefined],
    ["7D", undefined],
    ["P7D", undefined],
    ["1y", undefined],
    ["", undefined],
    ["1d2h", undefined],
  ])("%j is %j milliseconds", (text, wanted) => {
    expect(parseDuration(text)).toBe(wanted);
  });

  test("a formatted duration parses back", () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 365_000 * 24 * 3600 }), (s) => parseDuration(formatDuration(s * 1000)) === s * 1000));
  });

  test.each([
    [0, "0s"],
    [1_500, "2s"],
    [90 * MINUTE, "90m"],
    [36 * HOUR, "36h"],
    [14 * DAY, "14d"],
  ])("%d milliseconds are written %s", (ms, wanted) => {
    expect(formatDuration(ms)).toBe(wanted);
  });
});

describe("times", () => {
  test.each([
    ["2026-06-01T15:00:00Z", "2026-06-01T15:00:00Z"],
    ["2026-06-01T15:00Z", "2026-06-01T15:00:00Z"],
    ["2026-06-01 15:00:00z", "2026-06-01T15:00:00Z"],
    ["2026-06-01T15:00:00.5Z", "2026-06-01T15:00:00.500Z"],
    ["2026-06-01T15:00:00,123Z", "2026-06-01T15:00:00.123Z"],
    ["2026-06-01T15:00:00.999999999Z", "2026-06-01T15:00:00.999Z"],
    ["2026-06-01T15:00:00.000Z", "2026-06-01T15:00:00Z"],
    ["2026-06-01T15:00:00+02:00", "2026-06-01T13:00:00Z"],
    ["2026-06-01T15:00:00+0530", "2026-06-01T09:30:00Z"],
    ["2026-06-01T02:00:00-14:00", "2026-06-01T16:00:00Z"],
    ["2026-06-01T02:00:00+14:00", "2026-05-31T12:00:00Z"],
    ["2026-06-01T24:00:00Z", "2026-06-02T00:00:00Z"],
    ["2026-12-31T23:59:60Z", "2027-01-01T00:00:00Z"],
    ["2024-02-29T12:00:00Z", "2024-02-29T12:00:00Z"],
    ["2000-02-29T12:00:00Z", "2000-02-29T12:00:00Z"],
    ["0050-01-01T00:00:00Z", "0050-01-01T00:00:00Z"],
    ["1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z"],
  ])("%s is the instant %s", (text, wanted) => {
    expect(iso(parseInstant(text) ?? Number.NaN)).toBe(wanted);
  });

  test.each([
    "2026-06-01",
    "2026-06-01T15:00:00",
    "2026-02-29T12:00:00Z",
    "2100-02-29T12:00:00Z",
    "2026-02-30T12:00:00Z",
    "2026-13-01T12:00:00Z",
    "2026-00-10T12:00:00Z",
    "2026-04-31T12:00:00Z",
    "2026-06-00T12:00:00Z",
    "2026-06-01T25:00:00Z",
    "2026-06-01T24:00:01Z",
    "2026-06-01T12:60:00Z",
    "2026-06-01T12:00:61Z",
    "2026-06-01T12:00:00+24:00",
    "2026-06-01T12:00:00+02:60",
    "2026-6-1T12:00:00Z",
    "01.06.2026",
    "1780326000",
    "tomorrow",
    "",
    "2026-06-01T12:00:00Z ",
    "+002026-06-01T12:00:00Z",
  ])("%j is no instant", (text) => {
    expect(parseInstant(text)).toBeUndefined();
  });

  test.each([
    ["2026-06-08", { kind: "date", date: { year: 2026, month: 6, day: 8 } }],
    ["2024-02-29", { kind: "date", date: { year: 2024, month: 2, day: 29 } }],
    ["2026-02-29", undefined],
    ["2026-06-08T10:30", { kind: "local", utc: Date.UTC(2026, 5, 8, 10, 30) }],
    ["2026-06-08T10:30:00", { kind: "local", utc: Date.UTC(2026, 5, 8, 10, 30) }],
    ["2026-06-08T10:30Z", { kind: "instant", at: Date.UTC(2026, 5, 8, 10, 30) }],
    ["garbage", undefined],
  ])("%s reads as %j", (text, wanted) => {
    expect(parseTime(text)).toEqual(wanted);
  });

  test("every formatted instant parses back", () => {
    fc.assert(
      fc.property(
        fc.date({ noInvalidDate: true, min: new Date("0000-01-01T00:00:00Z"), max: new Date("9999-12-31T23:59:59Z") }),
        (date) => {
          expect(parseInstant(iso(date.getTime()))).toBe(date.getTime());
        },
      ),
    );
  });

  test("a date is written with four digits for the year and two for the others", () => {
    expect(formatDate({ year: 50, month: 6, day: 8 })).toBe("0050-06-08");
  });
});

describe("F11: ISO 8601 as others write it", () => {
  test.each([
    ["2026-09-08 15:30:00+00", "2026-09-08T15:30:00Z"],
    ["2026-09-08 15:30:00.123456+05:30", "2026-09-08T10:00:00.123Z"],
    ["2026-09-08 15:30:00-03", "2026-09-08T18:30:00Z"],
    ["1900-01-01 00:00:00+00:19:32", "1899-12-31T23:40:28Z"],
    ["2026-09-08t15:30:00z", "2026-09-08T15:30:00Z"],
    ["2026-09-08T15Z", "2026-09-08T15:00:00Z"],
    ["2026-09-08T15:30:00.123456789012Z", "2026-09-08T15:30:00.123Z"],
    ["2026-09-08T15:30:00.069Z", "2026-09-08T15:30:00.069Z"],
    ["2026-09-08T15:30:00\u221205:00", "2026-09-08T20:30:00Z"],
    ["20260908T153000Z", "2026-09-08T15:30:00Z"],
    ["20260908T1530+0200", "2026-09-08T13:30:00Z"],
    ["20260908T153000,25-07", "2026-09-08T22:30:00.250Z"],
    ["20260908t15z", "2026-09-08T15:00:00Z"],
  ])("F11: %s is the instant %s", (text, wanted) => {
    expect(iso(parseInstant(text) ?? Number.NaN)).toBe(wanted);
  });

  test.each<[string, object | undefined]>([
    ["20260908", { kind: "date", date: { year: 2026, month: 9, day: 8 } }],
    ["20260908T1530", { kind: "local", utc: Date.UTC(2026, 8, 8, 15, 30) }],
    ["2026-09-08 15:30:00", { kind: "local", utc: Date.UTC(2026, 8, 8, 15, 30) }],
    ...["20260230", "2026-W37-2", "2026-251", "2026251", "202609", "2026-09", "08/09/2026", "2026-09-08T153000Z", "infinity"].map(
      (text): [string, undefined] => [text, undefined],
    ),
  ])("F11: %s reads as %j", (text, wanted) => {
    expect(parseTime(text)).toEqual(wanted);
  });

  test.each<[unknown, number | undefined]>([
    [1_780_326_000, Date.UTC(2026, 5, 1, 15)],
    ["1780326000", Date.UTC(2026, 5, 1, 15)],
    [" 2026-06-01T15:00:00Z ", Date.UTC(2026, 5, 1, 15)],
    [new Date(Date.UTC(2026, 5, 1, 15)), Date.UTC(2026, 5, 1, 15)],
    ...[20, 20_260_908, 1_780_326_000_000, "1780326000000", "202609081530", Number.NaN, true, null, {}, [1_780_326_000], "soon"].map(
      (value): [unknown, undefined] => [value, undefined],
    ),
  ])("F11: a text prints %j as the instant %j", (value, at) => {
    expect(timeIn(value)).toEqual(at === undefined ? undefined : { kind: "instant", at });
  });
});
