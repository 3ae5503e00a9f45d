import { expect, test } from "vitest";
import type { TaskView } from "../../operations/views.ts";
import { chosen, tasksAnswer } from "./tasks.tsx";

const task = (taskId: string, due: string, given: Partial<TaskView> = {}): TaskView => ({
  ...{ taskId, customerId: "c", queue: "sales", summary: "Call", createdAt: "2026-06-01T00:00:00Z", due: `2026-06-01T${due}:00Z` },
  ...{ overdue: false, state: "open", facts: {} },
  ...given,
});
const ALL = [
  task("done", "08:00", { state: "done" }),
  task("later", "16:00", { queue: "service", state: "claimed", claimedBy: "ann" }),
  task("late", "10:00", { overdue: true }),
  task("expired", "09:00", { state: "expired" }),
  task("bobs", "12:00", { state: "claimed", claimedBy: "bob" }),
];
const ids = (search: Readonly<Record<string, string>>, me?: string) => chosen(ALL, search, me).map(({ taskId }) => taskId);

test("open tasks stand first, the earliest due first; ended ones follow, the latest first", () => {
  expect(ids({})).toEqual(["late", "bobs", "later", "expired", "done"]);
});

test.each([
  [{ queue: "service" }, ["later"]],
  [{ mine: "mine" }, ["later"]],
  [{ mine: "unclaimed" }, ["late"]],
  [{ overdue: "yes" }, ["late"]],
  [{ mine: "unclaimed", queue: "service" }, []],
])("the filter %o shows %o", (search, wanted) => {
  expect(ids(search, "ann")).toEqual(wanted);
});

test("the tasks in a sentence", () => {
  expect(tasksAnswer(ALL, "ann")).toBe("3 tasks open: 1 mine, 1 unclaimed, 1 late.");
  expect(tasksAnswer(ALL, undefined)).toBe("3 tasks open: 0 mine, 1 unclaimed, 1 late.");
  expect(tasksAnswer([task("done", "08:00", { state: "done" })], "ann")).toBe("No task is open.");
  const many = Array.from({ length: 200 }, (_, n) => task(`t-${n}`, "12:00"));
  expect(tasksAnswer(many, "ann")).toMatch(/^At least 200 tasks open/);
});
