import type { AskedFor } from "../domain/deciding/arbitration.ts";
import { type AnsweredPlace, type AskContext, everyAnswer, judgeAsk } from "../domain/deciding/judge-ask.ts";
import { type Outcome, SILENCE } from "../domain/deciding/verdict.ts";
import type { PlaceAnswer } from "../domain/entities/ask.ts";
import { unknownInAsk } from "../domain/entities/ask-names.ts";
import { apply, type Change, type Draft, type NewDelivery } from "../domain/entities/change.ts";
import { type DeliveryNote, lastSeq } from "../domain/entities/customer.ts";
import { type ChannelRule, experienceOf } from "../domain/entities/policy.ts";
import type { AskWake } from "../domain/entities/wake.ts";
import { need } from "../domain/errors.ts";
import { goldenRecord } from "../domain/record/record.ts";
import { entryOf, type JsonObject } from "../domain/values/json.ts";
import { iso } from "../domain/values/time.ts";
import type { AgentContext } from "./agent.ts";
import { contentFor, render } from "./content-generator.ts";
import { propensityOf } from "./propensity-of.ts";
import type { RejectedText, WakeRun } from "./wake-run.ts";

/**
 * Answers an ask: one decision a place, in the order asked, each knowing what the places before it were given. Texts are written and
 * actions done here, because the answer is the hand-over; no language model is asked.
 *
 * @param used slots taken of experiences with a limit in total; those that the answer takes are added
 */
export function answerAsk(one: WakeRun, wake: AskWake, given: AgentContext, used: Map<string, number>): void {
  const draft = need(one.interpreted, "the interpreter's word");
  const context = { ...given, policy: given.policyFor(draft.customer.customerId, one.now) };
  const rule = askedRule(entryOf(context.policy.channels, wake.ask.channel));
  const answering: Answering = { run: one, wake, context, rule, used, given: new Set(), contents: new Map(), draft };
  const places: Record<string, PlaceAnswer> = {};
  if (!wake.ask.isLate) for (const place of wake.ask.places) places[place] = answerPlace(place, answering);
  one.judged = answering.draft;
  one.places = places;
  one.contents = answering.contents;
}

/** Everything that may be answered at the first place of an ask, each with its probability; silence where the policy has no such place. */
export function everyFirstAnswer(one: WakeRun, wake: AskWake, given: AgentContext, isAskedFor: AskedFor): Outcome[] {
  const draft = need(one.interpreted, "the interpreter's word");
  const context = { ...given, policy: given.policyFor(draft.customer.customerId, one.now) };
  const { channel, places, experience } = wake.ask;
  const [place] = places;
  const isUnknown =
    unknownInAsk({ channel, places: [...places], ...(experience === undefined ? {} : { experience }) }, context.policy) !== undefined;
  if (place === undefined || isUnknown) return [SILENCE];
  const rule = askedRule(entryOf(context.policy.channels, channel));
  const answering: Answering = { run: one, wake, context, rule, used: new Map(given.totals), given: new Set(), contents: new Map(), draft };
  return everyAnswer(draft.customer, { ...wake, place }, contextFor(place, answering, []), isAskedFor);
}

// --- internal ---

type AskedRule = AskContext["rule"];

interface Answering {
  readonly run: WakeRun;
  readonly wake: AskWake;
  readonly context: AgentContext;
  readonly rule: AskedRule;
  readonly used: Map<string, number>;
  /** Experiences given so far. */
  readonly given: Set<string>;
  /** Their texts, by delivery. */
  readonly contents: Map<string, JsonObject>;
  /** The customer after the places answered so far. */
  draft: Draft;
}

function askedRule(rule: ChannelRule | undefined): AskedRule {
  const { pull, ...rest } = need(rule, "the channel that asks");
  return { ...rest, pull: need(pull, "a channel of kind pull") };
}

/** Answers one place. A text or an action that fails excludes its candidate, and the next best may win. */
function answerPlace(place: string, answering: Answering): PlaceAnswer {
  const rejected: RejectedText[] = [];
  for (;;) {
    const answered = judgeAsk(answering.draft.customer, { ...answering.wake, place }, contextFor(place, answering, rejected));
    const carried = answered.delivery ? carryOut(answered.delivery, answering) : undefined;
    if (carried && "problem" in carried) rejected.push(carried);
    else return take(answered, carried, answering);
  }
}

