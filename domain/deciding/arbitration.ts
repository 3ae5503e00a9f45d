import type { Approval, Moment } from "../entities/customer.ts";
import type { DecisionAction, HoldoutRecord, Score } from "../entities/decision.ts";
import { type Experience, isOutside, type Policy } from "../entities/policy.ts";
import { chancesToWin, chanceToWin } from "../learning/chance.ts";
import { armOf } from "../learning/lessons.ts";
import { type Belief, type Propensity, sigmoid } from "../learning/propensity.ts";
import { type View, withMoment } from "../record/view.ts";
import { isMet, type Scope } from "../values/condition.ts";
import { normal, seededRandom } from "../values/random.ts";
import type { Instant } from "../values/time.ts";
import { approvalsOf, heldByApproval, isApproved } from "./approval.ts";
import { isReady, type Look, type OpenRoute, type StagedHold, variantOf } from "./funnel.ts";
import { holdoutDetail, holdoutGroup } from "./holdout.ts";

export interface ArbitrationContext {
  readonly policy: Policy;
  readonly view: View;
  readonly customerId: string;
  readonly approvals: readonly Approval[];
  readonly propensity: Propensity;
  /** Seeds every draw: the same wake under the same policy draws the same values. */
  readonly seed: string;
  readonly now: Instant;
}

/** A look with its chosen channel, variant and priority. */
export interface Ranked {
  readonly look: Look;
  readonly route: OpenRoute;
  readonly belief: Belief;
  readonly score: Score;
  /** All eligible channels and variants, in the author's order. */
  readonly options: readonly Option[];
  /** Why it cannot win in spite of its priority; set by the stages after ranking. */
  readonly passedOver?: StagedHold;
}

export interface Option {
  readonly route: OpenRoute;
  readonly belief: Belief;
  /** Expected success; a random draw where exploring. */
  readonly P: number;
}

export interface Verdict {
  readonly action: DecisionAction;
  readonly winner?: Ranked;
  /** Everything with an open route, best first: ready ones before those held by time. */
  readonly ranked: readonly Ranked[];
  readonly until?: Instant;
  readonly probability: number;
  /** Why the action is not plain `deliver`. */
  readonly because: readonly StagedHold[];
  /** The customer's group, where the holdout measures the winner. */
  readonly holdout?: HoldoutRecord;
  /** Where the hour was drawn: the hour, and the probability of drawing it. */
  readonly hour?: { readonly at: Instant; readonly probability: number };
}

/** Ranks by `P × C × V × L`, ready ones first, and picks the best that passes the last stages. */
export function arbitrate(looks: readonly Look[], context: ArbitrationContext): Verdict {
  const ready: Ranked[] = [];
  const held: Ranked[] = [];
  for (const look of looks) {
    if (look.routes.length === 0) continue;
    const one = passOver(rank(look, context), context);
    (isReady(one.route) ? ready : held).push(one);
  }
  const readyChecked = bestFirst(ready);
  const heldChecked = bestFirst(held);
  const ranked = heldChecked.length === 0 ? readyChecked : [...readyChecked, ...heldChecked];

  const now = readyChecked.find(({ passedOver }) => !passedOver);
  if (now) return readyVerdict(now, ranked, probabilityOf(now, ready), context);
  const later = heldChecked.find((one) => !one.passedOver && comesInTime(one));
  if (!later) return { action: "silence", ranked, probability: 1, because: [] };
  return laterVerdict(later, ranked, probabilityOf(later, held.filter(comesInTime)), context);
}

/** Which outcome is asked for, where there are too many to tell the chance of each exactly. */
export type AskedFor = (way: { readonly experienceId: string; readonly channel: string; readonly variant?: string }) => boolean;

/**
 * Every verdict that the draws may lead to, each with its probability; together they are certain. They name the same candidates in the order
 * of one draw, which only the winner does not share.
 *
 * @param isAskedFor its chance is exact; those of the others are counted over draws where more than 24 compete
 */
export function everyVerdict(looks: readonly Look[], context: ArbitrationContext, isAskedFor: AskedFor): Verdict[] {
  const drawn = arbitrate(looks, context);
  const { winner, ranked } = drawn;
  if (!winner) return [drawn];
  const isLater = winner.route.holds.length > 0;
  const rivals = ranked.filter((one) => !one.passedOver && one.route.holds.length > 0 === isLater && (!isLater || comesInTime(one)));
  const contenders = contendersOf(rivals);
  const asked = contenders.findIndex(({ one: { look }, option: { route } }) =>
    isAskedFor({ experienceId: look.experience.id, channel: route.rule.name, ...variantOf(route) }),
  );
  return chancesToWin(contenders, asked, context.seed).flatMap(([place, probability]): Verdict[] => {
    const contender = contenders[place];
    if (!contender || probability === 0) return [];
    const { one, option } = contender;
    const other: Ranked = { ...one, route: option.route, belief: option.belief };
    return [isLater ? laterVerdict(other, ranked, probability, context) : readyVerdict(other, ranked, probability, context)];
  });
}

