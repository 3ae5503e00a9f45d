import { identityKey } from "../entities/address.ts";
import type { BuiltInSignalType } from "../entities/built-ins.ts";
import type { Change } from "../entities/change.ts";
import type { Claims } from "../entities/claims.ts";
import type { Consent } from "../entities/consent.ts";
import type { Counted, Customer, Identity, OwnRecord, Seen, Timer } from "../entities/customer.ts";
import type { BeforeMerge, Link } from "../entities/merge.ts";
import { withOmitted } from "../entities/omitted-traits.ts";
import type { Signal } from "../entities/signal.ts";
import { JUDGE_TIMER } from "../entities/wake.ts";
import type { Instant } from "../values/time.ts";
import { isHoldTimer } from "./delivery-events.ts";
import { byText, inOrder, ORDER } from "./order.ts";
import { applyAll, type Patched, trimmed } from "./patch.ts";

/** Signal that merges its subject into another customer. */
export const MERGED = "customer.merged" satisfies BuiltInSignalType;

/** Source of operators' statements. No other sender may use it, so a merge from this source is always honoured. */
export const OPERATORS = "sentient";

/** Changes for both customers of a merge: `from` and `into`. */
export interface MergeChanges {
  readonly from: readonly Change[];
  readonly into: readonly Change[];
}

/**
 * Combines several customers into one: everything that happened to any of them counts. Consents, timers and the standing decision are
 * the survivor's, because the merge settled those. The order of the others does not matter.
 */
export function compose(survivor: Customer, others: readonly Customer[]): Customer {
  if (others.length === 0) return survivor;
  // The survivor wins between statements with the same time and order of arrival.
  const all = [...others].sort((a, b) => byText(b.customerId, a.customerId)).concat(survivor);
  const { claims, seen, openings } = survivor;
  const composed = composeClaims(all.map((one) => one.claims));
  // Omissions recorded for the survivor are kept; those of the composition are the same each time.
  const leftOut = survivor.leftOut ?? withOmitted(undefined, composed.leftOut, Math.max(...all.map(({ origin }) => origin.at)));
  const list = <K extends Lists>(key: K): Customer[K] => all.flatMap((one): readonly unknown[] => one[key]) as unknown as Customer[K];
  return {
    ...survivor,
    claims: composed.claims,
    ...(leftOut ? { leftOut } : {}),
    seen: byKey(
      all.map((one) => one.seen),
      composeSeen,
    ),
    openings: byKey(
      all.map((one) => one.openings),
      Math.max,
    ),
    recent: byKey(
      all.map((one) => one.recent),
      (a, b) => [...a, ...b].sort((x, y) => x - y),
    ),
    counted: byKey(
      all.map((one) => one.counted),
      (a, b) => byKey([a, b], composeCounted),
    ),
    identities: composeIdentities(all.flatMap(({ identities }) => identities)),
    gone: inOrder(list("gone"), ORDER.gone),
    moments: inOrder(list("moments"), ORDER.moments),
    promises: inOrder(list("promises"), ORDER.promises),
    openCases: [...new Set(list("openCases"))],
    touches: inOrder(list("touches"), ORDER.touches),
    deliveries: inOrder(list("deliveries"), ORDER.deliveries),
    usedBefore: byKey(
      all.map((one) => one.usedBefore),
      (a, b) => a + b,
    ),
    outcomes: inOrder(list("outcomes"), ORDER.outcomes),
    approvals: inOrder(list("approvals"), ORDER.approvals),
    offers: inOrder(list("offers"), ORDER.offers),
    absorbed: { ids: others.map(({ customerId }) => customerId).sort(byText), own: { claims, seen, openings } },
  };
}

/** The customer's own source record after a wake: for a merged customer, only the wake's additions. */
export function ownRecord(before: Customer, after: Customer): OwnRecord {
  const { absorbed } = before;
  if (!absorbed) return after;
  const { own } = absorbed;
  return {
    claims: after.claims === before.claims ? own.claims : ownClaims(own.claims, before.claims, after.claims),
    seen: { ...own.seen, ...changed(before.seen, after.seen, (type, known, now) => ownSeen(own.seen[type], known, now)) },
    openings: { ...own.openings, ...changed(before.openings, after.openings, (_key, _known, now) => now) },
  };
}