function contextFor(place: string, { run, context, rule, used, given }: Answering, rejected: readonly RejectedText[]): AskContext {
  const { policy, pauses } = context;
  return {
    policy,
    now: run.now,
    pauses,
    rule,
    given,
    propensity: propensityOf(run, policy, context, place),
    usedInTotal: (id) => used.get(id) ?? 0,
    rejectedText: (id, { channel, variant }) =>
      rejected.find((one) => one.experienceId === id && one.channel === channel && one.variant === variant)?.detail,
    isRecorded: context.isRecordedOnly === true,
    whole: context.knownThen?.whole,
  };
}

interface CarriedOut {
  readonly content: JsonObject;
  readonly action?: JsonObject;
  readonly changes: readonly Change[];
}

/** Does the action and writes the text that may report it; the reason where one of them fails. */
function carryOut(delivery: NewDelivery, answering: Answering): CarriedOut | (RejectedText & { readonly problem: true }) {
  const { experienceId, channel, variant, frozen } = delivery;
  const way = { experienceId, channel, ...(variant === undefined ? {} : { variant }) };
  const rejected = (detail: string) => ({ ...way, detail, problem: true }) as const;
  const done = act(delivery, answering);
  if ("failed" in done) return rejected(done.failed);
  const { action, changes } = done;
  const written = render(contentFor(answering.context.policy, delivery), { ...frozen, ...(action ? { action } : {}) });
  return "problem" in written ? rejected(written.problem) : { content: written.fields, changes, ...(action ? { action } : {}) };
}

function act(
  { experienceId, deliveryId, frozen }: NewDelivery,
  { run, context, draft: { customer } }: Answering,
): { readonly action?: JsonObject; readonly changes: readonly Change[] } | { readonly failed: string } {
  const { policy } = context;
  const action = experienceOf(policy, experienceId)?.action;
  if (!action) return { changes: [] };
  const input = render(action.input, frozen);
  if ("problem" in input) return { failed: input.problem };
  const golden = goldenRecord(customer.claims, policy.record, run.now);
  const key = `${deliveryId}:action`;
  return context.applyAction(action.tool, input.fields.input as JsonObject, {
    customer,
    golden,
    now: run.now,
    ceilings: policy.governance,
    seq: lastSeq(customer),
    key,
  });
}

/** Writes the decision of a place into the draft, and gives its answer. */
function take(answered: AnsweredPlace, carried: CarriedOut | undefined, answering: Answering): PlaceAnswer {
  const { decision, delivery, again, changes } = answered;
  const { action, content } = carried ?? {};
  const slot = delivery && (action ? { ...delivery, action } : delivery);
  const decided: Change = { type: "decided", decision, isAnswer: true, ...(slot ? { delivery: slot } : {}) };
  answering.draft = apply(answering.draft, [decided, ...changes, ...(carried?.changes ?? [])]);
  if (slot) count(slot, content, answering);
  const shown = delivery ?? again;
  if (shown) answering.given.add(shown.experienceId);
  return placeAnswer(decision, shown, again !== undefined, content);
}

function count({ deliveryId, experienceId, total }: NewDelivery, content: JsonObject | undefined, { used, contents }: Answering): void {
  if (total !== undefined) used.set(experienceId, (used.get(experienceId) ?? 0) + 1);
  if (content) contents.set(deliveryId, content);
}

function placeAnswer(
  { decisionId, action, experienceId, until, probability, reasons }: AnsweredPlace["decision"],
  shown: (Pick<DeliveryNote, "deliveryId" | "variant" | "asked"> & Pick<NewDelivery, "locale">) | undefined,
  again: boolean,
  content: JsonObject | undefined,
): PlaceAnswer {
  const holdUntil = shown?.asked?.holdUntil;
  const given = {
    deliveryId: shown?.deliveryId,
    variant: shown?.variant,
    locale: shown?.locale,
    holdUntil: holdUntil === undefined ? undefined : iso(holdUntil),
    content,
    experienceId,
    until,
  };
  const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { decisionId, action, ...known, again, probability, reasons };
}
