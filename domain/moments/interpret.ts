import type { Ask } from "../entities/ask.ts";
import type { BuiltInSignalType } from "../entities/built-ins.ts";
import { apply, type Change, type Draft } from "../entities/change.ts";
import { type Customer, lastSeq } from "../entities/customer.ts";
import type { Policy } from "../entities/policy.ts";
import { type IdentityClaim, type Signal, signalKey } from "../entities/signal.ts";
import { type EventWake, identityOf, idFrom, VERSION_TIMER, type Wake } from "../entities/wake.ts";
import { addressesIn } from "../identity/addresses.ts";
import { applyRefusals, type RefusalsOf, refusalsIn } from "../record/address-refusals.ts";
import { deliveryEvent, eventOfTimer, isHeard, isRepeatedHandOver } from "../record/delivery-events.ts";
import { denyErased, type IsErased, withoutGrants } from "../record/erased.ts";
import {
  addIdentities,
  changesFromSignal,
  type ImportedCustomer,
  type IsIdentityTaken,
  importCustomer,
  type Provenance,
  sawSignal,
} from "../record/intake.ts";
import { isRefusedRedemption, redeemOffer } from "../record/offers.ts";
import { goldenRecord } from "../record/record.ts";
import { signalData, viewOf, zoneOf } from "../record/view.ts";
import { HOUR, type Instant, MINUTE } from "../values/time.ts";
import { nextTimeOfDay } from "../values/zone.ts";
import { hourLessons } from "./hour-lessons.ts";
import {
  absenceTimer,
  expire,
  type Opener,
  openCorrection,
  openMoment,
  openMoments,
  watchAbsences,
  watchAllAbsences,
  withdraw,
} from "./moments.ts";
import { endOutdated } from "./outdated.ts";
import { overdue, promisesAfter } from "./promises.ts";
import { ignore, receive, succeed } from "./receipts.ts";
import { lookAtStage } from "./stages.ts";
import { noteSuccesses, succeededBy } from "./successes.ts";
import { withdrawTasks } from "./tasks.ts";

export interface InterpretContext {
  readonly policy: Policy;
  readonly now: Instant;
  readonly taken: IsIdentityTaken;
  /** Whether an address belongs to an erased customer. */
  readonly isErased?: IsErased;
  /** Opt-outs bound to an address. */
  readonly refusalsOf?: RefusalsOf;
  /** Moments found in the signal's text. */
  readonly spoken?: Opener["spoken"];
}

/** Interprets a wake: the updated record with the moments it opens and ends. An ask changes no known customer. No clock, no I/O. */
export function interpret(customer: Customer, wake: Wake, context: InterpretContext): Draft {
  if (wake.kind === "ask") return meet(customer, wake.ask, context);
  const expired = apply({ customer, changes: [] }, expire(customer, context.policy, context.now));
  const draft = apply(expired, endOutdated(expired.customer, context.policy, context.now));
  const interpreted = wake.kind === "signal" ? interpretSignal(draft, wake.signal, context) : interpretTimer(draft, wake, context);
  return keepDailyClock(apply(interpreted, hourLessons(interpreted.changes, customer, context.policy)), context);
}

/** The record after an import, with its daily clock set. Data in the record may be older than the import. */
export function interpretImport(
  customer: Customer,
  record: ImportedCustomer,
  by: Provenance,
  { policy, taken, now, isErased = nobodyIs, refusalsOf = nothingSaid }: InterpretContext,
): Draft {
  const created: Change[] = customer.version === 0 ? [{ type: "customer_created", origin: { kind: "import", at: now } }] : [];
  // Opt-outs bound to the addresses apply first: a grant in the line must be newer than them.
  const draft = applyRefusals(apply({ customer, changes: [] }, created), addressesIn(record.traits, record.identities), refusalsOf);
  const wasErased = addressesIn(record.traits, record.identities).some(isErased);
  const imported = apply(draft, importCustomer(draft.customer, wasErased ? withoutGrants(record) : record, by, { taken, policy, now }));
  const next = wasErased ? apply(imported, denyErased(imported.customer, policy, by)) : imported;
  return keepDailyClock(next, { policy, taken, now });
}

// --- internal ---

