import { expect, test } from "vitest";
import { flameGraph } from "./flame.ts";

const frame = (functionName: string, lineNumber = 0) => ({
  functionName,
  scriptId: "1",
  url: "file:///a/b.ts",
  lineNumber,
  columnNumber: 0,
});

/** `main` calls `<work>` from two nodes and `rare`; a third of the time is idle. */
const PROFILE = {
  startTime: 0,
  endTime: 3_000,
  nodes: [
    { id: 1, callFrame: frame("(root)"), children: [2, 3, 6] },
    { id: 2, callFrame: frame("(idle)") },
    { id: 3, callFrame: frame("main"), children: [4, 5, 7] },
    { id: 4, callFrame: frame("<work>", 7) },
    { id: 5, callFrame: frame("rare", 9) },
    { id: 6, callFrame: frame("(garbage collector)") },
    { id: 7, callFrame: frame("<work>", 7) },
  ],
  samples: [2, 3, 4, 7, 5, 6],
  timeDeltas: [1_000, 500, 600, 400, 4, 496],
};

const svg = flameGraph(PROFILE, { title: "a & b", placeOf: ({ callFrame }) => (callFrame.functionName.startsWith("(") ? "gc" : "ours") });
const bars = [...svg.matchAll(/<g><title>(.*?), (\w+): ([\d.]+) %<\/title><rect x="([\d.]+)" y="(\d+)" width="([\d.]+)"/g)].map(
  ([, name, place, share, x, y, width]) => ({
    name,
    place,
    share: Number(share),
    x: Number(x),
    row: (Number(y) - 40) / 14,
    width: Number(width),
  }),
);

test("functions are as wide as their share of the time in use, below their callers, and told by name and place", () => {
  expect(bars).toEqual([
    { name: "main", place: "ours", share: 75.2, x: 0, row: 0, width: 902.4 },
    { name: "&lt;work&gt;", place: "ours", share: 50, x: 0, row: 1, width: 600 },
    { name: "(garbage collector)", place: "gc", share: 24.8, x: 902.4, row: 0, width: 297.6 },
  ]);
});

test("the title says how much processor time it was", () => {
  expect(svg).toContain("a &amp; b, 0.0 s of processor time");
});
