import { type Customer, isSuccessKey, type Moment } from "../entities/customer.ts";
import { competes, type Experience, type Policy } from "../entities/policy.ts";
import type { Wake } from "../entities/wake.ts";
import { type View, viewOf } from "../record/view.ts";
import { cut } from "../values/cut.ts";
import type { Json } from "../values/json.ts";
import { type Instant, iso } from "../values/time.ts";
import { localTime } from "../values/zone.ts";
import { type FunnelContext, reachesJudge } from "./funnel.ts";

/** A plain-words criterion to be judged, with the relevant part of the record. */
export interface OpenCriterion {
  readonly experience: Experience;
  readonly moment: Moment;
  readonly ask: string;
  readonly record: Readonly<Record<string, Json>>;
}

export interface OpenCriteria {
  /** The day in the customer's zone. */
  readonly today: string;
  readonly criteria: readonly OpenCriterion[];
}

/** Plain-words criteria of the candidates that passed all earlier stages: only these need judging. */
export function openCriteria(
  customer: Customer,
  wake: Wake,
  { policy, now }: Pick<FunnelContext, "now"> & { readonly policy: Policy },
): OpenCriteria {
  const isAsked = policy.experiences.some((one) => one.judge && competes(one));
  if (!isAsked || customer.moments.length === 0) return { today: "", criteria: [] };
  const view = viewOf(customer, policy, wake, now);
  const shared = recordShown(customer, view);
  const criteria = reachesJudge(customer, { policy, view, now, usedInTotal: () => 0 }).flatMap(({ experience, moment }) =>
    experience.judge ? [{ experience, moment, ask: experience.judge.ask, record: { ...shared, ...momentShown(moment) } }] : [],
  );
  return { today: dayIn(now, view.zone), criteria };
}

// --- internal ---

/** More fields than a sentence can be about; the rest is dropped in name order, so that the selection is stable. */
const MAX_FIELDS = 150;
const MAX_CHARACTERS = 500;

/** Identity and contact fields: irrelevant to any criterion. */
const ABOUT_IDENTITY = /^name$|(^|\.)(email|phone|push|mobile|firstName|lastName|surname|iban|ssn)$/i;

/** Fields as conditions read them, by name: without addresses and names, and without stale or conflicting values. */
function recordShown(customer: Customer, { golden }: View): Record<string, Json> {
  const traits = [...golden.fields]
    .flatMap(([path, field]): [string, Json][] =>
      field.state === "ok" && field.value !== null && !ABOUT_IDENTITY.test(path) ? [[`customer.${path}`, bounded(field.value)]] : [],
    )
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, MAX_FIELDS);
  const seen = Object.entries(customer.seen)
    .filter(([type]) => !isSuccessKey(type))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, MAX_FIELDS)
    .map(([type, { at }]): [string, Json] => [`lastSignal.${type}`, iso(at)]);
  return {
    ...Object.fromEntries(traits),
    "customer.openCases": customer.openCases.length,
    "customer.promises": customer.promises.map(({ name, due, owner }) => ({ name, due: iso(due), owner })),
    ...Object.fromEntries(seen),
  };
}

function momentShown({ name, openedAt, urgency, data }: Moment): Record<string, Json> {
  const fields = Object.entries(data)
    .slice(0, MAX_FIELDS)
    .map(([key, value]): [string, Json] => [`moment.${name}.data.${key}`, bounded(value)]);
  return { [`moment.${name}.openedAt`]: iso(openedAt), [`moment.${name}.urgency`]: urgency, ...Object.fromEntries(fields) };
}

const bounded = (value: Json): Json => {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length <= MAX_CHARACTERS ? value : `${cut(text, MAX_CHARACTERS)} (shortened)`;
};

function dayIn(now: Instant, zone: string): string {
  const { year, month, day } = localTime(now, zone);
  return `${year}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
}
