import { ASKING, type Ask } from "../entities/ask.ts";
import { type Change, firstStatus, type NewDelivery } from "../entities/change.ts";
import { type Asked, type Customer, counts, type DeliveryNote, lastSeq, type Moment } from "../entities/customer.ts";
import type { DecisionDraft } from "../entities/decision.ts";
import { type ChannelRule, standsFor } from "../entities/policy.ts";
import { ASK } from "../entities/signal.ts";
import { type AskWake, idFrom, seedOf } from "../entities/wake.ts";
import { announcedStatuses, handOverTimer, holdTimer } from "../record/delivery-events.ts";
import { joinKey } from "../values/key.ts";
import { DAY, type Instant, MINUTE } from "../values/time.ts";
import type { AskedFor, Ranked, Verdict } from "./arbitration.ts";
import { draftDecision, recorded } from "./decision-draft.ts";
import { askApproval, newDelivery } from "./reserve.ts";
import { everyVerdictOn, type JudgeContext, type Judged, type Outcome, outcomeOf, verdictOn } from "./verdict.ts";

/** How long what a place was given is given again. */
const AGAIN_MS = 30 * MINUTE;

/** How long the moment of an ask would be open: as good as for ever, so that a `defer` can tell any instant. */
const ASKING_OPEN_MS = 366 * DAY;

/** The decision about one place of an ask. */
export interface AnsweredPlace {
  readonly decision: DecisionDraft;
  /** The delivery of an experience that the place was not given before. */
  readonly delivery?: NewDelivery;
  /** The delivery that the place was given before, and is given again. */
  readonly again?: DeliveryNote;
  /** What follows besides: an approval to be asked for, timers of the delivery. */
  readonly changes: readonly Change[];
}

export interface AskContext extends Omit<JudgeContext, "opinionOn"> {
  readonly rule: ChannelRule & { readonly pull: NonNullable<ChannelRule["pull"]> };
  /** Experiences given at other places of the same answer. */
  readonly given: ReadonlySet<string>;
  /** Whether what is given is recorded only. */
  readonly isRecorded: boolean;
}

/**
 * Judges the candidates for one place of an ask: all open moments and the ask itself, on the channel that asks. It always gives a
 * decision, and leaves moments, the standing decision and its timer alone. No clock, no I/O.
 */
export function judgeAsk(customer: Customer, wake: PlaceWake, context: AskContext): AnsweredPlace {
  const { now } = context;
  const asking = withAsking(customer, wake, now);
  const before = givenBefore(customer, wake, context);
  const judged = before && judgeAgain(asking, before, wake, context);
  return judged ?? judgeAnew(asking, wake, context);
}

/** Everything that a policy may answer at one place of an ask, each with its probability. No clock, no I/O. */
export function everyAnswer(customer: Customer, wake: PlaceWake, context: AskContext, isAskedFor: AskedFor): Outcome[] {
  const asking = withAsking(customer, wake, context.now);
  const before = givenBefore(customer, wake, context);
  const again = before && judgeAgain(asking, before, wake, context)?.again;
  if (again) {
    const { experienceId, channel, variant } = again;
    return [{ action: "deliver", experienceId, channel, ...(variant === undefined ? {} : { variant }), probability: 1 }];
  }
  const seed = seedOf(context.policy.version, wake);
  return everyVerdictOn(asking, wake, seed, { ...context, asked: askedAt(wake, context) }, isAskedFor).map((verdict) =>
    outcomeOf(silentWithoutMoment(verdict)),
  );
}

// --- internal ---

/** The customer as an ask sees her: with the moment that it opens for itself, and without those that are over. */
function withAsking({ standing: _kept, ...customer }: Customer, wake: AskWake, now: Instant): Customer {
  const open = customer.moments.filter(({ expiresAt }) => expiresAt > now);
  return { ...customer, moments: [...open, askingMoment(wake.ask, customer, now)] };
}

const askingMoment = ({ source, id, context }: Ask, customer: Pick<Customer, "customerId" | "seen">, now: Instant): Moment => ({
  momentId: idFrom("mo", customer.customerId, ASKING, source, id),
  name: ASKING,
  openedAt: now,
  expiresAt: now + ASKING_OPEN_MS,
  urgency: 0,
  data: context,
  openedBy: joinKey(source, id),
  openedOn: ASK,
  openedSeq: lastSeq(customer as Customer),
  confidence: 1,
  decidedBy: "rule",
});

/** One place of an ask. */
export type PlaceWake = AskWake & { readonly place: string };

function verdictFor(customer: Customer, wake: PlaceWake, seed: string, context: AskContext): Judged {
  const judged = verdictOn(customer, wake, seed, { ...context, asked: askedAt(wake, context) });
  return { ...judged, verdict: silentWithoutMoment(judged.verdict) };
}

const askedAt = ({ ask: { channel, experience }, place }: PlaceWake, { given }: AskContext) => ({ channel, place, experience, given });

/** A human is asked about a moment of the customer; an ask alone is over before anybody could answer. */
function silentWithoutMoment(verdict: Verdict): Verdict {
  const { action, winner, because, ranked, probability } = verdict;
  if (action !== "await_approval" || winner?.look.moment.name !== ASKING) return verdict;
  const [why] = because;
  const passed = ranked.map((one): Ranked => (one === winner && why ? { ...one, passedOver: why } : one));
  return { action: "silence", ranked: passed, probability, because };
}

