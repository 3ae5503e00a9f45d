import { whyUnmeasured } from "../domain/deciding/holdout.ts";
import { OUTCOMES } from "../domain/entities/customer.ts";
import { competes, type Experience, type Policy } from "../domain/entities/policy.ts";
import { SentientError } from "../domain/errors.ts";
import { type Counted, differenceOf, shareOf, wilson } from "../domain/learning/shares.ts";
import { REDEEMED } from "../domain/record/offers.ts";
import { experienceFields } from "../domain/record/view.ts";
import { isMet } from "../domain/values/condition.ts";
import { joinKey } from "../domain/values/key.ts";
import { formatDuration, type Instant, iso, parseDuration } from "../domain/values/time.ts";
import type { Measured, Span, Store, VariantCount } from "../store/store.ts";
import { experienceNamed } from "./experiences.ts";

/** A share with its 95 % interval. */
export interface ShareView {
  readonly count: number;
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

/** Success rate of the customers who were treated against that of the withheld. */
export type LiftView =
  | {
      /** Rate of the treated minus rate of the withheld. */
      readonly difference: number;
      /** 95 %. */
      readonly interval: { readonly low: number; readonly high: number };
      readonly treated: GroupView;
      readonly withheld: GroupView;
      /** The time for success after a decision. */
      readonly within: string;
      /** The holdout's share while they were decided. */
      readonly holdout: number;
      /** Customers whose time for success is not over yet. */
      readonly pending: number;
      /** Decisions from here on are compared. */
      readonly from: string;
    }
  | { readonly refused: string };

interface GroupView {
  readonly customers: number;
  readonly successes: number;
  readonly rate: number;
}

/** The results of one way to say it. */
export interface VariantReport {
  readonly channel: string;
  readonly variant: string;
  /** Deliveries that were handed over. */
  readonly sent: number;
  /** By kind, as shares of what was sent. */
  readonly outcomes: Readonly<Record<string, ShareView>>;
}

/** The results of an experience within a window of time. */
export interface ExperienceReport {
  readonly experienceId: string;
  readonly name: string;
  readonly status: string;
  readonly window: { readonly from: string; readonly to: string };
  /** Customers to whom it was sent. */
  readonly reach: number;
  /** Deliveries that were handed over. */
  readonly sent: number;
  /** By kind, as shares of what was sent. */
  readonly outcomes: Readonly<Record<string, ShareView>>;
  /** By channel and variant, in the author's order and then those that the catalogue no longer has; absent where there never were several. */
  readonly variants?: readonly VariantReport[];
  /** Decisions in which it was a candidate and something stood against it, the most frequent first. */
  readonly heldBy: readonly { readonly code: string; readonly decisions: number; readonly customers: number }[];
  readonly lift: LiftView;
}

export interface ReportRequest {
  /** Default: every approved experience, and those that were sent. */
  readonly experience?: string | undefined;
  /** Such as `30d`, up to the store's time. */
  readonly window?: string | undefined;
}

/** Reports on experiences; throws `NOT_FOUND` for an unknown one and `BAD_INPUT` for a window that is no duration. */
export async function reportExperiences(
  { experience: id, window = "30d" }: ReportRequest,
  { store, policy }: { readonly store: Store; readonly policy: Policy },
  now: Instant,
): Promise<ExperienceReport[]> {
  const length = parseDuration(window);
  if (length === undefined || length <= 0)
    throw new SentientError("BAD_INPUT", `window: ${window} is no duration; expected one such as 30d`);
  const span: Span = { from: now - length, to: now };
  const { sent, outcomes, variants, held } = await figures(store, span);
  const wanted =
    id === undefined
      ? policy.experiences.filter((one) => competes(one) || sent.some(({ experienceId }) => experienceId === one.id))
      : [experienceNamed(policy, id)];
  const reports: ExperienceReport[] = [];
  for (const experience of wanted) {
    const own = <T extends { readonly experienceId: string }>(rows: readonly T[]): T[] =>
      rows.filter(({ experienceId }) => experienceId === experience.id);
    const [{ deliveries, customers } = { deliveries: 0, customers: 0 }] = own(sent);
    reports.push({
      ...{ experienceId: experience.id, name: experience.name, status: experience.status },
      window: { from: iso(span.from), to: iso(span.to) },
      ...{ reach: customers, sent: deliveries },
      outcomes: sharesOf(own(outcomes), deliveries),
      ...variantsOf(experience, own(variants)),
      heldBy: own(held)
        .map(({ code, decisions, customers: held }) => ({ code, decisions, customers: held }))
        .sort((a, b) => b.decisions - a.decisions || (a.code < b.code ? -1 : 1)),
      lift: await liftOf(experience, span, { store, policy }),
    });
  }
  return reports;
}

// --- internal ---

async function figures({ reports }: Store, span: Span) {
  return {
    sent: await reports.sent(span),
    outcomes: await reports.outcomes(span),
    variants: await reports.variants(span),
    held: await reports.held(span),
  };
}

/** Outcomes as shares of what was sent, in the order in which they come about. */
const sharesOf = (
  outcomes: readonly { readonly kind: string; readonly deliveries: number }[],
  sent: number,
): ExperienceReport["outcomes"] =>
  Object.fromEntries(
    [...outcomes]
      .sort((a, b) => placeOf(a.kind) - placeOf(b.kind))
      .map(({ kind, deliveries }) => [kind, shareViewOf({ count: sent, successes: deliveries })]),
  );

function variantsOf({ routes }: Experience, counted: readonly VariantCount[]): Pick<ExperienceReport, "variants"> {
  const ways = new Map<string, Pick<VariantReport, "channel" | "variant">>();
  for (const { channel, variant } of [...routes, ...counted])
    if (variant !== undefined) ways.set(joinKey(channel, variant), { channel, variant });
  if (ways.size === 0) return {};
  return {
    variants: [...ways.values()].map((way) => {
      const own = counted.filter(({ channel, variant }) => channel === way.channel && variant === way.variant);
      const sent = own.find(({ kind }) => kind === null)?.deliveries ?? 0;
      const outcomes = own.flatMap(({ kind, deliveries }) => (kind === null ? [] : [{ kind, deliveries }]));
      return { ...way, sent, outcomes: sharesOf(outcomes, sent) };
    }),
  };
}

/** Outcomes in the order in which they come about. */
const placeOf = (kind: string): number => (OUTCOMES as readonly string[]).indexOf(kind);

function shareViewOf(counted: Counted): ShareView {
  const share = shareOf(counted);
  const [low, high] = wilson(share, counted.count);
  return { count: counted.successes, share, low, high };
}

/** Below it an interval would be as wide as knowing nothing. */
const LEAST_CUSTOMERS = 10;

/**
 * By intention to treat: each customer counts in the group of the first decision that the holdout measured, whatever came later, and a
 * success is a signal within the time for it, counted alike in both groups.
 */
async function liftOf(experience: Experience, span: Span, { store, policy }: { store: Store; policy: Policy }): Promise<LiftView> {
  const { success, id } = experience;
  if (!success) return { refused: "the experience has no success, so there is nothing to compare" };
  const prunedUntil = await store.pruning.prunedUntil();
  const from = Math.max(span.from, prunedUntil ?? span.from);
  const gone =
    prunedUntil !== undefined && prunedUntil > span.from
      ? ` since ${iso(prunedUntil)}, before which signals are gone (retention.signals)`
      : "";
  const share = await store.reports.holdoutShare(id, { ...span, from });
  if (share === undefined) return { refused: whyUnmeasured(experience, policy) ?? `none of its decisions was subject to a holdout${gone}` };
  const measured: Measured = { ...span, from, experienceId: id, share };
  const groups = await store.reports.groups(measured, success.within);
  const customersOf = (group: string): number => groups.find((one) => one.group === group)?.customers ?? 0;
  const [treated, withheld] = [customersOf("treated"), customersOf("withheld")];
  if (Math.min(treated, withheld) < LEAST_CUSTOMERS)
    return {
      refused: `too few customers${gone}: ${treated} treated and ${withheld} withheld, at least ${LEAST_CUSTOMERS} of each are needed`,
    };
  const successes = await successesOf(experience, success, measured, store);
  if (successes === undefined)
    return {
      refused: "its success.when reads more than the signal: what it read at the time is not kept, so the groups cannot be compared",
    };
  const counted = (group: "treated" | "withheld"): Counted => ({ count: customersOf(group), successes: successes[group] ?? 0 });
  const [a, b] = [counted("treated"), counted("withheld")];
  if (a.successes + b.successes === 0)
    return { refused: `none of ${treated + withheld} customers has succeeded (${success.signals.join(", ")}): nothing can be compared` };
  const { difference, interval } = differenceOf(a, b);
  return {
    difference,
    interval: { low: interval[0], high: interval[1] },
    treated: groupViewOf(a),
    withheld: groupViewOf(b),
    within: formatDuration(success.within),
    holdout: share,
    pending: groups.reduce((sum, { pending }) => sum + pending, 0),
    from: iso(from),
  };
}

/** Customers with a success by group; undefined where `when` cannot be asked anew. */
async function successesOf(
  experience: Experience,
  { signals, when, within }: NonNullable<Experience["success"]>,
  measured: Measured,
  { reports }: Store,
): Promise<Readonly<Record<string, number>> | undefined> {
  if (!when)
    return reports.successes(measured, {
      types: signals.filter((type) => type !== REDEEMED),
      redeemed: signals.includes(REDEEMED),
      within,
    });
  if (signals.includes(REDEEMED) || !readsSignalOnly(when.text)) return undefined;
  const customers = { treated: new Set<string>(), withheld: new Set<string>() };
  for (const { group, customerId, type, source, time, data } of await reports.possibleSuccesses(measured, { types: signals, within })) {
    const signal = { type, source, time: new Date(time), data };
    const scope = { now: time, zone: "UTC", customer: {}, signal, experience: experienceFields(experience), ...NO_HISTORY };
    if (isMet(when, scope)) customers[group].add(customerId);
  }
  return { treated: customers.treated.size, withheld: customers.withheld.size };
}

/** Texts in quotes are no reads. */
const readsSignalOnly = (text: string): boolean =>
  !/\b(customer|moment|touches|count|cadence)\b/.test(text.replace(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/g, "").replace(/\.\w+/g, ""));

const NO_HISTORY = { touches: () => 0, count: () => 0, cadence: () => undefined };

const groupViewOf = (counted: Counted): GroupView => ({ customers: counted.count, successes: counted.successes, rate: shareOf(counted) });
