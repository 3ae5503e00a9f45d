import { expect, test } from "vitest";
import { pairsByWake } from "../../domain/deciding/compare-decisions.ts";
import type { Decision } from "../../domain/entities/decision.ts";
import { byTime, iso } from "../../domain/values/time.ts";
import { NOW } from "../../testing/builders.ts";
import { matrixOf } from "./matrix.ts";
import { gridOf } from "./matrix-words.ts";
import { movedRows } from "./moved-rows.ts";
import { recordedRows } from "./recorded-rows.ts";
import { RowSample } from "./row-sample.ts";
import { MOST_ROWS, MOST_ROWS_IN_ALL, type RowsByCell } from "./rows.ts";

const decided = (n: number, action: Decision["action"], more: Partial<Decision> = {}): Decision =>
  ({
    ...{ customerId: `c-${n}`, decidedAt: iso(NOW + n), action, reasons: [{ code: "eligible", decidedBy: "rule" }], deliveries: [] },
    wake: { kind: "signal", signalId: `${n}`, source: "s", type: "t" },
    ...more,
  }) as unknown as Decision;

const delivered = (n: number, experienceId: string, channel = "box"): Decision =>
  decided(n, "deliver", { experienceId, channel, deliveries: [{ deliveryId: `d-${n}`, channel, status: "sent", facts: {} }] });

const PAIRS = pairsByWake(
  [delivered(1, "hello"), delivered(2, "hello"), delivered(3, "hello"), decided(4, "silence")],
  [delivered(1, "hello"), delivered(2, "other"), decided(3, "silence"), decided(5, "defer")],
);

const rowsOf = (most = PAIRS): ReadonlyMap<string, RowsByCell[number][1]> =>
  new Map(
    recordedRows(most, {
      departmentOf: { against: () => "sales", with: () => undefined },
      decisionAt: (key) => (key.includes("c-3") ? "of the store" : undefined),
    }),
  );

test("recorded wakes by what was done at them: beside the diagonal all differ, on it those with another message", () => {
  expect(matrixOf(PAIRS)).toEqual([
    { against: "deliver", with: "deliver", count: 2, different: 1 },
    { against: "deliver", with: "silence", count: 1, different: 1 },
    { against: "silence", with: "none", count: 1, different: 1 },
    { against: "none", with: "defer", count: 1, different: 1 },
  ]);
  expect(gridOf(matrixOf(PAIRS))).toEqual({
    columns: ["deliver", "defer", "silence", "none"],
    rows: [
      { action: "deliver", counts: ["2 (1 of them otherwise)", "", "1", ""] },
      { action: "silence", counts: ["", "", "", "1"] },
      { action: "none", counts: ["", "1", "", ""] },
    ],
  });
});

test("a recorded row tells what both did at the wake, of which side it counts, and how the store decided", () => {
  const rows = rowsOf();
  expect(rows.get("deliver>silence")).toEqual([
    {
      ...{ customerId: "c-3", at: iso(NOW + 3), side: "both", decisionId: "of the store" },
      against: { action: "deliver", experienceId: "hello", channel: "box", codes: ["eligible"] },
      with: { action: "silence", codes: ["eligible"] },
    },
  ]);
  const sides = (cell: string) => rows.get(cell)?.map(({ customerId, side }) => [customerId, side]);
  expect(sides("deliveries")).toEqual([
    ["c-1", "both"],
    ["c-2", "both"],
    ["c-3", "against"],
  ]);
  expect(sides("byExperience:hello")).toEqual([
    ["c-1", "both"],
    ["c-2", "against"],
    ["c-3", "against"],
  ]);
  expect(sides("byDepartment:none")?.length).toBe(2);
  expect(sides("silences:eligible")).toEqual([
    ["c-3", "with"],
    ["c-4", "against"],
  ]);
});

test("of more rows than are kept of a cell and side the same sample is told, in whatever order they came", () => {
  const wakes = Array.from({ length: 5 * MOST_ROWS }, (_, n) => ({
    ...{ wake: `c-${n}`, id: `${n}` },
    row: { customerId: `c-${n}`, at: iso(NOW + n), side: n % 2 === 0 ? "against" : "with" } as const,
  }));
  const kept = (all: typeof wakes) => {
    const sample = new RowSample();
    for (const one of all) sample.add("cell", one);
    return sample.rows();
  };
  const [[, rows] = ["", []]] = kept(wakes);
  expect(kept([...wakes].reverse())).toEqual([["cell", rows]]);
  expect([rows.length, rows.filter(({ side }) => side === "with").length]).toEqual([2 * MOST_ROWS, MOST_ROWS]);
  expect(rows.toSorted((a, b) => byTime(a.at, b.at))).toEqual(rows);
  expect(rows.filter(({ at }) => Date.parse(at) < NOW + wakes.length / 2).length).toBeGreaterThan(MOST_ROWS / 2);
});

test("rows of one second are in order of time", () => {
  const sample = new RowSample();
  const times = [500, 0, 1_000, 1].map((ms) => iso(Date.UTC(2026, 5, 1) + ms));
  for (const [n, at] of times.entries()) sample.add("cell", { wake: `${n}`, id: `${n}`, row: { customerId: `c-${n}`, at, side: "with" } });
  expect(sample.rows().flatMap(([, rows]) => rows.map(({ customerId }) => customerId))).toEqual(["c-1", "c-3", "c-0", "c-2"]);
});

test("of too many rows in all every cell that has many keeps fewer, and one that has few keeps them", () => {
  const sample = new RowSample();
  const cells = (2 * MOST_ROWS_IN_ALL) / MOST_ROWS;
  const add = (cell: string, n: number) =>
    sample.add(cell, { wake: `c-${n}`, id: `${n}`, row: { customerId: `c-${n}`, at: iso(NOW + n), side: "with" } });
  for (let cell = 0; cell < cells; cell++) for (let n = 0; n < MOST_ROWS; n++) add(`byExperience:${cell}`, n);
  for (let n = 0; n < 10; n++) add("nothing", n);
  const rows = sample.rows();
  const sizes = rows.map(([, of]) => of.length);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(MOST_ROWS_IN_ALL);
  expect([new Set(sizes), rows.at(-1)?.[1].length]).toEqual([new Set([MOST_ROWS / 2 - 1, 10]), 10]);
});

test("who is left out, or reached, is a row with the share of paths on both sides, and the rule where it is more", () => {
  const moved = { customerId: "c-1", against: 0.25, with: 0.75, rule: "holdout" };
  const [[, leftOut] = [], [, reached] = []] = movedRows({ leftOut: [moved], reached: [{ ...moved, against: 1 }] }, iso(NOW));
  const sides = (all: RowsByCell[number][1] = []) =>
    all.map((row) => [row.against?.share, row.against?.codes, row.with?.share, row.with?.codes]);
  expect([...sides(leftOut), ...sides(reached)]).toEqual([
    [0.25, [], 0.75, ["holdout"]],
    [1, ["holdout"], 0.75, []],
  ]);
  expect(leftOut?.[0]).toMatchObject({ customerId: "c-1", side: "both", simulated: true });
});
