import type { Pause, PauseTarget } from "../domain/deciding/pause.ts";
import { PAUSED } from "../domain/deciding/pause.ts";
import type { DeliveryStatus } from "../domain/entities/customer.ts";
import type { JsonObject } from "../domain/values/json.ts";
import { storableJson } from "../domain/values/storable.ts";
import type { Instant } from "../domain/values/time.ts";
import { type AuditEntry, auditRow, INSERT_AUDIT } from "./commit/operations-rows.ts";
import { type Pool, type Queryable, transaction } from "./engines/database.ts";
import { toTime } from "./reading/load-customers.ts";
import type { DueTimer } from "./reading/timers.ts";

export interface KeptTask {
  readonly taskId: string;
  readonly customerId: string;
  readonly queue: string;
  readonly summary: string;
  readonly createdAt: Instant;
  readonly due: Instant;
  readonly state: "open" | "claimed" | "done" | "expired" | "withdrawn";
  readonly facts: JsonObject;
  readonly deliveryId?: string;
  readonly promiseId?: string;
  readonly claimedBy?: string;
  readonly claimedAt?: Instant;
  readonly endedAt?: Instant;
  readonly endedBy?: string;
  readonly contacted?: boolean;
  readonly note?: string;
}

export interface KeptApproval {
  readonly approvalId: string;
  readonly customerId: string;
  readonly decisionId: string;
  readonly experienceId: string;
  readonly momentId: string;
  readonly moment: string;
  readonly momentEnded?: string;
  readonly expiresAt: Instant;
  /** The channel of the latest decision that asked for it. */
  readonly channel?: string;
  readonly reason: string;
  readonly askedAt: Instant;
  readonly state: "pending" | "approved" | "rejected" | "lapsed";
  readonly answeredAt?: Instant;
  readonly answeredBy?: string;
  readonly note?: string;
}

export interface KeptPromise {
  readonly promiseId: string;
  readonly customerId: string;
  readonly name: string;
  readonly owner: string;
  readonly openedAt: Instant;
  readonly due: Instant;
  readonly ended?: "kept" | "withdrawn";
  readonly endedAt?: Instant;
  readonly endedBy?: string;
}

export type KeptPause = Pause & { readonly note?: string };

export interface KeptAudit extends AuditEntry {
  readonly auditId: number;
}

/** The place where a list of tasks goes on. */
export type TaskPlace = {
  readonly taskId: string;
  readonly queue: string;
  readonly due: Instant;
  readonly ended: boolean;
};

export interface TaskSelection extends Selection {
  readonly queue?: string | undefined;
  readonly claimedBy?: string | undefined;
  readonly unclaimed?: boolean | undefined;
  /** Only open ones that are due by then. */
  readonly lateAt?: Instant | undefined;
  /** `due`: open ones by due date, then ended ones, the latest first. Default: by queue, then by due date. */
  readonly order?: "due" | undefined;
  /** The last task of the page before. */
  readonly after?: TaskPlace | undefined;
}

/** Effects of a run: its deliveries, its calls, and the moments it served that have not opened again. */
export interface LeftByRun {
  readonly deliveries: readonly { readonly deliveryId: string; readonly status: DeliveryStatus; readonly reason?: string }[];
  readonly calls: readonly { readonly key: string; readonly tool: string; readonly status: string }[];
  readonly moments: readonly { readonly momentId: string; readonly name: string; readonly expiresAt: Instant }[];
}

export interface KeptCase {
  readonly caseId: string;
  readonly customerId: string;
  readonly subject?: string;
  readonly queue?: string;
  readonly openedAt: Instant;
  readonly closedAt?: Instant;
}

export interface Selection {
  readonly customerId?: string | undefined;
  readonly limit: number;
  /** Includes closed ones. */
  readonly all?: boolean | undefined;
  /** The id, or a prefix of it. */
  readonly id?: string;
}

