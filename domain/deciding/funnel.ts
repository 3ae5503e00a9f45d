import { ASKING } from "../entities/ask.ts";
import { type Customer, counts, type Moment, type Outcome, successKey } from "../entities/customer.ts";
import type { ReasonCode, Stage } from "../entities/decision.ts";
import { type ChannelRule, competing, type Experience, isOutside, type Policy, type Route, standsFor } from "../entities/policy.ts";
import { hasRedeemedSince, REDEEMED } from "../record/offers.ts";
import { type View, withMoment } from "../record/view.ts";
import type { Answer, Condition, Criterion, Scope } from "../values/condition.ts";
import { entryOf } from "../values/json.ts";
import { type Instant, iso } from "../values/time.ts";
import { addressOf, heldByConsent } from "./address.ts";
import { heldByAnswer, heldByConversation, routesFor } from "./conversation.ts";
import { heldByReads } from "./facts.ts";
import { inLanguageOf } from "./locale.ts";
import { heldByPauses, type Pause } from "./pause.ts";
import { heldByQuiet } from "./quiet.ts";
import { heldBySuppressions } from "./suppression.ts";
import { firstFree, type Hold, heldByCaps, heldByLimits, isTimed, unmetOf } from "./timing.ts";

/** Context of the funnel beside the customer. */
export interface FunnelContext {
  readonly policy: Policy;
  readonly view: View;
  readonly now: Instant;
  /** Pauses set by operators. */
  readonly pauses?: readonly Pause[] | undefined;
  /** Number of slots of an experience taken by all customers. */
  usedInTotal(experienceId: string): number;
  /** Why the text of an experience on a route could not be written in this run; undefined where it was not attempted or succeeded. */
  readonly rejectedText?: ((experienceId: string, route: Pick<Route, "channel" | "variant">) => string | undefined) | undefined;
  /** A language model's verdict on an experience's plain-words criterion; undefined when none was asked. */
  readonly opinionOn?: ((experience: Experience, moment: Moment) => Opinion | undefined) | undefined;
  /** Whether a human is handling this customer's conversation. */
  readonly isTakenOver?: boolean | undefined;
  /** What the customer has put away; looked up where it is missing. */
  readonly dismissals?: readonly Outcome[];
  /** How the customer is reached by channel, as far as it was looked up. */
  readonly reached?: Map<ChannelRule, Reach>;
  /** The place that is asked for; without it, channels that are asked do not compete. */
  readonly asked?: AskedFor | undefined;
}

/** The address of a channel for the customer, and what of consent and addresses holds it. */
interface Reach {
  readonly to?: string;
  readonly holds: readonly Hold[];
}

/** One place of an ask. */
export interface AskedFor {
  readonly channel: string;
  readonly place: string;
  /** The only experience that competes. */
  readonly experience?: string | undefined;
  /** Experiences given at other places of the same answer. */
  readonly given: ReadonlySet<string>;
}

export interface Opinion {
  readonly pass: boolean;
  readonly code: ReasonCode;
  readonly reason: string;
  /** Origin of the verdict: the model, or the agent that got no answer from it. */
  readonly decidedBy?: "model" | "agent";
}

/** A hold with its stage and, where an experience has several channels, the channel concerned. */
export interface StagedHold extends Hold {
  readonly stage: Stage;
  readonly channel?: string;
  /** The variant concerned, where the hold is about what one of several says. */
  readonly variant?: string;
  readonly decidedBy?: "rule" | "model" | "agent" | "human";
}

/** A route that only time may still hold. */
export interface OpenRoute {
  readonly route: Route;
  readonly rule: ChannelRule;
  readonly to?: string;
  /** Empty: ready to send now. */
  readonly holds: readonly StagedHold[];
  /** The first instant without any timed hold; undefined when there is none. */
  readonly freeAt?: Instant;
}

