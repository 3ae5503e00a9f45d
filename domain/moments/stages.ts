import type { BuiltInSignalType } from "../entities/built-ins.ts";
import type { Change } from "../entities/change.ts";
import { type Customer, lastSeq } from "../entities/customer.ts";
import type { Policy } from "../entities/policy.ts";
import type { Signal } from "../entities/signal.ts";
import { identityOf, idFrom, type Wake } from "../entities/wake.ts";
import { sawSignal } from "../record/intake.ts";
import { viewOf } from "../record/view.ts";
import { isMet, type Scope } from "../values/condition.ts";
import type { JsonObject } from "../values/json.ts";
import type { Instant } from "../values/time.ts";

/** Signal type of a change of stage. */
export const STAGE_CHANGED = "stage.changed" satisfies BuiltInSignalType;

/** A change of stage: what it does to the record, and the signal that it is for rules. */
export interface StageChange {
  readonly changes: readonly Change[];
  readonly event: Signal;
}

/** The name of the first stage that holds; null where none does. */
export const stageIn = ({ stages }: Pick<Policy, "stages">, scope: Scope): string | null =>
  stages.find(({ when }) => !when || isMet(when, scope))?.name ?? null;

/**
 * Looks at the customer's stage again, as every wake does. Undefined where it is the same, and where the workspace has no stages. The
 * change is dated with the wake: a late signal changes the stage when it is decided.
 */
export function lookAtStage(customer: Customer, policy: Policy, wake: Wake, now: Instant): StageChange | undefined {
  if (policy.stages.length === 0) return undefined;
  const from = customer.stage?.name ?? null;
  const to = stageIn(policy, viewOf(customer, policy, wake, now).scope);
  if (to === from) return undefined;
  const changeId = idFrom("sc", customer.customerId, identityOf(wake), from ?? "", to ?? "");
  const event = eventOf({ changeId, from, to }, customer, now);
  return { changes: [{ type: "stage_changed", changeId, from, to, at: now }, sawSignal(event, customer)], event };
}

// --- internal ---

type Named = Pick<Extract<Change, { type: "stage_changed" }>, "changeId" | "from" | "to">;

function eventOf({ changeId, from, to }: Named, customer: Customer, time: Instant): Signal {
  const data: JsonObject = { ...(from === null ? {} : { from }), ...(to === null ? {} : { to }) };
  const { customerId } = customer;
  return { source: "sentient", id: changeId, type: STAGE_CHANGED, customerId, time, data, seq: lastSeq(customer) };
}
