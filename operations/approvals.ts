import { SentientError } from "../domain/errors.ts";
import { type Instant, iso } from "../domain/values/time.ts";
import type { KeptApproval } from "../store/store.ts";
import { auditOf, lookUp, momentToAct, type OperationDeps, only, operate, storeTime, timeAs, wakeAt } from "./deps.ts";
import type { Actor, ApprovalView, Operations, Outcome } from "./operation.ts";

/** Name of the timer that wakes a customer after a human's answer. */
const APPROVAL = "approval";

export function approvalOperations(deps: OperationDeps): Operations["approvals"] {
  return {
    async list({ customerId, limit, all = false }) {
      const { at: now } = await storeTime(deps);
      const some = customerId === undefined ? {} : { customerId };
      return (await deps.store.operations.approvals({ ...some, limit, all, now })).map(viewOf);
    },
    approve: ({ id }, actor) => answer(id, "approved", actor, deps),
    reject: ({ id }, actor) => answer(id, "rejected", actor, deps),
  };
}

// --- internal ---

/** While the moment is open an approval may still be rejected; a rejection is final. */
const FROM = { approved: ["pending"], rejected: ["pending", "approved"] } as const;

async function answer(id: string, state: "approved" | "rejected", actor: Actor, deps: OperationDeps): Promise<Outcome<ApprovalView>> {
  const at = await momentToAct(deps);
  const known = await find(id, at, deps);
  if (known.state === state) return { ...viewOf(known), changed: false };
  refuseIfOver(known, state, at);
  const { approvalId, customerId, experienceId } = known;
  const action = `approval.${state}`;
  const changed = await operate(deps, customerId, at, () => [wakeAt(APPROVAL, at)], {
    operation: {
      audit: auditOf(deps, actor, { action, target: approvalId, customerId, details: { experienceId } }),
      answer: { approvalId, from: FROM[state], state, ...actor, at },
    },
  });
  const after = await find(approvalId, at, deps);
  if (after.state !== state) refuseIfOver(after, state, at);
  return { ...viewOf(after), changed, ...(changed ? { wakes: customerId } : {}) };
}

async function find(id: string, now: Instant, { store }: OperationDeps): Promise<KeptApproval> {
  return only("approval", id, await store.operations.approvals({ ...lookUp(id), now }), ({ approvalId }) => approvalId);
}

function refuseIfOver(known: KeptApproval, wanted: "approved" | "rejected", now: Instant): void {
  const { approvalId, state, moment, momentEnded, expiresAt, answeredAt, answeredBy } = known;
  const when = answeredAt === undefined ? "" : ` at ${iso(answeredAt)}`;
  if (momentEnded !== undefined || expiresAt <= now || state === "lapsed") {
    const how = momentEnded === "served" ? "was served" : momentEnded === "withdrawn" ? "was withdrawn" : `expired at ${iso(expiresAt)}`;
    throw new SentientError("CONFLICT", `approval ${approvalId} cannot be answered any more: its moment ${moment} ${how}`);
  }
  if (!(FROM[wanted] as readonly string[]).includes(state))
    throw new SentientError("CONFLICT", `approval ${approvalId} was ${state} by ${answeredBy}${when}; that holds while ${moment} is open`);
}

function viewOf({ momentId: _id, momentEnded: _ended, expiresAt, askedAt, answeredAt, ...approval }: KeptApproval): ApprovalView {
  return { ...approval, expiresAt: iso(expiresAt), askedAt: iso(askedAt), ...timeAs("answeredAt", answeredAt) };
}
