import { z } from "zod";

// What operations answer, as schemas: the types of `Operations`, and what the HTTP API prints and answers. Times are ISO 8601.

/** A value of JSON. */
const Json = z.json();
const JsonObject = z.record(z.string(), Json);

/** What came of an operation. Asking for what is so already changes nothing and is no error. */
const outcome = {
  changed: z.boolean(),
  wakes: z
    .string()
    .optional()
    .describe("The customer whose open moments are due to be judged again because of it; on a replayed store by `carryOut`."),
};

export type Outcome<View> = View & { readonly changed: boolean; readonly wakes?: string | undefined };

/** A piece of work for a human. */
export const TaskView = z.object({
  taskId: z.string(),
  customerId: z.string(),
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
  expiresAt: z.string().describe("When the moment is over, and an answer comes too late."),
  reason: z.string(),
  askedAt: z.string(),
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
  name: z.string(),
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

export const PauseView = z.object({
  scope: z.enum(["all", "channel", "department", "agent"]),
  name: z.string().optional(),
  since: z.string(),
  by: z.string(),
  note: z.string().optional(),
});
export type PauseView = Readonly<z.infer<typeof PauseView>>;
export const PauseOutcome = PauseView.extend(outcome);

export const ResumeView = z.object({
  changed: z.boolean(),
  still: z.array(PauseView).readonly().describe("What is still paused."),
  wakes: z.array(z.string()).readonly().describe("Customers whose open moments are due to be judged again."),
});
export type ResumeView = Readonly<z.infer<typeof ResumeView>>;

/** A signal or a timer that was given up. */
export const DeadView = z.object({
  id: z.string(),
  kind: z.enum(["signal", "timer"]),
  customerId: z.string(),
  type: z.string().optional().describe("Of a signal."),
  source: z.string().optional(),
  signalId: z.string().optional(),
  timer: z.string().optional().describe("The name of a timer."),
  due: z.string().optional().describe("When a timer was due."),
  code: z.string().describe("Why it was given up: a code of ours, of the database, or the kind of the error."),
  message: z.string(),
  tries: z.number().int(),
  since: z.string().describe("When it was given up."),
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
  target: z.string(),
  customerId: z.string().optional(),
  details: JsonObject,
});
export type AuditView = Readonly<z.infer<typeof AuditView>>;

export const RetryView = z.object({
  runId: z.string(),
  customerId: z.string(),
  moments: z.array(z.string()).readonly().describe("Moments that are open again and will be judged."),
  deliveries: z
    .array(z.object({ deliveryId: z.string(), status: z.string(), reason: z.string().optional() }))
    .readonly()
    .describe("Deliveries of the run that are left where they are, or were declared not sent."),
});
export type RetryView = Readonly<z.infer<typeof RetryView>>;
export const RetryOutcome = RetryView.extend(outcome);

export const ErasureView = z.object({
  customerId: z.string(),
  at: z.string(),
  by: z.string(),
  alsoKnownAs: z.array(z.string()).readonly().optional().describe("Other ids of the same person, which are removed as well."),
  removed: z.record(z.string(), z.number().int()).describe("How many rows were removed, by table."),
  suppressed: z.number().int().describe("How many addresses stay known by their keyed hash, so that nothing is sent to them again."),
});
export type ErasureView = Readonly<z.infer<typeof ErasureView>>;

export const MergeView = z.object({ customerId: z.string(), into: z.string().describe("Who stands for both now.") });
export type MergeView = Readonly<z.infer<typeof MergeView>>;
export const MergeOutcome = MergeView.extend(outcome);

export const SplitView = z.object({
  customerId: z.string(),
  from: z.string().describe("The customer it had been merged into."),
  changed: z.literal(true),
  wakes: z.array(z.string()).readonly().describe("Both are due to be judged again."),
});
export type SplitView = Readonly<z.infer<typeof SplitView>>;

export const LiftView = z.object({
  customerId: z.string(),
  lifted: z
    .array(z.object({ type: z.string(), value: z.string(), reason: z.string() }))
    .readonly()
    .describe("The addresses that count again; empty where none of the customer's was given up."),
});
export type LiftView = Readonly<z.infer<typeof LiftView>>;
export const LiftOutcome = LiftView.extend(outcome);

/** Everything held about a person, as one document: by table, each row as it is stored. */
export const CustomerExport = z.object({
  customerId: z.string(),
  exportedAt: z.string(),
  alsoKnownAs: z.array(z.string()).readonly().optional().describe("Other ids of the same person, whose rows are among these."),
  record: Json,
  tables: z.record(z.string(), z.array(Json).readonly()),
});
export type CustomerExport = Readonly<z.infer<typeof CustomerExport>>;
