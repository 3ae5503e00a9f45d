import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { describe, expect, test } from "vitest";
import { at } from "../../testing/builders.ts";
import { DAY, HOUR, iso, MINUTE, type ParsedTime, parseTime } from "./time.ts";
import {
  calendarWindow,
  daysUntil,
  daysUntilAnniversary,
  instantOf,
  isZone,
  localTime,
  nextTimeOfDay,
  offsetAt,
  resolveTime,
  startOfDate,
} from "./zone.ts";

const time = (text: string): ParsedTime => parseTime(text) ?? expect.fail(`${text} is not a time`);
const wall = (text: string): number => at(`${text}Z`);

/** Zones with noteworthy clock changes. */
const ZONES = [
  "UTC",
  "America/Chicago",
  "Europe/Berlin",
  "Asia/Kolkata",
  "Asia/Kathmandu",
  "Australia/Lord_Howe",
  "Pacific/Kiritimati",
  "Etc/GMT+12",
  "America/St_Johns",
  "America/Havana",
  "Africa/Cairo",
  "Pacific/Chatham",
];
const zones = fc.constantFrom(...ZONES);
const instants = fc.integer({ min: at("2024-01-01T00:00:00Z"), max: at("2030-01-01T00:00:00Z") });

test.each([
  ["America/Chicago", true],
  ["UTC", true],
  ["Etc/GMT-14", true],
  ["Asia/Kathmandu", true],
  ["+02:00", false],
  ["Chicago", false],
  ["America/Nowhere", false],
  ["", false],
  ["../etc", false],
])("%j is a zone: %j", (name, wanted) => {
  expect(isZone(name)).toBe(wanted);
});

test.each([
  ["2026-03-08T07:59:59Z", "America/Chicago", -6],
  ["2026-03-08T08:00:00Z", "America/Chicago", -5],
  ["2026-11-01T06:59:59Z", "America/Chicago", -5],
  ["2026-11-01T07:00:00Z", "America/Chicago", -6],
  ["2026-06-01T00:00:00Z", "Asia/Kolkata", 5.5],
  ["2026-06-01T00:00:00Z", "Asia/Kathmandu", 5.75],
  ["2026-06-01T00:00:00Z", "Pacific/Kiritimati", 14],
  ["2026-06-01T00:00:00Z", "Etc/GMT+12", -12],
  ["2026-01-01T00:00:00Z", "Australia/Lord_Howe", 11],
  ["2026-06-01T00:00:00Z", "Australia/Lord_Howe", 10.5],
])("at %s clocks in %s are %d hours ahead", (instant, zone, hours) => {
  expect(offsetAt(at(instant), zone)).toBe(hours * HOUR);
});

describe("the instant of a wall-clock time", () => {
  test.each([
    ["an ordinary one", "2026-06-01T10:00:00", "America/Chicago", "2026-06-01T15:00:00Z"],
    ["one that clocks skip is the first instant after the gap", "2026-03-08T02:30:00", "America/Chicago", "2026-03-08T08:00:00Z"],
    ["one that clocks show twice is the first", "2026-11-01T01:30:00", "America/Chicago", "2026-11-01T06:30:00Z"],
    ["the last before a gap", "2026-03-08T01:59:59", "America/Chicago", "2026-03-08T07:59:59Z"],
    ["the first after a gap", "2026-03-08T03:00:00", "America/Chicago", "2026-03-08T08:00:00Z"],
    ["half an hour skipped", "2026-10-04T02:15:00", "Australia/Lord_Howe", "2026-10-03T15:30:00Z"],
    ["a skipped midnight", "2026-03-08T00:00:00", "America/Havana", "2026-03-08T05:00:00Z"],
    ["a midnight shown twice", "2026-11-01T00:00:00", "America/Havana", "2026-11-01T04:00:00Z"],
    ["a day that never was", "2011-12-30T12:00:00", "Pacific/Apia", "2011-12-30T10:00:00Z"],
    ["as far east as it goes", "2026-06-01T00:00:00", "Pacific/Kiritimati", "2026-05-31T10:00:00Z"],
    ["as far west as it goes", "2026-06-01T00:00:00", "Etc/GMT+12", "2026-06-01T12:00:00Z"],
  ])("%s", (_, local, zone, wanted) => {
    expect(iso(instantOf(wall(local), zone))).toBe(wanted);
  });

  test("clocks show it at that instant, unless they skip it", () => {
    fc.assert(
      fc.property(instants, zones, (instant, zone) => {
        const shown = instant + offsetAt(instant, zone);
        const back = instantOf(shown, zone);
        // Shown twice: the first of the two, never later than the one we came from.
        expect(back + offsetAt(back, zone)).toBe(shown);
        expect(instant - back === 0 || instant - back === HOUR || instant - back === HOUR / 2).toBe(true);
      }),
    );
  });
});

