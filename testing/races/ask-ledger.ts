import type { AskAnswer } from "../../domain/entities/ask.ts";
import { canonicalJson, type Json } from "../../domain/values/json.ts";

/** What callers were answered, and what the record says afterwards. */
export interface AskLedger {
  /** Every answer that a caller got, also to the same ask again. */
  readonly told: readonly Told[];
  /** Asks that the record knows. */
  readonly kept: readonly { readonly id: string; readonly late: boolean }[];
  readonly decided: readonly DecidedPlace[];
  readonly slots: readonly Slot[];
  /** `delivery.sent` and `delivery.released` that were accepted. */
  readonly receipts: readonly { readonly deliveryId: string; readonly type: string }[];
  /** Deliveries whose confirmation came after the end of their hold: from when their touch counts, and when that was applied. */
  readonly confirmedLate: readonly { readonly deliveryId: string; readonly at: number; readonly appliedAt: number }[];
  readonly revocations: readonly { readonly customerId: string; readonly at: number }[];
  /** When the channel with holds was paused, as its operator saw it. */
  readonly pauses: readonly { readonly from: number; readonly to: number }[];
  /** Deliveries that our providers received, once per request. */
  readonly handedOver: readonly string[];
  readonly mails: readonly DeferredMail[];
}

export interface Told {
  readonly id: string;
  readonly answer: AskAnswer;
}

/** The decision about one place of an ask. */
export interface DecidedPlace {
  readonly decisionId: string;
  readonly customerId: string;
  readonly askId: string;
  readonly place: string;
  readonly action: string;
  readonly experienceId: string | null;
  readonly deliveryId: string | null;
  readonly again: boolean;
}

/** A delivery: of an ask, or beside it. Times in milliseconds. */
export interface Slot {
  readonly deliveryId: string;
  readonly customerId: string;
  readonly experienceId: string;
  readonly channel: string;
  readonly status: string;
  readonly reason: string | null;
  readonly decisionSeq: number;
  readonly reservedAt: number;
  readonly settledAt: number | null;
  readonly claimedAt: number | null;
  /** The place of an ask; null for what was sent unasked. */
  readonly place: string | null;
  readonly holdUntil: number | null;
  /** Whether its touch counts; null without one. */
  readonly counted: boolean | null;
}

/** A mail that was deferred before the asks began, and every instant to which it was deferred. */
export interface DeferredMail {
  readonly customerId: string;
  readonly untils: readonly number[];
  /** Its deliveries: when each was decided, and the instant of the timer that brought it about. */
  readonly sent: readonly {
    readonly deliveryId: string;
    readonly status: string;
    readonly decidedAt: number;
    readonly due: number | null;
  }[];
}

export interface AskRules {
  /** A cap on the channels that count as one. */
  readonly cap: { readonly channels: readonly string[]; readonly max: number; readonly window: number };
  readonly limits: readonly { readonly id: string; readonly total: number }[];
}

/** Every broken promise about asks as text. Expects a ledger in which every hold is over. */
export const askViolationsOf = (ledger: AskLedger, rules: AskRules): string[] => Object.values(askViolationsBy(ledger, rules)).flat();

/** The same by what was promised. Deliberately naive, and independent of the code under test. */
export const askViolationsBy = (ledger: AskLedger, rules: AskRules) => ({
  answers: answers(ledger),
  records: records(ledger),
  holds: holds(ledger),
  caps: [...caps(ledger, rules.cap), ...limits(ledger, rules.limits)],
  mails: ledger.mails.flatMap((mail) => mailGone(mail, ledger.handedOver)),
});

// --- internal ---

/** One ask has one answer, which gives an experience once. */
function answers({ told }: AskLedger): string[] {
  return [...groupBy(told, ({ id }) => id)].flatMap(([id, all]) => {
    // Of two processes that are asked the same at once, one may be late and hear of the other's answer too late: late is no answer.
    const texts = new Set(all.flatMap(({ answer }) => (answer.late ? [] : [canonicalJson(answer as unknown as Json)])));
    const given = Object.values(all[0]?.answer.places ?? {}).flatMap(({ action, experienceId }) =>
      action === "deliver" ? [experienceId] : [],
    );
    return [
      ...(texts.size > 1 ? [`${id} got ${texts.size} different answers`] : []),
      ...(new Set(given).size < given.length ? [`${id} gives an experience twice: ${given.join(", ")}`] : []),
    ];
  });
}

/** What was answered is in the record exactly so; a late ask is there as late, and was not decided. */
function records({ told, kept, decided }: AskLedger): string[] {
  const byAsk = groupBy(decided, ({ askId }) => askId);
  const lateById = new Map(kept.map(({ id, late }) => [id, late]));
  const fresh = groupBy(
    decided.filter(({ action, again }) => action === "deliver" && !again),
    ({ deliveryId }) => String(deliveryId),
  );
  return [
    ...told.flatMap(({ id, answer: { late, places } }) => {
      const found = byAsk.get(id) ?? [];
      if (late && told.some((other) => other.id === id && !other.answer.late)) return [];
      const recorded = lateById.get(id);
      if (recorded !== late) return [`${id} was answered ${inWords(late)}, and is ${inWords(recorded)} in the record`];
      if (late) return found.length > 0 ? [`${id} was answered late, and decided`] : [];
      const [said, written] = [
        Object.entries(places)
          .map(([place, one]) => inShort({ place, ...one }))
          .sort(),
        found.map(inShort).sort(),
      ];
      return said.join() === written.join() ? [] : [`${id} was answered ${said.join(" ")}, and recorded as ${written.join(" ")}`];
    }),
    ...kept.flatMap(({ id, late }) => (late && byAsk.has(id) ? [`${id} is late in the record, and decided`] : [])),
    ...[...fresh].flatMap(([id, all]) => (all.length > 1 ? [`${id} was given anew ${all.length} times`] : [])),
  ];
}

