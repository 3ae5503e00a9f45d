import type { Pause, PauseTarget } from "../domain/deciding/pause.ts";
import { PAUSED } from "../domain/deciding/pause.ts";
import type { DeliveryStatus } from "../domain/entities/customer.ts";
import { storableJson } from "../domain/values/storable.ts";
import type { Instant } from "../domain/values/time.ts";
import { type AuditEntry, auditRow, INSERT_AUDIT, OPERATION_WRITES, type OperationWrite, operationRows } from "./commit/operations-rows.ts";
import { type Pool, type Queryable, transaction } from "./engines/database.ts";
import { rootOf } from "./reading/links.ts";
import { toTime } from "./reading/load-customers.ts";
import type { DueTimer } from "./reading/timers.ts";
import { createWorkLists, type Selection, type WorkLists } from "./reading/work-lists.ts";

export type KeptPause = Pause & { readonly note?: string };

export interface KeptAudit extends AuditEntry {
  readonly auditId: number;
}

/** Effects of a run: its deliveries, its calls, and the moments it served that have not opened again. */
export interface LeftByRun {
  readonly deliveries: readonly { readonly deliveryId: string; readonly status: DeliveryStatus; readonly reason?: string }[];
  readonly calls: readonly { readonly key: string; readonly tool: string; readonly status: string }[];
  readonly moments: readonly { readonly momentId: string; readonly name: string; readonly expiresAt: Instant }[];
}

/** Records that operators read and change. A change to a single customer goes through `commit`, together with its consequences. */
export interface OperationRecords extends WorkLists {
  /** Expires open tasks after both their due time and their delivery's expiry; claimed tasks stay. Returns how many. */
  expireTasks(now: Instant): Promise<number>;
  leftByRun(runId: string): Promise<LeftByRun>;
  pauses(): Promise<KeptPause[]>;
  /** False if it is already paused. */
  pause(target: PauseTarget, entry: AuditEntry, note?: string): Promise<boolean>;
  /** False if it is not paused. */
  resume(target: PauseTarget, entry: AuditEntry): Promise<boolean>;
  /** Sets a timer for each customer whose last decision was held by a pause and who has an open moment; returns their ids. */
  wakePaused(due: Instant): Promise<string[]>;
  /** Wakes the customers whose held deliveries a pause matches, so that their holds end; returns their ids. */
  wakeHeld(target: PauseTarget, due: Instant): Promise<string[]>;
  /** Due timers of these customers, in firing order. */
  timersDue(customerIds: readonly string[], until: Instant): Promise<DueTimer[]>;
  /** The latest entries, or the latest before one, in order of time. */
  audit(selection: Pick<Selection, "customerId" | "limit"> & { readonly before?: number | undefined }): Promise<KeptAudit[]>;
  record(entry: AuditEntry): Promise<void>;
  /** Moves a task that is about no customer, with its audit entry; false where its state or its holder is another one. */
  moveTask(operation: OperationWrite): Promise<boolean>;
  /** Allocates the next arrival sequence number, for signals that bypass the inbox. */
  nextSeq(): Promise<number>;
}

/** Operators' pauses (SQL): rows of `PauseRow`. */
export const PAUSES = "select scope, name, to_ms(since) as since, paused_by, note from pauses order by since, scope, name";

export interface PauseRow {
  readonly scope: PauseTarget["scope"];
  readonly name: string;
  readonly since: number;
  readonly paused_by: string;
  readonly note: string | null;
}

export const pauseOf = ({ scope, name, since, paused_by, note }: PauseRow): KeptPause => ({
  ...(scope === "all" ? { scope } : { scope, name }),
  since,
  by: paused_by,
  ...(note === null ? {} : { note }),
});

