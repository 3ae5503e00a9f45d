import type { Change, NewDelivery } from "../entities/change.ts";
import { type Customer, lastSeq, type Moment, type Promised, type Standing } from "../entities/customer.ts";
import type { Candidate, DecisionDraft, MomentRecord, Reason, Score, StatedFact } from "../entities/decision.ts";
import { type Content, contentsOf, DEFAULT_RESPONSE_MS, type Experience, type Policy } from "../entities/policy.ts";
import { idFrom, JUDGE_TIMER, seedOf, type Wake, wakeRecord } from "../entities/wake.ts";
import { featuresOf } from "../learning/lessons.ts";
import type { Propensity } from "../learning/propensity.ts";
import { endMoments } from "../moments/moments.ts";
import { REPLY } from "../moments/promises.ts";
import { wordsOf } from "../moments/task-story.ts";
import { responseTimer } from "../record/delivery-events.ts";
import { type View, viewOf, withMoment } from "../record/view.ts";
import type { Scope } from "../values/condition.ts";
import type { Json } from "../values/json.ts";
import { placeAt, splitPath } from "../values/path.ts";
import { type Instant, iso } from "../values/time.ts";
import { type ArbitrationContext, arbitrate, type Ranked, scoreIfOpen, type Verdict } from "./arbitration.ts";
import { notesOn, statedFacts } from "./facts.ts";
import { type FunnelContext, type Look, lookAtAll, type OpenRoute, type StagedHold } from "./funnel.ts";
import { withinLimit } from "./record-limit.ts";

export interface JudgeContext extends Pick<FunnelContext, "usedInTotal" | "rejectedText" | "opinionOn" | "pauses" | "isTakenOver"> {
  readonly policy: Policy;
  readonly now: Instant;
  readonly propensity: Propensity;
}

/**
 * Judges all open moments of a customer. Returns the changes: a decision with all its reservations and endings, or none where no
 * moment is open or the standing decision would only be repeated; and the timer for judging again. No clock, no I/O: the same
 * customer, wake and policy give the same changes.
 */
export function judge(customer: Customer, wake: Wake, context: JudgeContext): Change[] {
  const { policy, now } = context;
  if (customer.moments.length === 0) return [...lapse(customer, now), ...stopJudging(customer)];
  const view = viewOf(customer, policy, wake, now);
  const seed = seedOf(policy.version, wake);
  const looks = lookAtAll(customer, { ...context, view });
  const { customerId, approvals } = customer;
  const arbitration: ArbitrationContext = { ...context, view, customerId, approvals, seed };
  const verdict = arbitrate(looks, arbitration);
  const decision = draftDecision({ customer, wake, view, policy, now, looks, verdict, seed, arbitration });
  const again = judgeAgain(customer, decision, context);
  const standing = standingOf(decision, verdict, customer.moments);
  if (standing && standing.signature === customer.standing?.signature) return again;
  const recorded = withinLimit(withNeeds(decision, looks));
  return [...decide({ customer, decision: recorded, verdict, view, policy, now, ...(standing ? { standing } : {}) }), ...again];
}

// --- internal ---

export interface Deciding {
  readonly customer: Customer;
  readonly wake: Wake;
  readonly view: View;
  readonly policy: Policy;
  readonly now: Instant;
  readonly looks: readonly Look[];
  readonly verdict: Verdict;
  readonly seed: string;
  readonly arbitration: ArbitrationContext;
}

export function draftDecision({ customer, wake, view, policy, now, looks, verdict, seed, arbitration }: Deciding): DecisionDraft {
  const { winner, action, until, holdout } = verdict;
  const candidates = candidatesOf(looks, verdict, (look) => (winner ? scoreIfOpen(look, arbitration) : undefined));
  const lapsed = lapsedReason(customer, verdict);
  return {
    decisionId: idFrom("d", seed),
    customerId: customer.customerId,
    decidedAt: iso(now),
    wake: wakeRecord(wake),
    action,
    ...(winner ? { experienceId: winner.look.experience.id, channel: winner.route.rule.name, ...variantOf(winner.route) } : {}),
    ...(until === undefined ? {} : { until: iso(until) }),
    probability: verdict.probability,
    ...(holdout ? { holdout } : {}),
    ...(policy.stages.length > 0 && customer.stage?.name ? { stage: customer.stage.name } : {}),
    timezone: {
      name: view.zone,
      from: view.zoneIsOwn ? "customer" : "workspace",
      ...(view.unknownZone === undefined ? {} : { unknown: view.unknownZone }),
    },
    moments: customer.moments.map(momentRecord),
    candidates,
    reasons: [...reasonsOf(verdict, candidates, customer.moments), ...(lapsed ? [lapsed] : [])],
    policyVersion: policy.version,
    ...(customer.standing ? { supersedes: customer.standing.decisionId } : {}),
  };
}

