import type { JsonObject } from "../domain/values/json.ts";
import { storableJson } from "../domain/values/storable.ts";
import type { Instant } from "../domain/values/time.ts";
import { AFTER } from "./commit/hold.ts";
import { type AuditEntry, auditRow, INSERT_AUDIT } from "./commit/operations-rows.ts";
import { type Pool, type Queryable, transaction } from "./engines/database.ts";
import { toTime } from "./reading/load-customers.ts";

export type RehearsalStatus = "waiting" | "running" | "done" | "cancelled" | "failed";

/** A rehearsal without its result. `request`, `progress` and `error` are as the operations on rehearsals write them. */
export interface KeptRehearsal {
  /** Its place in the order of rehearsals: times may be equal. */
  readonly seq: number;
  readonly rehearsalId: string;
  readonly status: RehearsalStatus;
  readonly by: string;
  readonly at: Instant;
  readonly startedAt?: Instant;
  readonly endedAt?: Instant;
  readonly request: JsonObject;
  readonly progress?: JsonObject;
  readonly error?: JsonObject;
}

/** One that is asked for. */
export interface NewRehearsal extends Pick<KeptRehearsal, "rehearsalId" | "by" | "at" | "request"> {
  /** Of a folder that is no version of the store; forgotten when it ends. */
  readonly files?: JsonObject | undefined;
}

/** Somebody behind a figure of a rehearsal. */
export interface RehearsalRow {
  readonly customerId: string;
  readonly part: string;
  /** The figure, by the name that its result has for it. */
  readonly cell: string;
  readonly row: JsonObject;
}

/** A row as a cell lists it, with its place there. */
export interface PlacedRow extends Pick<RehearsalRow, "customerId" | "row"> {
  readonly place: number;
}

/** A rehearsal that a process has taken, for as long as it renews its lease. */
export interface TakenRehearsal {
  readonly rehearsalId: string;
  readonly request: JsonObject;
  /** Of a folder that is no version of the store. */
  readonly files?: JsonObject;
  readonly startedAt: Instant;
}

/** How a rehearsal ended. */
export type RehearsalEnd =
  | {
      readonly status: "done";
      readonly result: JsonObject;
      readonly rows: readonly RehearsalRow[];
      /** Under which hash the erasure of a customer would be kept. */
      readonly erasedAs?: ((customerId: string) => string) | undefined;
    }
  | { readonly status: "failed"; readonly error: JsonObject };

export interface RehearsalClaim {
  readonly owner: string;
  readonly leaseMs: number;
  readonly now: Instant;
  /** What is said of one that every process that took it has left unfinished. */
  readonly givenUp: JsonObject;
}

/** Rehearsals of this store: one is played at a time, the others wait in order. */
export interface RehearsalRecords {
  /** Newest first. */
  list(page: { readonly limit: number; readonly before?: number | undefined }): Promise<KeptRehearsal[]>;
  /** Those whose ids begin so, at most this many; the exact id first. */
  beginningWith(beginning: string, limit: number): Promise<KeptRehearsal[]>;
  /** Undefined where it has none. */
  result(rehearsalId: string): Promise<JsonObject | undefined>;
  /** The newest one of a proposal, as it is now or as it was before it was revised. */
  ofProposal(proposalId: string): Promise<KeptRehearsal | undefined>;
  /** What is behind a figure, in order, after a place. */
  rows(
    rehearsalId: string,
    cell: Pick<RehearsalRow, "part" | "cell">,
    page: { readonly limit: number; readonly after?: number | undefined },
  ): Promise<PlacedRow[]>;
  /** Adds one that waits; undefined where `mostWaiting` wait. */
  add(rehearsal: NewRehearsal, entry: AuditEntry, mostWaiting: number): Promise<KeptRehearsal | undefined>;
  /** Ends one that waits or is played; false where it has ended. */
  cancel(rehearsalId: string, at: Instant, entry: AuditEntry): Promise<boolean>;
  /**
   * Takes the one that a process has left (its lease has ended), otherwise the one that waits longest; undefined while another one is played, and
   * without any. One that was taken `MOST_RUNS` times is failed instead.
   */
  claim(claim: RehearsalClaim): Promise<TakenRehearsal | undefined>;
  /** Renews the lease and notes how far it is; false where it was cancelled, or is another process's by now. */
  renew(rehearsalId: string, owner: string, leaseMs: number, progress: JsonObject | undefined): Promise<boolean>;
  /** Puts it back, as if this process had never taken it. */
  release(rehearsalId: string, owner: string): Promise<void>;
  /** Ends the lease, so that it is taken up again at once; this run counts. */
  drop(rehearsalId: string, owner: string): Promise<void>;
  /**
   * Keeps how it ended, and of all that have ended the newest `KEPT_REHEARSALS` and that of each open proposal. Rows of customers who have no record any more, or were erased
   * since it began, are left out. False where it was cancelled, or is another process's by now.
   */
  end(rehearsalId: string, owner: string, at: Instant, end: RehearsalEnd): Promise<boolean>;
}

