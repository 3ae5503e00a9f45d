import { apply, type Change } from "../entities/change.ts";
import type { Customer, Standing } from "../entities/customer.ts";
import type { DecisionDraft } from "../entities/decision.ts";
import type { Policy } from "../entities/policy.ts";
import { JUDGE_TIMER, seedOf, type Wake } from "../entities/wake.ts";
import { endMoments } from "../moments/moments.ts";
import type { Instant } from "../values/time.ts";
import type { Verdict } from "./arbitration.ts";
import { goesOnWaiting, hasOthersBeside, waitOf } from "./better-time.ts";
import { draftDecision, withNeeds } from "./decision-draft.ts";
import { endHolds } from "./holds.ts";
import { withinLimit } from "./record-limit.ts";
import { askApproval, awaitResponse, newDelivery } from "./reserve.ts";
import { type JudgeContext, type Judged, verdictOn } from "./verdict.ts";

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

// --- internal ---

function judgeOpen(customer: Customer, wake: Wake, context: JudgeContext): Change[] {
  const { policy, now, whole } = context;
  if (customer.moments.length === 0) return [...lapse(customer, now), ...stopJudging(customer)];
  const judged = verdictOn(customer, wake, seedOf(policy.version, wake), context);
  const { verdict } = judged;
  const decision = draftDecision(judged);
  const begins = waitOf(verdict) !== undefined && customer.standing?.waits?.until !== verdict.until;
  const more = begins && hasOthersBeside(verdict, judged.looks, customer);
  const again = judgeAgain(customer, decision, more, context);
  const standing = standingOf(decision, verdict, customer);
  const { action, winner } = verdict;
  const asks = winner && action === "await_approval" ? askApproval(winner, decision, customer, now) : [];
  const repeats = standing && standing !== customer.standing && standing.signature === customer.standing?.signature;
  if (repeats && asks.length === 0) return again;
  return [...decide(judged, withinLimit(withNeeds(decision, judged.looks, whole), whole), standing), ...asks, ...again];
}

function standingOf(decision: DecisionDraft, verdict: Verdict, customer: Customer): Standing | undefined {
  const { action, winner } = verdict;
  if (action === "deliver" || action === "withhold") return goesOnWaiting(customer, verdict) ? customer.standing : undefined;
  const codes = [...new Set(decision.reasons.map(({ code }) => code))].filter((code) => code !== "moment_expired").sort();
  const momentIds = customer.moments.map(({ momentId }) => momentId).sort();
  const { decisionId, experienceId, channel, until } = decision;
  const signature = [action, momentIds.join(" "), experienceId ?? "", channel ?? "", until ?? "", codes.join(" ")].join("|");
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
function judgeAgain(customer: Customer, decision: DecisionDraft, hasMore: boolean, { policy, now }: JudgeContext): Change[] {
  const ended = decision.action === "deliver" || decision.action === "withhold" ? servedBy(decision, policy) : [];
  const open = customer.moments.filter(({ name }) => !ended.includes(name));
  if (open.length === 0) return stopJudging(customer);
  const waiting = decision.candidates.filter(({ moment }) => !ended.includes(moment)).flatMap(({ reasons }) => reasons);
  const retries = waiting.flatMap(({ retryAt }) => (retryAt === undefined ? [] : [{ name: "retry", due: Date.parse(retryAt) }]));
  const until = decision.until === undefined ? [] : [{ name: "retry", due: Date.parse(decision.until) }];
  // What the wait does not concern is decided by a wake of its own, the next one.
  const next = hasMore ? [{ name: "retry", due: now + 1 }] : [];
  const expiries = open.map(({ expiresAt }) => ({ name: "expiry", due: expiresAt }));
  const review = { name: "review", due: now + policy.governance.review };
  const timer = [...next, ...until, ...retries, ...expiries, review]
    .filter(({ due }) => due > now)
    .reduce((first, one) => (one.due < first.due ? one : first), review);
  const known = customer.timers[JUDGE_TIMER];
  return known?.due === timer.due && known.name === timer.name ? [] : [{ type: "timer_set", key: JUDGE_TIMER, timer }];
}

const servedBy = ({ experienceId }: DecisionDraft, { experiences }: Policy): readonly string[] =>
  experiences.find(({ id }) => id === experienceId)?.serves ?? [];

const stopJudging = ({ timers }: Customer): Change[] => (timers[JUDGE_TIMER] ? [{ type: "timer_cleared", key: JUDGE_TIMER }] : []);

const lapse = ({ standing }: Customer, at: Instant): Change[] =>
  standing ? [{ type: "standing_cleared", decisionId: standing.decisionId, code: "moment_expired", at }] : [];
