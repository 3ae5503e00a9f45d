import { expect, test } from "vitest";
import { answerOf, type Line, queryOf } from "./decisions-words.ts";

const line = (action: Line["action"], more: Partial<Line> = {}): Line => ({
  ...{ decisionId: "d", customerId: "c", at: "2026-11-28T12:00:00Z", moments: [], candidates: 0 },
  ...{ action, ...more },
});
const FROM = "2026-11-21T12:00:00Z";

test.each([
  ["all", [line("deliver"), line("silence"), line("silence")], true, false, "3 decisions since 21 Nov UTC: 1 sent and 2 silent."],
  ["a page", [line("defer"), line("await_approval")], false, false, "The latest 2 decisions since 21 Nov UTC: 1 waits and 1 for people."],
  ["several of a kind", [line("defer"), line("defer")], true, false, "2 decisions since 21 Nov UTC: 2 wait."],
  ["filtered", [line("deliver", { delivery: "failed" })], true, true, "1 decision that fits since 21 Nov UTC: 1 failed."],
  [
    "only recorded, and sent",
    [line("deliver", { delivery: "sent", recorded: true }), line("deliver", { delivery: "sent", recorded: true }), line("deliver")],
    true,
    false,
    "3 decisions since 21 Nov UTC: 1 sent and 2 recorded but not sent.",
  ],
  ["none", [], true, false, "No decision since 21 Nov UTC."],
  ["none so far", [], false, true, "No decision that fits back to 21 Nov."],
])("the answer of the list: %s", (_, lines, whole, isFiltered, words) => {
  expect(answerOf(lines, { from: FROM, whole }, isFiltered, "UTC")).toBe(words);
});

test("the days of the address are whole days of the reader's zone", () => {
  expect(queryOf({ from: "2026-11-01", to: "2026-11-01", action: "defer" }, "America/Chicago")).toEqual({
    ...{ view: "line", limit: 100, action: "defer" },
    ...{ from: "2026-11-01T05:00:00.000Z", to: "2026-11-02T06:00:00.000Z" },
  });
  expect(queryOf({ from: "2026-11-01T05:00:00Z" }, "UTC")).toMatchObject({ from: "2026-11-01T05:00:00Z" });
  expect(queryOf({ to: "nonsense" }, "UTC")).toMatchObject({ to: "nonsense" });
});