function judgeAnew(customer: Customer, wake: PlaceWake, context: AskContext): AnsweredPlace {
  const judged = verdictFor(customer, wake, seedOf(context.policy.version, wake), context);
  const { action, winner } = judged.verdict;
  const decision = recordOf(judged, context);
  if (action === "await_approval" && winner) return { decision, changes: askApproval(winner, decision, customer, context.now) };
  if (action !== "deliver" || !winner) return { decision, changes: [] };
  const delivery = answerWith(winner, decision, judged, wake, context);
  return { decision, delivery, changes: [...holdTimerOf(delivery), ...announce(delivery, context)] };
}

const recordOf = (judged: Judged, { whole }: AskContext): DecisionDraft => recorded(draftDecision(judged), judged, whole);

function answerWith(
  winner: Ranked,
  { decisionId, probability }: DecisionDraft,
  judged: Judged,
  { ask, place }: PlaceWake,
  { now, rule, isRecorded }: AskContext,
): NewDelivery {
  const { keeps, makes, ...delivery } = newDelivery(winner, decisionId, judged);
  const moments = delivery.moments.filter((name) => name !== ASKING);
  const { moment } = winner.look;
  const { hold } = rule.pull;
  const asked: Asked = {
    place,
    source: ask.source,
    askId: ask.id,
    probability,
    ...(moment.name === ASKING ? {} : { momentId: moment.momentId }),
    ...(hold === undefined ? {} : { holdUntil: now + hold }),
    keeps,
    ...(makes ? { makes } : {}),
  };
  return {
    ...delivery,
    moments: moments.length > 0 ? moments : [ASKING],
    keeps: [],
    asked,
    ...(standsFor(rule) === rule.name ? {} : { countsFor: standsFor(rule) }),
    ...(isRecorded && hold === undefined ? { recorded: true as const } : {}),
  };
}

/** The end of a hold is a timer: what was not confirmed by then frees its slot. */
function holdTimerOf({ deliveryId, asked }: NewDelivery): Change[] {
  const key = holdTimer(deliveryId);
  return asked?.holdUntil === undefined ? [] : [{ type: "timer_set", key, timer: { name: key, due: asked.holdUntil } }];
}

/** The answer is the hand-over: rules that listen for it hear of it by a timer, as of any other. */
function announce(delivery: NewDelivery, { policy, now }: AskContext): Change[] {
  if (firstStatus(delivery) !== "sent" || !announcedStatuses(policy).includes("sent")) return [];
  const key = handOverTimer("sent", delivery.deliveryId);
  return [{ type: "timer_set", key, timer: { name: key, due: now } }];
}

/** What the place was given within the last half hour, if the customer has neither taken it up nor put it away. */
function givenBefore(customer: Customer, wake: PlaceWake, { now, given }: AskContext): DeliveryNote | undefined {
  const last = customer.deliveries.reduce<DeliveryNote | undefined>((latest, note) => {
    const isOfPlace = note.channel === wake.ask.channel && note.asked?.place === wake.place;
    return isOfPlace && (!latest || note.at >= latest.at) ? note : latest;
  }, undefined);
  if (!last || now - last.at >= AGAIN_MS || !counts(last.status) || given.has(last.experienceId)) return undefined;
  if ((wake.ask.experience ?? last.experienceId) !== last.experienceId) return undefined;
  const isOver = customer.outcomes.some(({ deliveryId, kind }) => deliveryId === last.deliveryId && ENDS_AGAIN.includes(kind));
  return isOver ? undefined : last;
}

const ENDS_AGAIN: readonly string[] = ["clicked", "converted", "dismissed"];

/** Whether what was given before may still go, its own slot and touch left aside, and still wins by the draws of its first decision. */
function judgeAgain(customer: Customer, before: DeliveryNote, wake: PlaceWake, context: AskContext): AnsweredPlace | undefined {
  const { asked, deliveryId, experienceId } = before;
  if (!asked) return undefined;
  const without: Customer = {
    ...customer,
    deliveries: customer.deliveries.filter((note) => note.deliveryId !== deliveryId),
    touches: customer.touches.filter(({ touchId }) => touchId !== deliveryId),
  };
  const first: PlaceWake = { ...wake, ask: { ...wake.ask, source: asked.source, id: asked.askId } };
  const usedInTotal = (id: string): number => context.usedInTotal(id) - (id === experienceId ? 1 : 0);
  const judged = verdictFor(without, wake, seedOf(context.policy.version, first), { ...context, usedInTotal });
  if (judged.verdict.action !== "deliver" || judged.verdict.winner?.look.experience.id !== experienceId) return undefined;
  // Its words are those of its first decision, whatever variant would win by now.
  const { variant: _now, ...decision } = recordOf(judged, context);
  const way = before.variant === undefined ? {} : { variant: before.variant };
  return { decision: { ...decision, ...way, probability: asked.probability, again: true, deliveryId }, again: before, changes: [] };
}
