import type { BUILT_IN_MOMENTS } from "../entities/built-ins.ts";
import { apply, type Change, type Draft } from "../entities/change.ts";
import { type Customer, type DeliveryNote, hasReached, isHeld, type Moment, type MomentEnd } from "../entities/customer.ts";
import type { MomentRule, Policy, Spoken } from "../entities/policy.ts";
import { CORRECTION_REACH_MS, competes } from "../entities/policy.ts";
import type { Signal } from "../entities/signal.ts";
import { idFrom } from "../entities/wake.ts";
import { inMoment, type View } from "../record/view.ts";
import { isMet, type Scope } from "../values/condition.ts";
import { canonicalJson, entryOf, type JsonObject, sameJson, withoutNulls } from "../values/json.ts";
import { DAY, type Instant } from "../values/time.ts";
import { tasksForLapsed } from "./approvals.ts";

/** Built-in moment: a fact stated to the customer has changed. */
export const FACT_CORRECTED = "fact_corrected" satisfies keyof typeof BUILT_IN_MOMENTS;
const CORRECTION_OPEN_MS = 7 * DAY;

/** Timer of a moment that opens on the absence of a signal. */
export const absenceTimer = (name: string): string => `absent:${name}`;

/** A possible opener of moments: a signal, or a timer that represents one. */
export interface Opener {
  readonly type: string;
  /** Source and id, or the timer's name and due time. */
  readonly key: string;
  readonly at: Instant;
  readonly data: JsonObject;
  readonly seq: number;
  /** Moments found in the signal's text, with the classifier's confidence. */
  readonly spoken?: Spoken;
}

/** Ends moments, and with them the pending approvals for them. */
export function endMoments(customer: Customer, moments: readonly Moment[], end: MomentEnd, at: Instant): Change[] {
  return moments.flatMap(({ momentId }): Change[] => [
    { type: "moment_ended", momentId, end, at },
    ...customer.approvals
      .filter((approval) => approval.momentId === momentId && approval.state === "pending")
      .map(({ approvalId }): Change => ({ type: "approval_lapsed", approvalId, at })),
  ]);
}

/** Expires moments. A moment is open before `expiresAt`, not at it. What nobody approved in time becomes a task. */
export function expire(customer: Customer, policy: Policy, now: Instant): Change[] {
  const over = customer.moments.filter(({ expiresAt }) => expiresAt <= now);
  if (over.length === 0) return [];
  const ended = over.flatMap((moment) => [
    ...tasksForLapsed(customer, moment, policy, moment.expiresAt),
    ...endMoments(customer, [moment], "expired", moment.expiresAt),
  ]);
  // Others are stopped where they would be sent.
  const held = customer.deliveries.filter(isHeld);
  return [
    ...ended,
    ...withdrawn(
      held,
      over.map(({ name }) => name),
      now,
    ),
  ];
}

/** Closes the moments that a signal closes; their unsent messages are withdrawn. */
export function withdraw(type: string, customer: Customer, policy: Policy, at: Instant): Change[] {
  const closed = policy.moments.filter(({ closes }) => closes.includes(type)).map(({ name }) => name);
  const open = customer.moments.filter(({ name }) => closed.includes(name));
  const pending = customer.deliveries.filter(({ status }) => status === "reserved");
  return [...endMoments(customer, open, "withdrawn", at), ...withdrawn(pending, closed, at)];
}

/** Opens the moments that the opener matches. */
export function openMoments(draft: Draft, opener: Opener, policy: Policy, view: View, now: Instant): Draft {
  return policy.moments
    .filter((rule) => rule.on.includes(opener.type))
    .reduce((next, rule) => apply(next, openMoment(next.customer, rule, opener, view.scope, now)), draft);
}

/** Opens the moment of a rule, unless it is open already, was open too recently, its condition fails, or it would have expired. */
export function openMoment(customer: Customer, rule: MomentRule, opener: Opener, scope: Scope, now: Instant): Change[] {
  const spoken = opener.spoken?.find(({ name }) => name === rule.name);
  // An absence has no text: only a signal type of the moment is classified.
  if (rule.says && !spoken && rule.on.includes(opener.type)) return [];
  const last = entryOf(customer.openings, rule.name);
  const isTooSoon = rule.once !== undefined && last !== undefined && opener.at - last < rule.once;
  const expiresAt = opener.at + rule.expires;
  if (isTooSoon || expiresAt <= now || customer.moments.some(({ name }) => name === rule.name)) return [];
  const urgency = rule.urgency;
  const data = withoutNulls(opener.data) as JsonObject;
  const { when } = rule;
  if (when && !isMet(when, when.isOfCustomer ? scope : inMoment(scope, { name: rule.name, openedAt: opener.at, urgency, data }))) return [];
  const moment: Moment = {
    momentId: idFrom("mo", customer.customerId, rule.name, opener.key),
    name: rule.name,
    openedAt: opener.at,
    expiresAt,
    urgency,
    data,
    openedBy: opener.key,
    openedOn: opener.type,
    openedSeq: opener.seq,
    confidence: spoken?.confidence ?? 1,
    decidedBy: spoken ? "model" : "rule",
  };
  return [{ type: "moment_opened", moment, openings: [rule.name] }];
}

