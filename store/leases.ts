import { DECIDES, WRITES } from "../domain/deciding/pause.ts";
import type { Json } from "../domain/values/json.ts";
import { storableJson } from "../domain/values/storable.ts";
import type { Instant } from "../domain/values/time.ts";
import type { StoredSignal } from "./commit/customer-commit.ts";
import { AFTER, HOLD } from "./commit/hold.ts";
import { IS_PAUSED, isAgentPaused } from "./commit/hold-reason.ts";
import { type Pool, type Queryable, UNFLUSHED } from "./engines/database.ts";
import { LEFT_TO_NEWER_PROCESSES } from "./processes.ts";
import { forward } from "./reading/links.ts";
import { toTime } from "./reading/load-customers.ts";

/** The next wake of a customer: the oldest pending signal, or a timer that is due before it. */
export interface NextWake {
  readonly customerId: string;
  readonly signal?: StoredSignal & { readonly attempts: number };
  readonly timer?: { readonly key: string; readonly name: string; readonly due: Instant };
  /** W3C trace parents. For a signal: the parent of its decision, then links to what else led to it. For a timer: the span that set it. */
  readonly trace?: string;
}

/** Customers that were leased, and their next wakes; one whose wakes are left to other processes has none. */
export interface Claimed {
  readonly customerIds: readonly string[];
  readonly next: readonly NextWake[];
}

export interface ClaimOptions {
  readonly owner: string;
  /** Duration of the lease, unless it is renewed. */
  readonly leaseMs: number;
  readonly now: Instant;
  readonly limit: number;
  /** Id under which the claiming process announced itself; wakes that it cannot handle are left to other processes. */
  readonly processId?: string | undefined;
}

/**
 * Leases on customers (table `lanes`), by the database's clock; a lease that is not renewed expires. A lease only avoids contention
 * between workers: the commit's version check is what prevents a double decision.
 */
export interface Leases {
  /** Leases customers that have a pending wake and no current lease, longest waiting first, and reads their next wakes. */
  claim(
    options: ClaimOptions & { /** Customers whose leases the owner ends first. */ readonly ended?: readonly string[] },
  ): Promise<Claimed>;
  /**
   * Leases customers with stranded deliveries: reserved before an instant (or in the future, after a clock correction) and not settled.
   * `except`: deliveries and channels that are in flight in this process.
   */
  claimStranded(
    options: ClaimOptions & {
      readonly reservedBefore: Instant;
      /** The channels and experiences that this process can carry out; all if undefined. */
      readonly knows?: { readonly channels: readonly string[]; readonly experiences: readonly string[] };
      readonly except?: { readonly deliveryIds: readonly string[]; readonly channels: readonly string[] };
    },
  ): Promise<string[]>;
  /**
   * The next wake of each of these customers; customers without one are omitted. Wakes of a merged customer are forwarded to the
   * surviving one, and wake it.
   */
  next(customerIds: readonly string[], now: Instant, processId?: string): Promise<NextWake[]>;
  renew(customerIds: readonly string[], owner: string, leaseMs: number): Promise<void>;
  /** Releases leases; with `restMs` the customers cannot be leased again before that time has passed. */
  release(customerIds: readonly string[], owner: string, restMs?: number): Promise<void>;
  /** Records a failed attempt; after `maxAttempts` attempts the wake becomes a dead letter and the customer's next wake is tried. */
  fail(
    wake: NextWake,
    failure: { readonly error: Json; readonly now: Instant; readonly maxAttempts: number },
  ): Promise<{ readonly attempts: number }>;
  /** True while a signal waits, a timer is due or a lease is held, by any process on this store. */
  isBusy(now: Instant): Promise<boolean>;
  /** Due time of the next timer; undefined without one. */
  nextDue(): Promise<Instant | undefined>;
  /** Removes leases that expired more than an hour ago. */
  sweep(): Promise<void>;
}