/** Records that operators read and change. A change to a single customer goes through `commit`, together with its consequences. */
export interface OperationRecords {
  tasks(selection: TaskSelection): Promise<KeptTask[]>;
  /** Expires open tasks after both their due time and their delivery's expiry; claimed tasks stay. Returns how many. */
  expireTasks(now: Instant): Promise<number>;
  approvals(selection: Selection & { readonly now: Instant }): Promise<KeptApproval[]>;
  promises(selection: Selection & { readonly owner?: string | undefined }): Promise<KeptPromise[]>;
  cases(selection: Selection): Promise<KeptCase[]>;
  leftByRun(runId: string): Promise<LeftByRun>;
  pauses(): Promise<KeptPause[]>;
  /** False if it is already paused. */
  pause(target: PauseTarget, entry: AuditEntry, note?: string): Promise<boolean>;
  /** False if it is not paused. */
  resume(target: PauseTarget, entry: AuditEntry): Promise<boolean>;
  /** Sets a timer for each customer whose last decision was held by a pause and who has an open moment; returns their ids. */
  wakePaused(due: Instant): Promise<string[]>;
  /** Due timers of these customers, in firing order. */
  timersDue(customerIds: readonly string[], until: Instant): Promise<DueTimer[]>;
  /** The latest entries, or the latest before one, in order of time. */
  audit(selection: Pick<Selection, "customerId" | "limit"> & { readonly before?: number | undefined }): Promise<KeptAudit[]>;
  record(entry: AuditEntry): Promise<void>;
  /** Allocates the next arrival sequence number, for signals that bypass the inbox. */
  nextSeq(): Promise<number>;
}

export function createOperationRecords(pool: Pool): OperationRecords {
  return {
    tasks: (selection) => tasks(pool, selection),
    expireTasks: async (now) => (await pool.query(EXPIRE_TASKS, [toTime(now)])).rowCount,
    approvals: ({ now, ...selection }) => list(pool, APPROVALS, [...usual(selection), toTime(now)]),
    promises: ({ owner, ...selection }) => list(pool, PROMISES, [...usual(selection), owner ?? null]),
    cases: (selection) => list(pool, CASES, usual(selection)),
    leftByRun: async (runId) => ({
      deliveries: await list(pool, DELIVERIES_OF_RUN, [runId]),
      calls: await list(pool, CALLS_OF_RUN, [runId]),
      moments: await list(pool, MOMENTS_OF_RUN, [runId]),
    }),
    pauses: () => pauses(pool),
    pause: (target, entry, note) => setPause(pool, target, entry, note),
    resume: (target, entry) => endPause(pool, target, entry),
    wakePaused: async (due) =>
      (await pool.query<{ customer_id: string }>(WAKE_PAUSED, [toTime(due), `${PAUSED}:`])).rows.map(({ customer_id }) => customer_id),
    timersDue: (customerIds, until) => list(pool, TIMERS_DUE, [customerIds, toTime(until)]),
    audit: ({ customerId, limit, before }) => list(pool, AUDIT, [customerId ?? null, limit, before ?? null]),
    record: async (entry) => void (await pool.query(INSERT_AUDIT, [storableJson([auditRow(entry)])])),
    nextSeq: async () => (await pool.query<{ seq: number }>(NEXT_SEQ)).rows[0]?.seq ?? 0,
  };
}

// --- internal ---

const usual = ({ customerId, id, all = false, limit }: Selection): unknown[] => [customerId ?? null, id ?? null, all, limit];

async function list<T>(db: Queryable, sql: string, params: readonly unknown[]): Promise<T[]> {
  return (await db.query<{ one: T }>(sql, params)).rows.map(({ one }) => one);
}

function tasks(db: Queryable, selection: TaskSelection): Promise<KeptTask[]> {
  const { queue, claimedBy, unclaimed = false, lateAt, order, after } = selection;
  const late = lateAt === undefined ? null : toTime(lateAt);
  const place = after === undefined ? [] : order === "due" ? byDue(after) : [after.queue, toTime(after.due), after.taskId];
  const params = [...usual(selection), queue ?? null, claimedBy ?? null, unclaimed, late, ...place];
  return list(db, tasksStatement(selection), params);
}

const byDue = ({ ended, due, taskId }: TaskPlace): unknown[] => [ended, ended ? -due : due, taskId];

// A prefix match. A complete id that is also the prefix of another one is sorted first.
const named = (column: string): string => `($2::text is null or ${column} = $2 or starts_with(${column}, $2))`;