const inWords = (late: boolean | undefined): string => (late === undefined ? "unknown" : late ? "late" : "in time");

const inShort = ({ place, decisionId, action, experienceId, deliveryId, again }: Shown): string =>
  [place, decisionId, action, experienceId ?? "-", deliveryId ?? "-", again ? "again" : "anew"].join(" ");
type Shown = Pick<DecidedPlace, "place" | "decisionId" | "action" | "again"> & {
  readonly experienceId?: string | null;
  readonly deliveryId?: string | null;
};

/** A held delivery ends by what its tool says, by its time, or by what forbids it, and is never handed over by us. */
function holds({ slots, receipts, revocations, pauses, handedOver }: AskLedger): string[] {
  const has = (id: string, type: string) => receipts.some((one) => one.deliveryId === id && one.type === type);
  return slots
    .filter(({ place }) => place !== null)
    .flatMap(({ deliveryId: id, customerId, status, reason, settledAt, claimedAt, holdUntil, counted, reservedAt }) => {
      const touched = claimedAt !== null || handedOver.includes(id) ? [`${id} was handed over by us`] : [];
      if (holdUntil === null) return [...touched, ...(status === "sent" ? [] : [`${id} is ${status}, and was given`])];
      const isConfirmed = has(id, "delivery.sent");
      const isExplained =
        (reason === "hold_over" && (settledAt ?? 0) >= holdUntil) ||
        (reason === "released" && has(id, "delivery.released")) ||
        (reason === "consent_revoked" && revocations.some((one) => one.customerId === customerId)) ||
        (reason === "suppressed" && pauses.some(({ to }) => reservedAt <= to));
      const isBarred =
        revocations.some((one) => one.customerId === customerId && one.at < reservedAt) ||
        pauses.some(({ from, to }) => from < reservedAt && reservedAt < to);
      return [
        ...touched,
        ...(status === (isConfirmed ? "sent" : "cancelled") ? [] : [`${id} is ${status}, ${isConfirmed ? "" : "not "}confirmed`]),
        ...(status !== "cancelled" || isExplained ? [] : [`${id} ended as ${reason}, for which there is no cause`]),
        ...(counted === (status !== "cancelled") ? [] : [`${id} is ${status}, and its touch ${counted ? "counts" : "does not count"}`]),
        ...(isBarred ? [`${id} was given after a revocation, or during a pause`] : []),
      ];
    });
}

/** Whenever a slot was taken, those taken until then and not free again were within the cap; late confirmations have slots of nobody. */
function caps({ slots, confirmedLate }: AskLedger, { channels, max, window }: AskRules["cap"]): string[] {
  const within = (at: number, now: number): boolean => at <= now && now - at < window;
  const late = new Map(confirmedLate.map((one) => [one.deliveryId, one]));
  const ours = groupBy(
    slots.filter(({ channel }) => channels.includes(channel)),
    ({ customerId }) => customerId,
  );
  return [...ours.values()].flatMap((all) =>
    all.flatMap(({ deliveryId, customerId, reservedAt: now, decisionSeq }) => {
      const holding = all.filter((other) => {
        const since = late.get(other.deliveryId);
        if (since && other.deliveryId !== deliveryId) return since.appliedAt < now && within(since.at, now);
        const isFree = other.status === "cancelled" && (other.settledAt ?? 0) <= now && other.deliveryId !== deliveryId;
        return other.decisionSeq <= decisionSeq && within(other.reservedAt, now) && !isFree;
      });
      return holding.length > max ? [`${deliveryId} of ${customerId} is number ${holding.length} under a cap of ${max}`] : [];
    }),
  );
}

function limits({ slots, confirmedLate }: AskLedger, given: AskRules["limits"]): string[] {
  const isLate = (id: string): boolean => confirmedLate.some(({ deliveryId }) => deliveryId === id);
  return given.flatMap(({ id, total }) => {
    const taken = slots.filter((one) => one.experienceId === id && one.status === "sent" && !isLate(one.deliveryId)).length;
    return taken > total ? [`${id} went out ${taken} times, its limit is ${total}`] : [];
  });
}

/** A deferred mail goes once, and by no later timer than that of the instant to which it was deferred. */
function mailGone({ customerId, untils, sent }: DeferredMail, handedOver: readonly string[]): string[] {
  const [one, ...more] = sent;
  const [until, ...others] = untils;
  if (!one || until === undefined) return [`the deferred mail of ${customerId} never went`];
  const times = handedOver.filter((id) => id === one.deliveryId).length;
  const isInTime = one.decidedAt >= until && (one.due ?? until) <= until;
  return [
    ...(more.length > 0 ? [`the deferred mail of ${customerId} was sent ${sent.length} times`] : []),
    ...(others.length > 0 ? [`the mail of ${customerId} was deferred to ${untils.length} different times`] : []),
    ...(isInTime
      ? []
      : [
          `the mail of ${customerId} was decided ${one.decidedAt - until} ms after its time, by a timer ${one.due === null ? 0 : one.due - until} ms later`,
        ]),
    ...(one.status === "sent" && times === 1 ? [] : [`the mail of ${customerId} is ${one.status}, handed over ${times} times`]),
  ];
}

function groupBy<T>(all: readonly T[], keyOf: (one: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const group = groups.get(keyOf(one));
    if (group) group.push(one);
    else groups.set(keyOf(one), [one]);
  }
  return groups;
}