export function createLeases(pool: Pool): Leases {
  return {
    claim: async ({ ended = [], ...options }) => {
      const db = pool.sharing ?? pool;
      const ending = ended.length > 0 ? db.query(HOLD_UNFLUSHED, [ended, options.owner, 0]) : undefined;
      return (await Promise.all([claim(db, options), ending]))[0];
    },
    claimStranded: ({
      owner,
      leaseMs,
      limit,
      now,
      reservedBefore,
      knows,
      except: { deliveryIds, channels } = { deliveryIds: [], channels: [] },
    }) =>
      leased(pool, [
        owner,
        leaseMs,
        limit,
        toTime(reservedBefore),
        deliveryIds,
        channels,
        toTime(now),
        knows?.channels ?? null,
        knows?.experiences ?? null,
      ]),
    next: (customerIds, now, processId) => next(pool, customerIds, now, processId),
    renew: async (customerIds, owner, leaseMs) => {
      await pool.query(HOLD_UNFLUSHED, [customerIds, owner, leaseMs]);
    },
    release: async (customerIds, owner, restMs = 0) => {
      if (customerIds.length === 0) return;
      await pool.query(HOLD_UNFLUSHED, [customerIds, owner, restMs]);
    },
    fail: (wake, failure) => fail(pool, wake, failure),
    isBusy: async (now) => (await pool.query<{ busy: boolean }>(IS_BUSY, [toTime(now)])).rows[0]?.busy === true,
    nextDue: async () => (await pool.query<{ due: number | null }>("select to_ms(min(due)) as due from timers")).rows[0]?.due ?? undefined,
    sweep: async () => void (await pool.query("delete from lanes where until < clock_timestamp() - interval '1 hour'")),
  };
}

// --- internal ---

/** Signals and timers scanned for each customer wanted, as one customer may have many. */
const WINDOW = 4;

/** A lease that starts in the future predates a clock correction and is void; a few seconds of clock skew are tolerated. */
const IS_HELD = "l.until > clock_timestamp() and l.since <= clock_timestamp() + interval '5 seconds'";
const FREE = (table: string): string => `not exists (select 1 from lanes l where l.customer_id = ${table}.customer_id and ${IS_HELD})`;

const IS_BUSY = `
select exists (select 1 from inbox where dead_at is null) or exists (select 1 from timers where due <= $1::timestamptz)
    or exists (select 1 from lanes l where ${IS_HELD}) as busy`;

/** Not flushed to disk: losing a lease in a server crash has the same effect as its expiry. */
const HOLD_UNFLUSHED = `${HOLD("$1", "$2", "$3")} and ${UNFLUSHED}`;

/** Whether somebody else has had the lease since this statement began: what it reads of the customer's wakes may be decided by now. */
const WAS_HELD_MEANWHILE = "l.since > statement_timestamp() and l.since <= clock_timestamp()";

/** Inserts in the order of ids, which prevents deadlocks; a lease taken concurrently by another worker is skipped. */
const take = (owner: string, leaseMs: string): string => `
insert into lanes as l (customer_id, owner, until)
select customer_id, ${owner}, ${AFTER(`${leaseMs}::float8`)} from wanted where ${UNFLUSHED} order by customer_id
on conflict (customer_id) do update set owner = excluded.owner, until = excluded.until, since = clock_timestamp()
 where not (${IS_HELD}) and not (${WAS_HELD_MEANWHILE})
returning customer_id`;

const TAKE = take("$1", "$2");

/**
 * The next wakes of customers (SQL), as columns: writing them as one JSON value costs the server as much as finding them. `from`: their ids,
 * as `c.customer_id`; `more`: a column besides.
 */
const NEXT_OF = (from: string, now: string, more?: string): string => `
select c.customer_id, k.customer_id is not null as linked, case when t.key is null then i.trace else t.trace end as trace,
       i.seq as signal_seq, i.source as signal_source, i.id as signal_id, i.type as signal_type, to_ms(i.time) as signal_time, to_ms(i.received_at) as signal_received_at,
       i.event as signal_event, i.body_hash as signal_body_hash, i.attempts as signal_attempts, t.key as timer_key, t.name as timer_name, to_ms(t.due) as timer_due${
         more === undefined ? "" : `, ${more}`
       }
  from ${from} left join links k on k.customer_id = c.customer_id
  left join lateral (
    select seq, source, id, type, time, received_at, event, body_hash, attempts, trace
      from inbox where customer_id = c.customer_id and dead_at is null order by seq limit 1
  ) i on true
  left join lateral (
    select key, name, due, trace
      from timers where customer_id = c.customer_id and due <= ${now}::timestamptz and (i.received_at is null or due < i.received_at) order by due, name, key limit 1
  ) t on true`;

