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

/** More wakes in a row than this one operation cannot set off. */
const ROUNDS = 100;

/**
 * Judges the open moments of customers whom an operation has woken. On a replayed store nobody else does: its clock stands
 * still until somebody moves it. Gives back what was decided.
 */
export async function judgeWoken(customerIds: readonly string[], deps: CarryOutDeps): Promise<Decision[]> {
  const { store, decider } = deps;
  const at = await momentToAct(deps);
  const roots = await store.links.roots(customerIds);
  const woken = customerIds.map((id) => roots.get(id) ?? id);
  const before = await store.read.lastDecision();
  for (let round = 0; round < ROUNDS; round++) {
    const due = firstOfEach(await store.operations.timersDue(woken, at));
    if (due.length === 0) return (await store.read.decisionsAfter(before)).decisions;
    await decider.decide(
      due.map((timer) => timerWake(timer, at)),
      { settings: () => ({ [CLOCK]: at }) },
    );
  }
  throw new SentientError("CONFLICT", "the customers' records kept changing while they were judged; what was decided is kept");
}

/** Hands over what a pause has kept back and nothing keeps back any more; what came too late is cancelled. */
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

/** A customer's wakes are decided one after the other. */
function firstOfEach(timers: readonly DueTimer[]): DueTimer[] {
  const seen = new Set<string>();
  return timers.filter(({ customerId }) => !seen.has(customerId) && seen.add(customerId));
}

async function cancel(customerId: string, deliveryId: string, at: Instant, deps: OperationDeps): Promise<void> {
  await changeCustomer(customerId, deps, at, () => [{ type: "delivery_moved", deliveryId, to: "cancelled", reason: "moment_expired", at }]);
}
