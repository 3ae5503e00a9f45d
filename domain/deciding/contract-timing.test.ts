import { describe, expect, test } from "vitest";
import { type Scenario, tell } from "../../testing/tell.ts";

const check = ({ name: _, wanted, ...given }: Scenario) => expect(tell(given)).toEqual(wanted);

const quiet = (from: string, to: string): string => `governance: {quietHours: [{from: "${from}", to: "${to}"}]}`;
const NIGHT = quiet("21:00", "08:00");
const capped = (cap: string): string => `governance: {caps: [{id: c, ${cap}}]}`;
const WEEKLY = capped("max: 1, window: 7d");

describe("a moment is open", () => {
  const HOUR_LONG = { settings: "moments: {m: {on: go, expires: 1h}}", experiences: [`eligibility: ["count('x', '1h') > 0"]`] };
  const SILENT = "06-01 15:00 silence: ineligible";
  const CASES: Scenario[] = [
    {
      name: "until the last instant before it expires",
      ...HOUR_LONG,
      signals: [
        ["06-01 15:00", "go"],
        ["06-01 15:59:59.999", "x"],
      ],
      wanted: [SILENT, "06-01 15:59:59.999 deliver e@box"],
    },
    {
      name: "and not at the instant at which it expires",
      ...HOUR_LONG,
      signals: [
        ["06-01 15:00", "go"],
        ["06-01 16:00", "x"],
      ],
      wanted: [SILENT],
    },
    {
      name: "no longer because its signal comes again",
      ...HOUR_LONG,
      signals: [
        ["06-01 15:00", "go"],
        ["06-01 15:30", "go"],
        ["06-01 16:15", "x"],
      ],
      wanted: [SILENT],
    },
    {
      name: "again when its signal comes after it has expired",
      ...HOUR_LONG,
      signals: [
        ["06-01 15:00", "go"],
        ["06-01 16:00", "go"],
        ["06-01 16:59", "x"],
      ],
      wanted: [SILENT, "06-01 16:00 silence: ineligible", "06-01 16:59 deliver e@box"],
    },
    {
      name: "from its signal's own time, when that is late news",
      ...HOUR_LONG,
      signals: [
        ["06-01 15:30", "other"],
        ["06-01 15:00", "go"],
        ["06-01 16:00", "x"],
      ],
      wanted: ["06-01 15:30 silence: ineligible"],
    },
    {
      name: "not at all when that time is over",
      ...HOUR_LONG,
      signals: [
        ["06-01 16:00", "other"],
        ["06-01 15:00", "go"],
        ["06-01 16:00", "x"],
      ],
      wanted: [],
    },
    {
      name: "for days of 24 hours, also where clocks change",
      settings: "moments: {m: {on: go, expires: 1d}}",
      experiences: [`eligibility: ["count('x', '1h') > 0"]`],
      signals: [
        ["03-07 18:00", "go"],
        ["03-08 17:59", "x"],
      ],
      wanted: ["03-07 18:00 silence: ineligible", "03-08 17:59 deliver e@box"],
    },
  ];
  test.each(CASES)("$name", check);
});

