import type { Instant } from "../../domain/values/time.ts";
import type { Queryable } from "../engines/database.ts";
import { toTime } from "./load-customers.ts";

/** The most rows that a figure counts. */
export const COUNTED_TO = 1_000;

/** A count that stops at a bound: with `atLeast` there are more. */
export interface Counted {
  readonly count: number;
  readonly atLeast?: true;
}

/** The backlog of signals and timers. */
export interface Backlog {
  readonly signals: Counted;
  /** When the oldest waiting signal was received. */
  readonly oldestSignal?: Instant;
  /** Timers that are due. */
  readonly timers: Counted;
  readonly oldestTimer?: Instant;
  /** Signals and timers that were given up. */
  readonly dead: Counted;
  /** Addresses to which nothing is sent any more. */
  readonly undeliverable: Counted;
}

/** Rows of one kind in one state. */
export interface InState {
  readonly of: string;
  readonly status: string;
  readonly count: number;
}

/** Open tasks of one queue. */
export interface QueueFigures {
  readonly queue: string;
  readonly open: Counted;
  readonly claimed: number;
  readonly overdue: number;
  readonly nextDue?: Instant;
}

export interface WaitingApprovals extends Counted {
  readonly next?: {
    readonly approvalId: string;
    readonly customerId: string;
    readonly experienceId: string;
    readonly expiresAt: Instant;
  };
}

export interface OpenPromises {
  readonly open: Counted;
  readonly overdue: Counted;
  /** The open one with the earliest due time. */
  readonly next?: { readonly promiseId: string; readonly customerId: string; readonly name: string; readonly due: Instant };
}

/** Figures for people at work, each from at most some thousand rows. */
export interface Overview {
  backlog(now: Instant): Promise<Backlog>;
  /** Deliveries that are reserved or being sent, and those settled since an instant that bounced, failed or are uncertain, by channel. */
  deliveries(since: Instant): Promise<{ readonly states: InState[]; readonly atLeast?: true; readonly oldestOpen?: Instant }>;
  /** Calls since an instant that failed or are uncertain, by tool. */
  calls(since: Instant): Promise<{ readonly states: InState[]; readonly atLeast?: true }>;
  queues(now: Instant): Promise<QueueFigures[]>;
  approvals(now: Instant): Promise<WaitingApprovals>;
  promises(now: Instant): Promise<OpenPromises>;
}

export function createOverview(db: Queryable): Overview {
  return {
    backlog: (now) => backlog(db, now),
    async deliveries(since) {
      const [open, troubled] = [await states(db, OPEN_DELIVERIES, []), await states(db, TROUBLED_DELIVERIES, [toTime(since)])];
      const atLeast = cut(open) || cut(troubled);
      const oldestOpen = open.flatMap(({ oldest }) => oldest ?? []).sort((a, b) => a - b)[0];
      return { states: [...open, ...troubled].map(inState), ...flag(atLeast), ...(oldestOpen === undefined ? {} : { oldestOpen }) };
    },
    async calls(since) {
      const troubled = await states(db, TROUBLED_CALLS, [toTime(since)]);
      return { states: troubled.map(inState), ...flag(cut(troubled)) };
    },
    queues: (now) => queues(db, now),
    approvals: (now) => approvals(db, now),
    promises: (now) => promises(db, now),
  };
}

/** A count of rows that were read up to one more than the bound. */
export const countedTo = (rows: number, bound = COUNTED_TO): Counted => (rows > bound ? { count: bound, atLeast: true } : { count: rows });

// --- internal ---

const READ = COUNTED_TO + 1;

/** Dead letters include discarded ones, which a count skips: it reads no more than this. */
const SCANNED_TO = 5_000;

const flag = (isCut: boolean): { atLeast?: true } => (isCut ? { atLeast: true } : {});
const counts = (rows: string, limit = READ): string => `(select count(*)::float8 from (${rows} limit ${limit}) counted)`;

const BACKLOG = `
select ${counts("select 1 from inbox where dead_at is null")} as signals,
       (select to_ms(received_at) from inbox where dead_at is null order by seq limit 1) as oldest_signal,
       ${counts("select 1 from timers where due <= $1::timestamptz")} as timers,
       (select to_ms(t.due) from timers t where t.due <= $1::timestamptz order by t.due limit 1) as oldest_timer,
       ${counts(`select 1 from (select discarded_at from inbox where dead_at is not null order by dead_at desc limit ${SCANNED_TO}) given_up where discarded_at is null`)} as dead_signals,
       ${counts(`select 1 from (select dead_at from failed_timers limit ${SCANNED_TO}) failed where dead_at is not null`)} as dead_timers,
       ${counts("select 1 from gone_addresses")} as undeliverable`;

async function backlog(db: Queryable, now: Instant): Promise<Backlog> {
  const { rows } = await db.query<Record<string, number | null>>(BACKLOG, [toTime(now)]);
  const [row = {}] = rows;
  const of = (name: string) => countedTo(row[name] ?? 0);
  const oldest = <Name extends string>(name: Name, at: number | null | undefined) =>
    (typeof at === "number" ? { [name]: at } : {}) as { readonly [N in Name]?: Instant }; // the name is what it says
  return {
    ...{ signals: of("signals"), timers: of("timers"), undeliverable: of("undeliverable") },
    dead: countedTo((row.dead_signals ?? 0) + (row.dead_timers ?? 0)),
    ...oldest("oldestSignal", row.oldest_signal),
    ...oldest("oldestTimer", row.oldest_timer),
  };
}

