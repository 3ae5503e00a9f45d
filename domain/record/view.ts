import type { BUILT_IN_FIELDS } from "../entities/built-ins.ts";
import type { Counted, Customer, Moment } from "../entities/customer.ts";
import { type Experience, isTransactional, type Policy } from "../entities/policy.ts";
import type { Signal } from "../entities/signal.ts";
import type { AskWake, Wake } from "../entities/wake.ts";
import { channelOf } from "../identity/consent.ts";
import { type Answers, KnownAnswers, type Scope } from "../values/condition.ts";
import { cutShort } from "../values/cut.ts";
import { entryOf, type JsonObject, withoutNulls } from "../values/json.ts";
import type { Mutable } from "../values/mutable.ts";
import { DAY, type Instant, iso } from "../values/time.ts";
import type { Zoned } from "../values/zone.ts";
import { zoneMeant } from "../values/zone-names.ts";
import { eventOfTimer, isHeard, withDelivery } from "./delivery-events.ts";
import { doubtsAbout, hasDoubts, withoutStale } from "./doubts.ts";
import { answeredData } from "./offers.ts";
import { type GoldenRecord, goldenRecord } from "./record.ts";

/** A customer as conditions and texts read it at one instant. */
export interface View extends Zoned {
  readonly golden: GoldenRecord;
  readonly scope: Scope;
  /** The scope for conditions of experiences: stale and disputed fields count as missing. */
  readonly reliable: Scope;
}

export function viewOf(customer: Customer, policy: Policy, wake: Wake, now: Instant): View {
  const golden = goldenRecord(customer.claims, policy.record, now);
  const zoned = zoneOf(golden, policy);
  const { zone } = zoned;
  const fields = customerFields(customer, golden, zone, policy);
  const read: Scope = {
    now,
    zone,
    customer: fields,
    signal: signalFields(wake, customer, policy),
    // Replaced in the copies within moments: a member that is new to a copy costs more than the copy.
    moment: undefined,
    experience: undefined,
    touches: (windowMs, channel) =>
      customer.touches.filter((touch) => now - touch.at < windowMs && (channel === undefined || touch.channel === channel)).length,
    count: (type, windowMs) => countIn(customer, type, windowMs, now),
    cadence: (type) => {
      const gap = entryOf(customer.seen, type)?.gap;
      return gap === undefined ? undefined : gap / DAY;
    },
    answers: noAnswers(fields),
  };
  const scope = withPlaceForMoments(wake.kind === "ask" ? { ...read, ask: askFields(wake) } : read);
  const { zoneIsOwn, unknownZone } = zoned;
  const reliable = hasDoubts(golden) ? reliableScope(scope, customer, golden, policy) : scope;
  const view: Mutable<View> = { golden, zone, zoneIsOwn, scope, reliable };
  if (unknownZone !== undefined) view.unknownZone = unknownZone;
  return view;
}

/** The customer's own time zone, or the workspace's where it is missing or unknown. */
export function zoneOf({ traits }: GoldenRecord, policy: Policy): Zoned {
  const own = traits.timezone;
  const given = typeof own === "string" ? own.trim() : own;
  const zone = typeof given === "string" ? zoneMeant(given) : undefined;
  if (zone !== undefined) return { zone, zoneIsOwn: true };
  const unknown = given === undefined || given === null || given === "" ? {} : { unknownZone: cutShort(String(given), MAX_NAME_LENGTH) };
  return { zone: policy.timezone, zoneIsOwn: false, ...unknown };
}

type MomentRead = Pick<Moment, "name" | "openedAt" | "urgency" | "data">;

/** The fields of an experience, made once: a decision may look at thousands. */
export function experienceFields(experience: Experience): NonNullable<Scope["experience"]> {
  const known = fieldsOf.get(experience);
  if (known) return known;
  const { id, name, department, goal, value, serves, outside } = experience;
  const fields = {
    ...{ id, name, value, serves, transactional: isTransactional({ outside }) },
    ...(department === undefined ? {} : { department }),
    ...(goal === undefined ? {} : { goal }),
  };
  fieldsOf.set(experience, fields);
  return fields;
}

/** The scope within a moment, and for an experience. Within the same moment of the same scope, answers of conditions are shared. */
export function withMoment(scope: Scope, moment: MomentRead, experience?: Experience): Scope {
  const known = scopeWithin(scope, moment);
  return experience ? { ...known, experience: experienceFields(experience) } : known;
}

/** The scope within a moment, of its own: answers of conditions are shared with no other scope of the moment. */
export function inMoment(scope: Scope, given: MomentRead): Scope {
  const moment = momentFields(given);
  const { answers } = scope;
  if (!answers) return { ...scope, moment };
  const { customer, ofCustomer } = answers;
  return { ...scope, moment, answers: { customer, moment, ofCustomer, ofMoment: new KnownAnswers(), within: undefined } };
}

/** The data of a signal with what we know about the offer or the delivery that it names. */
export const signalData = (signal: Signal, customer: Customer): JsonObject =>
  withDelivery({ type: signal.type, data: answeredData(signal, customer) }, customer);

// --- internal ---

