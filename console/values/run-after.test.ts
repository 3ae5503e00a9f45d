import { expect, test } from "vitest";
import { runAfter } from "./run-after.ts";

const run = (runId: string, startedAt: string) => ({ runId, startedAt });
const ALL = [run("c", "2026-06-01T12:00:05Z"), run("b", "2026-06-01T12:00:02Z"), run("a", "2026-06-01T12:00:00Z")];

test.each([
  ["2026-06-01T11:00:00Z", "a"],
  ["2026-06-01T12:00:00.000Z", "a"],
  ["2026-06-01T12:00:01Z", "b"],
  ["2026-06-01T12:00:05Z", "c"],
  ["2026-06-01T12:00:06Z", undefined],
])("what was done at %s led to the run %s", (at, wanted) => {
  expect(runAfter(ALL, at)?.runId).toBe(wanted);
});
