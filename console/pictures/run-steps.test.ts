import { describe, expect, test } from "vitest";
import { layoutSteps, msWords } from "./run-steps.layout.ts";

const STEPS = [
  {
    agent: "signal-interpreter",
    ms: 100,
    asked: "read-message@2",
    model: "m-1",
    inputTokens: 300,
    outputTokens: 20,
    usd: 0.01,
    attempts: 2,
  },
  { agent: "signal-interpreter", ms: 120 },
  { agent: "eligibility-judge", ms: 80 },
  { agent: "content-generator", ms: 0, asked: "write@1", model: "m-1", failure: "budget_spent", detail: "the day", attempts: 0 },
  { agent: "content-generator", ms: 0.04 },
];

describe("the steps of a run on an axis of time", () => {
  const { rows, bars, ticks, total } = layoutSteps(STEPS, 400);

  test("a question lies within the step of its agent", () => {
    expect(rows.map(({ name, kind, begins, ms }) => [name, kind, begins, ms])).toEqual([
      ["read-message@2", "question", 0, 100],
      ["signal-interpreter", "agent", 0, 120],
      ["eligibility-judge", "agent", 120, 80],
      ["write@1", "question", 200, 0],
      ["content-generator", "agent", 200, 0.04],
    ]);
    expect(total).toBeCloseTo(200.04);
  });

  test("a question has its cost, its requests and its failure", () => {
    expect(rows[0]).toMatchObject({ model: "m-1", inputTokens: 300, outputTokens: 20, usd: 0.01, requests: 2 });
    expect(rows[3]).toMatchObject({ failure: "budget_spent", detail: "the day", requests: 0 });
    expect(layoutSteps([{ agent: "a", ms: 0, asked: "q", fromMemory: true }], 1).rows[0]).toMatchObject({ fromMemory: true });
  });

  test("every row has one bar, within the picture and wide enough to be seen", () => {
    expect(bars.map(({ row, look }) => [row, look])).toEqual([
      [0, "question"],
      [1, "agent"],
      [2, "agent"],
      [3, "failed"],
      [4, "agent"],
    ]);
    for (const { x, width } of bars) {
      expect(width).toBeGreaterThanOrEqual(2);
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x + width).toBeLessThanOrEqual(400.001);
    }
    expect(Math.round(bars[2]?.x ?? 0)).toBe(240);
  });

  test("marks of the axis are round and lie on it", () => {
    expect(ticks.map(({ words }) => words)).toEqual(["0 ms", "50 ms", "100 ms", "150 ms", "200 ms"]);
    expect(ticks.every(({ x }) => x <= 400)).toBe(true);
  });
});

test("a run without steps, and steps without sense, have a picture as well", () => {
  expect(layoutSteps([], 100)).toEqual({ rows: [], bars: [], ticks: [{ x: 0, words: "0 ms" }], total: 0 });
  expect(
    layoutSteps(
      [
        { agent: "a", ms: Number.NaN },
        { agent: "b", ms: -3 },
      ],
      100,
    ).bars,
  ).toHaveLength(2);
});

test.each([
  [0, "0 ms"],
  [0.041, "0 ms"],
  [3.24, "3.2 ms"],
  [250.6, "251 ms"],
  [1_450, "1.4 s"],
  [12_000, "12 s"],
])("%d is %s", (ms, words) => {
  expect(msWords(ms)).toBe(words);
});