/** An experience after all stages before arbitration: its open routes, or why there is none. */
export interface Look {
  readonly experience: Experience;
  readonly moment: Moment;
  readonly routes: readonly OpenRoute[];
  /** All reasons of the stage at which it stopped; empty when routes are left. */
  readonly stoppedBy: readonly StagedHold[];
  /** Why other channels of the experience were ruled out earlier. */
  readonly lost: readonly StagedHold[];
}

/** Nothing holds it. */
export const isReady = ({ holds }: OpenRoute): boolean => holds.length === 0;

/** The variant of a route as a member, where its channel has variants. */
export const variantOf = ({ route: { variant } }: OpenRoute): { readonly variant?: string } => (variant === undefined ? {} : { variant });

/** Looks at each approved experience that serves an open moment, ordered by id. */
export function lookAtAll(customer: Customer, context: FunnelContext): Look[] {
  const looks: Look[] = [];
  for (const experience of mayServe(customer, context)) {
    const moment = servedBy(experience, customer.moments, context);
    if (moment) looks.push(lookAt(experience, moment, customer, context));
  }
  return looks;
}

/** Candidates whose plain-words criterion is next: they passed all earlier stages. */
export function reachesJudge(customer: Customer, context: FunnelContext): Pick<Look, "experience" | "moment">[] {
  return mayServe(customer, context).flatMap((experience) => {
    if (experience.judge === undefined || experience.held) return [];
    const moment = servedBy(experience, customer.moments, context);
    const reaches = moment && heldByCriteria(new Subject(experience, moment, customer, context)).length === 0;
    return reaches ? [{ experience, moment }] : [];
  });
}

export function lookAt(experience: Experience, moment: Moment, customer: Customer, context: FunnelContext): Look {
  if (experience.held)
    return stopped(
      experience,
      moment,
      experience.held.map((one) => ({ ...one, stage: "canary" })),
    );
  const subject = new Subject(experience, moment, customer, context);
  const dismissed = heldByDismissal(experience, moment, customer, context);
  const failing = heldByCriteria(subject);
  const answered = heldByAnswer(experience, customer);
  if (dismissed.length + answered.length > 0) return stopped(experience, moment, [...dismissed, ...failing, ...answered]);
  if (failing.length > 0) return stopped(experience, moment, failing);
  const judged = declined(experience, moment, context);
  if (judged.length > 0) return stopped(experience, moment, judged);
  const open = openRoutes(routesFor(experience, moment), subject);
  return open.length === 0 ? stopped(experience, moment, outOfReach(experience, context)) : throughStages(open, subject);
}

// --- internal ---

/** Looked up once a decision and channel: a decision may look at thousands of experiences on it. */
function reachOf(rule: ChannelRule, customer: Customer, { view, reached }: FunnelContext): Reach {
  const known = reached?.get(rule);
  if (known) return known;
  const to = addressOf(rule, customer, view.golden);
  const reach = { ...(to === undefined ? {} : { to }), holds: heldByConsent(rule, customer, view.golden) };
  reached?.set(rule, reach);
  return reach;
}

/** The approved experiences that may serve one of the open moments. Mostly one is open, and what serves it is known. */
function mayServe({ moments }: Customer, { policy }: FunnelContext): readonly Experience[] {
  const { all, serving } = competing(policy);
  const only = moments.length === 1 ? moments[0] : undefined;
  return only ? (serving.get(only.name) ?? NONE) : all;
}

/** The open moment that an experience serves, if it competes. */
function servedBy(experience: Experience, moments: readonly Moment[], { asked }: FunnelContext): Moment | undefined {
  if (asked ? !mayAnswer(experience, asked) : experience.isOnlyAsked) return undefined;
  const [first] = moments;
  if (moments.length === 1 && first) return experience.serves.includes(first.name) ? first : undefined;
  return mostUrgent(moments.filter(({ name }) => experience.serves.includes(name)));
}

