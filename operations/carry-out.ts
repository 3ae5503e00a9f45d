import { changeCustomer } from "../delivery/change-customer.ts";
import type { Decision } from "../domain/entities/decision.ts";
import { SentientError } from "../domain/errors.ts";
import type { Instant } from "../domain/values/time.ts";
import type { Decider } from "../engine/decide.ts";
import { CLOCK } from "../engine/run-stream.ts";
import { timerWake } from "../engine/stream-order.ts";
import type { DueTimer } from "../store/reading/timers.ts";
import { momentToAct, type OperationDeps } from "./deps.ts";

export interface CarryOutDeps extends OperationDeps {
  readonly decider: Decider;
}

/** Upper bound of the wakes in a row that one operation can cause. */
const MAX_ROUNDS = 100;

/**
 * Judges the open moments of customers that an operation has woken, and returns the decisions. Needed on a replayed store,
 * whose clock does not run and which has no workers.
 */
export async function judgeWokenCustomers(customerIds: readonly string[], deps: CarryOutDeps): Promise<Decision[]> {
  const { store, decider } = deps;
  const at = await momentToAct(deps);
  const roots = await store.links.roots(customerIds);
  const woken = customerIds.map((id) => roots.get(id) ?? id);
  const before = await store.read.lastDecision();
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const due = firstOfEach(await store.operations.timersDue(woken, at));
    if (due.length === 0) return (await store.read.decisionsAfter(before)).decisions;
    await decider.decide(
      due.map((timer) => timerWake(timer, at)),
      { settings: () => ({ [CLOCK]: at }) },
    );
  }
  throw new SentientError("CONFLICT", "the customers' records kept changing while they were being decided; finished decisions are kept");
}

/** Sends reserved deliveries that no pause holds back any more; cancels expired ones. */
export async function sendReserved(deps: CarryOutDeps): Promise<{ handedOver: number; tooLate: number }> {
  const { store, decider } = deps;
  const at = await momentToAct(deps);
  const reserved = (await store.deliveries.open()).filter(({ status }) => status === "reserved");
  const late = reserved.filter(({ expiresAt }) => expiresAt <= at);
  for (const { customerId, deliveryId } of late) await cancel(customerId, deliveryId, at, deps);
  await decider.resume(reserved.filter(({ expiresAt }) => expiresAt > at));
  const waiting = (await store.deliveries.open(reserved.map(({ deliveryId }) => deliveryId))).length;
  return { handedOver: reserved.length - late.length - waiting, tooLate: late.length };
}

// --- internal ---

/** One timer per customer: wakes of one customer are decided in sequence. */
function firstOfEach(timers: readonly DueTimer[]): DueTimer[] {
  const seen = new Set<string>();
  return timers.filter(({ customerId }) => !seen.has(customerId) && seen.add(customerId));
}

async function cancel(customerId: string, deliveryId: string, at: Instant, deps: OperationDeps): Promise<void> {
  await changeCustomer(customerId, deps, at, () => [{ type: "delivery_moved", deliveryId, to: "cancelled", reason: "moment_expired", at }]);
}
