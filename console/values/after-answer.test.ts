import { expect, test } from "vitest";
import { decisionAfter } from "./after-answer.ts";

const decision = (decisionId: string, decidedAt: string) => ({ decisionId, decidedAt });
const ALL = [decision("a", "2026-06-01T12:00:00Z"), decision("c", "2026-06-01T12:00:05Z"), decision("b", "2026-06-01T12:00:02Z")];

test.each([
  ["2026-06-01T12:00:01Z", undefined, "b"],
  ["2026-06-01T12:00:02Z", undefined, "b"],
  ["2026-06-01T12:00:00Z", "a", "b"],
  ["2026-06-01T12:00:00.000Z", undefined, "a"],
  ["2026-06-01T12:00:06Z", undefined, undefined],
])("the decision that follows %s is %s", (at, before, wanted) => {
  expect(decisionAfter(ALL, at, before)?.decisionId).toBe(wanted);
});
