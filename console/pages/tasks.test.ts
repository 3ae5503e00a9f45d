import { expect, test } from "vitest";
import { ListedTasks } from "../../operations/monitoring/queries.ts";
import type { TaskView } from "../../operations/views.ts";
import { queryOf, tasksAnswer } from "./tasks.tsx";

const task = (taskId: string, due: string, given: Partial<TaskView> = {}): TaskView => ({
  ...{ taskId, customerId: "c", queue: "sales", summary: "Call", createdAt: "2026-06-01T00:00:00Z", due: `2026-06-01T${due}:00Z` },
  ...{ overdue: false, state: "open", facts: {} },
  ...given,
});
const ALL = [
  task("late", "10:00", { overdue: true }),
  task("bobs", "12:00", { state: "claimed", claimedBy: "bob" }),
  task("later", "16:00", { queue: "service", state: "claimed", claimedBy: "ann" }),
  task("expired", "09:00", { state: "expired" }),
  task("done", "08:00", { state: "done" }),
];

test.each([
  [{}, {}],
  [{ queue: "service" }, { queue: "service" }],
  [{ mine: "mine" }, { claimedBy: "ann" }],
  [{ mine: "unclaimed" }, { unclaimed: true }],
  [{ overdue: "yes" }, { overdue: true }],
  [
    { all: "true", customer: "c-1" },
    { all: true, customerId: "c-1" },
  ],
  [
    { mine: "unclaimed", queue: "service" },
    { unclaimed: true, queue: "service" },
  ],
])("the filter %o asks the server for %o, by due date", (search, wanted) => {
  const asked = Object.fromEntries(Object.entries(queryOf(search, "ann")).filter(([, value]) => value !== undefined));
  const none = { all: false, unclaimed: false, overdue: false, customerId: undefined };
  expect(ListedTasks.parse(asked)).toEqual({ ...none, order: "due", limit: 100, ...wanted });
});

test("the tasks in a sentence", () => {
  const whole = { isFiltered: false, goesOn: false };
  expect(tasksAnswer(ALL, "ann", whole)).toBe("3 tasks open: 1 mine, 1 unclaimed, 1 late.");
  expect(tasksAnswer(ALL, undefined, whole)).toBe("3 tasks open: 1 unclaimed, 1 late.");
  expect(tasksAnswer([task("done", "08:00", { state: "done" })], "ann", whole)).toBe("No task is open.");
  expect(tasksAnswer([], "ann", { isFiltered: true, goesOn: false })).toBe("No task like that is open.");
  expect(tasksAnswer(ALL.slice(0, 1), "ann", { isFiltered: true, goesOn: false })).toMatch(/^1 task like that open/);
  const many = Array.from({ length: 100 }, (_, n) => task(`t-${n}`, "12:00"));
  expect(tasksAnswer(many, "ann", { isFiltered: false, goesOn: true })).toMatch(/^The first 100 tasks open/);
  // Ended ones stand last: beside one of them, all open ones are known.
  expect(tasksAnswer(ALL, "ann", { isFiltered: false, goesOn: true })).toMatch(/^3 tasks open/);
});