const momentRecord = ({ name, openedAt, expiresAt, urgency, confidence, decidedBy }: Moment): MomentRecord => ({
  name,
  openedAt: iso(openedAt),
  expiresAt: iso(expiresAt),
  urgency,
  confidence,
  decidedBy,
});

const variantOf = ({ route: { variant } }: OpenRoute): { readonly variant?: string } => (variant === undefined ? {} : { variant });

const reasonOf = ({ code, stage, detail, retryAt, channel, variant, decidedBy }: StagedHold): Reason => ({
  code,
  stage,
  decidedBy: decidedBy ?? "rule",
  detail,
  ...(channel === undefined ? {} : { channel }),
  ...(variant === undefined ? {} : { variant }),
  ...(retryAt === undefined ? {} : { retryAt: iso(retryAt) }),
});

function candidatesOf(
  looks: readonly Look[],
  { ranked, winner, because, action }: Verdict,
  wouldScore: (look: Look) => Score | undefined,
): Candidate[] {
  const chosen = winner && because.length > 0 ? because.map(reasonOf) : [{ code: "eligible", decidedBy: "rule" } satisfies Reason];
  const open = ranked.map((one): Candidate => {
    const { look, route, score } = one;
    const isChosen = one === winner;
    const reasons = isChosen ? chosen : losingReasons(one, winner, action);
    const verdict = isChosen ? "chosen" : one.passedOver ? "ineligible" : "eligible";
    return {
      experienceId: look.experience.id,
      moment: look.moment.name,
      verdict,
      channel: route.rule.name,
      ...variantOf(route),
      score,
      reasons,
      // A log can only be asked about what it says could have been chosen.
      ...(isChosen || route.route.variant !== undefined ? channelsOf(one) : {}),
      ...others(look),
    };
  });
  const stopped = looks
    .filter(({ routes }) => routes.length === 0)
    .map((look): Candidate => {
      const score = wouldScore(look);
      return {
        experienceId: look.experience.id,
        moment: look.moment.name,
        verdict: "ineligible",
        ...(score ? { wouldScore: score } : {}),
        reasons: look.stoppedBy.map(reasonOf),
        ...others(look),
      };
    });
  const first = open.filter(({ verdict }) => verdict === "chosen");
  return [...first, ...open.filter(({ verdict }) => verdict !== "chosen"), ...stopped];
}

/** The decision with the changes that would have let stopped candidates compete, in words: only of decisions that are recorded. */
export function withNeeds(decision: DecisionDraft, looks: readonly Look[]): DecisionDraft {
  const stoppedBy = new Map(looks.map(({ experience, stoppedBy: holds }) => [experience.id, holds]));
  let left = MAX_NEEDS_LENGTH;
  const explained = (hold: StagedHold): Reason => {
    const unmet = left > 0 ? (hold.unmet?.() ?? {}) : {};
    left -= JSON.stringify(unmet).length;
    return left < 0 ? reasonOf(hold) : { ...reasonOf(hold), ...unmet };
  };
  const candidates = decision.candidates.map((candidate): Candidate => {
    const holds = stoppedBy.get(candidate.experienceId) ?? [];
    return holds.length === 0 ? candidate : { ...candidate, reasons: holds.map(explained) };
  });
  return { ...decision, candidates };
}

/** Maximum length of all needs of a decision, so that its record stays small; candidates beyond that keep their `detail`. */
const MAX_NEEDS_LENGTH = 8_192;

const channelsOf = ({ options }: Ranked): Pick<Candidate, "channels"> => ({
  channels: options.map(({ route, P }) => ({ channel: route.rule.name, ...variantOf(route), P })),
});

const others = ({ lost }: Look): Pick<Candidate, "otherChannels"> => (lost.length > 0 ? { otherChannels: lost.map(reasonOf) } : {});

function losingReasons(one: Ranked, winner: Ranked | undefined, action: Verdict["action"]): Reason[] {
  if (one.passedOver) return [reasonOf(one.passedOver)];
  if (one.route.holds.length > 0) return one.route.holds.map(reasonOf);
  const best = winner ? `${round(one.score.priority)} against ${round(winner.score.priority)} of ${winner.look.experience.id}` : action;
  return [{ code: "lower_priority", stage: "arbitration", decidedBy: "rule", detail: best }];
}

const round = (value: number): number => Math.round(value * 1000) / 1000;