/** How many times a rehearsal is begun: processes may be killed while they play it. */
export const MOST_RUNS = 3;

/** How many rehearsals that have ended are kept. */
export const KEPT_REHEARSALS = 20;

export function createRehearsalRecords(pool: Pool): RehearsalRecords {
  return {
    list: ({ limit, before }) =>
      read(pool, "$2::bigint is null or seq < $2::bigint order by seq desc limit $1::int", [limit, before ?? null]),
    beginningWith: (beginning, limit) =>
      read(pool, "starts_with(rehearsal_id, $1) order by rehearsal_id limit $2::int", [beginning, limit]),
    result: async (rehearsalId) =>
      (await pool.query<{ result: JsonObject | null }>("select result from rehearsals where rehearsal_id = $1", [rehearsalId])).rows[0]
        ?.result ?? undefined,
    ofProposal: async (proposalId) => (await read(pool, "request #>> '{with,proposal}' = $1 order by seq desc limit 1", [proposalId]))[0],
    rows: async (rehearsalId, { part, cell }, { limit, after }) =>
      (
        await pool.query<PlacedRow>(
          `select customer_id as "customerId", place, row from rehearsal_decisions
            where rehearsal_id = $1 and part = $2 and cell = $3 and place > $4::int order by place limit $5::int`,
          [rehearsalId, part, cell, after ?? -1, limit],
        )
      ).rows,
    add: (rehearsal, entry, mostWaiting) => transaction(pool, (db) => add(db, rehearsal, entry, mostWaiting)),
    cancel: (rehearsalId, at, entry) =>
      transaction(pool, async (db) => {
        const { rowCount } = await db.query(
          `update rehearsals set status = 'cancelled', ended_at = $2::timestamptz, owner = null, until = null, files = null
            where rehearsal_id = $1 and status in ('waiting', 'running')`,
          [rehearsalId, toTime(at)],
        );
        if (rowCount > 0) await db.query(INSERT_AUDIT, [storableJson([auditRow(entry)])]);
        return rowCount > 0;
      }),
    claim: async (claim) => {
      const { rows } = await pool.query<{ due: boolean }>(IS_DUE);
      return rows[0]?.due === true ? transaction(pool, (db) => take(db, claim)) : undefined;
    },
    renew: async (rehearsalId, owner, leaseMs, progress) =>
      (
        await pool.query(`update rehearsals set until = ${AFTER("$3::float8")}, progress = coalesce($4::jsonb, progress) where ${IS_OWN}`, [
          rehearsalId,
          owner,
          leaseMs,
          progress === undefined ? null : storableJson(progress),
        ])
      ).rowCount > 0,
    release: async (rehearsalId, owner) =>
      void (await pool.query(
        `update rehearsals set status = 'waiting', owner = null, until = null, progress = null, runs = runs - 1 where ${IS_OWN}`,
        [rehearsalId, owner],
      )),
    drop: async (rehearsalId, owner) =>
      void (await pool.query(`update rehearsals set until = clock_timestamp() where ${IS_OWN}`, [rehearsalId, owner])),
    end: (rehearsalId, owner, at, end) =>
      transaction(pool, async (db) => {
        const [result, error] = end.status === "done" ? [storableJson(end.result), null] : [null, storableJson(end.error)];
        const { rows } = await db.query<{ started: number }>(
          `update rehearsals set status = $3, ended_at = $4::timestamptz, result = $5::jsonb, error = $6::jsonb, owner = null, until = null, files = null
            where ${IS_OWN} returning to_ms(started_at) as started`,
          [rehearsalId, owner, end.status, toTime(at), result, error],
        );
        const [ended] = rows;
        if (!ended) return false;
        if (end.status === "done") await keepRows(db, rehearsalId, ended.started, end);
        await forgetOld(db);
        return true;
      }),
  };
}