/**
 * Starts, moves or stops the timers of `absent` moments after their signal. A late signal that is not the newest changes nothing: the
 * timer it would set may have fired already.
 */
export function watchAbsences({ type, time }: Signal, customer: Customer, policy: Policy, scope: Scope): Change[] {
  if (time < (entryOf(customer.seen, type)?.at ?? time)) return [];
  return policy.moments.flatMap((rule) => (rule.absent?.signal === type ? watchAbsence(rule.name, rule.absent, customer, scope) : []));
}

/** Sets the timers of `absent` moments as a new version of the policy has them, from what is known. An instant that has passed opens nothing. */
export function watchAllAbsences(customer: Customer, policy: Policy, scope: Scope, now: Instant): Change[] {
  return policy.moments.flatMap((rule): Change[] => {
    const changes = rule.absent ? watchAbsence(rule.name, rule.absent, customer, scope) : [];
    if (!changes.some((change) => change.type === "timer_set" && change.timer.due <= now)) return changes;
    const key = absenceTimer(rule.name);
    return customer.timers[key] ? [{ type: "timer_cleared", key }] : [];
  });
}

/**
 * Opens `fact_corrected` when a value that a delivery of the last 90 days stated has changed. Once per delivery and value, and one at
 * a time.
 */
export function openCorrection(customer: Customer, opener: Opener, policy: Policy, view: View, now: Instant): Change[] {
  const isServed = policy.experiences.some((one) => competes(one) && one.serves.includes(FACT_CORRECTED));
  if (!isServed || customer.moments.some(({ name }) => name === FACT_CORRECTED)) return [];
  const told = customer.deliveries.filter(
    (note) =>
      note.stated &&
      now - note.at < CORRECTION_REACH_MS &&
      ["sent", "delivered", "uncertain"].includes(note.status) &&
      hasReached(note, customer),
  );
  for (const delivery of told) {
    const facts = changedFacts(delivery, told, view);
    if (facts === undefined) continue;
    const occasion = `${FACT_CORRECTED}\n${delivery.deliveryId}\n${canonicalJson(facts)}`;
    if (customer.openings[occasion] !== undefined) continue;
    const moment: Moment = {
      momentId: idFrom("mo", customer.customerId, occasion),
      name: FACT_CORRECTED,
      openedAt: now,
      expiresAt: now + CORRECTION_OPEN_MS,
      urgency: 0.5,
      data: { facts, deliveryId: delivery.deliveryId },
      openedBy: opener.key,
      openedOn: opener.type,
      openedSeq: opener.seq,
      confidence: 1,
      decidedBy: "rule",
    };
    return [{ type: "moment_opened", moment, openings: [FACT_CORRECTED, occasion] }];
  }
  return [];
}

// --- internal ---

/** Cancels unsent deliveries all of whose moments are over. */
const withdrawn = (unsent: readonly DeliveryNote[], over: readonly string[], at: Instant): Change[] =>
  unsent
    .filter(({ moments }) => moments.every((name) => over.includes(name)))
    .map(({ deliveryId }) => ({ type: "delivery_moved", deliveryId, to: "cancelled", reason: "moment_expired", at }));

function watchAbsence(name: string, absent: NonNullable<MomentRule["absent"]>, customer: Customer, scope: Scope): Change[] {
  const key = absenceTimer(name);
  const known = customer.timers[key];
  const last = entryOf(customer.seen, absent.signal)?.at;
  const span = typeof absent.for === "number" ? absent.for : (absent.for.value(scope) ?? Number.NaN) * DAY;
  if (last === undefined || !(span > 0)) return known ? [{ type: "timer_cleared", key }] : [];
  const due = last + Math.round(span);
  return known?.due === due ? [] : [{ type: "timer_set", key, timer: { name: key, due } }];
}

/** Stated values that have changed since, unless a later delivery already stated the new value; undefined where there is none. */
function changedFacts(
  { deliveryId, at, stated = {} }: DeliveryNote,
  told: readonly DeliveryNote[],
  { golden }: View,
): JsonObject | undefined {
  let changed: JsonObject | undefined;
  for (const [path, said] of Object.entries(stated)) {
    const field = golden.fields.get(path);
    if (!field || field.state === "conflict" || sameJson(field.value, said)) continue;
    const isLater = (one: DeliveryNote): boolean => one.at > at && one.deliveryId !== deliveryId;
    if (told.some((one) => isLater(one) && sameJson(one.stated?.[path], field.value))) continue;
    changed = { ...changed, [path]: { said, now: field.value } };
  }
  return changed;
}
