import type { AddressForm } from "../../domain/entities/address.ts";
import { type Change, firstStatus, type NewDelivery } from "../../domain/entities/change.ts";
import type { Consent } from "../../domain/entities/consent.ts";
import { counts, type Identity } from "../../domain/entities/customer.ts";
import type { HourLesson, Lesson } from "../../domain/entities/lesson.ts";
import type { Link } from "../../domain/entities/merge.ts";
import type { Offer } from "../../domain/entities/offer.ts";
import { need } from "../../domain/errors.ts";
import { addressesHeld } from "../../domain/identity/addresses.ts";
import { isHandOverTimer } from "../../domain/record/delivery-events.ts";
import { addressForm } from "../../domain/values/address-form.ts";
import type { Json } from "../../domain/values/json.ts";
import { storableJson } from "../../domain/values/storable.ts";
import { toTime } from "../reading/load-customers.ts";
import { refusalRow } from "./address-refusals.ts";
import type { AskRow, Claim, CustomerCommit, RunRow, StoredSignal } from "./customer-commit.ts";
import { auditRow, operationRows } from "./operations-rows.ts";
import { undeliverableRow } from "./undeliverable.ts";
import type { Table } from "./writes.ts";

/** The rows that a batch of commits writes, by table. */
export class Rows {
  readonly totals = new Map<string, { taken: number; total: number }>();
  /** In the order of learning. */
  readonly lessons: Lesson[] = [];
  readonly hourLessons: HourLesson[] = [];
  private readonly tables = new Map<Table, Map<string | number, object>>();

  of(table: Table): object[] {
    return [...(this.tables.get(table)?.values() ?? [])];
  }

  /** The rows of a table as the parameter of the statement that writes them: a JSON list; of records lines, each one JSON. */
  parameter(table: Table): string {
    return table === "records" ? this.of(table).map(storableJson).join("\n") : storableJson(this.of(table));
  }

  has(table: Table): boolean {
    return (this.tables.get(table)?.size ?? 0) > 0;
  }

  /** Whether there are rows of these tables alone, and nothing is learned or counted. */
  areOnlyOf(tables: readonly Table[]): boolean {
    const learns = this.lessons.length + this.hourLessons.length > 0;
    return !learns && this.totals.size === 0 && [...this.tables.keys()].every((table) => tables.includes(table));
  }

  /** Has the deliveries of a claim written as claimed. */
  claim({ name, at, deliveryIds }: Claim): void {
    const claimed = { status: "sending", claim: name, claimed_at: toTime(at) };
    for (const row of this.of("deliveries") as { delivery_id: string }[]) if (deliveryIds.has(row.delivery_id)) Object.assign(row, claimed);
  }

  addCommit(one: CustomerCommit): void {
    const { before, changes, run, contents } = one;
    const { customerId } = before;
    for (const [table, row] of rowsOfCommit(one)) this.add(table, row);
    for (const change of changes) {
      if (change.type === "decided") this.addDecision(change, need(run, "a run"), contents);
      else for (const [table, row] of rowsOf(change, customerId)) this.add(table, row);
    }
    this.lessons.push(...(changes.filter(({ type }) => type === "lesson") as Of<"lesson">[]));
    this.hourLessons.push(...(changes.filter(({ type }) => type === "hour_lesson") as Of<"hour_lesson">[]));
    this.addTimers(one);
    this.addAddresses(one);
  }

  /** A moment that opens and ends in the same wake is inserted as ended: the common case for a moment that leads to a delivery. */
  private endNewMoment(table: Table, row: object): boolean {
    if (table !== "momentEnds") return false;
    const { moment_id, ended, at } = row as { moment_id: string; ended: string; at: string };
    const opened = this.tables.get("moments")?.get(moment_id);
    if (!opened) return false;
    Object.assign(opened, { ended, ended_at: at });
    return true;
  }

  private add(table: Table, row: object): void {
    if (this.endNewMoment(table, row)) return;
    const rows = this.tables.get(table) ?? new Map<string | number, object>();
    this.tables.set(table, rows);
    // A statement accepts each key once: of two rows for one identity or consent the later one wins.
    const key = KEYS[table]?.(row as never) ?? rows.size;
    rows.delete(key);
    rows.set(key, row);
  }

  private addDecision({ decision, delivery }: Of<"decided">, { runId }: RunRow, contents: CustomerCommit["contents"]): void {
    // The place in the batch defines the order of decisions, and joins each with its record.
    this.add("records", decision);
    this.add("decisions", decisionRow(decision, runId));
    if (!delivery) return;
    const { customerId, decisionId } = decision;
    this.add("deliveries", deliveryRow(customerId, decisionId, delivery, contents?.get(delivery.deliveryId)));
    if (delivery.isTouch) this.add("touches", deliveryTouchRow(customerId, delivery));
    if (delivery.total === undefined) return;
    const taken = (this.totals.get(delivery.experienceId)?.taken ?? 0) + 1;
    this.totals.set(delivery.experienceId, { taken, total: delivery.total });
  }