test("the date where midnight is skipped starts at its first instant", () => {
  const start = startOfDate({ year: 2026, month: 3, day: 8 }, "America/Havana");
  expect(localTime(start, "America/Havana")).toMatchObject({ day: 8, hour: 1, minute: 0 });
  expect(localTime(start - 1, "America/Havana")).toMatchObject({ day: 7, hour: 23, minute: 59 });
});

describe("the next time of day", () => {
  test.each([
    ["later today", "2026-06-01T10:00:00Z", 9 * 60, "America/Chicago", "2026-06-01T14:00:00Z"],
    ["at it", "2026-06-01T14:00:00Z", 9 * 60, "America/Chicago", "2026-06-01T14:00:00Z"],
    ["just after it: tomorrow", "2026-06-01T14:00:00.001Z", 9 * 60, "America/Chicago", "2026-06-02T14:00:00Z"],
    ["over the change in spring", "2026-03-07T20:00:00Z", 9 * 60, "America/Chicago", "2026-03-08T14:00:00Z"],
    ["over the change in autumn", "2026-10-31T20:00:00Z", 9 * 60, "America/Chicago", "2026-11-01T15:00:00Z"],
    ["skipped: when clocks have jumped over it", "2026-03-08T07:00:00Z", 2 * 60 + 30, "America/Chicago", "2026-03-08T08:00:00Z"],
    ["the first of two", "2026-11-01T06:00:00Z", 90, "America/Chicago", "2026-11-01T06:30:00Z"],
    ["the second of two", "2026-11-01T06:30:00.001Z", 90, "America/Chicago", "2026-11-01T07:30:00Z"],
    ["after both", "2026-11-01T07:30:00.001Z", 90, "America/Chicago", "2026-11-02T07:30:00Z"],
    ["midnight in a zone where it is skipped", "2026-03-08T04:00:00Z", 0, "America/Havana", "2026-03-08T05:00:00Z"],
  ])("%s", (_, from, minutes, zone, wanted) => {
    expect(iso(nextTimeOfDay(at(from), minutes, zone))).toBe(wanted);
  });

  test("agrees with looking at every minute, around changes of clocks", () => {
    const changes = fc.constantFrom(
      ["America/Chicago", at("2026-03-08T08:00:00Z")] as const,
      ["America/Chicago", at("2026-11-01T07:00:00Z")] as const,
      ["America/Havana", at("2026-03-08T05:00:00Z")] as const,
      ["America/Havana", at("2026-11-01T05:00:00Z")] as const,
      ["Australia/Lord_Howe", at("2026-04-04T15:00:00Z")] as const,
      ["Australia/Lord_Howe", at("2026-10-03T15:30:00Z")] as const,
    );
    const near = fc.integer({ min: -90, max: 90 });
    fc.assert(
      fc.property(changes, near, near, ([zone, change], shift, clockShift) => {
        const clockAt = (when: number) => localTime(when, zone).hour * 60 + localTime(when, zone).minute;
        const from = change + shift * MINUTE;
        const minutes = (clockAt(change) + clockShift + 1440) % 1440;
        const comesTo = (instant: number) => {
          const since = (clock: number) => (clock - minutes + 1440) % 1440;
          const [before, now] = [since(clockAt(instant - MINUTE)), since(clockAt(instant))];
          // Clocks come to it, or jump over it: in both cases they were before it.
          return now === 0 || (now < before && now <= 60 && before > 1440 - 61);
        };
        let wanted = from;
        while (!comesTo(wanted)) wanted += MINUTE;
        expect(iso(nextTimeOfDay(from, minutes, zone))).toBe(iso(wanted));
      }),
      { numRuns: 300 },
    );
  });
});