describe("quiet hours", () => {
  const at = (time: string, wanted: string[], rest: Partial<Scenario> = {}) => ({
    settings: NIGHT,
    signals: [[time, "go"] as const],
    until: "12-31 00:00",
    wanted,
    ...rest,
  });
  const CASES: Scenario[] = [
    {
      name: "include the time they begin",
      ...at("06-02 02:00", ["06-02 02:00 defer e@box until 06-02 13:00: quiet_hours", "06-02 13:00 deliver e@box"]),
    },
    { name: "do not hold the second before", ...at("06-02 01:59:59", ["06-02 01:59:59 deliver e@box"]) },
    {
      name: "hold the last second",
      ...at("06-02 12:59:59", ["06-02 12:59:59 defer e@box until 06-02 13:00: quiet_hours", "06-02 13:00 deliver e@box"]),
    },
    { name: "exclude the time they end", ...at("06-02 13:00", ["06-02 13:00 deliver e@box"]) },
    {
      name: "are an hour shorter in the night clocks go forward",
      ...at("03-08 03:00", ["03-08 03:00 defer e@box until 03-08 13:00: quiet_hours", "03-08 13:00 deliver e@box"]),
    },
    {
      name: "and an hour longer when they go back",
      ...at("11-01 02:00", ["11-01 02:00 defer e@box until 11-01 14:00: quiet_hours", "11-01 14:00 deliver e@box"]),
    },
    {
      name: "that end in the hour that is skipped end after it",
      ...at("03-08 07:00", ["03-08 07:00 defer e@box until 03-08 08:00: quiet_hours", "03-08 08:00 deliver e@box"], {
        settings: quiet("21:00", "02:30"),
      }),
    },
    {
      name: "that end in the hour that comes twice end twice",
      ...at("11-01 07:00", ["11-01 07:00 defer e@box until 11-01 07:30: quiet_hours", "11-01 07:30 deliver e@box"], {
        settings: quiet("21:00", "01:30"),
      }),
    },
    {
      name: "within one day",
      ...at("06-01 17:00", ["06-01 17:00 defer e@box until 06-01 18:00: quiet_hours", "06-01 18:00 deliver e@box"], {
        settings: quiet("12:00", "13:00"),
      }),
    },
    {
      name: "go by the customer's own zone",
      ...at("06-01 12:00", ["06-01 12:00 defer e@box until 06-01 23:00: quiet_hours", "06-01 23:00 deliver e@box"], {
        customer: { traits: { timezone: "Asia/Tokyo" } },
      }),
    },
    {
      name: "also by one that the signal itself brings",
      settings: NIGHT,
      signals: [["06-01 15:00", "go", { traits: { timezone: "Asia/Tokyo" } }]],
      wanted: ["06-01 15:00 defer e@box until 06-01 23:00: quiet_hours"],
    },
    {
      name: "that last as long as the moment lead to silence",
      ...at("06-02 02:00", ["06-02 02:00 silence: quiet_hours"], { settings: `${NIGHT}\nmoments: {m: {on: go, expires: 11h}}` }),
    },
    {
      name: "and to a later try when it lasts a minute longer",
      ...at("06-02 02:00", ["06-02 02:00 defer e@box until 06-02 13:00: quiet_hours", "06-02 13:00 deliver e@box"], {
        settings: `${NIGHT}\nmoments: {m: {on: go, expires: 661m}}`,
      }),
    },
    {
      name: "do not hold what is transactional",
      ...at("06-02 02:00", ["06-02 02:00 deliver e@box"], { experiences: ["transactional: true"] }),
    },
    {
      name: "do not hold a task",
      ...at("06-02 02:00", ["06-02 02:00 deliver e@desk"], {
        settings: `${NIGHT}\nchannels: {desk: {kind: human}}`,
        experiences: ["channels: {desk: {summary: Call}}"],
      }),
    },
    {
      name: "hold a task where they name its channel",
      ...at("06-02 02:00", ["06-02 02:00 defer e@desk until 06-02 13:00: quiet_hours", "06-02 13:00 deliver e@desk"], {
        settings: `channels: {desk: {kind: human}}\ngovernance: {quietHours: [{channels: [desk], from: "21:00", to: "08:00"}]}`,
        experiences: ["channels: {desk: {summary: Call}}"],
      }),
    },
    {
      name: "of one channel leave the others alone",
      ...at("06-02 02:00", ["06-02 02:00 deliver e@hook"], {
        settings: `channels: {box: {kind: file}, hook: {kind: webhook}}\ngovernance: {quietHours: [{channels: [box], from: "21:00", to: "08:00"}]}`,
        experiences: ["channels: {box: {text: Hi}, hook: {payload: {a: 1}}}"],
      }),
    },
  ];
  test.each(CASES)("$name", check);
});

