import { expect, test } from "vitest";
import type { Candidate } from "../../../domain/entities/decision.ts";
import { askedWords, bodyOf, otherwise, understoodAs, valueIn } from "./what-if-words.ts";

test.each([
  ["36", 36, "a number"],
  ["gold", "gold", "a text"],
  ['"36"', "36", "a text"],
  ["true", true, "yes or no"],
  ['["a"]', ["a"], "a list"],
  ['{"a": 1}', { a: 1 }, "several values"],
  [" ", null, "not known"],
  ["null", null, "not known"],
  ["2026-06-01", "2026-06-01", "a text"],
])("%s is %o, %s", (typed, value, words) => {
  expect([valueIn(typed), understoodAs(typed)]).toEqual([value, words]);
});

test("the request has what was filled in, and the question in a sentence", () => {
  const body = bodyOf({
    facts: [
      { path: " vehicle.mileage ", value: "9000" },
      { path: "", value: "x" },
      { path: "plan", value: "" },
    ],
    ...{ at: "2026-06-01T15:00", policy: "a".repeat(64) },
  });
  expect(body).toEqual({ set: { "vehicle.mileage": 9000, plan: null }, at: "2026-06-01T15:00:00Z", policy: "a".repeat(64) });
  expect(askedWords(body)).toBe(
    "If vehicle.mileage were 9000, plan were not known, it were 2026-06-01T15:00:00Z, version aaaaaaaaaaaa were in force",
  );
  expect(bodyOf({ facts: [], at: "", policy: "" })).toEqual({});
  expect(askedWords({})).toBe("If nothing were otherwise");
});

test("experiences that came out otherwise: by verdict, channel or reasons, not by a score", () => {
  const candidate = (experienceId: string, verdict: string, codes: readonly string[] = [], more: object = {}) =>
    ({ experienceId, verdict, reasons: codes.map((code) => ({ code, detail: "" })), ...more }) as unknown as Candidate; // No more is read.
  const before = {
    candidates: [candidate("a", "chosen"), candidate("b", "outranked", ["lower_priority"]), candidate("c", "ruled_out", ["fact_missing"])],
  };
  const after = {
    candidates: [candidate("a", "chosen", [], { score: {} }), candidate("b", "ruled_out", ["fact_missing"]), candidate("d", "chosen")],
  };
  expect(otherwise(before, after).map((pair) => [pair.experienceId, pair.before?.verdict, pair.after?.verdict])).toEqual([
    ["b", "outranked", "ruled_out"],
    ["c", "ruled_out", undefined],
    ["d", undefined, "chosen"],
  ]);
  expect(otherwise(before, null)).toHaveLength(3);
});