/** Reasons of the decision: the winner's, or for a silence every code that held something back. */
function reasonsOf({ action, because }: Verdict, candidates: readonly Candidate[], moments: readonly Moment[]): Reason[] {
  if (because.length > 0) return because.map(reasonOf);
  if (action !== "silence") return [{ code: "eligible", decidedBy: "rule" }];
  const byCode = new Map<string, Reason>();
  for (const { experienceId, reasons } of candidates) {
    for (const reason of reasons) {
      const known = byCode.get(reason.code);
      const detail = `${experienceId}${reason.detail === undefined ? "" : `: ${reason.detail}`}`;
      const { channel: _channel, variant: _variant, retryAt: _retryAt, ...plain } = reason;
      byCode.set(reason.code, known ? { ...known, detail: `${known.detail}; ${detail}` } : { ...plain, detail });
    }
  }
  if (byCode.size > 0) return [...byCode.values()];
  const names = moments.map(({ name }) => name).join(", ");
  return [{ code: "ineligible", decidedBy: "rule", detail: `no approved experience serves ${names}` }];
}

/** A pending decision whose moment ended before it was carried out. */
function lapsedReason(customer: Customer, { winner }: Verdict): Reason | undefined {
  const { standing } = customer;
  if (!standing?.experienceId || standing.action === "silence" || standing.experienceId === winner?.look.experience.id) return undefined;
  const isOpen = standing.momentIds.some((id) => customer.moments.some(({ momentId }) => momentId === id));
  return isOpen
    ? undefined
    : { code: "moment_expired", decidedBy: "rule", detail: `${standing.experienceId} was pending and its moment is over` };
}

function standingOf(decision: DecisionDraft, { action, winner }: Verdict, moments: readonly Moment[]): Standing | undefined {
  if (action === "deliver" || action === "withhold") return undefined;
  const codes = [...new Set(decision.reasons.map(({ code }) => code))].filter((code) => code !== "moment_expired").sort();
  const momentIds = moments.map(({ momentId }) => momentId).sort();
  const { decisionId, experienceId, channel, until } = decision;
  const signature = [action, momentIds.join(" "), experienceId ?? "", channel ?? "", until ?? "", codes.join(" ")].join("|");
  const pendingFor = winner ? [winner.look.moment.momentId] : momentIds;
  return { decisionId, action, momentIds: pendingFor, signature, ...(experienceId === undefined ? {} : { experienceId }) };
}

export interface Settling {
  readonly customer: Customer;
  readonly decision: DecisionDraft;
  readonly verdict: Verdict;
  readonly view: View;
  readonly policy: Policy;
  readonly now: Instant;
  readonly standing?: Standing;
}

function decide(settling: Settling): Change[] {
  const { customer, decision, verdict, now, standing } = settling;
  const { action, winner } = verdict;
  const changes: Change[] = [];
  const delivery = action === "deliver" && winner ? newDelivery(winner, settling) : undefined;
  changes.push({ type: "decided", decision, ...(delivery ? { delivery } : {}), ...(standing ? { standing } : {}) });
  if (winner && (action === "deliver" || action === "withhold")) {
    const served = customer.moments.filter(({ name }) => winner.look.experience.serves.includes(name));
    changes.push(...endMoments(customer, served, "served", now));
  }
  if (winner && action === "await_approval") changes.push(...askApproval(winner, decision, customer, now));
  return delivery ? [...changes, ...awaitResponse(delivery)] : changes;
}

/** Timer after which a delivery without a response counts as ignored; cancelled if it was never sent. */
export function awaitResponse({ deliveryId, respondBy }: NewDelivery): Change[] {
  const key = responseTimer(deliveryId);
  return respondBy === undefined ? [] : [{ type: "timer_set", key, timer: { name: key, due: respondBy } }];
}

export function askApproval({ look }: Ranked, { decisionId, reasons }: DecisionDraft, { approvals }: Customer, at: Instant): Change[] {
  const experienceId = look.experience.id;
  const { momentId } = look.moment;
  if (approvals.some((known) => known.experienceId === experienceId && known.momentId === momentId)) return [];
  const reason = reasons.map(({ detail }) => detail ?? "").join("; ");
  const approval = {
    approvalId: idFrom("a", experienceId, momentId),
    experienceId,
    momentId,
    state: "pending",
    reason,
    askedAt: at,
  } as const;
  return [{ type: "approval_asked", approval, decisionId }];
}