/**
 * Score of a stopped look as if nothing had held it: expected, not drawn, in the first variant of the author's first channel. The record
 * can so state whether it would have won.
 */
export function scoreIfOpen({ experience, moment }: Look, { propensity, view, policy }: ArbitrationContext): Score | undefined {
  const [first] = experience.routes;
  if (first === undefined) return undefined;
  const { channel, variant } = first;
  return scoreOf(propensity({ experience, channel, variant, moment, view }).mean, experience, moment, view, policy);
}

/** A look with a score, and with what excludes it after ranking, outside of any contest. */
export const rankAgain = (look: Look, context: ArbitrationContext): Ranked => passOver(rank(look, context), context);

// --- internal ---

/** Compares without a difference: of thousands, each would be a number of its own in memory. */
function byPriority({ score: { priority: a }, look: one }: Ranked, { score: { priority: b }, look: other }: Ranked): number {
  if (a < b) return 1;
  if (a > b) return -1;
  return one.experience.id < other.experience.id ? -1 : 1;
}

const bestFirst = (ranked: readonly Ranked[]): readonly Ranked[] => (ranked.length < 2 ? ranked : [...ranked].sort(byPriority));

/** By id, as the policy has them: thousands are sorted only where they are not. */
const byId = (ranked: readonly Ranked[]): readonly Ranked[] =>
  isById(ranked) ? ranked : [...ranked].sort((a, b) => (a.look.experience.id < b.look.experience.id ? -1 : 1));

function isById(ranked: readonly Ranked[]): boolean {
  let last: string | undefined;
  for (const { look } of ranked) {
    const { id } = look.experience;
    if (last !== undefined && !(last < id)) return false;
    last = id;
  }
  return true;
}

function laterVerdict(later: Ranked, ranked: readonly Ranked[], probability: number, context: ArbitrationContext): Verdict {
  // Asked while time holds it back: an answer that comes only after that would come too late.
  const asked = unapproved(later, context);
  if (asked.length > 0) return { action: "await_approval", winner: later, ranked, probability, because: asked };
  const until = later.route.freeAt;
  return { action: "defer", winner: later, ranked, probability, because: later.route.holds, ...(until === undefined ? {} : { until }) };
}

const comesInTime = ({ route, look }: Ranked): boolean => route.freeAt !== undefined && route.freeAt < look.moment.expiresAt;

function rank(look: Look, context: ArbitrationContext): Ranked {
  const { view, policy } = context;
  const { experience, moment } = look;
  const options = optionsOf(look, context);
  const best = options.reduce((winner, one) => (one.P > winner.P ? one : winner));
  const score = asItLost(scoreOf(best.P, experience, moment, view, policy), best.lostTo);
  return { look, route: best.route, belief: best.belief, options, score };
}

/** The routes that compete, each with its draw. Most looks have one: where there are thousands, nothing is sorted out of one. */
function optionsOf(look: Look, context: ArbitrationContext): readonly DrawnOption[] {
  const [only] = look.routes;
  return look.routes.length === 1 && only ? [drawnOption(only, look, context)] : optionsAmong(look, context);
}

function optionsAmong(look: Look, context: ArbitrationContext): readonly DrawnOption[] {
  const drawn = anyOf(approvedOr(look, context), isReady).map((route) => drawnOption(route, look, context));
  return anyOf(drawn, ({ belief }) => reachesThreshold(look.experience, belief, context.policy));
}

interface DrawnOption extends Option {
  /** Set where a record only counts the candidate. */
  readonly lostTo: number | undefined;
}

function drawnOption(route: OpenRoute, { experience, moment }: Look, { propensity, view, policy, seed }: ArbitrationContext): DrawnOption {
  const channel = route.rule.name;
  const { variant } = route.route;
  const belief = propensity({ experience, channel, variant, moment, view });
  const explores = policy.learning.explore === "thompson" && belief.deviation > 0;
  const P = belief.drawn ?? (explores ? draw(belief, `${seed}\n${armOf(experience.id, channel, variant)}`) : belief.mean);
  return { route, belief: explores ? belief : exactly(belief), P, lostTo: belief.lostTo };
}

/** Those of which something holds; all where it holds of none. */
function anyOf<T>(all: readonly T[], holds: (one: T) => boolean): readonly T[] {
  if (all.every(holds)) return all;
  const some = all.filter(holds);
  return some.length > 0 ? some : all;
}

/** The score; of a candidate that is known to have lost, below the winner's. What was learned since may have drawn it higher. */
function asItLost(score: Score, lostTo: number | undefined): Score {
  if (lostTo === undefined || score.priority < lostTo || score.priority === 0) return score;
  const { C, V, L } = score;
  const P = (lostTo / (C * V * L)) * JUST_BELOW;
  return { priority: P * C * V * L, P, C, V, L };
}

const JUST_BELOW = 1 - 1e-9;