const MAY_DECIDE = `not ${isAgentPaused(...DECIDES)}`;

/** Whether a next wake is there, and is for this process (SQL). */
const IS_OURS = `(i.seq is not null or t.key is not null) and ${MAY_DECIDE} and (o.heard is null or coalesce(t.key, i.type) <> all(o.heard))`;

// A quarter of the limit is reserved for timers, so neither a flood of signals nor the daily timers of all customers starve the other.
const CLAIM = `
with others as materialized (
  select ${LEFT_TO_NEWER_PROCESSES("$6::text")} as heard
), theirs as materialized (
  select i.customer_id from inbox i where (select heard from others) is not null and i.dead_at is null and i.type = any((select heard from others)::text[])
  union
  select t.customer_id from timers t where (select heard from others) is not null and t.due <= $5::timestamptz and t.key = any((select heard from others)::text[])
), by_signal as materialized (
  select customer_id from (
    select i.customer_id, i.seq from inbox i where i.dead_at is null and ${FREE("i")} and not ${isAgentPaused(...DECIDES)}
       and ((select heard from others) is null or i.customer_id not in (select customer_id from theirs)) order by i.seq limit $4
  ) oldest group by customer_id order by min(seq) limit $3
), by_timer as materialized (
  select customer_id from (
    select t.customer_id, t.due from timers t where t.due <= $5::timestamptz and ${FREE("t")} and not ${isAgentPaused(...DECIDES)}
       and ((select heard from others) is null or t.customer_id not in (select customer_id from theirs)) order by t.due, t.customer_id limit $4
  ) earliest group by customer_id order by min(due) limit greatest($3 / 4, $3 - (select count(*) from by_signal)::int)
), wanted as (
  select customer_id from by_timer union select customer_id from (select customer_id from by_signal limit $3 - (select count(*) from by_timer)) signalled
), taken as (${TAKE}
)
${NEXT_OF("taken c cross join others o", "$5", `${IS_OURS} as may_decide`)}`;

const CLAIM_STRANDED = `
with wanted as materialized (
  select customer_id from deliveries d
   where d.settled_at is null and d.status = 'reserved' and d.asked is null and (d.reserved_at < $4::timestamptz or d.reserved_at > $7::timestamptz + interval '1 minute') and ${FREE("d")}
     and (d.rest_until is null or d.rest_until <= $7::timestamptz) and d.delivery_id <> all($5::text[]) and d.channel <> all($6::text[])
     and ($8::text[] is null or (d.channel = any($8::text[]) and d.experience_id = any($9::text[])))
     and not ${IS_PAUSED} and (d.content is not null or not ${isAgentPaused(WRITES)})
     and not exists (select 1 from tool_calls c where c.customer_id = d.customer_id and c.status = 'running')
   group by customer_id order by min(reserved_at) limit $3
)
${TAKE}`;

const NEXT = `
with others as materialized (
  select ${LEFT_TO_NEWER_PROCESSES("$3::text")} as heard
)
${NEXT_OF("unnest($1::text[]) c(customer_id) cross join others o", "$2")}
 where ${IS_OURS}`;

/** Leases those of the customers of `wanted` that nobody holds (SQL, parts of a `with`): `claimed`, with their next wakes. */
export const CLAIMED = (owner: string, leaseMs: string, now: string): string => `
taken as (${take(owner, leaseMs)}
), claimed as (
  select n.*, ${MAY_DECIDE} as may_decide from (${NEXT_OF("taken c", now)}) n
)`;

async function leased(db: Queryable, params: readonly unknown[]): Promise<string[]> {
  const { rows } = await db.query<{ customer_id: string }>(CLAIM_STRANDED, params);
  return rows.map(({ customer_id }) => customer_id);
}

async function claim(db: Queryable, { owner, leaseMs, now, limit, processId }: ClaimOptions): Promise<Claimed> {
  const params = [owner, leaseMs, limit, limit * WINDOW, toTime(now), processId ?? null];
  const { rows } = await db.query<ClaimedRow>(CLAIM, params);
  const ours = rows.filter(({ may_decide }) => may_decide);
  return { customerIds: rows.map(({ customer_id }) => customer_id), next: await forwarded(db, ours) };
}