export function newDelivery({ look, route }: Ranked, { decision: { decisionId }, customer, view, policy, now }: Settling): NewDelivery {
  const { experience, moment } = look;
  const contents = contentsOf(experience, route.route);
  const { isTouch, makesTask } = route.rule;
  const facts = statedFacts(contents, view.golden, makesTask ? { rules: policy.record, now } : undefined);
  const served = customer.moments.filter(({ name }) => experience.serves.includes(name));
  const total = experience.limits?.total;
  const scope = withMoment(view.scope, moment, experience);
  return {
    deliveryId: idFrom("m", decisionId, route.rule.name),
    experienceId: experience.id,
    ...(experience.department === undefined ? {} : { department: experience.department }),
    channel: route.rule.name,
    ...variantOf(route),
    ...(route.route.locale === undefined ? {} : { locale: route.route.locale }),
    ...(route.to === undefined ? {} : { to: route.to }),
    at: now,
    moments: served.map(({ name }) => name),
    expiresAt: moment.expiresAt,
    // Neither a task nor a note to a system of ours answers the customer; the contact that follows does.
    keeps: isTouch || route.rule.pull ? repliesTo(served, customer) : [],
    ...(experience.promise ? { makes: makePromise(experience.promise, decisionId, served, now) } : {}),
    isTouch,
    facts,
    frozen: { ...freeze(contents, facts, scope), ...(experience.converse ? { conversation: { upTo: lastSeq(customer) } } : {}) },
    features: featuresOf(policy, scope),
    // What the customer does not feel gets no response; its effect shows only where success is defined.
    ...(!isTouch && !route.rule.pull && !experience.success
      ? {}
      : { respondBy: now + (experience.success?.within ?? DEFAULT_RESPONSE_MS) }),
    ...(total === undefined ? {} : { total }),
  };
}

/** Reply promises for the messages that opened these moments. */
const repliesTo = (moments: readonly Moment[], { promises }: Customer): string[] =>
  promises
    .filter(({ name, openedBy }) => name === REPLY && moments.some((moment) => openedBy.includes(moment.openedBy)))
    .map(({ promiseId }) => promiseId);

const makePromise = (
  { name, due, owner }: NonNullable<Experience["promise"]>,
  decisionId: string,
  served: readonly Moment[],
  now: Instant,
): Promised => ({
  promiseId: idFrom("p", name, decisionId),
  name,
  owner,
  openedAt: now,
  due: now + due,
  openedBy: [decisionId],
  ...wordsOfMoments(served),
  overdue: false,
});

/** The words of the messages that opened these moments, each once. */
function wordsOfMoments(served: readonly Moment[]): Pick<Promised, "words"> {
  const words = [...new Set(served.flatMap(({ data }) => wordsOf(data.text)))];
  return words.length > 0 ? { words } : {};
}

/**
 * Snapshot of what the texts read, and nothing else about the customer. Texts are rendered after the slot is reserved, possibly again
 * after a crash, and must see the same values.
 */
export function freeze(contents: readonly Content[], facts: Readonly<Record<string, StatedFact>>, scope: Scope): NewDelivery["frozen"] {
  const reads = (root: string) => contents.some(({ roots }) => roots.has(root));
  const customer: Record<string, unknown> = {};
  for (const [path, { value }] of Object.entries(facts)) placeAt(customer, splitPath(path), value as Json);
  for (const name of new Set(contents.flatMap(({ builtIns }) => [...builtIns]))) customer[name] = scope.customer[name];
  const notes = notesOn(facts);
  const frozen = {
    zone: scope.zone,
    customer,
    ...(reads("signal") ? { signal: scope.signal } : {}),
    ...(reads("moment") ? { moment: scope.moment } : {}),
    ...(reads("experience") ? { experience: scope.experience } : {}),
    ...(reads("ask") ? { ask: scope.ask } : {}),
    ...(notes.length > 0 ? { notes } : {}),
  };
  return JSON.parse(JSON.stringify(frozen)) as NewDelivery["frozen"];
}

/** Schedules the next judging: the earliest instant at which a reason ends, a moment expires, or `review` has passed. */
function judgeAgain(customer: Customer, decision: DecisionDraft, { policy, now }: JudgeContext): Change[] {
  const ended = decision.action === "deliver" || decision.action === "withhold" ? servedBy(decision, policy) : [];
  const open = customer.moments.filter(({ name }) => !ended.includes(name));
  if (open.length === 0) return stopJudging(customer);
  const waiting = decision.candidates.filter(({ moment }) => !ended.includes(moment)).flatMap(({ reasons }) => reasons);
  const retries = waiting.flatMap(({ retryAt }) => (retryAt === undefined ? [] : [{ name: "retry", due: Date.parse(retryAt) }]));
  const until = decision.until === undefined ? [] : [{ name: "retry", due: Date.parse(decision.until) }];
  const expiries = open.map(({ expiresAt }) => ({ name: "expiry", due: expiresAt }));
  const review = { name: "review", due: now + policy.governance.review };
  const timer = [...until, ...retries, ...expiries, review]
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
