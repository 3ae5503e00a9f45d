import type { Change } from "../entities/change.ts";
import { type Customer, type DeliveryNote, isHeld } from "../entities/customer.ts";
import { experienceOf } from "../entities/policy.ts";
import type { Wake } from "../entities/wake.ts";
import { endHold } from "../moments/showings.ts";
import { holdTimer, isHoldTimer } from "../record/delivery-events.ts";
import { MERGED } from "../record/merge.ts";
import { viewOf } from "../record/view.ts";
import { entryOf } from "../values/json.ts";
import { heldByConsent } from "./address.ts";
import { heldByPauses } from "./pause.ts";
import { heldBySuppressions } from "./suppression.ts";
import type { JudgeContext } from "./verdict.ts";

/**
 * Ends the holds that are over, or that a revocation, a suppression or a pause forbids since: the tool has not sent yet, and its slot is free
 * again. What is still held keeps its timer.
 */
export function endHolds(customer: Customer, wake: Wake, context: Pick<JudgeContext, "policy" | "now" | "pauses">): Change[] {
  // What is held for a customer who disappears goes on with the surviving one.
  if (wake.kind === "signal" && wake.signal.type === MERGED) return [];
  const held = customer.deliveries.filter(isHeld);
  const waited = held.map(({ deliveryId }) => holdTimer(deliveryId));
  const left = Object.keys(customer.timers).filter((key) => isHoldTimer(key) && !waited.includes(key));
  return [
    ...left.map((key): Change => ({ type: "timer_cleared", key })),
    ...held.flatMap((note): Change[] => {
      const code = whyOver(note, customer, wake, context);
      return code === undefined ? keepTimer(note, customer) : endHold(note, customer, code, context.now);
    }),
  ];
}

// --- internal ---

function whyOver(
  note: DeliveryNote,
  customer: Customer,
  wake: Wake,
  { policy, now, pauses = [] }: Pick<JudgeContext, "policy" | "now" | "pauses">,
): string | undefined {
  const { channel, department, experienceId, deliveryId, asked } = note;
  if ((asked?.holdUntil ?? now) <= now) return "hold_over";
  const [rule, experience] = [entryOf(policy.channels, channel), experienceOf(policy, experienceId)];
  // It must not suppress itself.
  const without = { ...customer, touches: customer.touches.filter(({ touchId }) => touchId !== deliveryId) };
  const { golden, scope } = viewOf(without, policy, wake, now);
  const holds = [
    ...(rule ? heldByConsent(rule, customer, golden) : []),
    ...heldByPauses(pauses, { department, channel }),
    ...(experience ? heldBySuppressions(policy, without, { experience, channel }, { whole: () => scope }, now) : []),
  ];
  return holds[0]?.code;
}

/** The timer fires before its time where a pause begins. */
function keepTimer({ deliveryId, asked }: DeliveryNote, { timers }: Customer): Change[] {
  const key = holdTimer(deliveryId);
  if (timers[key] || asked?.holdUntil === undefined) return [];
  return [{ type: "timer_set", key, timer: { name: key, due: asked.holdUntil } }];
}
