import { z } from "zod";
import { ListedApprovals, ListedPromises, ListedRecords, ListedTasks } from "../monitoring/queries.ts";
import { ApprovalOutcome, ApprovalView, CaseOutcome, CaseView, PromiseOutcome, PromiseView, TaskOutcome, TaskView } from "../views.ts";
import { act, Nothing, pages, show } from "./declared.ts";

// Work of people: tasks, answers to approvals, promises, cases.

export const work = {
  tasks: {
    list: pages("tasks", "Work for humans, by queue, earliest due date first.", ListedTasks, TaskView),
    show: show("/v1/tasks/{id}", "A task, by its id or the beginning of it.", TaskView),
    claim: act("task", "/v1/tasks/{id}/claim", "Takes a task.", z.object({ takeOver: z.boolean().optional() }), TaskOutcome),
    return: act("task", "/v1/tasks/{id}/return", "Returns a task to its queue; only its holder may.", Nothing, TaskOutcome),
    done: act(
      "task",
      "/v1/tasks/{id}/done",
      "Ends a task; with `contacted` the customer was contacted over it, which is a touch.",
      z.object({ contacted: z.enum(["visit", "call", "chat"]).optional() }),
      TaskOutcome,
    ),
  },
  approvals: {
    list: pages("approvals", "Decisions that wait for approval, in the order in which they were asked.", ListedApprovals, ApprovalView),
    approve: act(
      "approve",
      "/v1/approvals/{id}/approve",
      "Approves: the customer is decided again, and the message is sent if it still wins.",
      Nothing,
      ApprovalOutcome,
    ),
    reject: act("approve", "/v1/approvals/{id}/reject", "Rejects, for as long as the moment is open.", Nothing, ApprovalOutcome),
  },
  promises: {
    list: pages("promises", "Promises to customers, earliest due date first.", ListedPromises, PromiseView),
    show: show("/v1/promises/{id}", "A promise, by its id or the beginning of it.", PromiseView),
    kept: act("task", "/v1/promises/{id}/kept", "Marks a promise as kept.", Nothing, PromiseOutcome),
  },
  cases: {
    list: pages("cases", "Service cases of customers, open ones first.", ListedRecords, CaseView),
    close: act(
      "task",
      "/v1/cases/{id}/close",
      "Closes a customer's service case, by its whole id.",
      z.object({ customerId: z.string().min(1).max(512) }),
      CaseOutcome,
    ),
  },
} as const;