// --- internal ---

const IS_OWN = "rehearsal_id = $1 and owner = $2 and status = 'running'";

/** Whether there may be something to take: asked often, and mostly in vain. */
const IS_DUE = `
select case when exists (select 1 from rehearsals where status = 'running')
         then exists (select 1 from rehearsals where status = 'running' and until <= clock_timestamp())
         else exists (select 1 from rehearsals where status = 'waiting') end as due`;

/** Whoever is to approve a proposal reads its newest rehearsal, however long that takes. */
const IS_NOT_FOR_AN_APPROVAL = `
not exists (select 1 from proposals p
             where p.proposal_id = r.request #>> '{with,proposal}' and p.hash = r.request #>> '{with,hash}' and p.status = 'open'
               and r.seq = (select max(seq) from rehearsals o where o.request #>> '{with,proposal}' = p.proposal_id))`;

/** One process at a time decides which is next. */
const ONE_BY_ONE = "lock table rehearsals in share row exclusive mode";

async function add(
  db: Queryable,
  { rehearsalId, by, at, request, files }: NewRehearsal,
  entry: AuditEntry,
  mostWaiting: number,
): Promise<KeptRehearsal | undefined> {
  await db.query(ONE_BY_ONE);
  const { rows } = await db.query<{ n: number }>("select count(*)::int as n from rehearsals where status = 'waiting'");
  if ((rows[0]?.n ?? 0) >= mostWaiting) return undefined;
  await db.query(
    `insert into rehearsals (rehearsal_id, status, asked_by, asked_at, request, files)
     values ($1, 'waiting', $2, $3::timestamptz, $4::jsonb, $5::jsonb)`,
    [rehearsalId, by, toTime(at), storableJson(request), files === undefined ? null : storableJson(files)],
  );
  await db.query(INSERT_AUDIT, [storableJson([auditRow(entry)])]);
  return (await read(db, "rehearsal_id = $1", [rehearsalId]))[0];
}

async function take(db: Queryable, { owner, leaseMs, now, givenUp }: RehearsalClaim): Promise<TakenRehearsal | undefined> {
  await db.query(ONE_BY_ONE);
  const { rowCount: failed } = await db.query(
    `update rehearsals set status = 'failed', error = $1::jsonb, ended_at = $2::timestamptz, owner = null, until = null, files = null
      where status = 'running' and until <= clock_timestamp() and runs >= ${MOST_RUNS}`,
    [storableJson(givenUp), toTime(now)],
  );
  if (failed > 0) await forgetOld(db);
  const { rows } = await db.query<{ rehearsal_id: string; request: JsonObject; files: JsonObject | null; started: number }>(
    `update rehearsals r
        set status = 'running', owner = $1, until = ${AFTER("$2::float8")}, runs = runs + 1, started_at = $3::timestamptz, progress = null
      where rehearsal_id = (select rehearsal_id from rehearsals where status in ('running', 'waiting') order by status = 'waiting', seq limit 1)
        and (status = 'waiting' or until <= clock_timestamp())
  returning rehearsal_id, request, files, to_ms(started_at) as started`,
    [owner, leaseMs, toTime(now)],
  );
  const [taken] = rows;
  if (!taken) return undefined;
  const { rehearsal_id, request, files, started } = taken;
  return { rehearsalId: rehearsal_id, request, startedAt: started, ...(files === null ? {} : { files }) };
}

