import { wakeKey } from "../../domain/deciding/compare-decisions.ts";
import type { Decision, WakeRecord } from "../../domain/entities/decision.ts";
import type { Policy } from "../../domain/entities/policy.ts";
import type { SignalEvent } from "../../domain/entities/signal.ts";
import { SentientError } from "../../domain/errors.ts";
import { type Instant, iso } from "../../domain/values/time.ts";
import type { SignalLine } from "../../intake/read-signals.ts";
import type { KeptAudit } from "../../store/operations.ts";
import type { Store } from "../../store/store.ts";
import { type ImportInto, recordedStream } from "../recorded-stream.ts";
import type { Interlude } from "../run-stream.ts";

/** What is on record about one customer up to a decision of hers. */
export interface OwnHistory {
  readonly source: Store;
  readonly customerId: string;
  /** When she was first known. */
  readonly first: Instant;
  /** Her decisions up to that one, and those of the same wake, in order. */
  readonly decisions: readonly Decision[];
  /** What operators did with her, in words. */
  readonly deeds: readonly string[];
}

/** Decisions that one question reads, and deeds that it names. */
const MOST = 10_000;
const MOST_DEEDS = 5;

/**
 * Reads what leads to a decision.
 *
 * @throws `NOT_FOUND` for a customer who is gone; `CONFLICT` for one who was merged before, or of whom signals are forgotten
 */
export async function ownHistory(decision: Decision, policy: Policy, source: Store): Promise<OwnHistory> {
  const { customerId } = decision;
  const at = Date.parse(decision.decidedAt);
  const [customers, group, prunedUntil, decisions, audit] = await Promise.all([
    source.customers.load([customerId], policy, at),
    source.links.group(customerId),
    source.pruning.prunedUntil(),
    source.evidence.decisionsUntil([customerId], at, MOST),
    source.operations.audit({ customerId, limit: 200 }),
  ]);
  const customer = customers.get(customerId);
  if (!customer)
    throw new SentientError("NOT_FOUND", `${customerId} is not in the store any more, nor are the signals that led to the decision`);
  const links = await Promise.all(group.map((id) => source.links.of(id)));
  const merged = links.find((link) => link !== undefined && link.at <= at);
  if (merged)
    throw refused(
      "merged",
      decision,
      `${merged.customerId} and ${merged.root} became one customer on ${iso(merged.at)}, before it was made`,
    );
  const first = customer.origin.at;
  if (prunedUntil !== undefined && first <= prunedUntil)
    throw refused("forgotten", decision, `signals up to ${iso(prunedUntil)} are forgotten (retention.signals), and hers began before`);
  return { source, customerId, first, decisions, deeds: deedsIn(audit, at) };
}

/** The signals and imports of the customer, at the times at which her decisions were made. */
export async function* ownStream(
  { source, customerId, decisions }: OwnHistory,
  importInto: ImportInto,
  { until = Number.POSITIVE_INFINITY, without }: { readonly until?: Instant; readonly without?: WakeRecord } = {},
): AsyncGenerator<SignalLine | Interlude> {
  const decidedAt = new Map(decisions.map((one) => [wakeKey({ ...one, wake: oneOf(one.wake) }), Date.parse(one.decidedAt)]));
  for await (const one of recordedStream(source, importInto, customerId)) {
    if ("run" in one && one.at <= until) yield one;
    if (!("event" in one)) continue;
    const { source: from, id, type } = one.event;
    const wake: WakeRecord = { kind: "signal", source: from, signalId: id, type };
    const came = decidedAt.get(wakeKey({ customerId, wake })) ?? one.receivedAt ?? one.time ?? 0;
    if (came <= until && !isOf(one.event, without)) yield { ...one, event: ofCustomer(one.event, customerId), receivedAt: came };
  }
}

/** A decision that cannot be decided again, with the reason in a word. */
export const refused = (reason: string, { decisionId, customerId }: Decision, why: string): SentientError =>
  new SentientError("CONFLICT", `${decisionId} of ${customerId} cannot be decided again: ${why}`, { reason });

// --- internal ---

/** A wake as the signal that it came with: an ask is a signal too. */
const oneOf = (wake: WakeRecord): WakeRecord =>
  wake.kind === "ask" ? { kind: "signal", source: wake.source, signalId: wake.askId, type: "" } : wake;

/** Whether a wake came with this signal. */
const isOf = ({ source, id }: SignalEvent, wake: WakeRecord | undefined): boolean =>
  wake !== undefined && wake.kind !== "timer" && wake.source === source && idOf(wake) === id;

const idOf = (wake: Exclude<WakeRecord, { kind: "timer" }>): string => (wake.kind === "ask" ? wake.askId : wake.signalId);

/** A signal that named its customer by an address names her by her id. An ask names her in its data. */
const ofCustomer = (event: SignalEvent, customerId: string): SignalEvent =>
  event.subject === undefined ? { ...event, subject: customerId } : event;

const deedsIn = (audit: readonly KeptAudit[], until: Instant): string[] =>
  audit
    .filter(({ at }) => at <= until)
    .slice(-MOST_DEEDS)
    .map(({ action, by, at }) => `${action} by ${by} on ${iso(at)}`);