/** The most urgent open moment, then the oldest, before the ask itself; ties are broken by name, so that the order of loading never shows. */
export function mostUrgent(moments: readonly Moment[]): Moment | undefined {
  if (moments.length <= 1) return moments[0];
  const isAsking = ({ name }: Moment): number => (name === ASKING ? 1 : 0);
  return [...moments].sort(
    (a, b) => isAsking(a) - isAsking(b) || b.urgency - a.urgency || a.openedAt - b.openedAt || (a.momentId < b.momentId ? -1 : 1),
  )[0];
}

/** An experience that is looked at, with its scopes, each made where it is first read: of thousands, most read none. */
class Subject {
  readonly experience: Experience;
  readonly moment: Moment;
  readonly customer: Customer;
  readonly context: FunnelContext;
  private wholeScope: Scope | undefined;
  private reliableScope: Scope | undefined;

  constructor(experience: Experience, moment: Moment, customer: Customer, context: FunnelContext) {
    this.experience = experience;
    this.moment = moment;
    this.customer = customer;
    this.context = context;
  }

  /** @param isShared that of the moment will do */
  whole(isShared = false): Scope {
    const { scope } = this.context.view;
    if (isShared) return withMoment(scope, this.moment);
    this.wholeScope ??= withMoment(scope, this.moment, this.experience);
    return this.wholeScope;
  }

  reliable(isShared = false): Scope {
    const { scope, reliable } = this.context.view;
    if (isShared) return withMoment(reliable, this.moment);
    if (scope === reliable) return this.whole();
    this.reliableScope ??= withMoment(reliable, this.moment, this.experience);
    return this.reliableScope;
  }
}

function heldByCriteria(subject: Subject): readonly StagedHold[] {
  const reached = goalReached(subject);
  if (reached) return [reached];
  for (const { name, code } of CRITERIA) {
    const holds = failedAmong(subject.experience[name], subject, code, name);
    if (holds.length > 0) return holds;
  }
  return NONE;
}

function failedAmong(criteria: readonly Criterion[], subject: Subject, code: ReasonCode, stage: Stage): readonly StagedHold[] {
  let holds: readonly StagedHold[] = NONE;
  for (const criterion of criteria) {
    const more = failed(criterion, subject.reliable(criterion.when.isShared), code, stage);
    if (more.length > 0) holds = holds.length === 0 ? more : [...holds, ...more];
  }
  return holds;
}

const NONE: readonly never[] = [];

const CRITERIA = [
  { name: "eligibility", code: "ineligible" },
  { name: "applicability", code: "not_applicable" },
  { name: "suitability", code: "not_suitable" },
] as const;

function goalReached({ experience: { success, id }, moment, customer }: Subject): StagedHold | undefined {
  if (!success) return undefined;
  const isSince = (key: string): boolean => (entryOf(customer.seen, key)?.seq ?? -1) > moment.openedSeq;
  const goal = (detail: string): StagedHold => ({ code: "goal_met", stage: "applicability", detail });
  if (success.when !== undefined)
    return isSince(successKey(id))
      ? goal(`${success.signals.join(" or ")} with ${success.when.text} came after the moment opened`)
      : undefined;
  const type = success.signals.find((signal) => (signal === REDEEMED ? hasRedeemedSince(moment, customer) : isSince(signal)));
  return type === undefined ? undefined : goal(`${type} came after the moment opened`);
}

/** Why a criterion fails. Experiences that share it share the answer, and so the hold. */
function failed(criterion: Criterion, scope: Scope, code: ReasonCode, stage: Stage): readonly StagedHold[] {
  const { when, reason } = criterion;
  const answer = when.ask(scope);
  if (answer.outcome === "met") return NONE;
  const known = holdsOf
    .get(answer)
    ?.get(stage)
    ?.get(reason ?? when);
  if (known) return known;
  const why = reason ?? `not met: ${when.text}`;
  const doubts = doubtsIn(when, scope);
  const because = doubts.length > 0 ? doubts.join("; ") : "detail" in answer ? answer.detail : undefined;
  const detail = because === undefined ? why : `${why} (${because})`;
  const made: StagedHold[] = [{ code, detail, unmet: () => unmetOf(criterion, scope, true, detail), stage }];
  const byStage: NonNullable<ReturnType<typeof holdsOf.get>> = holdsOf.get(answer) ?? new Map();
  holdsOf.set(answer, byStage.set(stage, (byStage.get(stage) ?? new Map()).set(reason ?? when, made)));
  return made;
}

