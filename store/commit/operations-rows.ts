import type { JsonObject } from "../../domain/values/json.ts";
import type { Instant } from "../../domain/values/time.ts";
import { toTime } from "../reading/load-customers.ts";

/** An audit entry: actor, action and target. */
export interface AuditEntry {
  readonly at: Instant;
  readonly by: string;
  readonly action: string;
  readonly target: string;
  readonly customerId?: string;
  readonly details: JsonObject;
}

/** An operator's writes to one customer's rows, atomic with the changes that follow from them. */
export interface OperationWrite {
  readonly audit: AuditEntry;
  readonly task?: TaskMove;
  readonly answer?: ApprovalAnswer;
  /** Ids of served moments to reopen. */
  readonly reopened?: readonly string[];
}

export interface TaskMove {
  readonly taskId: string;
  /** Allowed current states; from another state nothing at all is written. */
  readonly from: readonly string[];
  /** Its holder; of another holder's task nothing at all is written. */
  readonly heldBy?: string;
  /** `open` returns it to its queue. */
  readonly state: "open" | "claimed" | "done";
  readonly by: string;
  readonly at: Instant;
  readonly contacted?: boolean;
  readonly note?: string;
}

export interface ApprovalAnswer {
  readonly approvalId: string;
  readonly from: readonly string[];
  readonly state: "approved" | "rejected";
  readonly by: string;
  readonly at: Instant;
  readonly note?: string;
  /** The channel and the variant that were read. */
  readonly channel?: string;
  readonly variant?: string;
}

export type OperationTable = "taskMoves" | "answers" | "reopened" | "audit";

/** The rows that an operation writes, each with its table. */
export function operationRows({ audit, task, answer, reopened = [] }: OperationWrite): (readonly [OperationTable, object])[] {
  return [
    ["audit", auditRow(audit)],
    ...(task ? [["taskMoves", taskRow(task)] as const] : []),
    ...(answer ? [["answers", answerRow(answer)] as const] : []),
    ...reopened.map((momentId) => ["reopened", { moment_id: momentId }] as const),
  ];
}

export const auditRow = ({ at, by, action, target, customerId, details }: AuditEntry) => ({
  at: toTime(at),
  actor: by,
  action,
  target,
  customer_id: customerId ?? null,
  details,
});

export const INSERT_AUDIT = `
insert into audit (at, actor, action, target, customer_id, details)
select at, actor, action, target, customer_id, details
  from jsonb_to_recordset($1::jsonb) as x(at timestamptz, actor text, action text, target text, customer_id text, details jsonb)`;

/** The statement of each table. */
export const OPERATION_WRITES: readonly (readonly [OperationTable, string])[] = [
  [
    // Completing a task and recording the contact with the customer are separate, the second may come later; each is written once.
    "taskMoves",
    `update tasks t set state = x.state, note = coalesce(x.note, t.note), contacted = coalesce(x.contacted, t.contacted),
            claimed_by = case x.state when 'claimed' then x.by when 'done' then t.claimed_by end,
            claimed_at = case x.state when 'claimed' then x.at when 'done' then t.claimed_at end,
            ended_by = case when x.state = 'done' then coalesce(t.ended_by, x.by) else t.ended_by end,
            ended_at = case when x.state = 'done' then coalesce(case when t.state = 'done' then t.ended_at end, x.at) else t.ended_at end
       from jsonb_to_recordset($1::jsonb) as x(task_id text, allowed jsonb, held_by text, state text, by text, at timestamptz, contacted boolean, note text)
      where t.task_id = x.task_id and jsonb_exists(x.allowed, t.state) and (x.held_by is null or t.claimed_by = x.held_by) and not (x.contacted is true and t.contacted is true)`,
  ],
  [
    "answers",
    `update approvals a set state = x.state, answered_at = x.at, answered_by = x.by, note = x.note, channel = x.channel, variant = x.variant
       from jsonb_to_recordset($1::jsonb) as x(approval_id text, allowed jsonb, state text, by text, at timestamptz, note text, channel text, variant text)
      where a.approval_id = x.approval_id and jsonb_exists(x.allowed, a.state)`,
  ],
  [
    "reopened",
    `update moments m set ended = null, ended_at = null
       from jsonb_to_recordset($1::jsonb) as x(moment_id text) where m.moment_id = x.moment_id and m.ended = 'served'`,
  ],
  ["audit", INSERT_AUDIT],
];

/** Tables whose rows are written only from an allowed state. */
export const OPERATION_ONCE: readonly OperationTable[] = ["taskMoves", "answers", "reopened"];

// --- internal ---

const taskRow = ({ taskId, from, heldBy, state, by, at, contacted, note }: TaskMove) => ({
  task_id: taskId,
  allowed: from,
  held_by: heldBy ?? null,
  state,
  by,
  at: toTime(at),
  contacted: contacted ?? null,
  note: note ?? null,
});

const answerRow = ({ approvalId, from, state, by, at, note, channel, variant }: ApprovalAnswer) => ({
  approval_id: approvalId,
  allowed: from,
  state,
  by,
  at: toTime(at),
  note: note ?? null,
  channel: channel ?? null,
  variant: variant ?? null,
});