/** An unknown customer who asks is created as by a signal; a known one stays as she is. */
function meet(customer: Customer, { source, id, at, seq, identities = [] }: Ask, context: InterpretContext): Draft {
  if (customer.version > 0) return { customer, changes: [] };
  const created: Change = { type: "customer_created", origin: { kind: "signal", at: context.now, source, id } };
  const draft = applyRefusals(
    apply({ customer, changes: [] }, [created]),
    addressesIn(undefined, identities),
    context.refusalsOf ?? nothingSaid,
  );
  return keepDailyClock(apply(draft, addIdentities(draft.customer, identities, { source, at, seq }, context.taken)), context);
}

function interpretSignal(draft: Draft, signal: Signal, context: InterpretContext): Draft {
  const { policy, taken, isErased = nobodyIs, refusalsOf = nothingSaid } = context;
  const isRepeated = isRepeatedHandOver(signal, draft.customer, policy);
  let next = apply(draft, redeemOffer(signal, draft.customer));
  const changes = changesFromSignal(signal, next.customer, taken, policy.channels);
  next = apply(next, isRepeated ? changes.filter(({ type }) => type !== "signal_seen") : changes);
  next = applyRefusals(next, addressesOf(signal), refusalsOf);
  if (addressesOf(signal).some(isErased))
    next = apply(next, denyErased(next.customer, policy, { source: signal.source, at: signal.time, seq: signal.seq }));
  next = apply(next, humanTouch(signal));
  next = apply(next, receive(signal, next.customer, policy));
  next = apply(next, refusalsIn(signal, next.customer, policy.channels));
  return betweenStages(next, { kind: "signal", signal }, context, (looked) => (isRepeated ? looked : hear(looked, signal, context)));
}

/**
 * Looks at the stage before and after the rest of a wake, so that what the wake brings about reads the stage that holds, and what it has
 * brought about (a promise) counts for the stage. A change is heard after the wake itself.
 */
function betweenStages(draft: Draft, wake: Wake, context: InterpretContext, rest: (looked: Draft) => Draft): Draft {
  const { policy, now } = context;
  const before = lookAtStage(draft.customer, policy, wake, now);
  const done = rest(before ? apply(draft, before.changes) : draft);
  const next = before ? hearStage(done, before.event, context) : done;
  const after = next.customer === draft.customer ? undefined : lookAtStage(next.customer, policy, wake, now);
  return after ? hearStage(apply(next, after.changes), after.event, context) : next;
}

const hearStage = (draft: Draft, event: Signal, { spoken: _ofTheWake, ...context }: InterpretContext): Draft => hear(draft, event, context);

/** What follows from a signal once it is in the record: successes, ends and openings of moments and promises, and what becomes of deliveries. */
function hear(draft: Draft, signal: Signal, context: InterpretContext): Draft {
  const { policy, now, spoken } = context;
  let next = draft;
  if (!isRefusedRedemption(signal, next.customer)) {
    const succeeded = succeededBy(signal, next.customer, policy, now);
    next = apply(next, noteSuccesses(signal, succeeded, next.customer));
    next = apply(next, succeed(signal, next.customer, succeeded));
    next = apply(next, withdraw(signal.type, next.customer, policy, signal.time));
    next = apply(next, withdrawTasks(signal, next.customer, policy, succeeded));
  }
  const converted = next.changes.slice(draft.changes.length).filter((change) => change.type === "outcome_added");
  next = apply(next, promisesAfter(signal, next.customer, policy));
  const data = signalData(signal, next.customer);
  const opener: Opener = {
    type: signal.type,
    key: signalKey(signal),
    at: signal.time,
    data,
    seq: signal.seq,
    ...(spoken ? { spoken } : {}),
  };
  const view = viewOf(next.customer, policy, { kind: "signal", signal }, now);
  next = apply(next, watchAbsences(signal, next.customer, policy, view.scope));
  next = openMoments(next, opener, policy, view, now);
  next = apply(next, openCorrection(next.customer, opener, policy, view, now));
  for (const { outcome } of converted)
    next = hearOfDelivery(next, deliveryEvent(next.customer, "converted", outcome.deliveryId, outcome.at), context);
  return next;
}

