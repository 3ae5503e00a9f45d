import { expect, test } from "vitest";
import type { PromiseView } from "../../operations/views.ts";
import { promisesAnswer } from "./promises.tsx";

const NOW = Date.parse("2026-06-01T12:00:00Z");
const promise = (owner: string, due: string, given: Partial<PromiseView> = {}): PromiseView => ({
  ...{ promiseId: `${owner}${due}`, customerId: "c", name: "reply", owner, openedAt: "2026-05-31T12:00:00Z", due, state: "open" },
  overdue: Date.parse(due) <= NOW,
  ...given,
});

test.each([
  ["nothing", [], "Nothing is owed to anybody."],
  ["ended ones are not owed", [promise("sales", "2026-06-02T12:00:00Z", { state: "kept", overdue: false })], "Nothing is owed to anybody."],
  ["one that is not late", [promise("service", "2026-06-01T14:00:00Z")], "1 promise is owed, due in 2 h. By department: service 1."],
  ["one that is late", [promise("service", "2026-06-01T10:00:00Z")], "1 promise is owed, and late. By department: service 1."],
  [
    "some that are late",
    [promise("service", "2026-06-01T10:00:00Z"), promise("sales", "2026-06-01T14:00:00Z"), promise("service", "2026-06-05T14:00:00Z")],
    "3 promises are owed, 1 of them late. By department: service 2, sales 1.",
  ],
])("%s", (_, promises, words) => {
  expect(promisesAnswer(promises, NOW)).toBe(words);
});
