import type { Change, NewDelivery } from "../domain/change.ts";
import { type Customer, counts } from "../domain/customer.ts";
import { need } from "../domain/errors.ts";
import type { Json } from "../domain/json.ts";
import type { CaseCommit, RunRow, StoredSignal } from "./commit.ts";
import type { Table } from "./commit-writes.ts";
import { toTime } from "./load-customers.ts";

/** The rows that a batch of cases writes, by table. */
export class Rows {
  readonly totals = new Map<string, { taken: number; total: number }>();
  private readonly tables = new Map<Table, object[]>();

  of(table: Table): object[] {
    return this.tables.get(table) ?? [];
  }

  addCase({ before, after, changes, signal, run, contents, call }: CaseCommit): void {
    const { customerId } = before;
    if (signal) this.add("signals", signalRow(signal));
    if (run) this.add("runs", runRow(run));
    if (call) this.add("calls", { call_key: call.key, output: call.output, at: toTime(call.at) });
    for (const change of changes) this.addChange(customerId, change, run, contents);
    this.addTimers(customerId, before, after);
  }

  private add(table: Table, row: object): void {
    const rows = this.tables.get(table);
    if (rows) rows.push(row);
    else this.tables.set(table, [row]);
  }

  private addChange(customerId: string, change: Change, run: RunRow | undefined, contents: CaseCommit["contents"]): void {
    switch (change.type) {
      case "identity_added":
        return this.add("identities", { ...change.identity, customer_id: customerId, at: toTime(change.identity.at) });
      case "consent_set":
        return this.add("consents", { ...change.consent, customer_id: customerId, at: toTime(change.consent.at) });
      case "moment_opened":
        return this.add("moments", momentRow(customerId, change));
      case "moment_ended":
        return this.add("momentEnds", { moment_id: change.momentId, ended: change.end, at: toTime(change.at) });
      case "promise_opened":
      case "promise_extended":
      case "promise_overdue":
      case "promise_ended":
        return this.addPromise(customerId, change);
      case "case_opened":
        return this.add("cases", { customer_id: customerId, case_id: change.caseId, opened_at: toTime(change.at), data: change.data });
      case "case_closed":
        return this.add("caseEnds", { customer_id: customerId, case_id: change.caseId, at: toTime(change.at) });
      case "touch_added":
        return this.add("touches", {
          ...change.touch,
          touch_id: change.touch.touchId,
          customer_id: customerId,
          at: toTime(change.touch.at),
        });
      case "outcome_added":
        return this.add("outcomes", outcomeRow(customerId, change));
      case "delivery_moved":
        return this.add("moves", {
          delivery_id: change.deliveryId,
          status: change.to,
          reason: change.reason ?? null,
          at: toTime(change.at),
          frees: !counts(change.to),
        });
      case "approval_asked":
        return this.add("approvals", approvalRow(customerId, change));
      case "approval_lapsed":
        return this.add("approvalLapses", { approval_id: change.approvalId, at: toTime(change.at) });
      case "task_added":
        return this.add("tasks", taskRow(customerId, change));
      case "decided":
        return this.addDecision(customerId, change, need(run, "a run"), contents);
      case "standing_cleared":
        return this.add("lapses", { decision_id: change.decisionId, code: change.code, at: toTime(change.at) });
      // These are part of the customer's own row, or of the timers, which are written from where they end up.
      case "customer_created":
      case "claims_set":
      case "signal_seen":
      case "offer_redeemed":
      case "timer_set":
      case "timer_cleared":
        return undefined;
    }
  }

  private addPromise(customerId: string, change: Of<"promise_opened" | "promise_extended" | "promise_overdue" | "promise_ended">): void {
    if (change.type === "promise_opened") {
      const { promiseId, name, owner, openedAt, due, openedBy } = change.promise;
      this.add("promises", {
        promise_id: promiseId,
        customer_id: customerId,
        name,
        owner,
        opened_at: toTime(openedAt),
        due: toTime(due),
        opened_by: openedBy,
      });
      return;
    }
    const row = { promise_id: change.promiseId };
    if (change.type === "promise_extended") this.add("promiseUpdates", { ...row, opened_by: change.openedBy });
    else if (change.type === "promise_overdue") this.add("promiseUpdates", { ...row, overdue: true });
    else this.add("promiseUpdates", { ...row, ended: change.end, at: toTime(change.at), ended_by: change.by });
  }

  private addDecision(
    customerId: string,
    { decision, delivery }: Of<"decided">,
    { runId }: RunRow,
    contents: CaseCommit["contents"],
  ): void {
    const { decisionId, decidedAt, action, experienceId, channel } = decision;
    this.add("decisions", {
      // Their place in the batch is their place in the order of decisions.
      n: this.of("decisions").length,
      decision_id: decisionId,
      run_id: runId,
      customer_id: customerId,
      decided_at: decidedAt,
      action,
      experience_id: experienceId ?? null,
      channel: channel ?? null,
      record: decision,
    });
    if (!delivery) return;
    this.add("deliveries", deliveryRow(customerId, decisionId, delivery, contents?.get(delivery.deliveryId)));
    if (delivery.isTouch) {
      const { deliveryId, at, channel: on, department } = delivery;
      this.add("touches", {
        touch_id: deliveryId,
        customer_id: customerId,
        at: toTime(at),
        kind: "delivery",
        channel: on,
        department: department ?? null,
      });
    }
    if (delivery.total !== undefined) {
      const taken = (this.totals.get(delivery.experienceId)?.taken ?? 0) + 1;
      this.totals.set(delivery.experienceId, { taken, total: delivery.total });
    }
  }

  private addTimers(customerId: string, { timers: before }: Customer, { timers: after }: Customer): void {
    for (const [key, { name, due }] of Object.entries(after)) {
      const known = before[key];
      if (known?.due !== due || known.name !== name) this.add("timers", { customer_id: customerId, key, name, due: toTime(due) });
    }
    for (const key of Object.keys(before)) if (!after[key]) this.add("timerEnds", { customer_id: customerId, key });
  }
}

// --- internal ---

type Of<T extends Change["type"]> = Extract<Change, { type: T }>;

const signalRow = ({ seq, source, id, type, customerId, time, receivedAt, event, bodyHash }: StoredSignal) => ({
  seq,
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

const approvalRow = (customerId: string, { approval, decisionId, reason, at }: Of<"approval_asked">) => ({
  approval_id: approval.approvalId,
  customer_id: customerId,
  decision_id: decisionId,
  experience_id: approval.experienceId,
  moment_id: approval.momentId,
  reason,
  asked_at: toTime(at),
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

const deliveryRow = (customerId: string, decisionId: string, delivery: NewDelivery, content: Json | undefined) => ({
  delivery_id: delivery.deliveryId,
  decision_id: decisionId,
  customer_id: customerId,
  experience_id: delivery.experienceId,
  department: delivery.department ?? null,
  channel: delivery.channel,
  address: delivery.to ?? null,
  reserved_at: toTime(delivery.at),
  moments: delivery.moments,
  expires_at: toTime(delivery.expiresAt),
  facts: delivery.facts,
  frozen: delivery.frozen,
  keeps: delivery.keeps,
  makes: delivery.makes ?? null,
  content: content ?? null,
});
