import { expect, test } from "vitest";
import type { ApprovalView } from "../../operations/views.ts";
import { answerOf, inOrder } from "./approvals.tsx";

const NOW = Date.parse("2026-06-01T12:00:00Z");
const approval = (approvalId: string, given: Partial<ApprovalView>): ApprovalView => ({
  ...{ approvalId, customerId: "c", decisionId: "d", experienceId: "e", moment: "m", reason: "r", state: "pending" },
  ...{ askedAt: "2026-06-01T00:00:00Z", expiresAt: "2026-06-02T12:00:00Z" },
  ...given,
});

test("those that wait come first, by the time that is left; answered ones follow, the latest first", () => {
  const approvals = [
    approval("old", { state: "rejected", answeredAt: "2026-05-01T12:00:00Z" }),
    approval("later", {}),
    approval("lapsed", { state: "lapsed", expiresAt: "2026-05-20T12:00:00Z" }),
    approval("soon", { expiresAt: "2026-06-01T13:00:00Z" }),
    approval("new", { state: "approved", answeredAt: "2026-06-01T11:00:00Z" }),
  ];
  expect(inOrder(approvals).map(({ approvalId }) => approvalId)).toEqual(["soon", "later", "new", "lapsed", "old"]);
});

test.each([
  [[], "Nobody waits for an answer."],
  [[approval("a", { state: "approved" })], "Nobody waits for an answer."],
  [[approval("a", {})], "1 message waits for a yes or a no; its time is over in 1 d."],
  [
    [approval("a", {}), approval("b", { expiresAt: "2026-06-01T12:20:00Z" })],
    "2 messages wait for a yes or a no; the time of the first is over in 20 min.",
  ],
])("%o", (approvals, words) => {
  expect(answerOf(approvals, NOW)).toBe(words);
});
