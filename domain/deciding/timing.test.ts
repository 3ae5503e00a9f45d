import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aTouch, at, NOW } from "../../testing/builders.ts";
import type { Touch } from "../entities/customer.ts";
import type { Cap, QuietHours } from "../entities/policy.ts";
import { DAY, HOUR, type Instant, iso, MINUTE } from "../values/time.ts";
import { firstFree, type Hold, heldByCaps, heldByLimits, heldByQuietHours, type Limits, parseTimeOfDay } from "./timing.ts";

const CHICAGO = "America/Chicago";
const told = (holds: readonly Hold[]) => holds.map(({ code, retryAt }) => [code, retryAt === undefined ? "never" : iso(retryAt)]);
const cap = (given: Partial<Cap> = {}): Cap => ({ id: "weekly", max: 1, window: 7 * DAY, calendar: false, ...given });
const ago = (...spans: number[]): Touch[] => spans.map((span) => aTouch({ at: NOW - span, channel: "sms", department: "sales" }));

describe("rolling caps", () => {
  const CASES: { name: string; caps: Cap[]; touches: Touch[]; until?: string[]; channel?: string; department?: string }[] = [
    { name: "room is left", caps: [cap({ max: 2 })], touches: ago(DAY) },
    { name: "no touch at all", caps: [cap()], touches: [] },
    { name: "full until the one touch is as old as the window", caps: [cap()], touches: ago(DAY), until: ["2026-06-07T15:00:00Z"] },
    { name: "a touch as old as the window no longer counts", caps: [cap()], touches: ago(7 * DAY) },
    { name: "one that is a millisecond younger does", caps: [cap()], touches: ago(7 * DAY - 1), until: ["2026-06-01T15:00:00.001Z"] },
    { name: "a touch of this instant counts", caps: [cap()], touches: ago(0), until: ["2026-06-08T15:00:00Z"] },
    {
      name: "with three of two used, when the second youngest leaves",
      caps: [cap({ max: 2 })],
      touches: ago(3 * DAY, DAY, 2 * DAY),
      until: ["2026-06-06T15:00:00Z"],
    },
    { name: "max 0 never has room", caps: [cap({ max: 0 })], touches: [], until: ["never"] },
    {
      name: "touches of other channels do not fill a channel's cap",
      caps: [cap({ channel: "sms" })],
      touches: [aTouch({ channel: "email" })],
    },
    { name: "a channel's cap does not hold other channels", caps: [cap({ channel: "sms" })], touches: ago(DAY), channel: "email" },
    {
      name: "touches of other departments do not fill a department's cap",
      caps: [cap({ department: "marketing" })],
      touches: ago(DAY),
      department: "marketing",
    },
    {
      name: "a department's cap does not hold other departments",
      caps: [cap({ department: "sales" })],
      touches: ago(DAY),
      department: "service",
    },
    { name: "nor those of no department", caps: [cap({ department: "sales" })], touches: ago(DAY), department: "" },
    {
      name: "a cap of a channel and a department counts touches of both",
      caps: [cap({ channel: "sms", department: "service" })],
      touches: ago(DAY),
      department: "service",
    },
    {
      name: "visits, calls and chats count",
      caps: [cap({ max: 3 })],
      touches: [
        aTouch({ kind: "visit", channel: "visit" }),
        aTouch({ kind: "call", channel: "call" }),
        aTouch({ kind: "chat", channel: "chat" }),
      ],
      until: ["2026-06-08T15:00:00Z"],
    },
    {
      name: "every cap that is full says so",
      caps: [cap(), cap({ id: "gap", window: DAY })],
      touches: ago(HOUR),
      until: ["2026-06-08T14:00:00Z", "2026-06-02T14:00:00Z"],
    },
  ];
  test.each(CASES)("$name", ({ caps, touches, until = [], channel = "sms", department = "sales" }) => {
    const slot = { channel, department: department === "" ? undefined : department };
    expect(told(heldByCaps(caps, touches, slot, NOW, CHICAGO))).toEqual(until.map((when) => ["cap_reached", when]));
  });

  test("states which cap applies, where, and how much of it is used", () => {
    const [hold] = heldByCaps(
      [cap({ channel: "sms", department: "sales" })],
      ago(HOUR, DAY),
      { channel: "sms", department: "sales" },
      NOW,
      CHICAGO,
    );
    expect(hold?.detail).toBe("weekly: 1 in 7d (sms, sales), 2 used");
  });
});

