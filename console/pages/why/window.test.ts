import { expect, test } from "vitest";
import { around, windowOf } from "./window.ts";

test.each([
  [
    "a day in Chicago",
    { from: "2026-09-01", to: "2026-09-01" },
    "America/Chicago",
    { from: "2026-09-01T05:00:00Z", to: "2026-09-02T04:59:59Z" },
  ],
  [
    "the day on which clocks go forward",
    { from: "2026-03-29", to: "2026-03-29" },
    "Europe/Berlin",
    { from: "2026-03-28T23:00:00Z", to: "2026-03-29T21:59:59Z" },
  ],
  [
    "the day on which clocks go back",
    { from: "2026-11-01", to: "2026-11-01" },
    "America/Chicago",
    { from: "2026-11-01T05:00:00Z", to: "2026-11-02T05:59:59Z" },
  ],
  ["UTC", { from: "2026-09-01" }, "UTC", { from: "2026-09-01T00:00:00Z", to: undefined }],
  ["nothing", {}, "UTC", { from: undefined, to: undefined }],
  ["what is no day", { from: "yesterday", to: "2026-13-45" }, "UTC", { from: undefined, to: undefined }],
])("%s", (_title, days, zone, wanted) => expect(windowOf(days, zone)).toEqual(wanted));

test("the days around a decision, as the reader's clocks show them", () => {
  expect(around("2026-09-13T03:00:00Z", "America/Chicago")).toEqual({ from: "2026-09-05", to: "2026-09-19" });
  expect(around("2026-09-13T03:00:00Z", "UTC")).toEqual({ from: "2026-09-06", to: "2026-09-20" });
});