/** A claimed customer with its next wake. */
export interface ClaimedRow extends NextRow {
  may_decide: boolean;
}

export interface NextRow {
  customer_id: string;
  linked: boolean;
  trace: string | null;
  signal_seq: number | null;
  signal_source: string;
  signal_id: string;
  signal_type: string;
  signal_time: number;
  signal_received_at: number;
  signal_event: Json;
  signal_body_hash: string;
  signal_attempts: number;
  timer_key: string | null;
  timer_name: string;
  timer_due: number;
}

async function next(db: Queryable, customerIds: readonly string[], now: Instant, processId: string | undefined): Promise<NextWake[]> {
  if (customerIds.length === 0) return [];
  const { rows } = await db.query<NextRow>(NEXT, [customerIds, toTime(now), processId ?? null]);
  return forwarded(db, rows);
}

/** The wakes of these rows; those of merged customers are forwarded instead. */
async function forwarded(db: Queryable, rows: readonly NextRow[]): Promise<NextWake[]> {
  await forward(
    db,
    rows.filter(({ linked }) => linked).map(({ customer_id }) => customer_id),
  );
  return rows.flatMap((row) => wakeOf(row) ?? []);
}

/** The wake of a row; undefined without one, and for one that is forwarded. */
export function wakeOf(row: NextRow): NextWake | undefined {
  if (row.linked) return undefined;
  const one = { customerId: row.customer_id, ...(row.trace === null ? {} : { trace: row.trace }) };
  if (row.timer_key !== null) return { ...one, timer: { key: row.timer_key, name: row.timer_name, due: row.timer_due } };
  const signal = signalOf(row);
  return signal && { ...one, signal };
}

function signalOf(row: NextRow): NextWake["signal"] {
  if (row.signal_seq === null) return undefined;
  return {
    seq: row.signal_seq,
    source: row.signal_source,
    id: row.signal_id,
    type: row.signal_type,
    customerId: row.customer_id,
    time: row.signal_time,
    receivedAt: row.signal_received_at,
    event: row.signal_event,
    bodyHash: row.signal_body_hash,
    attempts: row.signal_attempts,
    isWaiting: true,
  };
}

async function fail(
  db: Queryable,
  { customerId, signal, timer }: NextWake,
  { error, now, maxAttempts }: { error: Json; now: Instant; maxAttempts: number },
): Promise<{ attempts: number }> {
  if (signal) {
    const { rows } = await db.query<{ attempts: number }>(
      `update inbox set attempts = attempts + 1, error = $2::jsonb, dead_at = case when attempts + 1 >= $3 then $4::timestamptz end
        where seq = $1 returning attempts`,
      [signal.seq, storableJson(error), maxAttempts, toTime(now)],
    );
    return { attempts: rows[0]?.attempts ?? 0 };
  }
  if (!timer) return { attempts: 0 };
  const { rows } = await db.query<{ attempts: number }>(FAIL_TIMER, [
    customerId,
    timer.key,
    timer.name,
    toTime(timer.due),
    storableJson(error),
    maxAttempts,
    toTime(now),
  ]);
  return { attempts: rows[0]?.attempts ?? 0 };
}

/** Attempts count for one due time: a timer that is set again starts at zero. */
const FAIL_TIMER = `
with failed as (
  insert into failed_timers as f (customer_id, key, name, due, attempts, error, dead_at)
  values ($1, $2, $3, $4::timestamptz, 1, $5::jsonb, case when 1 >= $6::int then $7::timestamptz end)
  on conflict (customer_id, key) do update
    set attempts = case when f.due = excluded.due then f.attempts else 0 end + 1, name = excluded.name, due = excluded.due, error = excluded.error,
        dead_at = case when case when f.due = excluded.due then f.attempts else 0 end + 1 >= $6::int then $7::timestamptz end
  returning attempts, dead_at
), dropped as (
  delete from timers t using failed where failed.dead_at is not null and t.customer_id = $1 and t.key = $2 and to_ms(t.due) = to_ms($4::timestamptz)
)
select attempts from failed`;
