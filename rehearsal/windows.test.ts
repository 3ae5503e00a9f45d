import { expect, test } from "vitest";
import { DAY } from "../domain/values/time.ts";
import { cameAnyway } from "./windows.ts";

const PERIOD = { from: 0, until: 100 * DAY, zone: "UTC" };

test("as much comes anyway in windows as their length and her own rate say; windows that overlap count once", () => {
  const window = { customerId: "often", from: 0, until: 10 * DAY };
  const outside = Array.from({ length: 90 }, () => ({ customerId: "often" }));
  // 90 came in 90 days outside: 10 in ten days.
  expect(cameAnyway([window], outside, PERIOD)).toBeCloseTo(10, 1);
  expect(cameAnyway([window, { ...window, from: 5 * DAY }], outside, PERIOD)).toBeCloseTo(10, 1);
  expect(cameAnyway([window, { ...window, until: 20 * DAY }], outside, PERIOD)).toBeGreaterThan(19);
});

test("who was never seen outside of windows comes in them as others do, by one signal; where nobody was, nothing comes", () => {
  const windows = [{ customerId: "silent", from: 0, until: 50 * DAY }];
  const outside = [{ customerId: "other" }, { customerId: "other" }, { customerId: "other" }];
  // Everyone's rate is 3 in 150 days: (0 + 1) in 50 + 50 days.
  expect(cameAnyway(windows, outside, PERIOD)).toBeCloseTo(0.5, 6);
  expect(cameAnyway(windows, [], PERIOD)).toBe(0);
});
