import type { Customer } from "../entities/customer.ts";
import type { Decision } from "../entities/decision.ts";
import type { Policy } from "../entities/policy.ts";
import type { Wake } from "../entities/wake.ts";
import type { Propensity } from "../learning/propensity.ts";
import { viewOf } from "../record/view.ts";
import type { Instant } from "../values/time.ts";
import { type ArbitrationContext, type AskedFor, arbitrate, everyVerdict, type Verdict } from "./arbitration.ts";
import { everyVerdictInGoodTime, type HourContext, inGoodTime } from "./better-time.ts";
import { dismissalsOf, type FunnelContext, type Look, lookAtAll, variantOf } from "./funnel.ts";

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
  const { looks, arbitration } = competing(customer, wake, seed, context);
  const verdict = context.asked ? arbitrate(looks, arbitration) : inGoodTime(customer, looks, arbitration);
  return { customer, wake, looks, verdict, arbitration };
}

/** One thing that a policy may do at a wake, and how probably. Without a winner it is silence. */
export interface Outcome extends Pick<Decision, "action" | "experienceId" | "channel" | "variant"> {
  readonly until?: Instant;
  /** Over all draws. */
  readonly probability: number;
}

/** What is done where no moment is open. */
export const SILENCE: Outcome = { action: "silence", probability: 1 };

/** Everything that the draws may lead to, each with its probability. No clock, no I/O. */
export function everyVerdictOn(
  customer: Customer,
  wake: Wake,
  seed: string,
  context: JudgeContext & Pick<FunnelContext, "asked">,
  isAskedFor: AskedFor,
): Verdict[] {
  const { looks, arbitration } = competing(customer, wake, seed, context);
  return context.asked ? everyVerdict(looks, arbitration, isAskedFor) : everyVerdictInGoodTime(customer, looks, arbitration, isAskedFor);
}

export const outcomeOf = ({ action, winner, until, probability }: Verdict): Outcome => ({
  action,
  ...(winner ? { experienceId: winner.look.experience.id, channel: winner.route.rule.name, ...variantOf(winner.route) } : {}),
  ...(until === undefined ? {} : { until }),
  probability,
});

// --- internal ---

function competing(customer: Customer, wake: Wake, seed: string, context: JudgeContext & Pick<FunnelContext, "asked">) {
  const { policy, propensity, now, habitOn } = context;
  const view = viewOf(customer, policy, wake, now);
  const { pauses, usedInTotal, rejectedText, opinionOn, isTakenOver, asked } = context;
  const [dismissals, reached] = [dismissalsOf(customer), new Map()];
  const read = { policy, view, now, pauses, usedInTotal, rejectedText, opinionOn, isTakenOver, asked, dismissals, reached };
  const looks = lookAtAll(customer, read);
  const { customerId, approvals } = customer;
  const arbitration: HourContext = { policy, view, customerId, approvals, propensity, seed, now, habitOn };
  return { looks, arbitration };
}