/** Changes of a merge. The merged customer is no longer judged; the surviving one is judged at once. */
export function merge(signal: Signal, from: Customer, into: Customer, now: Instant): MergeChanges {
  const consents = settledConsents(from, into);
  const moved = laterTimers(from, into);
  const timers = Object.fromEntries(Object.entries(from.timers).filter(([key]) => isKept(key)));
  const link: Link = {
    customerId: from.customerId,
    into: typeof signal.data.into === "string" ? signal.data.into : into.customerId,
    root: into.customerId,
    at: now,
    source: signal.source,
    signalId: signal.id,
    before: { consents, timers, moved },
  };
  const news = Object.entries(timers).filter(([key]) => !into.timers[key]);
  const { standing } = from;
  return {
    from: [
      ...(standing ? [{ type: "standing_cleared", decisionId: standing.decisionId, code: "moment_expired", at: now } as const] : []),
      { type: "merged", link },
    ],
    into: [
      ...(into.version === 0 ? [{ type: "customer_created", origin: into.origin } as const] : []),
      ...Object.values(consents).map(({ became }): Change => ({ type: "consent_set", consent: became })),
      ...[...news, ...Object.entries(moved).map(([key, { became }]) => [key, became] as const)].map(([key, timer]) => setTimer(key, timer)),
      judgeAt(now),
    ],
  };
}

/** Changes of an undone merge. Statements since the merge stay with the customer that received them. */
export function unmerge(link: Link, from: Customer, into: Customer, now: Instant): MergeChanges {
  const { consents, timers, moved } = link.before;
  const back = Object.entries(timers).filter(([key]) => isAbsence(key) || into.timers[key]);
  return {
    from: [{ type: "unmerged", customerId: from.customerId }, ...back.map(([key, timer]) => setTimer(key, timer)), judgeAt(now)],
    into: [
      ...Object.values(consents).flatMap(({ was, became }) => restoredConsent(into, was, became)),
      ...back
        .filter(([key, timer]) => !moved[key] && same(into.timers[key], timer))
        .map(([key]): Change => ({ type: "timer_cleared", key })),
      ...Object.entries(moved)
        .filter(([key, { became }]) => same(into.timers[key], became))
        .map(([key, { was }]) => setTimer(key, was)),
      judgeAt(now),
    ],
  };
}

// --- internal ---

type Lists = "gone" | "moments" | "promises" | "openCases" | "touches" | "deliveries" | "outcomes" | "approvals" | "offers";
type BySource = Claims[string];

function byKey<T>(records: readonly Readonly<Record<string, T>>[], both: (a: T, b: T) => T): Record<string, T> {
  const result = new Map<string, T>();
  for (const record of records) {
    for (const [key, value] of Object.entries(record)) {
      const known = result.get(key);
      result.set(key, known === undefined ? value : both(known, value));
    }
  }
  return Object.fromEntries(result);
}

/**
 * Replays all statements in order: what an earlier statement omitted or removed stays so. The union may exceed the limits of a record;
 * the oldest statements are then dropped.
 */
function composeClaims(all: readonly Claims[]): Patched {
  const statements = all.flatMap((claims, rank) =>
    Object.entries(claims).flatMap(([path, bySource]) =>
      Object.entries(bySource).map(([source, claim]) => ({ path, source, rank, ...claim })),
    ),
  );
  return trimmed(applyAll({}, inOrder(statements, byArrival)));
}

/** Of statements that arrived together the customer who comes later in the list wins. */
const byArrival = (a: Statement, b: Statement): number =>
  a.at - b.at || a.seq - b.seq || a.rank - b.rank || byText(a.path, b.path) || byText(a.source, b.source);

interface Statement {
  readonly at: Instant;
  readonly seq: number;
  readonly rank: number;
  readonly path: string;
  readonly source: string;
}

const composeCounted = (a: Counted, b: Counted): Counted => ({ sure: a.sure + b.sure, edge: [...a.edge, ...b.edge] });