/** Waits for an erasure of one of these customers that is under way; one that comes later finds the rows. */
async function keepRows(
  db: Queryable,
  rehearsalId: string,
  startedAt: Instant,
  { rows, erasedAs }: Extract<RehearsalEnd, { readonly status: "done" }>,
): Promise<void> {
  if (rows.length === 0) return;
  const ids = [...new Set(rows.map(({ customerId }) => customerId))].sort();
  const { rows: known } = await db.query<{ customer_id: string }>(
    "select customer_id from customers where customer_id = any($1::text[]) order by customer_id for key share",
    [ids],
  );
  const { rows: erased } = await db.query<{ customer_hash: string }>(
    "select customer_hash from erasures where customer_hash = any($1::text[]) and at >= $2::timestamptz",
    [erasedAs ? ids.map(erasedAs) : [], toTime(startedAt)],
  );
  const gone = new Set(erased.map(({ customer_hash }) => customer_hash));
  const kept = new Set(known.flatMap(({ customer_id: id }) => (erasedAs && gone.has(erasedAs(id)) ? [] : [id])));
  const placed = rows.flatMap(({ customerId, ...row }, place) =>
    kept.has(customerId) ? [{ ...row, customer_id: customerId, place }] : [],
  );
  await db.query(
    `insert into rehearsal_decisions (customer_id, rehearsal_id, part, cell, place, row)
     select x.customer_id, $1, x.part, x.cell, x.place, x.row
       from jsonb_to_recordset($2::jsonb) as x(customer_id text, part text, cell text, place int, row jsonb)`,
    [rehearsalId, storableJson(placed)],
  );
}

async function forgetOld(db: Queryable): Promise<void> {
  const { rows } = await db.query<{ rehearsal_id: string }>(
    `delete from rehearsals where rehearsal_id in
       (select rehearsal_id from rehearsals r where status not in ('waiting', 'running') and ${IS_NOT_FOR_AN_APPROVAL}
         order by seq desc offset ${KEPT_REHEARSALS})
     returning rehearsal_id`,
  );
  if (rows.length === 0) return;
  await db.query("delete from rehearsal_decisions where rehearsal_id = any($1::text[])", [rows.map(({ rehearsal_id }) => rehearsal_id)]);
}

interface Row {
  readonly seq: number;
  readonly rehearsal_id: string;
  readonly status: RehearsalStatus;
  readonly asked_by: string;
  readonly asked: number;
  readonly started: number | null;
  readonly ended: number | null;
  readonly request: JsonObject;
  readonly progress: JsonObject | null;
  readonly error: JsonObject | null;
}

async function read(db: Queryable, where: string, params: readonly unknown[]): Promise<KeptRehearsal[]> {
  const { rows } = await db.query<Row>(
    `select seq::float8 as seq, rehearsal_id, status, asked_by, to_ms(asked_at) as asked, to_ms(started_at) as started, to_ms(ended_at) as ended,
            request, progress, error from rehearsals where ${where}`,
    params,
  );
  return rows.map(({ seq, rehearsal_id, status, asked_by, asked, started, ended, request, progress, error }) => ({
    ...{ seq, rehearsalId: rehearsal_id, status, by: asked_by, at: asked, request },
    ...(started === null ? {} : { startedAt: started }),
    ...(ended === null ? {} : { endedAt: ended }),
    ...(progress === null ? {} : { progress }),
    ...(error === null ? {} : { error }),
  }));
}
