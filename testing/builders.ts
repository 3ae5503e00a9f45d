import type { Consent, ConsentStatus } from "../domain/entities/consent.ts";
import {
  type Customer,
  type DeliveryNote,
  type Moment,
  newCustomer,
  type Outcome,
  type Promised,
  type Touch,
} from "../domain/entities/customer.ts";
import type { Signal } from "../domain/entities/signal.ts";
import type { Wake } from "../domain/entities/wake.ts";
import type { Propensity } from "../domain/learning/propensity.ts";
import { applyPatches, patchesOf } from "../domain/record/patch.ts";
import type { JsonObject } from "../domain/values/json.ts";
import { DAY, type Instant, parseInstant } from "../domain/values/time.ts";

/** Parses a time; throws on an invalid one. A time without a zone is UTC. */
export function at(text: string): Instant {
  const instant = parseInstant(text) ?? parseInstant(`${text}Z`) ?? parseInstant(`${text}T00:00:00Z`);
  if (instant === undefined) throw new Error(`${text} is not a time`);
  return instant;
}

/** A Monday, 10:00 in Chicago: outside quiet hours and far from a clock change. */
export const NOW: Instant = at("2026-06-01T15:00:00Z");

/** A fixed propensity of one half: nothing is drawn, whatever the policy's exploration settings. */
export const oneInTwo: Propensity = () => ({ mean: 0.5, logit: 0, deviation: 0 });

export interface GivenCustomer extends Partial<Omit<Customer, "consents" | "identities">> {
  /** Traits imported a day ago. */
  readonly traits?: Readonly<Record<string, unknown>>;
  /** Traits by source, with their time. */
  readonly said?: readonly { readonly source: string; readonly at: Instant; readonly traits: Readonly<Record<string, unknown>> }[];
  readonly consents?: Readonly<Record<string, ConsentStatus>>;
  /** Identities: type to value. */
  readonly identities?: Readonly<Record<string, string>>;
}

export function aCustomer({ traits = {}, said = [], consents = {}, identities = {}, ...rest }: GivenCustomer = {}): Customer {
  const words = [{ source: "import", at: NOW - DAY, traits }, ...said];
  const claims = words.reduce(
    (known, { traits: patch, source, at: time }, seq) => applyPatches(known, patchesOf(patch), { source, at: time, seq }),
    rest.claims ?? {},
  );
  return {
    ...newCustomer("c-1", { kind: "import", at: NOW - DAY }),
    version: 1,
    ...rest,
    claims,
    consents: Object.fromEntries(Object.entries(consents).map(([channel, status]) => [channel, aConsent({ channel, status })])),
    identities: Object.entries(identities).map(([type, value]) => ({
      type,
      value,
      source: "import",
      at: NOW - DAY,
      seq: 0,
      place: 1,
      owned: true,
    })),
  };
}

export const aConsent = (given: Partial<Consent> = {}): Consent => ({
  channel: "sms",
  status: "granted",
  at: NOW - DAY,
  source: "import",
  seq: 0,
  ...given,
});

let arrived = 0;

/** A newly arrived signal; each call returns a distinct one, later than those before it. */
export function aSignal(type: string, data: JsonObject = {}, given: Partial<Signal> = {}): Signal {
  arrived++;
  return { source: "web", id: `s-${arrived}`, type, customerId: "c-1", time: NOW, data, seq: arrived, ...given };
}

export const signalWake = (signal: Signal): Wake => ({ kind: "signal", signal });

export const timerWake = (name: string, due: Instant = NOW, key: string = name): Wake => ({
  kind: "timer",
  customerId: "c-1",
  key,
  name,
  due,
});

export const aMoment = (given: Partial<Moment> = {}): Moment => {
  const { name = "m", openedAt = NOW } = given;
  return {
    momentId: `mo-${name}`,
    name,
    openedAt,
    expiresAt: openedAt + 30 * DAY,
    urgency: 0.5,
    data: {},
    openedBy: "web\ns-0",
    openedOn: "go",
    openedSeq: 0,
    confidence: 1,
    decidedBy: "rule",
    ...given,
  };
};

let touched = 0;

export function aTouch(given: Partial<Touch> = {}): Touch {
  touched++;
  return { touchId: `t-${touched}`, at: NOW, kind: "delivery", channel: "box", ...given };
}

export const aDelivery = (given: Partial<DeliveryNote> = {}): DeliveryNote => ({
  deliveryId: "d-1",
  experienceId: "e",
  channel: "box",
  status: "sent",
  at: NOW - DAY,
  moments: ["m"],
  ...given,
});

export const anOutcome = (given: Partial<Outcome> = {}): Outcome => ({
  deliveryId: "d-1",
  experienceId: "e",
  channel: "box",
  kind: "ignored",
  at: NOW - DAY,
  ...given,
});

export const aPromise = (given: Partial<Promised> = {}): Promised => ({
  promiseId: "p-1",
  name: "reply",
  owner: "service",
  openedAt: NOW - DAY,
  due: NOW + DAY,
  openedBy: ["web\ns-0"],
  overdue: false,
  ...given,
});