/** Counts add up; the cadence is that of the customer seen last. */
function composeSeen(a: Seen, b: Seen): Seen {
  const { gap } = a.at > b.at ? a : b;
  const usual = gap ?? a.gap ?? b.gap;
  return {
    at: Math.max(a.at, b.at),
    seq: Math.max(a.seq, b.seq),
    count: a.count + b.count,
    ...(usual === undefined ? {} : { gap: usual }),
  };
}

function composeIdentities(all: readonly Identity[]): readonly Identity[] {
  const known = new Map<string, Identity>();
  for (const one of all) {
    const key = identityKey(one);
    const other = known.get(key);
    const newest = other && isNewer(other, one) ? other : one;
    known.set(key, { ...newest, owned: one.owned || other?.owned === true });
  }
  return inOrder([...known.values()], ORDER.identities);
}

const isNewer = (a: Identity, b: Identity): boolean => a.at > b.at || (a.at === b.at && a.seq > b.seq);

function ownClaims(own: Claims, before: Claims, after: Claims): Claims {
  const next: Record<string, BySource> = { ...own };
  for (const path of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const bySource = { ...next[path], ...changed(before[path] ?? {}, after[path] ?? {}, (_source, _known, now) => now) };
    // A field removed from the composition by a newer statement above it is removed here too.
    for (const source of Object.keys(before[path] ?? {})) if (!after[path]?.[source]) delete bySource[source];
    if (Object.keys(bySource).length > 0) next[path] = bySource;
    else delete next[path];
  }
  return next;
}

const ownSeen = (own: Seen | undefined, known: Seen | undefined, now: Seen): Seen => ({
  ...now,
  count: (own?.count ?? 0) + now.count - (known?.count ?? 0),
});

function changed<T>(
  before: Readonly<Record<string, T>>,
  after: Readonly<Record<string, T>>,
  what: (key: string, known: T | undefined, now: T) => T,
): Record<string, T> {
  const entries = Object.entries(after).filter(([key, now]) => before[key] !== now);
  return Object.fromEntries(entries.map(([key, now]) => [key, what(key, before[key], now)]));
}

/** Consents changed by a merge: of two statements on one channel the stricter one stands, until a newer statement. */
function settledConsents(from: Customer, into: Customer): BeforeMerge["consents"] {
  const channels = Object.values(from.consents).flatMap((consent) => {
    const was = into.consents[consent.channel] ?? null;
    const became = was ? stricter(was, consent) : consent;
    return became === was ? [] : [[consent.channel, { was, became }] as const];
  });
  return Object.fromEntries(channels);
}

function stricter(was: Consent, other: Consent): Consent {
  const isNewer = other.at > was.at || (other.at === was.at && other.seq > was.seq);
  if ((was.status === "granted") === (other.status === "granted")) return isNewer ? other : was;
  const denial = was.status === "granted" ? other : was;
  // Dated as late as the later of both, so that older news cannot undo it.
  return denial === was && !isNewer ? was : { ...denial, at: Math.max(was.at, other.at), seq: Math.max(was.seq, other.seq) };
}

function restoredConsent(into: Customer, was: Consent | null, became: Consent): Change[] {
  const now = into.consents[became.channel];
  if (now?.status !== became.status || now.at !== became.at || now.seq !== became.seq) return [];
  return [{ type: "consent_restored", channel: became.channel, consent: was }];
}

const isAbsence = (key: string): boolean => key.startsWith("absent:");

/** Timers to move to the surviving customer. Its judge timer and daily clock are its own. */
const isKept = (key: string): boolean => isAbsence(key) || key.startsWith("promise:") || key.startsWith("response:") || isHoldTimer(key);

/** An absence counts from the last signal of either customer, so the later time stands. */
function laterTimers(from: Customer, into: Customer): BeforeMerge["moved"] {
  const later = Object.entries(from.timers).flatMap(([key, became]) => {
    const was = into.timers[key];
    return isAbsence(key) && was && was.due < became.due ? [[key, { was, became }] as const] : [];
  });
  return Object.fromEntries(later);
}

const same = (a: Timer | undefined, b: Timer): boolean => a?.due === b.due && a.name === b.name;
const setTimer = (key: string, timer: Timer): Change => ({ type: "timer_set", key, timer });
const judgeAt = (due: Instant): Change => setTimer(JUDGE_TIMER, { name: "merge", due });