  /** Addresses derive from identities and traits, so they are compared only if those have changed. */
  private addAddresses({ before, after }: CustomerCommit): void {
    if (after.claims === before.claims && after.identities === before.identities) return;
    const { customerId } = before;
    const [had, has] = [addressesHeld(before), addressesHeld(after)];
    const rowOf = ({ type, form }: AddressForm) => ({ customer_id: customerId, type, form });
    for (const [key, address] of has) if (!had.has(key)) this.add("addresses", rowOf(address));
    for (const [key, address] of had) if (!has.has(key)) this.add("addressEnds", rowOf(address));
  }

  private addTimers({ before: { customerId, timers: before }, after: { timers: after }, trace = null }: TimerSource): void {
    for (const [key, { name, due }] of Object.entries(after)) {
      const known = before[key];
      if (known?.due === due && known.name === name) continue;
      this.add(isHandOverTimer(key) ? "handOvers" : "timers", { customer_id: customerId, key, name, due: toTime(due), trace });
    }
    for (const key of Object.keys(before)) if (!after[key]) this.add("timerEnds", { customer_id: customerId, key });
  }
}

// --- internal ---

const identityRow = (customerId: string, identity: Identity) => ({
  ...identity,
  customer_id: customerId,
  form: addressForm(identity.type, identity.value),
  at: toTime(identity.at),
});

interface TimerSource extends Pick<CustomerCommit, "before" | "after"> {
  readonly trace?: CustomerCommit["trace"] | null;
}

type Of<T extends Change["type"]> = Extract<Change, { type: T }>;
type Row = readonly [Table, object];
type RowsByType = { readonly [T in Exclude<Change["type"], "decided">]: (change: Of<T>, customerId: string) => readonly Row[] };

/** The rows that a commit writes besides its changes. */
const rowsOfCommit = ({ before, signal, imported, run, call, promisesOf, operation, ask }: CustomerCommit): Row[] => [
  // What waits in the inbox is moved from there, so that its event need not be sent once more.
  ...(signal?.isWaiting ? [["arrivals", { seq: signal.seq, customer_id: signal.customerId }] as const] : []),
  ...(signal && !signal.isWaiting ? [["signals", signalRow(signal)] as const] : []),
  ...(imported ? [["imports", { customer_id: before.customerId, at: toTime(imported.at), line: imported.line }] as const] : []),
  ...(run ? [["runs", runRow(run)] as const] : []),
  ...(call ? [["calls", { call_key: call.key, output: call.output, at: toTime(call.at) }] as const] : []),
  ...(promisesOf === undefined ? [] : [["promisesDone", { delivery_id: promisesOf }] as const]),
  ...(operation ? operationRows(operation) : []),
  ...(ask ? [["asks", askRow(ask)] as const] : []),
];

const askRow = ({ source, id, customerId, channel, at, bodyHash, isLate, gave, answer }: AskRow) => ({
  ...{ source, id, channel, gave },
  customer_id: customerId,
  at: toTime(at),
  body_hash: bodyHash,
  late: isLate,
  answer: answer ?? null,
});

const KEYS: { readonly [T in Table]?: (row: never) => string } = {
  moments: ({ moment_id }: { moment_id: string }) => moment_id,
  identities: ({ customer_id, type, form }: { customer_id: string; type: string; form: string }) =>
    JSON.stringify([customer_id, type, form]),
  consents: ({ customer_id, channel }: { customer_id: string; channel: string }) => JSON.stringify([customer_id, channel]),
};

/** No rows of its own: part of the customer's row, or of the timers, which are written from their final state. */
const elsewhere = (): readonly Row[] => [];

