import { apply, type Change } from "../entities/change.ts";
import type { Customer, Standing } from "../entities/customer.ts";
import type { DecisionAction, DecisionDraft } from "../entities/decision.ts";
import type { Policy } from "../entities/policy.ts";
import { JUDGE_TIMER, seedOf, type Wake } from "../entities/wake.ts";
import { endMoments } from "../moments/moments.ts";
import { type Instant, iso } from "../values/time.ts";
import type { AskedFor, Verdict } from "./arbitration.ts";
import { goesOnWaiting, hasOthersBeside, waitOf } from "./better-time.ts";
import { codesOf, draftDecision, heldCandidates, recorded } from "./decision-draft.ts";
import { endHolds } from "./holds.ts";
import { askApproval, awaitResponse, newDelivery } from "./reserve.ts";
import { everyVerdictOn, type JudgeContext, type Judged, type Outcome, outcomeOf, SILENCE, verdictOn } from "./verdict.ts";

/**
 * Judges all open moments of a customer, once holds that are over have freed their slots. Returns the changes: a decision with all its reservations and endings, or none where no
 * moment is open or the standing decision would only be repeated; and the timer for judging again. No clock, no I/O: the same
 * customer, wake and policy give the same changes.
 */
export function judge(customer: Customer, wake: Wake, context: JudgeContext): Change[] {
  const ended = endHolds(customer, wake, context);
  if (ended.length === 0) return judgeOpen(customer, wake, context);
  return [...ended, ...judgeOpen(apply({ customer, changes: [] }, ended).customer, wake, context)];
}

/**
 * Everything that a policy may do at a wake, each with its probability: silence where no moment is open, and where the standing decision
 * would be repeated that. No clock, no I/O.
 *
 * @param isAskedFor whose probability is exact in any case
 */
export function everyOutcome(customer: Customer, wake: Wake, context: JudgeContext, isAskedFor: AskedFor): Outcome[] {
  const { customer: open } = apply({ customer, changes: [] }, endHolds(customer, wake, context));
  if (open.moments.length === 0) return [SILENCE];
  return everyVerdictOn(open, wake, seedOf(context.policy.version, wake), context, isAskedFor).map(outcomeOf);
}

// --- internal ---

function judgeOpen(customer: Customer, wake: Wake, context: JudgeContext): Change[] {
  const { policy, now, whole } = context;
  if (customer.moments.length === 0) return [...lapse(customer, now), ...stopJudging(customer)];
  const judged = verdictOn(customer, wake, seedOf(policy.version, wake), context);
  const { verdict } = judged;
  const begins = waitOf(verdict) !== undefined && customer.standing?.waits?.until !== verdict.until;
  const more = begins && hasOthersBeside(verdict, judged.looks, customer);
  const again = judgeAgain(judged, more, context);
  const { action, winner } = verdict;
  const signature = stands(action) ? signatureOf(judged) : undefined;
  const repeats = signature !== undefined && signature === customer.standing?.signature;
  // Most wakes repeat what stands: nothing is written down of them.
  if (repeats && action !== "await_approval") return again;
  const decision = draftDecision(judged);
  const asks = winner && action === "await_approval" ? askApproval(winner, decision, customer, now) : [];
  if (repeats && asks.length === 0) return again;
  const standing = standingOf(decision, signature, judged);
  return [...decide(judged, recorded(decision, judged, whole), standing), ...asks, ...again];
}

/** Whether the decision stands, until something else is decided. */
const stands = (action: DecisionAction): action is Standing["action"] => action !== "deliver" && action !== "withhold";

/** What a decision that stands is told apart by: what it comes to, for which moments, and for which reasons. */
function signatureOf({ customer, verdict, looks }: Judged): string {
  const { action, winner, until } = verdict;
  const codes = codesOf(verdict, looks)
    .filter((code) => code !== "moment_expired")
    .sort();
  const momentIds = customer.moments.map(({ momentId }) => momentId).sort();
  const [experienceId, channel] = [winner?.look.experience.id ?? "", winner?.route.rule.name ?? ""];
  return [action, momentIds.join(" "), experienceId, channel, until === undefined ? "" : iso(until), codes.join(" ")].join("|");
}