const TASKS = `
select json_strip_nulls(json_build_object('taskId', task_id, 'customerId', customer_id, 'queue', queue, 'summary', summary, 'createdAt', ms(created_at), 'due', ms(due),
         'state', state, 'deliveryId', delivery_id, 'promiseId', promise_id, 'claimedBy', claimed_by, 'claimedAt', ms(claimed_at),
         'endedAt', ms(ended_at), 'endedBy', ended_by, 'contacted', contacted, 'note', note))::jsonb || jsonb_build_object('facts', facts) as one
  from tasks
 where ($1::text is null or customer_id = $1) and ${named("task_id")} and ($5::text is null or queue = $5) and ($6::text is null or claimed_by = $6)
   and (not $7::boolean or state = 'open') and ($8::timestamptz is null or (tasks.due <= $8 and state in ('open', 'claimed')))`;

// As in the index tasks_by_due.
const ENDED = "(state not in ('open', 'claimed'))";
const DUE = "(case when state in ('open', 'claimed') then ms(tasks.due) else -ms(tasks.due) end)";

/** Its values: customer, id, whether ended ones too, limit, queue, claimed by, whether unclaimed, late at, and the place if there is one. */
export function tasksStatement({ id, all = false, order, after }: Pick<TaskSelection, "id" | "all" | "order" | "after">): string {
  const states = all ? "$3::boolean" : `$3::boolean is false and state in ('open', 'claimed') and not ${ENDED}`;
  const [columns, place] =
    order === "due"
      ? [`${ENDED}, ${DUE}, task_id`, "$9::boolean, $10::float8, $11::text"]
      : ["queue, tasks.due, task_id", "$9::text, $10::timestamptz, $11::text"];
  const following = after === undefined ? "" : ` and (${columns}) > (${place})`;
  return `${TASKS} and ${states}${following} order by ${id === undefined ? "" : "task_id = $2 desc, "}${columns} limit $4`;
}

const EXPIRE_TASKS = `
update tasks t set state = 'expired', ended_at = greatest(t.due, d.expires_at)
  from deliveries d where d.delivery_id = t.delivery_id and t.state = 'open' and greatest(t.due, d.expires_at) <= $1::timestamptz`;

const APPROVALS = `
select json_strip_nulls(json_build_object('approvalId', a.approval_id, 'customerId', a.customer_id, 'decisionId', a.decision_id, 'experienceId', a.experience_id,
         'momentId', m.moment_id, 'moment', m.name, 'momentEnded', m.ended, 'expiresAt', ms(m.expires_at), 'reason', a.reason, 'askedAt', ms(a.asked_at),
         'channel', (select n.channel from decisions n where n.customer_id = a.customer_id and n.experience_id = a.experience_id and n.action = 'await_approval' order by n.seq desc limit 1),
         'state', a.state, 'answeredAt', ms(a.answered_at), 'answeredBy', a.answered_by, 'note', a.note)) as one
  from approvals a join moments m on m.moment_id = a.moment_id
 where ($1::text is null or a.customer_id = $1) and ${named("a.approval_id")}
   and ($3 or (a.state = 'pending' and m.ended is null and m.expires_at > $5::timestamptz))
 order by a.approval_id = $2 desc nulls last, a.asked_at, a.approval_id limit $4`;

const PROMISES = `
select json_strip_nulls(json_build_object('promiseId', promise_id, 'customerId', customer_id, 'name', name, 'owner', owner, 'openedAt', ms(opened_at), 'due', ms(due),
         'ended', ended, 'endedAt', ms(ended_at), 'endedBy', ended_by)) as one
  from promises
 where ($1::text is null or customer_id = $1) and ${named("promise_id")} and ($3 or ended is null) and ($5::text is null or owner = $5)
 order by promise_id = $2 desc nulls last, ended is not null, promises.due, promise_id limit $4`;

const CASES = `
select json_strip_nulls(json_build_object('caseId', case_id, 'customerId', customer_id, 'subject', case when jsonb_typeof(data->'subject') = 'string' then data->>'subject' end,
         'queue', case when jsonb_typeof(data->'queue') = 'string' then data->>'queue' end, 'openedAt', ms(opened_at), 'closedAt', ms(closed_at))) as one
  from cases
 where ($1::text is null or customer_id = $1 or customer_id in (select l.customer_id from links l where l.root_id = $1)) and ($2::text is null or case_id = $2)
   and ($3 or closed_at is null)
 order by closed_at is not null, opened_at, case_id limit $4`;

