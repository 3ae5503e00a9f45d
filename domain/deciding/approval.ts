import type { ApprovalRule, Experience, Policy } from "../entities/policy.ts";
import { type Answer, isMetOrUnknown, type Scope } from "../values/condition.ts";
import type { StagedHold } from "./funnel.ts";

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

// --- internal ---

const concerns = ({ experiences, departments }: ApprovalRule, { id, department }: Experience): boolean =>
  (experiences?.includes(id) ?? true) && (departments === undefined || (department !== undefined && departments.includes(department)));