type StateRow = InState & { readonly oldest?: number | null };

const cut = (rows: readonly StateRow[]): boolean => rows.reduce((sum, { count }) => sum + count, 0) > COUNTED_TO;
const inState = ({ of, status, count }: StateRow): InState => ({ of, status, count });
const states = async (db: Queryable, sql: string, params: readonly unknown[]): Promise<StateRow[]> =>
  (await db.query<StateRow & object>(sql, [...params])).rows;

const OPEN_DELIVERIES = `
select channel as "of", status, count(*)::float8 as count, to_ms(min(reserved_at)) as oldest
  from (select channel, status, reserved_at from deliveries where settled_at is null order by reserved_at limit ${READ}) d group by 1, 2 order by 1, 2`;
const TROUBLED_DELIVERIES = `
select channel as "of", status, count(*)::float8 as count
  from (select channel, status from deliveries where troubled and settled_at >= $1::timestamptz order by settled_at desc limit ${READ}) d
 group by 1, 2 order by 1, 2`;
const TROUBLED_CALLS = `
select tool as "of", status, count(*)::float8 as count
  from (select tool, status from tool_calls where status in ('failed', 'uncertain') and created_at >= $1::timestamptz order by created_at desc limit ${READ}) c
 group by 1, 2 order by 1, 2`;

/** More queues than a policy has departments are not shown. */
const MOST_QUEUES = 50;

// The names by one look into the index each. An unclaimed task whose moment is over as well has expired.
const QUEUES = `
with recursive names as (
  (select queue from tasks where state in ('open', 'claimed') order by queue limit 1)
  union all
  select (select t.queue from tasks t where t.state in ('open', 'claimed') and t.queue > n.queue order by t.queue limit 1) from names n where n.queue is not null
)
select n.queue, t.* from (select queue from names where queue is not null limit ${MOST_QUEUES}) n cross join lateral (
  select count(*)::float8 as open, count(*) filter (where state = 'claimed')::float8 as claimed,
         count(*) filter (where due <= $1::timestamptz)::float8 as overdue, to_ms(min(due)) as next_due
    from (select t.state, t.due, t.delivery_id from tasks t where t.queue = n.queue and t.state in ('open', 'claimed') order by t.due limit ${READ}) t
    left join deliveries d on d.delivery_id = t.delivery_id and t.state = 'open' and t.due <= $1::timestamptz
   where d.expires_at is null or d.expires_at > $1::timestamptz
) t where t.open > 0 order by n.queue`;

async function queues(db: Queryable, now: Instant): Promise<QueueFigures[]> {
  const { rows } = await db.query<{ queue: string; open: number; claimed: number; overdue: number; next_due: number }>(QUEUES, [
    toTime(now),
  ]);
  return rows.map(({ queue, open, claimed, overdue, next_due }) => ({
    ...{ queue, open: countedTo(open), claimed, overdue, nextDue: next_due },
  }));
}

// Approvals end with their moment, in the decision that ends it; until then a moment may be over already.
const WAITING_APPROVALS = `
select json_build_object('approvalId', a.approval_id, 'customerId', a.customer_id, 'experienceId', a.experience_id, 'expiresAt', to_ms(m.expires_at)) as next,
       count(*) over ()::float8 as count
  from (select approval_id, customer_id, experience_id, moment_id from approvals where state = 'pending' order by asked_at limit ${READ}) a
  join moments m on m.moment_id = a.moment_id and m.ended is null and m.expires_at > $1::timestamptz
 order by m.expires_at, a.approval_id limit 1`;

async function approvals(db: Queryable, now: Instant): Promise<WaitingApprovals> {
  const { rows } = await db.query<{ next: NonNullable<WaitingApprovals["next"]>; count: number }>(WAITING_APPROVALS, [toTime(now)]);
  const [row] = rows;
  return row ? { ...countedTo(row.count), next: row.next } : { count: 0 };
}

const OPEN_PROMISES = `
select ${counts("select 1 from promises where ended is null")} as open,
       ${counts("select 1 from promises p where ended is null and p.due <= $1::timestamptz")} as overdue,
       (select json_build_object('promiseId', p.promise_id, 'customerId', p.customer_id, 'name', p.name, 'due', to_ms(p.due))
          from promises p where p.ended is null order by p.due limit 1) as next`;

async function promises(db: Queryable, now: Instant): Promise<OpenPromises> {
  const { rows } = await db.query<{ open: number; overdue: number; next: NonNullable<OpenPromises["next"]> | null }>(OPEN_PROMISES, [
    toTime(now),
  ]);
  const [row] = rows;
  return {
    open: countedTo(row?.open ?? 0),
    overdue: countedTo(row?.overdue ?? 0),
    ...(row?.next ? { next: row.next } : {}),
  };
}