describe("calendar caps", () => {
  const daily = cap({ window: DAY, calendar: true });
  const weekly = cap({ calendar: true });
  test.each<[string, Cap, string[], string, string, string[]]>([
    ["a touch of today", daily, ["2026-06-01T14:00:00Z"], "2026-06-01T15:00:00Z", CHICAGO, ["2026-06-02T05:00:00Z"]],
    [
      "the first instant of the day belongs to it",
      daily,
      ["2026-06-01T05:00:00Z"],
      "2026-06-01T15:00:00Z",
      CHICAGO,
      ["2026-06-02T05:00:00Z"],
    ],
    ["yesterday's last does not", daily, ["2026-06-01T04:59:59.999Z"], "2026-06-01T15:00:00Z", CHICAGO, []],
    ["the customer's day, not the server's", daily, ["2026-06-01T04:00:00Z"], "2026-06-01T04:30:00Z", CHICAGO, ["2026-06-01T05:00:00Z"]],
    ["in the far east", daily, ["2026-06-01T10:00:00Z"], "2026-06-01T15:00:00Z", "Pacific/Kiritimati", ["2026-06-02T10:00:00Z"]],
    ["a day of 25 hours ends after them", daily, ["2026-11-01T05:30:00Z"], "2026-11-02T05:30:00Z", CHICAGO, ["2026-11-02T06:00:00Z"]],
    [
      "Sunday belongs to the week of the Monday before",
      weekly,
      ["2026-06-01T15:00:00Z"],
      "2026-06-07T15:00:00Z",
      CHICAGO,
      ["2026-06-08T05:00:00Z"],
    ],
    ["Monday begins another", weekly, ["2026-06-07T15:00:00Z"], "2026-06-08T15:00:00Z", CHICAGO, []],
    ["max 0 never has room", cap({ max: 0, window: DAY, calendar: true }), [], "2026-06-01T15:00:00Z", CHICAGO, ["never"]],
  ])("%s", (_, given, touches, now, zone, until) => {
    const made = touches.map((when) => aTouch({ at: at(when) }));
    expect(told(heldByCaps([given], made, { channel: "box" }, at(now), zone))).toEqual(until.map((when) => ["cap_reached", when]));
  });
});