const DELIVERIES_OF_RUN = `
select json_strip_nulls(json_build_object('deliveryId', d.delivery_id, 'status', d.status, 'reason', d.reason)) as one
  from deliveries d join decisions n on n.decision_id = d.decision_id where n.run_id = $1 order by d.delivery_id`;

const CALLS_OF_RUN = `
select json_build_object('key', call_key, 'tool', tool, 'status', status) as one from tool_calls where run_id = $1 order by call_key`;

// A delivery ends the moments that it serves at the instant of its decision. A moment that has opened again is omitted.
const MOMENTS_OF_RUN = `
select json_build_object('momentId', m.moment_id, 'name', m.name, 'expiresAt', ms(m.expires_at)) as one
  from deliveries d
  join decisions n on n.decision_id = d.decision_id
  join moments m on m.customer_id = d.customer_id and jsonb_exists(d.moments, m.name) and m.ended = 'served' and m.ended_at = d.reserved_at
 where n.run_id = $1 and not exists (select 1 from moments o where o.customer_id = m.customer_id and o.name = m.name and o.ended is null)
 order by m.name`;

const AUDIT = `
select one from (
  select audit_id, json_strip_nulls(json_build_object('auditId', audit_id, 'at', ms(at), 'by', actor, 'action', action, 'target', target, 'customerId', customer_id, 'details', details)) as one
    from audit where ($1::text is null or customer_id = $1) and audit_id < coalesce($3::bigint, 9223372036854775807) order by audit_id desc limit $2
) latest order by audit_id`;

async function pauses(db: Queryable): Promise<KeptPause[]> {
  const { rows } = await db.query<{ scope: PauseTarget["scope"]; name: string; since: number; paused_by: string; note: string | null }>(
    "select scope, name, ms(since) as since, paused_by, note from pauses order by since, scope, name",
  );
  return rows.map(({ scope, name, since, paused_by, note }) => ({
    ...(scope === "all" ? { scope } : { scope, name }),
    since,
    by: paused_by,
    ...(note === null ? {} : { note }),
  }));
}

const keyOf = (target: PauseTarget): [string, string] => [target.scope, target.scope === "all" ? "" : target.name];

const setPause = (pool: Pool, target: PauseTarget, entry: AuditEntry, note: string | undefined): Promise<boolean> =>
  transaction(pool, async (db) => {
    const { rowCount } = await db.query(
      "insert into pauses (scope, name, since, paused_by, note) values ($1, $2, $3::timestamptz, $4, $5) on conflict do nothing",
      [...keyOf(target), toTime(entry.at), entry.by, note ?? null],
    );
    if (rowCount > 0) await db.query(INSERT_AUDIT, [storableJson([auditRow(entry)])]);
    return rowCount > 0;
  });

const endPause = (pool: Pool, target: PauseTarget, entry: AuditEntry): Promise<boolean> =>
  transaction(pool, async (db) => {
    const { rowCount } = await db.query("delete from pauses where scope = $1 and name = $2", keyOf(target));
    if (rowCount > 0) await db.query(INSERT_AUDIT, [storableJson([auditRow(entry)])]);
    return rowCount > 0;
  });

// The key-share lock waits for a concurrent erasure, after which the customer gets no timer.
const WAKE_PAUSED = `
insert into timers (customer_id, key, name, due)
select c.customer_id, 'resume', 'resume', $1::timestamptz
  from customers c
  join lateral (select n.record::jsonb as record from decisions n where n.customer_id = c.customer_id order by n.seq desc limit 1) last on true
 where exists (select 1 from moments m where m.customer_id = c.customer_id and m.ended is null)
   and (jsonb_path_exists(last.record, '$.candidates[*].*[*] ? (@.stage == "suppression" && @.detail starts with $paused)', jsonb_build_object('paused', $2::text))
        or jsonb_path_exists(last.record, '$.others[*] ? (@.stage == "suppression")'))
 order by c.customer_id for key share of c
on conflict (customer_id, key) do update set name = excluded.name, due = excluded.due
returning customer_id`;

const TIMERS_DUE = `
select json_build_object('customerId', customer_id, 'key', key, 'name', name, 'due', ms(due)) as one
  from timers where customer_id = any($1::text[]) and due <= $2::timestamptz order by timers.due, customer_id, name, key`;

const NEXT_SEQ = "select greatest(nextval('arrivals'), (select coalesce(max(seq), 0) + 1 from signals))::float8 as seq";