/** The signals of a type less than so long ago: those counted on loading, and those seen since. */
function countIn({ counted, recent }: Customer, type: string, windowMs: number, now: Instant): number {
  const { sure, edge } = entryOf(entryOf(counted, type) ?? {}, String(windowMs)) ?? NONE;
  const isWithin = (at: Instant): boolean => now - at < windowMs;
  return sure + edge.filter(isWithin).length + (entryOf(recent, type) ?? []).filter(isWithin).length;
}

const NONE: Counted = { sure: 0, edge: [] };

/** Maximum length of an unknown zone name in reports. */
const MAX_NAME_LENGTH = 60;

const fieldsOf = new WeakMap<Experience, NonNullable<Scope["experience"]>>();

/** The scope within a moment, made once with the scope: few moments are open, and each candidate asks for its own. */
function scopeWithin(scope: Scope, moment: MomentRead): Scope {
  const within = scope.answers?.within;
  if (within?.scope !== scope) return inMoment(scope, moment);
  for (const known of within.moments) if (known.moment === moment) return known.scope;
  const made = inMoment(scope, moment);
  within.moments.push({ moment, scope: made });
  return made;
}

const noAnswers = (customer: Scope["customer"]): Answers => ({
  customer,
  moment: undefined,
  ofCustomer: new KnownAnswers(),
  ofMoment: new KnownAnswers(),
  within: { scope: undefined, moments: [] },
});

/** The scope itself, told to its answers: a copy of it has the same answers, and other moments. */
function withPlaceForMoments(scope: Scope): Scope {
  if (scope.answers?.within) scope.answers.within.scope = scope;
  return scope;
}

const momentFields = ({ name, openedAt, urgency, data }: MomentRead) => ({ name, openedAt: new Date(openedAt), urgency, data });

function reliableScope(scope: Scope, customer: Customer, golden: GoldenRecord, policy: Policy): Scope {
  const fields = customerFields(customer, { traits: withoutStale(golden) }, scope.zone, policy);
  return withPlaceForMoments({
    ...scope,
    customer: fields,
    doubtsAbout: (path) => doubtsAbout(golden, policy.record, scope.now, path),
    answers: noAnswers(fields),
  });
}

interface KnownFields extends Pick<Customer, "customerId" | "consents" | "promises"> {
  readonly stage: Customer["stage"];
  readonly openCases: number;
  readonly zone: string;
  readonly policy: Policy;
  readonly fields: Record<string, unknown>;
}

/** By the traits, which are kept with the claims: a wake reads the fields several times, and most wakes change none of them. */
const knownFields = new WeakMap<JsonObject, KnownFields>();

function customerFields(
  customer: Customer,
  { traits }: Pick<GoldenRecord, "traits">,
  zone: string,
  policy: Policy,
): Record<string, unknown> {
  const { customerId, consents, promises, stage, openCases } = customer;
  const known = knownFields.get(traits);
  if (
    known?.customerId === customerId &&
    known.consents === consents &&
    known.promises === promises &&
    known.stage === stage &&
    known.openCases === openCases.length &&
    known.zone === zone &&
    known.policy === policy
  )
    return known.fields;
  const fields = newFields(customer, traits, zone, policy);
  knownFields.set(traits, { customerId, consents, promises, stage, openCases: openCases.length, zone, policy, fields });
  return fields;
}

function newFields(customer: Customer, traits: JsonObject, zone: string, policy: Policy): Record<string, unknown> {
  const all: { goals?: unknown } & { -readonly [name in keyof typeof BUILT_IN_FIELDS]?: unknown } & Record<string, unknown> = {};
  for (const name of Object.keys(traits)) all[name] = traits[name];
  all.goals = traits.goals ?? [];
  all.id = customer.customerId;
  all.timezone = zone;
  all.locale = typeof traits.locale === "string" ? traits.locale : "";
  all.consents = Object.values(customer.consents).map(({ channel, status, at }) => ({
    channel: channelOf(channel, policy.channels),
    status,
    at: iso(at),
  }));
  all.openCases = customer.openCases.length;
  all.promises = customer.promises.map(({ name, due, owner, openedAt }) => ({ name, due: iso(due), owner, openedAt: iso(openedAt) }));
  return policy.stages.length === 0 ? all : withStage(all, customer);
}

/** Where the workspace has stages, `customer.stage` is the one that holds, whatever a trait of that name says. */
function withStage({ stage: _trait, ...fields }: Record<string, unknown>, { stage }: Customer): Record<string, unknown> {
  return stage?.name ? { ...fields, stage: stage.name } : fields;
}

const askFields = ({ ask: { channel, context }, place }: AskWake) => ({ channel, ...(place === undefined ? {} : { place }), context });

/** The daily clock and what becomes of a delivery are signals by their meaning, and come from timers. */
function signalFields(wake: Wake, customer: Customer, policy: Policy): Record<string, unknown> {
  if (wake.kind === "ask") return {};
  if (wake.kind === "timer" && wake.name === "clock.daily")
    return { type: "clock.daily", source: "sentient", time: new Date(wake.due), data: {} };
  const signal = wake.kind === "signal" ? wake.signal : eventOfTimer(wake, customer);
  if (!signal || (wake.kind === "timer" && !isHeard(policy, signal.type))) return {};
  const { type, source, time } = signal;
  return { type, source, time: new Date(time), data: withoutNulls(signalData(signal, customer)) };
}
