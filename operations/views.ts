import { z } from "zod";
import { shown } from "../domain/identity/masking.ts";

// What operations answer, as schemas: the types of `Operations`, and what the HTTP API prints and answers. Times are ISO 8601. A text is
// masked for viewers unless its name or `shown` says that it is no content (`domain/identity/masking.ts`).

/** A value of JSON. */
const Json = z.json();
const JsonObject = z.record(z.string(), Json);

/** Result of an operation. Operations are idempotent: a repetition changes nothing and is no error. */
const outcome = {
  changed: z.boolean(),
  wakes: shown(z.string()).optional().describe("The customer whose open moments are judged again because of it."),
};

export type Outcome<View> = View & { readonly changed: boolean; readonly wakes?: string | readonly string[] | undefined };

/** A piece of work for a human. */
export const TaskView = z.object({
  taskId: z.string(),
  customerId: z.string().optional().describe("Missing where it is about no customer, as the task of a stopped canary."),
  queue: z.string(),
  summary: z.string(),
  createdAt: z.string(),
  due: z.string(),
  overdue: z.boolean(),
  state: z.enum(["open", "claimed", "done", "expired", "withdrawn"]),
  facts: JsonObject,
  deliveryId: z.string().optional(),
  promiseId: z.string().optional(),
  claimedBy: z.string().optional(),
  claimedAt: z.string().optional(),
  endedAt: z.string().optional(),
  endedBy: z.string().optional(),
  contacted: z.boolean().optional(),
  note: z.string().optional(),
});
export type TaskView = Readonly<z.infer<typeof TaskView>>;
export const TaskOutcome = TaskView.extend(outcome);

export const ApprovalView = z.object({
  approvalId: z.string(),
  customerId: z.string(),
  decisionId: z.string(),
  experienceId: z.string(),
  moment: z.string(),
  expiresAt: z.string().describe("When the moment expires; a later answer is refused."),
  reason: z.string().describe("Why it has to be approved: the rule's words."),
  askedAt: z.string(),
  channel: z.string().optional().describe("By which it would go."),
  variant: z.string().optional().describe("In which variant, as drawn by the latest decision that asked."),
  amount: z.number().optional().describe("The amount of the action, or else the value of the experience; while it can be answered."),
  text: z.string().optional().describe("The beginning of the text; in a list, while it can be answered."),
  state: z.enum(["pending", "approved", "rejected", "lapsed"]),
  answeredAt: z.string().optional(),
  answeredBy: z.string().optional(),
  note: z.string().optional(),
});
export type ApprovalView = Readonly<z.infer<typeof ApprovalView>>;
export const ApprovalOutcome = ApprovalView.extend(outcome);

export const PromiseView = z.object({
  promiseId: z.string(),
  customerId: z.string(),
  name: shown(z.string()),
  owner: z.string(),
  openedAt: z.string(),
  due: z.string(),
  overdue: z.boolean(),
  state: z.enum(["open", "kept", "withdrawn"]),
  endedAt: z.string().optional(),
  endedBy: z.string().optional(),
});
export type PromiseView = Readonly<z.infer<typeof PromiseView>>;
export const PromiseOutcome = PromiseView.extend(outcome);

export const CaseView = z.object({
  caseId: z.string(),
  customerId: z.string(),
  subject: z.string().optional(),
  queue: z.string().optional(),
  openedAt: z.string(),
  state: z.enum(["open", "closed"]),
  closedAt: z.string().optional(),
});
export type CaseView = Readonly<z.infer<typeof CaseView>>;
export const CaseOutcome = CaseView.extend(outcome);

export const PauseView = z.object({
  scope: z.enum(["all", "channel", "department", "agent"]),
  name: shown(z.string()).optional(),
  since: z.string(),
  by: z.string(),
  note: z.string().optional(),
});
export type PauseView = Readonly<z.infer<typeof PauseView>>;
export const PauseOutcome = PauseView.extend(outcome);