describe("calendar days and weeks", () => {
  test.each([
    ["a day", "2026-06-01T15:00:00Z", 1, "America/Chicago", "2026-06-01T05:00:00Z", "2026-06-02T05:00:00Z"],
    ["its first instant", "2026-06-01T05:00:00Z", 1, "America/Chicago", "2026-06-01T05:00:00Z", "2026-06-02T05:00:00Z"],
    ["its last", "2026-06-02T04:59:59.999Z", 1, "America/Chicago", "2026-06-01T05:00:00Z", "2026-06-02T05:00:00Z"],
    ["a day of 23 hours", "2026-03-08T15:00:00Z", 1, "America/Chicago", "2026-03-08T06:00:00Z", "2026-03-09T05:00:00Z"],
    ["a day of 25 hours", "2026-11-01T15:00:00Z", 1, "America/Chicago", "2026-11-01T05:00:00Z", "2026-11-02T06:00:00Z"],
    ["a week from its Monday", "2026-06-01T15:00:00Z", 7, "America/Chicago", "2026-06-01T05:00:00Z", "2026-06-08T05:00:00Z"],
    ["a week on its Sunday", "2026-06-07T15:00:00Z", 7, "America/Chicago", "2026-06-01T05:00:00Z", "2026-06-08T05:00:00Z"],
    ["a week over a change of clocks", "2026-03-04T15:00:00Z", 7, "America/Chicago", "2026-03-02T06:00:00Z", "2026-03-09T05:00:00Z"],
    ["the other day, far east", "2026-06-01T11:00:00Z", 1, "Pacific/Kiritimati", "2026-06-01T10:00:00Z", "2026-06-02T10:00:00Z"],
  ] as const)("%s", (_, instant, days, zone, start, end) => {
    const window = calendarWindow(at(instant), days, zone);
    expect([iso(window.start), iso(window.end)]).toEqual([start, end]);
  });

  test("every instant lies in its window, and windows leave no gap", () => {
    fc.assert(
      fc.property(instants, zones, fc.constantFrom(1 as const, 7 as const), (instant, zone, days) => {
        const { start, end } = calendarWindow(instant, days, zone);
        expect(start <= instant && instant < end).toBe(true);
        expect(calendarWindow(end, days, zone).start).toBe(end);
        expect(calendarWindow(start - 1, days, zone).end).toBe(start);
      }),
    );
  });
});

describe("days until", () => {
  const CASES: [string, string, string, string, number][] = [
    ["a date is 0 days away all day long", "2026-06-08", "2026-06-08T04:59:59Z", "America/Chicago", 1],
    ["from its first instant", "2026-06-08", "2026-06-08T05:00:00Z", "America/Chicago", 0],
    ["to its last", "2026-06-08", "2026-06-09T04:59:59Z", "America/Chicago", 0],
    ["and is past then", "2026-06-08", "2026-06-09T05:00:00Z", "America/Chicago", -1],
    ["whole days over a change of clocks", "2026-03-09", "2026-03-07T12:00:00Z", "America/Chicago", 2],
    ["another day in the far east", "2026-06-08", "2026-06-07T11:00:00Z", "Pacific/Kiritimati", 0],
    ["and in the far west", "2026-06-08", "2026-06-08T11:00:00Z", "Etc/GMT+12", 1],
    ["a time of day counts in hours", "2026-06-08T15:00:00Z", "2026-06-01T03:00:00Z", "America/Chicago", 7.5],
    ["and is negative when it is past", "2026-06-01T03:00:00Z", "2026-06-01T15:00:00Z", "America/Chicago", -0.5],
    ["a time without a zone is the customer's", "2026-06-02T10:00:00", "2026-06-01T15:00:00Z", "America/Chicago", 1],
    ["over a leap day", "2024-03-01", "2024-02-28T12:00:00Z", "UTC", 2],
  ];
  test.each(CASES)("%s", (_, to, now, zone, wanted) => {
    expect(daysUntil(time(to), at(now), zone)).toBe(wanted);
  });
});

describe("days until an anniversary", () => {
  test.each([
    ["on the day", "1990-06-01", "2026-06-01T15:00:00Z", "America/Chicago", 0],
    ["the day before", "1990-06-02", "2026-06-01T15:00:00Z", "America/Chicago", 1],
    ["the day after: next year", "1990-05-31", "2026-06-01T15:00:00Z", "America/Chicago", 364],
    ["over the end of the year", "1990-01-02", "2026-12-31T15:00:00Z", "America/Chicago", 2],
    ["29 February in a leap year", "2000-02-29", "2024-02-28T15:00:00Z", "America/Chicago", 1],
    ["29 February is kept on the 28th in others", "2000-02-29", "2026-02-28T15:00:00Z", "America/Chicago", 0],
    ["and is not on 1 March", "2000-02-29", "2026-03-01T15:00:00Z", "America/Chicago", 364],
    ["from a common year on into a leap year", "2000-02-29", "2027-03-01T15:00:00Z", "America/Chicago", 365],
    ["28 February stays the 28th in leap years", "2001-02-28", "2024-02-28T15:00:00Z", "America/Chicago", 0],
    ["a future date counts as well", "2030-06-03", "2026-06-01T15:00:00Z", "America/Chicago", 2],
    ["a time of day is its date in the zone", "1990-06-02T03:00:00Z", "2026-06-01T15:00:00Z", "America/Chicago", 0],
    ["the local day decides", "1990-06-02", "2026-06-01T11:00:00Z", "Pacific/Kiritimati", 0],
  ])("%s", (_, date, now, zone, wanted) => {
    expect(daysUntilAnniversary(time(date), at(now), zone)).toBe(wanted);
  });

  test("is at most a year away and never past", () => {
    const dates = fc
      .date({ noInvalidDate: true, min: new Date("1900-01-01"), max: new Date("2030-01-01") })
      .map((date) => date.toISOString().slice(0, 10));
    fc.assert(
      fc.property(dates, instants, zones, (date, now, zone) => {
        const days = daysUntilAnniversary(time(date), now, zone);
        expect(days >= 0 && days <= 365 && Number.isInteger(days)).toBe(true);
      }),
    );
  });
});