/** The rows of each kind of change. */
const ROWS: RowsByType = {
  customer_created: elsewhere,
  claims_set: elsewhere,
  signal_seen: elsewhere,
  timer_set: elsewhere,
  timer_cleared: elsewhere,
  hour_lesson: elsewhere,
  merged: ({ link }) => [["links", linkRow(link)]],
  unmerged: ({ customerId }) => [["linkEnds", { customer_id: customerId }]],
  consent_restored: ({ channel, consent }, customerId) => [["consentRestores", consentRow(customerId, channel, consent)]],
  identity_added: ({ identity }, customerId) => [["identities", identityRow(customerId, identity)]],
  address_refused: ({ refusal }) => [["refusals", refusalRow(refusal)]],
  address_gone: ({ address }, customerId) => [["undeliverable", undeliverableRow(customerId, address)]],
  address_lifted: ({ address }, customerId) => [["reinstated", { customer_id: customerId, ...address }]],
  consent_set: ({ consent }, customerId) => [["consents", { ...consent, customer_id: customerId, at: toTime(consent.at) }]],
  stage_changed: ({ changeId, from, to, at }, customerId) => [
    ["stages", { change_id: changeId, customer_id: customerId, from_stage: from, to_stage: to, at: toTime(at) }],
  ],
  moment_opened: (change, customerId) => [["moments", momentRow(customerId, change)]],
  moment_ended: ({ momentId, end, at }) => [["momentEnds", { moment_id: momentId, ended: end, at: toTime(at) }]],
  promise_opened: (change, customerId) => [["promises", promiseRow(customerId, change)]],
  promise_extended: ({ promiseId, openedBy, words }) => [
    ["promiseUpdates", { promise_id: promiseId, opened_by: openedBy, ...(words ? { words } : {}) }],
  ],
  promise_overdue: ({ promiseId }) => [["promiseUpdates", { promise_id: promiseId, overdue: true }]],
  promise_ended: ({ promiseId, end, at, by }) => [
    ["promiseUpdates", { promise_id: promiseId, ended: end, at: toTime(at), ended_by: by }],
    ["taskEnds", { promise_id: promiseId, delivery_id: null, at: toTime(at) }],
  ],
  case_opened: ({ caseId, at, data }, customerId) => [["cases", { customer_id: customerId, case_id: caseId, opened_at: toTime(at), data }]],
  case_closed: ({ caseId, at }, customerId) => [["caseEnds", { customer_id: customerId, case_id: caseId, at: toTime(at) }]],
  touch_added: ({ touch }, customerId) => [
    ["touches", { ...touch, touch_id: touch.touchId, customer_id: customerId, at: toTime(touch.at) }],
  ],
  outcome_added: (change, customerId) => [["outcomes", outcomeRow(customerId, change)]],
  delivery_moved: (change, customerId) => [["moves", moveRow(change)], ...lateConfirmation(change, customerId)],
  approval_asked: (change, customerId) => [["approvals", approvalRow(customerId, change)]],
  approval_lapsed: ({ approvalId, at }) => [["approvalLapses", { approval_id: approvalId, at: toTime(at) }]],
  task_added: (change, customerId) => [["tasks", taskRow(customerId, change)]],
  task_withdrawn: ({ deliveryId, at }) => [["taskEnds", { promise_id: null, delivery_id: deliveryId, at: toTime(at) }]],
  offer_issued: ({ offer }, customerId) => [["offers", offerRow(customerId, offer)], ...loweredOffer(offer, customerId)],
  offer_redeemed: ({ code, by, at }) => [["offerEnds", { code, redeemed_by: by, at: toTime(at) }]],
  offer_refused: ({ code, reason, by, at }) => [["offerRefusals", { code, refusal: [{ reason, by, at: toTime(at) }] }]],
  lesson: ({ deliveryId }) => [["lessons", { delivery_id: deliveryId }]],
  standing_cleared: ({ decisionId, code, at }) => [["lapses", { decision_id: decisionId, code, at: toTime(at) }]],
};

/** The compiler checks the table against the types, but cannot infer here that each entry receives its own kind of change. */
const rowsOf = (change: Exclude<Change, Of<"decided">>, customerId: string): readonly Row[] =>
  (ROWS[change.type] as (change: Change, customerId: string) => readonly Row[])(change, customerId);

const moveRow = ({ deliveryId, to, reason, at }: Of<"delivery_moved">) => ({
  delivery_id: deliveryId,
  status: to,
  reason: reason ?? null,
  at: toTime(at),
  frees: !counts(to),
});

/** A tool that sent what was no longer held for it has passed our limits: people are told. */
function lateConfirmation({ deliveryId, confirmedLateBy: by, reason = "", at }: Of<"delivery_moved">, customerId: string): readonly Row[] {
  if (by === undefined) return [];
  return [["audit", auditRow({ at, by, action: "hold.confirmed_late", target: deliveryId, customerId, details: { by: reason } })]];
}

/** An offer that was lowered to the workspace's ceiling: an experience computes more than it may give, and people are told. */
function loweredOffer({ code, issuedAt: at, lowered }: Offer, customerId: string): readonly Row[] {
  if (lowered === undefined) return [];
  const details = { ...lowered, rule: "governance.offers.maxPercent" };
  return [["audit", auditRow({ at, by: "governance", action: "offer.lowered", target: code, customerId, details })]];
}

const linkRow = ({ customerId, into, root, at, source, signalId, before }: Link) => ({
  customer_id: customerId,
  into_id: into,
  root_id: root,
  at: toTime(at),
  source,
  signal_id: signalId,
  before,
});

const consentRow = (customerId: string, channel: string, consent: Consent | null) => ({
  ...consent,
  customer_id: customerId,
  channel,
  at: consent ? toTime(consent.at) : null,
});