export const ResumeView = z.object({
  changed: z.boolean(),
  still: z.array(PauseView).readonly().describe("Remaining pauses."),
  wakes: shown(z.array(z.string())).readonly().describe("Customers whose open moments are judged again."),
});
export type ResumeView = Readonly<z.infer<typeof ResumeView>>;

/** Dead letter: a signal or a timer that failed every attempt. */
export const DeadView = z.object({
  id: z.string(),
  kind: z.enum(["signal", "timer"]),
  customerId: z.string(),
  type: z.string().optional().describe("Of a signal."),
  source: z.string().optional(),
  signalId: z.string().optional(),
  timer: shown(z.string()).optional().describe("The name of a timer."),
  due: z.string().optional().describe("When a timer was due."),
  code: z.string().describe("The last failure: one of our codes, a database code, or the name of the error."),
  message: z.string(),
  tries: z.number().int(),
  since: z.string().describe("When it became a dead letter."),
});
export type DeadView = Readonly<z.infer<typeof DeadView>>;
export const Revived = z.object({ changed: z.boolean(), revived: z.array(DeadView).readonly() });
export type Revived = Readonly<z.infer<typeof Revived>>;
export const Discarded = z.object({ changed: z.boolean(), discarded: z.array(DeadView).readonly() });
export type Discarded = Readonly<z.infer<typeof Discarded>>;

export const AuditView = z.object({
  at: z.string(),
  by: z.string(),
  action: z.string(),
  target: shown(z.string()),
  customerId: z.string().optional(),
  details: JsonObject,
});
export type AuditView = Readonly<z.infer<typeof AuditView>>;

export const RetryView = z.object({
  runId: z.string(),
  customerId: z.string(),
  moments: shown(z.array(z.string())).readonly().describe("Reopened moments, which will be judged."),
  deliveries: z
    .array(z.object({ deliveryId: z.string(), status: z.string(), reason: z.string().optional() }))
    .readonly()
    .describe("Deliveries of the run: unchanged, or declared not sent."),
});
export type RetryView = Readonly<z.infer<typeof RetryView>>;
export const RetryOutcome = RetryView.extend(outcome);

export const ErasureView = z.object({
  customerId: z.string(),
  at: z.string(),
  by: z.string(),
  alsoKnownAs: z.array(z.string()).readonly().optional().describe("Other ids of the same person, erased as well."),
  removed: z.record(z.string(), z.number().int()).describe("Erased rows by table."),
  suppressed: z.number().int().describe("Number of addresses kept as keyed hashes, so that nothing is sent to them again."),
});
export type ErasureView = Readonly<z.infer<typeof ErasureView>>;

export const MergeView = z.object({ customerId: z.string(), into: z.string().describe("The surviving customer.") });
export type MergeView = Readonly<z.infer<typeof MergeView>>;
export const MergeOutcome = MergeView.extend(outcome);

export const SplitView = z.object({
  customerId: z.string(),
  from: z.string().describe("The customer it had been merged into."),
  changed: z.literal(true),
  wakes: z.array(z.string()).readonly().describe("Both are judged again."),
});
export type SplitView = Readonly<z.infer<typeof SplitView>>;

export const LiftView = z.object({
  customerId: z.string(),
  lifted: z
    .array(z.object({ type: z.string(), value: z.string(), reason: z.string() }))
    .readonly()
    .describe("Reinstated addresses; empty if none was undeliverable."),
});
export type LiftView = Readonly<z.infer<typeof LiftView>>;
export const LiftOutcome = LiftView.extend(outcome);

/** All data held about a person, as one document: by table, each row as stored. */
export const CustomerExport = z.object({
  customerId: z.string(),
  exportedAt: z.string(),
  alsoKnownAs: z.array(z.string()).readonly().optional().describe("Other ids of the same person, whose rows are included."),
  record: Json,
  tables: z.record(z.string(), z.array(Json).readonly()),
});
export type CustomerExport = Readonly<z.infer<typeof CustomerExport>>;