export function createOperationRecords(pool: Pool): OperationRecords {
  return {
    ...createWorkLists(pool),
    expireTasks: async (now) => (await pool.query(EXPIRE_TASKS, [toTime(now)])).rowCount,
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
    wakeHeld: async (target, due) =>
      (await pool.query<{ customer_id: string }>(WAKE_HELD, [...keyOf(target), toTime(due)])).rows.map(({ customer_id }) => customer_id),
    timersDue: (customerIds, until) => list(pool, TIMERS_DUE, [customerIds, toTime(until)]),
    audit: ({ customerId, limit, before }) => list(pool, AUDIT, [customerId ?? null, limit, before ?? null]),
    record: async (entry) => void (await pool.query(INSERT_AUDIT, [storableJson([auditRow(entry)])])),
    moveTask: (operation) =>
      transaction(pool, async (db) => {
        const rows = new Map(operationRows(operation));
        for (const [table, sql] of OPERATION_WRITES) {
          const row = rows.get(table);
          const written = row ? await db.query(sql, [storableJson([row])]) : undefined;
          if (table === "taskMoves" && written?.rowCount === 0) return false;
        }
        return true;
      }),
    nextSeq: async () => (await pool.query<{ seq: number }>(NEXT_SEQ)).rows[0]?.seq ?? 0,
  };
}

// --- internal ---

async function list<T>(db: Queryable, sql: string, params: readonly unknown[]): Promise<T[]> {
  return (await db.query<{ one: T }>(sql, params)).rows.map(({ one }) => one);
}

const EXPIRE_TASKS = `
update tasks t set state = 'expired', ended_at = greatest(t.due, d.expires_at)
  from deliveries d where d.delivery_id = t.delivery_id and t.state = 'open' and greatest(t.due, d.expires_at) <= $1::timestamptz`;

const DELIVERIES_OF_RUN = `
select json_strip_nulls(json_build_object('deliveryId', d.delivery_id, 'status', d.status, 'reason', d.reason)) as one
  from deliveries d join decisions n on n.decision_id = d.decision_id where n.run_id = $1 order by d.delivery_id`;

const CALLS_OF_RUN = `
select json_build_object('key', call_key, 'tool', tool, 'status', status) as one from tool_calls where run_id = $1 order by call_key`;

// A delivery ends the moments that it serves at the instant of its decision. A moment that has opened again is omitted.
const MOMENTS_OF_RUN = `
select json_build_object('momentId', m.moment_id, 'name', m.name, 'expiresAt', to_ms(m.expires_at)) as one
  from deliveries d
  join decisions n on n.decision_id = d.decision_id
  join moments m on m.customer_id = d.customer_id and jsonb_exists(d.moments, m.name) and m.ended = 'served' and m.ended_at = d.reserved_at
 where n.run_id = $1 and not exists (select 1 from moments o where o.customer_id = m.customer_id and o.name = m.name and o.ended is null)
 order by m.name`;

const AUDIT = `
select one from (
  select audit_id, json_strip_nulls(json_build_object('auditId', audit_id, 'at', to_ms(at), 'by', actor, 'action', action, 'target', target, 'customerId', customer_id, 'details', details)) as one
    from audit where ($1::text is null or customer_id = $1) and audit_id < coalesce($3::bigint, 9223372036854775807) order by audit_id desc limit $2
) latest order by audit_id`;

async function pauses(db: Queryable): Promise<KeptPause[]> {
  const { rows } = await db.query<PauseRow>(PAUSES);
  return rows.map(pauseOf);
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

/** Held deliveries are among the few that are not settled. */
const WAKE_HELD = `
with held as materialized (
  select ${rootOf("d.customer_id")} as customer_id, d.delivery_id from deliveries d
   where d.settled_at is null and d.status = 'reserved' and d.asked is not null
     and ($1 in ('all', 'agent') or ($1 = 'channel' and d.channel = $2) or ($1 = 'department' and d.department = $2))
)
update timers t set due = $3::timestamptz from held h
 where t.customer_id = h.customer_id and t.key = 'hold:' || h.delivery_id and t.due > $3::timestamptz
returning t.customer_id`;

const TIMERS_DUE = `
select json_build_object('customerId', customer_id, 'key', key, 'name', name, 'due', to_ms(due)) as one
  from timers where customer_id = any($1::text[]) and due <= $2::timestamptz order by timers.due, customer_id, name, key`;

const NEXT_SEQ = "select greatest(nextval('arrivals'), (select coalesce(max(seq), 0) + 1 from signals))::float8 as seq";