describe("quiet hours", () => {
  const night: QuietHours = { from: 21 * 60, to: 8 * 60 };
  const noon: QuietHours = { from: 12 * 60, to: 13 * 60 + 30 };
  test.each<[string, QuietHours, string, string, string | undefined]>([
    ["in the morning", night, "2026-06-01T15:00:00Z", CHICAGO, undefined],
    ["they include where they begin", night, "2026-06-02T02:00:00Z", CHICAGO, "2026-06-02T13:00:00Z"],
    ["not the millisecond before", night, "2026-06-02T01:59:59.999Z", CHICAGO, undefined],
    ["over midnight", night, "2026-06-02T07:00:00Z", CHICAGO, "2026-06-02T13:00:00Z"],
    ["they exclude where they end", night, "2026-06-02T13:00:00Z", CHICAGO, undefined],
    ["up to the millisecond before", night, "2026-06-02T12:59:59.999Z", CHICAGO, "2026-06-02T13:00:00Z"],
    ["within a day", noon, "2026-06-01T17:30:00Z", CHICAGO, "2026-06-01T18:30:00Z"],
    ["within a day, before", noon, "2026-06-01T16:59:00Z", CHICAGO, undefined],
    ["in a zone of half hours", night, "2026-06-01T15:30:00Z", "Asia/Kolkata", "2026-06-02T02:30:00Z"],
    ["far east", night, "2026-06-01T07:00:00Z", "Pacific/Kiritimati", "2026-06-01T18:00:00Z"],
    ["a night that is an hour shorter", night, "2026-03-08T06:00:00Z", CHICAGO, "2026-03-08T13:00:00Z"],
    ["a night that is an hour longer", night, "2026-11-01T05:00:00Z", CHICAGO, "2026-11-01T14:00:00Z"],
    ["an end that clocks skip", { from: 22 * 60, to: 150 }, "2026-03-08T06:00:00Z", CHICAGO, "2026-03-08T08:00:00Z"],
    ["an end that clocks show twice, before the first", { from: 22 * 60, to: 90 }, "2026-11-01T06:00:00Z", CHICAGO, "2026-11-01T06:30:00Z"],
    [
      "an end that clocks show twice, before the second",
      { from: 22 * 60, to: 90 },
      "2026-11-01T07:10:00Z",
      CHICAGO,
      "2026-11-01T07:30:00Z",
    ],
    ["midnight that clocks skip", { from: 22 * 60, to: 0 }, "2026-03-08T04:00:00Z", "America/Havana", "2026-03-08T05:00:00Z"],
  ])("%s", (_, quiet, now, zone, until) => {
    const [hold] = heldByQuietHours([quiet], "sms", at(now), { zone, zoneIsOwn: true });
    expect(hold?.retryAt === undefined ? undefined : iso(hold.retryAt)).toBe(until);
  });

  test.each([
    ["of the channel", ["sms"], 1],
    ["of other channels", ["push", "call"], 0],
    ["of no channel in particular", undefined, 1],
  ])("quiet hours %s", (_, channels, wanted) => {
    const quiet = { ...night, ...(channels ? { channels } : {}) };
    expect(heldByQuietHours([quiet], "sms", at("2026-06-02T03:00:00Z"), { zone: CHICAGO, zoneIsOwn: true })).toHaveLength(wanted);
  });

  test("a zone that is not the customer's own is named as such", () => {
    const detail = (zoneIsOwn: boolean, unknown = {}) =>
      heldByQuietHours([night], "sms", at("2026-06-02T03:00:00Z"), { zone: CHICAGO, zoneIsOwn, ...unknown })[0]?.detail;
    expect(detail(true)).toBe("21:00-08:00 America/Chicago");
    expect(detail(false)).toBe("21:00-08:00 America/Chicago (the workspace's zone: the customer has none)");
    expect(detail(false, { unknownZone: "Mars" })).toBe(
      '21:00-08:00 America/Chicago (time zone "Mars" is unknown; the workspace\'s is used)',
    );
  });

  test.each([
    ["00:00", 0],
    ["08:05", 485],
    ["23:59", 1439],
    ["24:00", undefined],
    ["8:00", undefined],
    ["08:60", undefined],
    ["0800", undefined],
  ])("%s is %j minutes after midnight", (text, wanted) => {
    expect(parseTimeOfDay(text)).toBe(wanted);
  });
});

describe("limits", () => {
  test.each<[string, Limits, number[], number, string[]]>([
    ["room is left", { perCustomer: 2, window: 30 * DAY }, [DAY], 0, []],
    ["used up until the first leaves the window", { perCustomer: 1, window: 30 * DAY }, [DAY], 0, ["2026-06-30T15:00:00Z"]],
    ["as old as the window no longer counts", { perCustomer: 1, window: 30 * DAY }, [30 * DAY], 0, []],
    ["without a window for ever", { perCustomer: 1 }, [1000 * DAY], 0, ["never"]],
    ["none at all", { perCustomer: 0, window: DAY }, [], 0, ["never"]],
    ["in total", { total: 5 }, [], 5, ["never"]],
    ["room in total", { total: 5 }, [], 4, []],
    ["both", { perCustomer: 1, window: DAY, total: 1 }, [HOUR], 1, ["2026-06-02T14:00:00Z", "never"]],
    ["no limit", {}, [HOUR, HOUR], 1000, []],
  ])("%s", (_, limits, used, total, until) => {
    const times = used.map((span) => NOW - span);
    expect(told(heldByLimits(limits, times, total, NOW))).toEqual(until.map((when) => ["limit_reached", when]));
  });
});