function standingOf(decision: DecisionDraft, signature: string | undefined, { customer, verdict }: Judged): Standing | undefined {
  const { action, winner } = verdict;
  if (!stands(action) || signature === undefined) return goesOnWaiting(customer, verdict) ? customer.standing : undefined;
  const momentIds = customer.moments.map(({ momentId }) => momentId).sort();
  const { decisionId, experienceId } = decision;
  const pendingFor = winner ? [winner.look.moment.momentId] : momentIds;
  const waits = waitOf(verdict);
  return {
    ...{ decisionId, action, momentIds: pendingFor, signature },
    ...(experienceId === undefined ? {} : { experienceId }),
    ...(waits ? { waits } : {}),
  };
}

function decide(judged: Judged, decision: DecisionDraft, standing: Standing | undefined): Change[] {
  const { customer, verdict, arbitration } = judged;
  const { now } = arbitration;
  const { action, winner } = verdict;
  const changes: Change[] = [];
  const delivery = action === "deliver" && winner ? newDelivery(winner, decision.decisionId, judged) : undefined;
  changes.push({ type: "decided", decision, ...(delivery ? { delivery } : {}), ...(standing ? { standing } : {}) });
  if (winner && (action === "deliver" || action === "withhold")) {
    const served = customer.moments.filter(({ name }) => winner.look.experience.serves.includes(name));
    changes.push(...endMoments(customer, served, "served", now));
  }
  return delivery ? [...changes, ...awaitResponse(delivery)] : changes;
}

/** Schedules the next judging: the earliest instant at which a reason ends, a moment expires, or `review` has passed. */
function judgeAgain({ customer, verdict, looks }: Judged, hasMore: boolean, { policy, now }: JudgeContext): Change[] {
  const ended = stands(verdict.action) ? [] : servedBy(verdict, policy);
  const open = customer.moments.filter(({ name }) => !ended.includes(name));
  if (open.length === 0) return stopJudging(customer);
  const waiting = heldCandidates(verdict, looks).filter(({ moment }) => !ended.includes(moment));
  const retries = waiting.flatMap(({ holds }) => holds.flatMap(({ retryAt }) => retryAt ?? []));
  // What the wait does not concern is decided by a wake of its own, the next one.
  const next = hasMore ? [now + 1] : [];
  const retry = firstAfter(now, [...next, ...retries, ...(verdict.until === undefined ? [] : [verdict.until])].map(Math.trunc));
  const expiry = firstAfter(
    now,
    open.map(({ expiresAt }) => expiresAt),
  );
  const review = now + policy.governance.review;
  const timer =
    review <= Math.min(retry, expiry)
      ? { name: "review", due: review }
      : retry <= expiry
        ? { name: "retry", due: retry }
        : { name: "expiry", due: expiry };
  const known = customer.timers[JUDGE_TIMER];
  return known?.due === timer.due && known.name === timer.name ? [] : [{ type: "timer_set", key: JUDGE_TIMER, timer }];
}

const firstAfter = (now: Instant, times: readonly Instant[]): Instant =>
  times.reduce((first, at) => (at > now && at < first ? at : first), Number.POSITIVE_INFINITY);

const servedBy = ({ winner }: Verdict, { experiences }: Policy): readonly string[] =>
  experiences.find(({ id }) => id === winner?.look.experience.id)?.serves ?? [];

const stopJudging = ({ timers }: Customer): Change[] => (timers[JUDGE_TIMER] ? [{ type: "timer_cleared", key: JUDGE_TIMER }] : []);

const lapse = ({ standing }: Customer, at: Instant): Change[] =>
  standing ? [{ type: "standing_cleared", decisionId: standing.decisionId, code: "moment_expired", at }] : [];