/** `P × C × V × L`. */
function scoreOf(P: number, experience: Experience, moment: Moment, view: View, policy: Policy): Score {
  const C = 1 + contextWeight(experience, moment, view, policy) / 100;
  const V = experience.value;
  const L = 1 + experience.lever / 100;
  return { priority: P * C * V * L, P, C, V, L };
}

/** In percent: weights of the contexts that hold, and of the goal served where the customer has it. */
function contextWeight(experience: Experience, moment: Moment, { reliable }: View, policy: Policy): number {
  if (experience.context.length === 0 && experience.goal === undefined) return 0;
  const { goals } = reliable.customer;
  const isGoal = experience.goal !== undefined && Array.isArray(goals) && goals.includes(experience.goal);
  let sum = isGoal ? (policy.goals[experience.goal ?? ""] ?? 0) : 0;
  let own: Scope | undefined;
  for (const { when, weight } of experience.context) {
    if (!when.isShared) own ??= withMoment(reliable, moment, experience);
    if (isMet(when, own ?? withMoment(reliable, moment))) sum += weight;
  }
  return sum;
}

const reachesThreshold = (experience: Experience, belief: Belief, policy: Policy): boolean =>
  isOutside(experience, "minPropensity") || belief.mean >= policy.governance.minPropensity;

const draw = ({ logit, deviation }: Belief, seed: string): number => sigmoid(logit + deviation * normal(seededRandom(seed)));

/** The belief without exploration: its mean, with certainty. */
const exactly = ({ mean }: Belief): Belief => ({ mean, logit: Math.log(mean / (1 - mean)), deviation: 0 });

const NOTHING: readonly never[] = [];

/** Stages after ranking that exclude a candidate in favour of the next: threshold, and rejection by a human. */
function passOver(one: Ranked, context: ArbitrationContext): Ranked {
  const { experience, moment } = one.look;
  if (!reachesThreshold(experience, one.belief, context.policy)) {
    const detail = `${one.belief.mean.toFixed(3)} is below ${context.policy.governance.minPropensity}`;
    return { ...one, passedOver: { code: "below_min_propensity", stage: "propensity", detail } };
  }
  if (context.approvals.length > 0 && approvalsOf(context.approvals, one.look).some(({ state }) => state === "rejected")) {
    const detail = `a human said no while ${moment.name} is open`;
    return { ...one, passedOver: { code: "approval_rejected", stage: "approval", decidedBy: "human", detail } };
  }
  return one;
}

/** The routes that a human approved, as somebody read what they say; all of them where nobody did. */
function approvedOr(look: Look, { approvals }: ArbitrationContext): Look["routes"] {
  if (approvals.length === 0) return look.routes;
  const answers = approvalsOf(approvals, look);
  const approved = look.routes.filter((route) => isApproved(answers, route));
  return approved.length > 0 ? approved : look.routes;
}

/** What a human has to approve before the candidate goes; empty once one has. */
function unapproved(one: Ranked, context: ArbitrationContext): readonly StagedHold[] {
  if (context.policy.governance.approval.length === 0) return NOTHING;
  const { experience, moment } = one.look;
  if (isApproved(approvalsOf(context.approvals, one.look), one.route)) return [];
  return heldByApproval(experience, withMoment(context.view.scope, moment, experience), context.policy);
}

function readyVerdict(winner: Ranked, ranked: readonly Ranked[], probability: number, context: ArbitrationContext): Verdict {
  const { experience, moment } = winner.look;
  const asked = unapproved(winner, context);
  if (asked.length > 0) return { action: "await_approval", because: asked, winner, ranked, probability };
  const { policy, customerId, now } = context;
  const holdout = holdoutGroup({ policy, customerId, experience, moment, route: winner.route, now });
  if (!holdout) return { action: "deliver", because: [], winner, ranked, probability };
  if (holdout.group === "treated") return { action: "deliver", because: [], holdout, winner, ranked, probability };
  const because: StagedHold[] = [{ code: "holdout", stage: "holdout", detail: holdoutDetail(holdout) }];
  return { action: "withhold", because, holdout, winner, ranked, probability };
}

/** Probability over all draws that this experience on this channel, in this variant, wins among the eligible candidates. */
function probabilityOf(winner: Ranked, ranked: readonly Ranked[]): number {
  const contenders = contendersOf(ranked.filter(({ passedOver }) => !passedOver));
  return chanceToWin(
    contenders,
    contenders.findIndex(({ option }) => option.route === winner.route),
  );
}

/** Every channel and variant of each candidate, in an order that no draw changes. */
function contendersOf(ranked: readonly Ranked[]) {
  const contenders: { one: Ranked; option: Option; belief: Belief; scale: number }[] = [];
  for (const one of byId(ranked)) {
    const scale = one.score.C * one.score.V * one.score.L;
    for (const option of one.options) contenders.push({ one, option, belief: option.belief, scale });
  }
  return contenders;
}
