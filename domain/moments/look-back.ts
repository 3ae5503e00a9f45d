import type { OutcomeKind } from "../entities/customer.ts";
import { CORRECTION_REACH_MS, competes, everyExperience, HABIT_REACH_MS, type Policy } from "../entities/policy.ts";
import { customerOf, type Wake } from "../entities/wake.ts";
import { codeNamed } from "../record/offers.ts";
import { type AfterOutcome, channelMeant, countsOn } from "../record/suppressing-outcomes.ts";
import type { Instant } from "../values/time.ts";
import { STAGE_CHANGED } from "./stages.ts";

/** How far back the rules of a policy look over deliveries, outcomes and signals: what is older plays no part, or only by its number. */
export interface LookBack {
  /** What signals are counted by: pairs of a type and a span of time. */
  readonly counted: readonly (readonly [type: string, span: number])[];
  /** Windows of the limits per customer, in milliseconds, by experience; null: every delivery counts, for ever. */
  readonly limits: Readonly<Record<string, number | null>>;
  readonly runs: readonly OutcomeRun[];
  /** How long a dismissal holds; missing where nothing is given at places. */
  readonly dismissed?: number;
  /** How old a statement may be that is still corrected; missing where no correction is served. */
  readonly stated?: number;
  /** Channels whose hour is learned, and how far back. */
  readonly habits: { readonly channels: readonly string[]; readonly reach: number };
  /** Channels that the customer does not feel. */
  readonly unfelt: readonly string[];
  /** By signal type: the experiences of which it is the success, and the milliseconds within which it has to come. */
  readonly successes: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Outcomes of one kind that suppress once enough have come: the latest run of them is what counts. */
export interface OutcomeRun {
  readonly kind: OutcomeKind;
  readonly times: number;
  /** The run is shorter than this; missing: any distance. */
  readonly within?: number;
  /** How long it holds; missing: for ever. */
  readonly holds?: number;
  /** Whether each experience has runs of its own. */
  readonly byExperience: boolean;
  /** Only outcomes on these channels, or on none of those. */
  readonly channels?: readonly string[];
  readonly exceptChannels?: readonly string[];
  /** Only outcomes of this department; null: of none. */
  readonly department?: string | null;
}

const known = new WeakMap<Policy, LookBack>();

export function lookBackOf(policy: Policy): LookBack {
  const found = known.get(policy) ?? lookedBack(policy);
  known.set(policy, found);
  return found;
}

/** What some wakes are about: it is read however old it is. */
export interface About {
  /** Ids of deliveries. */
  readonly deliveries: readonly string[];
  /** Codes of offers. */
  readonly codes: readonly string[];
  /** Signals that may be the success of a delivery: by customer, type and time. */
  readonly hopes: readonly { readonly customerId: string; readonly type: string; readonly at: Instant }[];
  /** Whether a task may tell of the latest contacts. */
  readonly tellsContacts: boolean;
  readonly isAsked: boolean;
  /** Set where anything may happen from now on: all of it is read. */
  readonly isWhole?: true;
}

/** Nothing is known of the wakes, or there is none: a record is looked at. */
export const ABOUT_ANYTHING: About = { deliveries: [], codes: [], hopes: [], tellsContacts: true, isAsked: true };

/** Everything is read: she is played forward, or changed as a whole. */
export const ABOUT_EVERYTHING: About = { ...ABOUT_ANYTHING, isWhole: true };

/** An ask names nothing but itself. */
export const ABOUT_AN_ASK: About = { ...ABOUT_ANYTHING, tellsContacts: false };

/** Types of signals that a wake may bring about by itself. */
const DERIVED: readonly string[] = ["delivery.sent", "delivery.failed", "delivery.ignored", "delivery.converted", STAGE_CHANGED];

interface Coming {
  readonly wake: Wake;
  /** When it is decided. */
  readonly now: Instant;
}

export function aboutWakes(wakes: readonly Coming[], policy: Policy): About {
  const signals = wakes.flatMap(({ wake }) => (wake.kind === "signal" ? [wake.signal] : []));
  const timers = wakes.flatMap(({ wake }) => (wake.kind === "timer" ? [wake.key] : []));
  const named = signals.flatMap(({ data: { deliveryId } }) => (typeof deliveryId === "string" ? [deliveryId] : []));
  return {
    deliveries: [...new Set([...named, ...timers.map((key) => key.slice(key.indexOf(":") + 1))])],
    codes: [...new Set(signals.flatMap((signal) => codeNamed(signal) ?? []))],
    hopes: hopesOf(wakes, policy),
    tellsContacts: timers.some((key) => key.startsWith("promise:")),
    isAsked: wakes.some(({ wake }) => wake.kind === "ask"),
  };
}

// --- internal ---

function hopesOf(wakes: readonly Coming[], policy: Policy): About["hopes"] {
  const { successes } = lookBackOf(policy);
  if (Object.keys(successes).length === 0) return [];
  const isHoped = ({ type }: Pick<About["hopes"][number], "type">): boolean => Object.hasOwn(successes, type);
  return wakes.flatMap(({ wake, now }) => {
    if (wake.kind === "ask") return [];
    const customerId = customerOf(wake);
    const [own, at] = wake.kind === "signal" ? [[wake.signal.type], wake.signal.time] : [[], wake.due];
    return [
      ...own.map((type) => ({ customerId, type, at })),
      ...DERIVED.flatMap((type) => [at, now].map((one) => ({ customerId, type, at: one }))),
    ].filter(isHoped);
  });
}

function lookedBack(policy: Policy): LookBack {
  const { channels, learning, governance } = policy;
  const experiences = everyExperience(policy);
  const rules = Object.values(channels);
  const pulled = rules.flatMap(({ pull }) => (pull ? [pull.dismissed] : []));
  const repairs = experiences.some((one) => competes(one) && one.serves.includes("fact_corrected"));
  const limits: Record<string, number | null> = {};
  const successes: Record<string, Record<string, number>> = {};
  // Of a canary and the one that stays beside it, what looks back further.
  for (const { id, limits: own, success } of experiences) {
    if (own?.perCustomer !== undefined) limits[id] = wider(limits[id], own.window);
    for (const type of success?.signals ?? []) {
      const within = { ...successes[type] };
      within[id] = Math.max(within[id] ?? 0, success?.within ?? 0);
      successes[type] = within;
    }
  }
  return {
    counted: Object.entries(policy.counted).flatMap(([type, spans]) => spans.map((span) => [type, span] as const)),
    limits,
    runs: governance.suppress.flatMap((rule) => ("afterOutcome" in rule ? runsOf(rule, policy) : [])),
    ...(pulled.length > 0 ? { dismissed: Math.max(...pulled) } : {}),
    ...(repairs ? { stated: CORRECTION_REACH_MS } : {}),
    habits: { channels: learning.times?.channels ?? [], reach: HABIT_REACH_MS },
    unfelt: rules.filter(({ isTouch }) => !isTouch).map(({ name }) => name),
    successes,
  };
}

const wider = (known: number | null | undefined, window: number | undefined): number | null =>
  known === null || window === undefined ? null : Math.max(known ?? 0, window);

/** The groups of outcomes in which a rule looks for runs. */
function runsOf(rule: AfterOutcome, policy: Policy): OutcomeRun[] {
  const { afterOutcome: kind, times, within, for: holds, scope } = rule;
  const one: OutcomeRun = {
    ...{ kind, times, byExperience: scope === "experience" },
    // A single one is a run of any length.
    ...(within === undefined || times === 1 ? {} : { within }),
    ...(holds === undefined ? {} : { holds }),
  };
  if (scope === "experience") return [one];
  const aside = Object.keys(policy.channels).filter((channel) => !countsOn(rule, channel, policy));
  const rest = { ...one, exceptChannels: aside };
  if (scope === "customer") return [rest];
  if (scope === "department") {
    const departments = new Set(everyExperience(policy).map(({ department = null }) => department));
    return [...departments].map((department) => ({ ...rest, department }));
  }
  const names = Object.keys(policy.channels);
  const meant = new Set(names.map((channel) => channelMeant(channel, policy)));
  return [...meant].map((group) => {
    const channels = [...new Set([group, ...names])].filter(
      (channel) => channelMeant(channel, policy) === group && !aside.includes(channel),
    );
    return { ...one, channels };
  });
}