/**
 * By the answer itself, which is the same only for a condition that reads no experience, in one scope; then by the stage, and by the
 * author's reason or the condition that stands for one.
 */
const holdsOf = new WeakMap<Answer, Map<Stage, Map<string | Condition, readonly StagedHold[]>>>();

/** Which stale or disputed fields keep a condition from holding, in words. Its parts are evaluated only where the customer has such fields. */
function doubtsIn({ faults }: Condition, scope: Scope): string[] {
  const { doubtsAbout } = scope;
  if (doubtsAbout === undefined) return [];
  return [...new Set(faults(scope).flatMap(({ reads }) => reads.flatMap(doubtsAbout).map(({ path, why }) => `customer.${path} ${why}`)))];
}

function declined(experience: Experience, moment: Moment, { opinionOn }: FunnelContext): readonly StagedHold[] {
  if (!experience.judge) return NONE;
  const opinion = opinionOn?.(experience, moment);
  if (opinion) {
    const { pass, code, reason, decidedBy = "model" } = opinion;
    return pass ? [] : [{ code, stage: "judge", detail: reason, decidedBy }];
  }
  if (experience.judge.without === "pass") return [];
  return [{ code: "judge_unavailable", stage: "judge", detail: `no language model can be asked: ${experience.judge.ask}` }];
}

const stopped = (experience: Experience, moment: Moment, stoppedBy: readonly StagedHold[]): Look => ({
  experience,
  moment,
  routes: NONE,
  stoppedBy,
  lost: NONE,
});

/** The routes in question. Most experiences have one: where there are thousands, none makes a list that could grow. */
function openRoutes(routes: readonly Route[], subject: Subject): readonly OpenRoute[] {
  const [first] = routes;
  if (routes.length > 1 || !first) return routesInQuestion(routes, subject);
  const only = inQuestion(first, subject);
  return only ? [only] : NONE;
}

const routesInQuestion = (routes: readonly Route[], subject: Subject): readonly OpenRoute[] =>
  routes.flatMap((route) => inQuestion(route, subject) ?? []);

/** A route of the experience, where its channel is in question. */
function inQuestion(route: Route, { customer, context }: Subject): OpenRoute | undefined {
  const rule = context.policy.channels[route.channel];
  if (!rule || (rule.pull !== undefined) !== (context.asked !== undefined)) return undefined;
  if (context.asked && !answers(route, context.asked)) return undefined;
  const { to } = reachOf(rule, customer, context);
  const spoken = inLanguageOf(context.view.scope, route);
  return to === undefined ? { route: spoken, rule, holds: NONE } : { route: spoken, rule, holds: NONE, to };
}

/** The stages that look at the routes: each holds some of them, and where it stops all of them, the experience. */
function throughStages(given: readonly OpenRoute[], subject: Subject): Look {
  const { experience, moment } = subject;
  let open = given;
  let lost: readonly StagedHold[] = NONE;
  for (const stage of ROUTE_STAGES) {
    const found = holdsAt(stage, open, subject);
    if (found === undefined) continue;
    const passed = heldRoutes(stage, open, found);
    open = passed.filter(({ holds }) => holds.every(isTimed)).map(({ one, holds }) => ({ ...one, holds: [...one.holds, ...holds] }));
    if (open.length === 0) return { ...stopped(experience, moment, ofChannels(passed)), lost };
    lost = [...lost, ...ofChannels(passed, (holds) => !holds.every(isTimed))];
  }
  return { experience, moment, routes: open.every(isReady) ? open : withFreeAt(open, subject), stoppedBy: NONE, lost };
}

