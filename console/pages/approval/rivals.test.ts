import { expect, test } from "vitest";
import { modelReasons, rivalsOf, scoreWords } from "./rivals.ts";

const score = (priority: number) => ({ priority, P: 0.5, C: 1, V: priority * 2, L: 1 });
const because = (code: "lower_priority" | "cap_reached" | "judge_declined", decidedBy: "rule" | "model" = "rule") => ({
  code,
  decidedBy,
  detail: `${code} it is`,
});
const decision = {
  candidates: [
    { experienceId: "low", moment: "m", verdict: "eligible" as const, score: score(5), reasons: [because("lower_priority")] },
    { experienceId: "held", moment: "m", verdict: "ineligible" as const, wouldScore: score(900), reasons: [because("cap_reached")] },
    { experienceId: "won", moment: "m", verdict: "chosen" as const, score: score(40), reasons: [] },
    { experienceId: "judged", moment: "m", verdict: "ineligible" as const, reasons: [because("judge_declined", "model")] },
    { experienceId: "second", moment: "m", verdict: "eligible" as const, score: score(30), reasons: [because("lower_priority")] },
  ],
};

test("rivals: the chosen one, those that lost by their priority, then those that were held by what it would have been", () => {
  expect(rivalsOf(decision).map(({ experienceId, priority, isWould }) => [experienceId, priority, isWould])).toEqual([
    ["won", 40, false],
    ["second", 30, false],
    ["low", 5, false],
    ["held", 900, true],
    ["judged", undefined, true],
  ]);
  expect(rivalsOf(decision)[3]?.reason).toEqual({ code: "cap_reached", detail: "cap_reached it is" });
  expect(rivalsOf(decision)[4]?.reason).toEqual({ code: "judge_declined" });
});

test("what a model said is apart from what rules say", () => {
  expect(modelReasons(decision)).toEqual([{ experienceId: "judged", detail: "judge_declined it is" }]);
});

test("the score in words", () => {
  expect(scoreWords(decision, String)).toBe("40 = 0.5 (expected success) × 1 (context) × 80 (value) × 1 (lever)");
  expect(scoreWords({ candidates: [] }, String)).toBeUndefined();
});
