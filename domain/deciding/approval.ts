import type { Approval } from "../entities/customer.ts";
import type { ApprovalRule, Experience, Policy } from "../entities/policy.ts";
import { type Answer, isMetOrUnknown, type Scope } from "../values/condition.ts";
import type { Look, OpenRoute, StagedHold } from "./funnel.ts";

/**
 * Why a human has to approve an experience before it goes; empty where none has to. In doubt one has to: a condition that reads a
 * missing field, or compares incomparable values, counts as met.
 */
export function heldByApproval(experience: Experience, scope: Scope, { governance }: Policy): StagedHold[] {
  return governance.approval
    .filter((rule) => concerns(rule, experience))
    .flatMap(({ when, reason }): StagedHold[] => {
      const answer: Answer = when?.ask(scope) ?? { outcome: "met" };
      if (!isMetOrUnknown(answer)) return [];
      const why = reason ?? when?.text ?? `${experience.id} always needs one`;
      const detail = "detail" in answer ? `${why} (in doubt: ${answer.detail})` : why;
      return [{ code: "approval_required", stage: "approval", detail }];
    });
}

/** The answers of humans about an experience, in one moment. */
export const approvalsOf = (approvals: readonly Approval[], { experience, moment }: Pick<Look, "experience" | "moment">): Approval[] =>
  approvals.filter(({ experienceId, momentId }) => experienceId === experience.id && momentId === moment.momentId);

/** Whether a human read and approved what this route says. */
export const isApproved = (approvals: readonly Approval[], { rule, route }: OpenRoute): boolean =>
  approvals.some(
    ({ state, channel, variant }) =>
      state === "approved" && (channel === undefined || (channel === rule.name && (variant === undefined || variant === route.variant))),
  );

// --- internal ---

const concerns = ({ experiences, departments }: ApprovalRule, { id, department }: Experience): boolean =>
  (experiences?.includes(id) ?? true) && (departments === undefined || (department !== undefined && departments.includes(department)));