/** What becomes of a delivery is a signal too, where a rule listens. It is part of the wake that brings it about. */
function hearOfDelivery(draft: Draft, event: Signal | undefined, { spoken: _ofTheWake, ...context }: InterpretContext): Draft {
  if (!event || !isHeard(context.policy, event.type)) return draft;
  return hear(apply(draft, [sawSignal(event, draft.customer)]), event, context);
}

function interpretTimer(draft: Draft, wake: Extract<EventWake, { kind: "timer" }>, context: InterpretContext): Draft {
  const { key } = wake;
  // A timer fires once; code that needs it again sets it again, below or when judging.
  const next = apply(draft, [{ type: "timer_cleared", key }]);
  return betweenStages(next, wake, context, (looked) => afterTimer(looked, wake, context));
}

/** What a timer is about, by its key. */
function afterTimer(draft: Draft, wake: Extract<EventWake, { kind: "timer" }>, context: InterpretContext): Draft {
  const { policy, now } = context;
  const { key, due } = wake;
  const opener: Opener = { type: key, key: identityOf(wake), at: due, data: {}, seq: lastSeq(draft.customer) };
  let next = draft;
  const view = viewOf(next.customer, policy, wake, now);
  const [kind, id = ""] = splitOnce(key);
  if (key === DAILY_CLOCK) {
    next = apply(next, withdraw(DAILY_CLOCK, next.customer, policy, due));
    next = openMoments(next, opener, policy, view, now);
  }
  if (key === VERSION_TIMER) next = apply(next, watchAllAbsences(next.customer, policy, view.scope, now));
  if (kind === "response") next = apply(next, ignore(id, next.customer, policy, due));
  next = hearOfDelivery(next, eventOfTimer(wake, next.customer), context);
  if (kind === "promise") next = apply(next, overdue(id, next.customer, policy, due));
  const absent = policy.moments.find((rule) => rule.absent && absenceTimer(rule.name) === key);
  if (absent) next = apply(next, openMoment(next.customer, absent, opener, view.scope, now));
  return apply(next, openCorrection(next.customer, opener, policy, view, now));
}

const nobodyIs: IsErased = () => false;
const nothingSaid: RefusalsOf = () => [];

const addressesOf = ({ data: { traits, identities } }: Signal): IdentityClaim[] =>
  addressesIn(traits, Array.isArray(identities) ? (identities as unknown as IdentityClaim[]) : []);

/** A contact by a human counts as a touch. Any kind other than call or chat is a visit. */
function humanTouch({ type, data, time, source, id }: Signal): Change[] {
  if (type !== "human.touch") return [];
  const kind = data.kind === "call" || data.kind === "chat" ? data.kind : "visit";
  const { department } = data;
  const touch = {
    touchId: idFrom("h", source, id),
    at: time,
    kind,
    channel: kind,
    ...(typeof department === "string" ? { department } : {}),
  } as const;
  return [{ type: "touch_added", touch }];
}

export const DAILY_CLOCK = "clock.daily" satisfies BuiltInSignalType;
const DAILY_MINUTES = (9 * HOUR) / MINUTE;

/** Keeps a customer's daily clock set to 09:00 in the customer's zone, as long as a rule depends on it. */
function keepDailyClock(draft: Draft, { policy, now }: InterpretContext): Draft {
  const known = draft.customer.timers[DAILY_CLOCK];
  if (!policy.listens(DAILY_CLOCK)) return known ? apply(draft, [{ type: "timer_cleared", key: DAILY_CLOCK }]) : draft;
  // Due, and about to fire: the wake of this instant must not move it to tomorrow.
  if (known && known.due <= now) return draft;
  const { zone } = zoneOf(goldenRecord(draft.customer.claims, policy.record, now), policy);
  const due = nextTimeOfDay(now + 1, DAILY_MINUTES, zone);
  return known?.due === due ? draft : apply(draft, [{ type: "timer_set", key: DAILY_CLOCK, timer: { name: DAILY_CLOCK, due } }]);
}

const splitOnce = (key: string): [string, string?] => {
  const at = key.indexOf(":");
  return at < 0 ? [key] : [key.slice(0, at), key.slice(at + 1)];
};