describe("caps", () => {
  const CASES: Scenario[] = [
    {
      name: "count contacts by humans",
      settings: WEEKLY,
      signals: [
        ["06-01 15:00", "human.touch", { kind: "call" }],
        ["06-02 15:00", "go"],
      ],
      until: "06-30 00:00",
      wanted: ["06-02 15:00 defer e@box until 06-08 15:00: cap_reached", "06-08 15:00 deliver e@box"],
    },
    {
      name: "no longer count what is exactly as old as the window",
      settings: WEEKLY,
      signals: [
        ["06-01 15:00", "human.touch"],
        ["06-08 15:00", "go"],
      ],
      wanted: ["06-08 15:00 deliver e@box"],
    },
    {
      name: "still count what is a millisecond younger",
      settings: WEEKLY,
      signals: [
        ["06-01 15:00:00.001", "human.touch"],
        ["06-08 15:00", "go"],
      ],
      wanted: ["06-08 15:00 defer e@box until 06-08 15:00:00.001: cap_reached"],
    },
    {
      name: "have room again when the oldest of two leaves",
      settings: capped("max: 2, window: 7d"),
      signals: [
        ["06-01 15:00", "human.touch"],
        ["06-03 15:00", "human.touch"],
        ["06-04 15:00", "go"],
      ],
      wanted: ["06-04 15:00 defer e@box until 06-08 15:00: cap_reached"],
    },
    {
      name: "never prevent a visit: there may be more touches than they allow",
      settings: WEEKLY,
      signals: [
        ["06-01 15:00", "human.touch"],
        ["06-03 15:00", "human.touch"],
        ["06-04 15:00", "go"],
      ],
      wanted: ["06-04 15:00 defer e@box until 06-10 15:00: cap_reached"],
    },
    {
      name: "count our own deliveries: a gap between messages is a cap",
      settings: `${capped("max: 1, window: 24h")}\nmoments: {m: {on: go, expires: 30d}, n: {on: come, expires: 30d}}`,
      experiences: ["", "id: f\nserves: [n]"],
      signals: [
        ["06-01 15:00", "go"],
        ["06-01 15:00", "come"],
      ],
      until: "06-30 00:00",
      wanted: ["06-01 15:00 deliver e@box", "06-01 15:00 defer f@box until 06-02 15:00: cap_reached", "06-02 15:00 deliver f@box"],
    },
    {
      name: "do not count a task, and do not hold one",
      settings: `${capped("max: 1, window: 24h")}
        moments: {m: {on: go, expires: 30d}, n: {on: come, expires: 30d}}
        channels: {desk: {kind: human}}`.replace(/\n +/g, "\n"),
      experiences: ["channels: {desk: {summary: Call}}", "id: f\nserves: [n]\nchannels: {desk: {summary: Call}}"],
      signals: [
        ["06-01 15:00", "go"],
        ["06-01 15:01", "come"],
      ],
      wanted: ["06-01 15:00 deliver e@desk", "06-01 15:01 deliver f@desk"],
    },
    {
      name: "do not hold what is transactional, which counts for others",
      settings: `${capped("max: 1, window: 24h")}\nmoments: {m: {on: go, expires: 30d}, n: {on: come, expires: 30d}}`,
      experiences: ["transactional: true", "id: f\nserves: [n]"],
      signals: [
        ["06-01 14:00", "human.touch"],
        ["06-01 15:00", "go"],
        ["06-01 16:00", "come"],
      ],
      wanted: ["06-01 15:00 deliver e@box", "06-01 16:00 defer f@box until 06-02 15:00: cap_reached"],
    },
    {
      name: "of a channel count that channel alone",
      settings: capped("channel: box, max: 1, window: 7d"),
      signals: [
        ["06-01 14:00", "human.touch", { kind: "chat" }],
        ["06-01 15:00", "go"],
      ],
      wanted: ["06-01 15:00 deliver e@box"],
    },
    {
      name: "of a department hold that department alone",
      settings: `${capped("department: sales, max: 0, window: 7d")}`,
      experiences: ["department: sales\nvalue: 9", "id: f\ndepartment: service"],
      signals: [["06-01 15:00", "go"]],
      wanted: ["06-01 15:00 deliver f@box"],
    },
    {
      name: "of nought never have room",
      settings: capped("max: 0, window: 7d"),
      signals: [["06-01 15:00", "go"]],
      wanted: ["06-01 15:00 silence: cap_reached"],
    },
    {
      name: "and quiet hours together end when neither holds any more",
      settings: `governance: {caps: [{id: c, max: 1, window: 24h}], quietHours: [{from: "21:00", to: "08:00"}]}`,
      signals: [
        ["06-01 03:00", "human.touch"],
        ["06-01 20:00", "go"],
      ],
      until: "06-30 00:00",
      wanted: [
        "06-01 20:00 defer e@box until 06-02 13:00: cap_reached",
        "06-02 03:00 defer e@box until 06-02 13:00: quiet_hours",
        "06-02 13:00 deliver e@box",
      ],
    },
  ];
  test.each(CASES)("$name", check);
});

describe("caps by the calendar", () => {
  const following = (touch: string, go: string, wanted: string, cap = "max: 1, window: 1d, calendar: true") => ({
    settings: capped(cap),
    signals: [[touch, "human.touch"] as const, [go, "go"] as const],
    wanted: [`${go} ${wanted}`],
  });
  const WEEK = "max: 1, window: 7d, calendar: true";
  const CASES: Scenario[] = [
    {
      name: "have room at the customer's midnight",
      ...following("06-01 14:00", "06-01 15:00", "defer e@box until 06-02 05:00: cap_reached"),
    },
    { name: "count from midnight on", ...following("06-01 05:00", "06-02 04:59", "defer e@box until 06-02 05:00: cap_reached") },
    { name: "and not what was before it", ...following("06-01 04:59", "06-01 05:00", "deliver e@box") },
    { name: "count a day of 25 hours as one", ...following("11-01 05:00", "11-02 05:30", "defer e@box until 11-02 06:00: cap_reached") },
    { name: "begin the week on Monday", ...following("06-01 04:59", "06-01 05:00", "deliver e@box", WEEK) },
    {
      name: "have room on the next Monday",
      ...following("06-01 05:00", "06-03 15:00", "defer e@box until 06-08 05:00: cap_reached", WEEK),
    },
    {
      name: "count Monday's touches on Sunday",
      ...following("06-01 05:00", "06-08 04:59", "defer e@box until 06-08 05:00: cap_reached", WEEK),
    },
  ];
  test.each(CASES)("$name", check);

  test("go by the customer's own zone", () => {
    const customer = { traits: { timezone: "Pacific/Auckland" } };
    const { settings, signals } = following("06-01 11:00", "06-01 11:30", "");
    expect(tell({ settings, signals, customer })).toEqual(["06-01 11:30 defer e@box until 06-01 12:00: cap_reached"]);
  });
});