const promiseRow = (customerId: string, { promise }: Of<"promise_opened">) => ({
  promise_id: promise.promiseId,
  customer_id: customerId,
  name: promise.name,
  owner: promise.owner,
  opened_at: toTime(promise.openedAt),
  due: toTime(promise.due),
  opened_by: promise.openedBy,
  words: promise.words ?? [],
});

const decisionRow = (decision: Of<"decided">["decision"], runId: string) => ({
  decision_id: decision.decisionId,
  run_id: runId,
  customer_id: decision.customerId,
  decided_at: decision.decidedAt,
  action: decision.action,
  experience_id: decision.experienceId,
  channel: decision.channel,
});

const deliveryTouchRow = (customerId: string, { deliveryId, at, channel, countsFor, department }: NewDelivery) => ({
  touch_id: deliveryId,
  customer_id: customerId,
  at: toTime(at),
  kind: "delivery",
  channel: countsFor ?? channel,
  department,
});

const signalRow = (signal: StoredSignal) => ({ seq: signal.seq, ...arrivalRow(signal) });

/** The columns of a signal without its sequence number. */
export const arrivalRow = ({ source, id, type, customerId, time, receivedAt, event, bodyHash }: Omit<StoredSignal, "seq">) => ({
  source,
  id,
  type,
  customer_id: customerId,
  time: toTime(time),
  received_at: toTime(receivedAt),
  event,
  body_hash: bodyHash,
});

const runRow = ({ runId, customerId, wake, policyVersion, startedAt, finishedAt, steps }: RunRow) => ({
  run_id: runId,
  customer_id: customerId,
  wake,
  policy_version: policyVersion,
  started_at: toTime(startedAt),
  finished_at: toTime(finishedAt),
  steps,
});

const momentRow = (customerId: string, { moment }: Of<"moment_opened">) => ({
  moment_id: moment.momentId,
  customer_id: customerId,
  name: moment.name,
  opened_at: toTime(moment.openedAt),
  expires_at: toTime(moment.expiresAt),
  urgency: moment.urgency,
  data: moment.data,
  opened_by: moment.openedBy,
  opened_on: moment.openedOn,
  opened_seq: moment.openedSeq,
  confidence: moment.confidence,
  decided_by: moment.decidedBy,
});

const outcomeRow = (customerId: string, { outcome, reward }: Of<"outcome_added">) => ({
  delivery_id: outcome.deliveryId,
  customer_id: customerId,
  kind: outcome.kind,
  experience_id: outcome.experienceId,
  channel: outcome.channel,
  department: outcome.department ?? null,
  at: toTime(outcome.at),
  reward,
});

const approvalRow = (customerId: string, { approval, decisionId }: Of<"approval_asked">) => ({
  approval_id: approval.approvalId,
  customer_id: customerId,
  decision_id: decisionId,
  experience_id: approval.experienceId,
  moment_id: approval.momentId,
  reason: approval.reason,
  asked_at: toTime(approval.askedAt),
});

const taskRow = (customerId: string, { task }: Of<"task_added">) => ({
  task_id: task.taskId,
  customer_id: customerId,
  queue: task.queue,
  summary: task.summary,
  facts: task.facts,
  created_at: toTime(task.at),
  due: toTime(task.due),
  delivery_id: task.deliveryId ?? null,
  promise_id: task.promiseId ?? null,
});

const offerRow = (customerId: string, { code, issuedAt, expiresAt, ...terms }: Offer) => ({
  code,
  customer_id: customerId,
  issued_at: toTime(issuedAt),
  expires_at: toTime(expiresAt),
  terms,
});

const deliveryRow = (customerId: string, decisionId: string, delivery: NewDelivery, content: Json | undefined) => ({
  limited: delivery.total !== undefined,
  delivery_id: delivery.deliveryId,
  decision_id: decisionId,
  customer_id: customerId,
  experience_id: delivery.experienceId,
  department: delivery.department,
  channel: delivery.channel,
  variant: delivery.variant,
  locale: delivery.locale,
  address: delivery.to,
  reserved_at: toTime(delivery.at),
  moments: delivery.moments,
  expires_at: toTime(delivery.expiresAt),
  facts: delivery.facts,
  features: delivery.features,
  frozen: delivery.frozen,
  keeps: delivery.keeps,
  makes: delivery.makes,
  content,
  canary: delivery.canary,
  learns_as: delivery.learnsAs,
  ...(delivery.asked ? answerColumns(delivery) : {}),
});

/** What the row of an answer has besides: it begins as handed over, unless it is held. */
function answerColumns(delivery: NewDelivery) {
  const { asked, action, recorded, at } = delivery;
  const status = firstStatus(delivery);
  return {
    asked,
    status,
    settled_at: status === "reserved" ? null : toTime(at),
    action_result: action ?? null,
    recorded: recorded ?? null,
  };
}