/** Routes with what a stage holds each for. */
const heldRoutes = (
  stage: RouteStage,
  open: readonly OpenRoute[],
  found: readonly (readonly Hold[])[],
): { readonly one: OpenRoute; readonly holds: readonly StagedHold[] }[] =>
  open.map((one, place) => ({
    one,
    holds: (found[place] ?? NONE).map((hold): StagedHold => ({ ...hold, stage: stage.name, ...placeOf(one, stage) })),
  }));

/** What a stage holds the routes for, by their place; undefined where it holds none, as it mostly is. */
function holdsAt(stage: RouteStage, open: readonly OpenRoute[], subject: Subject): readonly (readonly Hold[])[] | undefined {
  let found: (readonly Hold[])[] | undefined;
  for (let place = 0; place < open.length; place++) {
    const holds = stage.holds(open[place] as OpenRoute, subject.context.now, subject);
    if (holds.length === 0) continue;
    found ??= open.map(() => NONE);
    found[place] = holds;
  }
  return found;
}

interface RouteStage {
  readonly name: Stage;
  /** Whether it looks at what a variant says; the other stages look at its channel. */
  readonly isOfVariant?: boolean;
  holds(one: OpenRoute, at: Instant, subject: Subject): readonly Hold[];
}

/** The channel that a hold is about, and the variant where it is about that alone. */
const placeOf = ({ route: { channel, variant } }: OpenRoute, { isOfVariant }: RouteStage): Pick<StagedHold, "channel" | "variant"> =>
  variant === undefined || !isOfVariant ? { channel } : { channel, variant };

/** The holds of the routes that are stopped, each once a channel: what stops all its variants is a hold of the channel. */
function ofChannels(
  looked: readonly { readonly one: OpenRoute; readonly holds: readonly StagedHold[] }[],
  isStopped: (holds: readonly StagedHold[]) => boolean = () => true,
): readonly StagedHold[] {
  const holds = looked.flatMap((route) => (isStopped(route.holds) ? route.holds : []));
  if (looked.every(({ one }) => one.route.variant === undefined)) return holds;
  const isSame = (a: StagedHold, b: StagedHold): boolean => a.channel === b.channel && a.code === b.code && a.detail === b.detail;
  return holds
    .filter((hold, place) => holds.findIndex((one) => isSame(one, hold)) === place)
    .map(({ variant, ...hold }) => {
      const isOfAll = looked.every(({ one, holds: own }) => one.route.channel !== hold.channel || own.some((other) => isSame(hold, other)));
      return variant === undefined || isOfAll ? hold : { ...hold, variant };
    });
}

const ROUTE_STAGES: readonly RouteStage[] = [
  { name: "facts", isOfVariant: true, holds: heldByFacts },
  { name: "consent", holds: ({ rule }, _at, { customer, context }) => reachOf(rule, customer, context).holds },
  { name: "suppression", holds: heldBySuppression },
  { name: "timing", holds: heldByTime },
];

function heldByFacts({ route, rule }: OpenRoute, at: Instant, subject: Subject): readonly Hold[] {
  const { experience, context } = subject;
  const reads = heldByReads(experience, { route, rule }, context.view.golden, subject, at);
  const rejected = context.rejectedText?.(experience.id, route);
  return rejected === undefined ? reads : [...reads, { code: "content_rejected", detail: rejected }];
}

function heldBySuppression({ route: { channel } }: OpenRoute, at: Instant, subject: Subject): readonly Hold[] {
  const { experience, customer, context } = subject;
  const { pauses = NONE, policy, isTakenOver = false } = context;
  const suppressed = heldBySuppressions(policy, customer, { experience, channel }, subject, at);
  if (pauses.length === 0 && !experience.converse) return suppressed;
  return [
    ...heldByPauses(pauses, { department: experience.department, channel }),
    ...heldByConversation(experience, customer, isTakenOver, at),
    ...suppressed,
  ];
}

