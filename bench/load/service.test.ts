import { expect, test } from "vitest";
import { rowsOf } from "./service.ts";
import type { Measured } from "./service-under-load.ts";

const measured = (rate: number): Measured => ({
  ...{ rate, waits: [1], steady: { rate: 400, waits: [1] }, disk: [1], memoryMb: 1, missing: 0, twice: 0 },
  cpu: { app: 1, postgres: 0, redis: 0 },
});

test("each subject is set beside the limit, and ours on servers beside plain BullMQ", () => {
  const rows = rowsOf(
    new Map([
      ["postgres+redis", measured(1_600)],
      ["limit", measured(12_800)],
      ["plain-bullmq", measured(3_200)],
    ]),
  );
  expect(rows.map(([name, rate, share]) => [name, rate, share]).slice(1)).toEqual([
    ["postgres+redis", "1600", "0.13"],
    ["limit", "12800", "1.00"],
    ["plain-bullmq", "3200", "0.25"],
    ["postgres+redis / plain-bullmq", "0.50 ×", undefined],
  ]);
});

test("without Redis nothing is said of BullMQ", () => {
  expect(rowsOf(new Map([["embedded", measured(1_000)]])).map(([name, , share]) => [name, share])).toEqual([
    ["", "of the limit"],
    ["embedded", "unknown"],
  ]);
});