test.each([
  ["a date is its first instant in the zone", "2026-06-08", "America/Chicago", "2026-06-08T05:00:00Z"],
  ["a local time is read in the zone", "2026-06-08T10:00", "Asia/Kolkata", "2026-06-08T04:30:00Z"],
  ["an instant is what it is", "2026-06-08T10:00Z", "Asia/Kolkata", "2026-06-08T10:00:00Z"],
])("%s", (_, text, zone, wanted) => {
  expect(iso(resolveTime(time(text), zone))).toBe(wanted);
});

test("weekdays count from Monday", () => {
  const days = [0, 1, 2, 3, 4, 5, 6].map((day) => localTime(at("2026-06-01T12:00:00Z") + day * DAY, "UTC").weekday);
  expect(days).toEqual([1, 2, 3, 4, 5, 6, 7]);
});

describe("agrees with Temporal", () => {
  /** Every zone of this runtime that has changed its clocks on quarters of an hour only since 2012. */
  const all = new Set([...ZONES, ...Intl.supportedValuesOf("timeZone")].filter((zone) => zone !== "Antarctica/Casey"));
  const anyZone = fc.constantFrom(...all);
  const anyInstant = fc.integer({ min: at("2012-01-01T00:00:00Z"), max: at("2045-01-01T00:00:00Z") });
  const zoned = (instant: number, zone: string) => Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(zone);
  /** An instant, in half of the cases within three hours of the zone's next change of clocks. */
  const moments = fc
    .tuple(anyInstant, anyZone, fc.option(fc.integer({ min: -3 * HOUR, max: 3 * HOUR })))
    .map(([instant, zone, distance]) => {
      const change = distance === null ? null : zoned(instant, zone).getTimeZoneTransition("next");
      return { zone, instant: change === null ? instant : change.epochMilliseconds + (distance ?? 0) };
    });
  const localOf = (shown: number) => zoned(shown, "UTC").toPlainDateTime();
  /** The first instant that shows a local time, or the end of the gap that skips it. */
  function firstInstantOf(local: Temporal.PlainDateTime, zone: string): number | undefined {
    const earlier = local.toZonedDateTime(zone, { disambiguation: "earlier" });
    return (earlier.toPlainDateTime().equals(local) ? earlier : earlier.getTimeZoneTransition("next"))?.epochMilliseconds;
  }

  test("on offsets and on what clocks show", () => {
    fc.assert(
      fc.property(moments, ({ instant, zone }) => {
        const { year, month, day, hour, minute, dayOfWeek, offsetNanoseconds } = zoned(instant, zone);
        expect([offsetAt(instant, zone), localTime(instant, zone)]).toEqual([
          offsetNanoseconds / 1e6,
          { year, month, day, hour, minute, weekday: dayOfWeek },
        ]);
      }),
      { numRuns: 300 },
    );
  });

  test("on the instant of a local time: shown once, twice or never", () => {
    fc.assert(
      fc.property(moments, fc.integer({ min: -2 * HOUR, max: 2 * HOUR }), ({ instant, zone }, shift) => {
        const shown = instant + offsetAt(instant, zone) + shift;
        expect(instantOf(shown, zone)).toBe(firstInstantOf(localOf(shown), zone));
      }),
      { numRuns: 600 },
    );
  });

  test("on the first instant of a date, and of a week", () => {
    fc.assert(
      fc.property(moments, ({ instant, zone }) => {
        const date = zoned(instant, zone).toPlainDate();
        const startOf = (day: Temporal.PlainDate) => day.toZonedDateTime(zone).epochMilliseconds;
        expect(startOfDate({ year: date.year, month: date.month, day: date.day }, zone)).toBe(startOf(date));
        const monday = date.subtract({ days: date.dayOfWeek - 1 });
        expect(calendarWindow(instant, 1, zone)).toEqual({ start: startOf(date), end: startOf(date.add({ days: 1 })) });
        expect(calendarWindow(instant, 7, zone)).toEqual({ start: startOf(monday), end: startOf(monday.add({ days: 7 })) });
      }),
      { numRuns: 300 },
    );
  });
});