/** Why no channel of an experience is in question: it is given only where a channel asks, or not where this one does. */
function outOfReach({ routes }: Experience, { asked }: FunnelContext): StagedHold[] {
  const names = routes.map(({ channel }) => channel).join(", ");
  const detail = asked ? `it is not given at ${asked.place} of ${asked.channel}` : `it is given only where ${names} asks`;
  return routes.length === 0 ? [] : [{ code: "no_channel", stage: "consent", detail }];
}

/** Whether an experience can be given at a place. */
const mayAnswer = ({ id, routes }: Experience, asked: AskedFor): boolean =>
  (asked.experience ?? id) === id && routes.some((route) => answers(route, asked));

const answers = ({ channel, places }: Route, asked: AskedFor): boolean =>
  channel === asked.channel && (places?.includes(asked.place) ?? true);

/** What the customer has put away. */
export const dismissalsOf = ({ outcomes }: Customer): Outcome[] => outcomes.filter(({ kind }) => kind === "dismissed");

/** What the customer has put away, and what another place of the same answer is given. */
function heldByDismissal(experience: Experience, moment: Moment, customer: Customer, context: FunnelContext): readonly StagedHold[] {
  const { asked, policy, now, dismissals = dismissalsOf(customer) } = context;
  const given: readonly StagedHold[] = asked?.given.has(experience.id)
    ? [{ code: "given", stage: "applicability", detail: "another place of this answer is given it" }]
    : NONE;
  for (const { experienceId, deliveryId, channel, at } of dismissals) {
    if (experienceId !== experience.id) continue;
    const since = `the customer put it away at ${iso(at)}`;
    if (moment.name !== ASKING) {
      const isOfMoment = customer.deliveries.some((note) => note.deliveryId === deliveryId && note.asked?.momentId === moment.momentId);
      if (isOfMoment) return [{ code: "dismissed", stage: "applicability", detail: `${since}, while ${moment.name} is open` }, ...given];
      continue;
    }
    const until = at + (policy.channels[channel]?.pull?.dismissed ?? 0);
    if (now < until) return [{ code: "dismissed", stage: "applicability", detail: `${since}, until ${iso(until)}` }, ...given];
  }
  return given;
}

function heldByTime({ rule }: OpenRoute, at: Instant, { experience, customer, context }: Subject): readonly Hold[] {
  const { policy, view, usedInTotal } = context;
  const { id, limits, department } = experience;
  const limited = limits ? heldByLimits(limits, usesOf(id, customer), usedInTotal(id), at, entryOf(customer.usedBefore, id)) : NONE;
  // Caps hold touches only.
  const isCapped = rule.isTouch && policy.governance.caps.length > 0 && !isOutside(experience, "caps");
  const capped = isCapped
    ? heldByCaps(policy.governance.caps, customer.touches, { channel: standsFor(rule), department }, at, view.zone)
    : NONE;
  const isQuiet = policy.governance.quietHours.length > 0 && !isOutside(experience, "quiet_hours");
  const quiet = isQuiet ? heldByQuiet(policy, rule, at, view) : NONE;
  return limited.length + capped.length + quiet.length === 0 ? NONE : [...limited, ...capped, ...quiet];
}

function usesOf(experienceId: string, { deliveries }: Customer): Instant[] {
  const times: Instant[] = [];
  for (const note of deliveries) if (note.experienceId === experienceId && counts(note.status)) times.push(note.at);
  return times;
}

/** Routes with the instant at which nothing timed holds them any more. */
const withFreeAt = (open: readonly OpenRoute[], subject: Subject): readonly OpenRoute[] =>
  open.map((one) => {
    if (one.holds.length === 0) return one;
    const freeAt = firstFree(subject.context.now, (at) => TIMED_STAGES.flatMap((stage) => stage.holds(one, at, subject)));
    return freeAt === undefined ? one : { ...one, freeAt };
  });

const TIMED_STAGES = ROUTE_STAGES.filter(({ name }) => name === "suppression" || name === "timing");