describe("the first instant at which nothing timed holds", () => {
  const spans = fc
    .array(fc.integer({ min: 0, max: 20 * 24 * 60 }), { maxLength: 8 })
    .map((given) => given.map((minutes) => NOW - minutes * MINUTE));
  const caps = fc.array(
    fc.record({
      id: fc.constantFrom("a", "b"),
      max: fc.integer({ min: 1, max: 4 }),
      window: fc.constantFrom(DAY, 3 * DAY, 7 * DAY),
      calendar: fc.boolean(),
    }),
    { maxLength: 3 },
  );
  const quietHours = fc.array(
    // The evening and the morning leave some of the day: otherwise there may be no such instant.
    fc.record({ from: fc.integer({ min: 18 * 60, max: 1439 }), to: fc.integer({ min: 1, max: 10 * 60 }) }),
    { maxLength: 2 },
  );
  const limits = fc.record({ perCustomer: fc.integer({ min: 1, max: 3 }), window: fc.constantFrom(DAY, 5 * DAY) });
  const zones = fc.constantFrom(CHICAGO, "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Kiritimati");
  const starts = fc.constantFrom(NOW, at("2026-03-07T15:00:00Z"), at("2026-10-31T15:00:00Z"), at("2026-04-04T10:00:00Z"));

  test("nothing holds then, and something does at every minute before", () => {
    fc.assert(
      fc.property(starts, spans, caps, quietHours, limits, zones, (start, times, givenCaps, quiet, limit, zone) => {
        const used = times.map((time) => time - NOW + start);
        const touches = used.map((time) => aTouch({ at: time }));
        const legal = givenCaps.map((one) => (one.calendar ? { ...one, window: one.window === DAY ? DAY : 7 * DAY } : one));
        const holdsAt = (when: Instant): Hold[] => [
          ...heldByCaps(legal, touches, { channel: "box" }, when, zone),
          ...heldByQuietHours(quiet, "box", when, { zone, zoneIsOwn: true }),
          ...heldByLimits(limit, used, 0, when),
        ];
        const free = firstFree(start, holdsAt) ?? expect.fail("there is such an instant");
        expect(holdsAt(free)).toEqual([]);
        if (free > start) expect(holdsAt(free - 1)).not.toEqual([]);
        for (let when = start; when < free; when += 7 * MINUTE) expect(holdsAt(when).length, iso(when)).toBeGreaterThan(0);
      }),
      { numRuns: 150 },
    );
  });

  test.each<[string, (when: Instant) => Hold[], string | undefined]>([
    ["now, where nothing holds", () => [], "2026-06-01T15:00:00Z"],
    ["never, where a hold without an end applies", () => [{ code: "suppressed", detail: "" }], undefined],
    [
      "never, where such a hold begins on the way",
      (when) => (when === NOW ? [{ code: "cap_reached", detail: "", retryAt: NOW + DAY }] : [{ code: "limit_reached", detail: "" }]),
      undefined,
    ],
    ["never, where the rules leave no gap", (when) => [{ code: "quiet_hours", detail: "", retryAt: when + HOUR }], undefined],
    [
      "when the last of several ends",
      (when) =>
        ([2, 5] as const).flatMap((days) =>
          when < NOW + days * DAY ? [{ code: "cap_reached", detail: "", retryAt: NOW + days * DAY }] : [],
        ),
      "2026-06-06T15:00:00Z",
    ],
  ])("is %s", (_, holdsAt, wanted) => {
    const free = firstFree(NOW, holdsAt);
    expect(free === undefined ? undefined : iso(free)).toBe(wanted);
  });

  test("quiet hours that leave no gap are reported as such", () => {
    const always: QuietHours[] = [
      { from: 0, to: 12 * 60 },
      { from: 12 * 60, to: 0 },
    ];
    expect(firstFree(NOW, (when) => heldByQuietHours(always, "box", when, { zone: CHICAGO, zoneIsOwn: true }))).toBeUndefined();
  });
});
