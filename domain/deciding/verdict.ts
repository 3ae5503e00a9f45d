import type { Customer } from "../entities/customer.ts";
import type { Policy } from "../entities/policy.ts";
import type { Wake } from "../entities/wake.ts";
import type { Propensity } from "../learning/propensity.ts";
import { viewOf } from "../record/view.ts";
import type { Instant } from "../values/time.ts";
import { type ArbitrationContext, arbitrate, type Verdict } from "./arbitration.ts";
import { type HourContext, inGoodTime } from "./better-time.ts";
import { type FunnelContext, type Look, lookAtAll } from "./funnel.ts";

/** What judging reads besides the customer and the wake. */
export interface JudgeContext
  extends Pick<FunnelContext, "usedInTotal" | "rejectedText" | "opinionOn" | "pauses" | "isTakenOver">,
    Pick<HourContext, "habitOn"> {
  readonly policy: Policy;
  readonly now: Instant;
  readonly propensity: Propensity;
  /** An experience whose candidate stays whole in the record, however many there are. */
  readonly whole?: string | undefined;
}

/** A customer whose candidates have been looked at and compared. */
export interface Judged {
  readonly customer: Customer;
  readonly wake: Wake;
  readonly looks: readonly Look[];
  readonly verdict: Verdict;
  readonly arbitration: ArbitrationContext;
}

/**
 * Looks at every candidate of a customer and lets those that are left compete. No clock, no I/O.
 *
 * @param seed seeds all draws
 * @param context with `asked` only candidates for that place compete
 */
export function verdictOn(customer: Customer, wake: Wake, seed: string, context: JudgeContext & Pick<FunnelContext, "asked">): Judged {
  const view = viewOf(customer, context.policy, wake, context.now);
  const looks = lookAtAll(customer, { ...context, view });
  const { customerId, approvals } = customer;
  const arbitration: HourContext = { ...context, view, customerId, approvals, seed };
  const verdict = context.asked ? arbitrate(looks, arbitration) : inGoodTime(customer, looks, arbitration);
  return { customer, wake, looks, verdict, arbitration };
}
