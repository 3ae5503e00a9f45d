import type { Change, NewTask } from "../entities/change.ts";
import type { Approval, Customer, Moment } from "../entities/customer.ts";
import { experienceOf, type Policy } from "../entities/policy.ts";
import { idFrom } from "../entities/wake.ts";
import type { JsonObject } from "../values/json.ts";
import { DAY, type Instant, iso } from "../values/time.ts";
import { aboutCustomer, inShort } from "./task-story.ts";

/** The queue of lapsed approvals of experiences without a department. */
export const APPROVALS_QUEUE = "approvals";

/**
 * The tasks for approvals that nobody answered before their moment expired: one for each, in the queue of the experience's department,
 * with what was asked and why. Where another message served the moment, or a signal ended it, there is nothing left to do.
 */
export function tasksForLapsed(customer: Customer, moment: Moment, policy: Policy, at: Instant): Change[] {
  return customer.approvals
    .filter(({ momentId, state }) => momentId === moment.momentId && state === "pending")
    .map((approval): Change => ({ type: "task_added", task: taskFor(approval, customer, moment, policy, at) }));
}

// --- internal ---

function taskFor(approval: Approval, customer: Customer, moment: Moment, policy: Policy, at: Instant): NewTask {
  const experience = experienceOf(policy, approval.experienceId);
  const name = experience?.name ?? approval.experienceId;
  return {
    taskId: idFrom("t", "approval", approval.approvalId),
    queue: experience?.department ?? APPROVALS_QUEUE,
    summary: `not approved in time: ${name} for ${customer.customerId} (${approval.reason})${inShort(customer, policy)}`,
    due: at + DAY,
    at,
    facts: {
      approvalId: approval.approvalId,
      experience: approval.experienceId,
      ...(experience ? { value: experience.value } : {}),
      reason: approval.reason,
      askedAt: iso(approval.askedAt),
      moment: moment.name,
      openedAt: iso(moment.openedAt),
      expiredAt: iso(moment.expiresAt),
      data: moment.data,
      ...aboutCustomer(customer, policy),
    } satisfies JsonObject,
  };
}
