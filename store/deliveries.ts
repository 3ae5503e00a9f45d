import type { AddressForm, UndeliverableAddress } from "../domain/entities/address.ts";
import type { NewTask } from "../domain/entities/change.ts";
import type { DeliveryStatus, Promised } from "../domain/entities/customer.ts";
import type { DeliveryRecord } from "../domain/entities/decision.ts";
import type { Json, JsonObject } from "../domain/values/json.ts";
import { storableJson } from "../domain/values/storable.ts";
import type { Instant } from "../domain/values/time.ts";
import { ACTION, type CallStatus } from "./calls.ts";
import { REVOKE_FOR_RECIPIENTS } from "./commit/address-refusals.ts";
import { holdReason } from "./commit/hold-reason.ts";
import { takeConsent } from "./commit/take-consent.ts";
import { markUndeliverable } from "./commit/undeliverable.ts";
import { COUNTING, HANDED_OVER, HAS_PROMISES } from "./commit/writes.ts";
import { atOnce, type Pool, type Queryable, transaction } from "./engines/database.ts";
import { DIVISION_BY_ZERO, hasSqlState } from "./engines/failures.ts";
import { rootOf } from "./reading/links.ts";
import { toTime } from "./reading/load-customers.ts";

/** A delivery as the executor processes it. */
export interface KeptDelivery {
  readonly deliveryId: string;
  readonly decisionId: string;
  readonly customerId: string;
  readonly runId: string;
  readonly experienceId: string;
  readonly channel: string;
  readonly variant?: string;
  /** Set where it is from a canary beside an experience that stays. */
  readonly learnsAs?: string;
  readonly locale?: string;
  readonly to?: string;
  readonly status: DeliveryStatus;
  readonly at: Instant;
  readonly expiresAt: Instant;
  readonly frozen: JsonObject;
  readonly facts: DeliveryRecord["facts"];
  readonly content?: JsonObject;
  readonly action?: JsonObject;
  /** Status of the tool call for its experience's action, if there is one. */
  readonly acted?: CallStatus;
  readonly keeps: readonly string[];
  readonly makes?: Promised;
}

export interface Settled {
  readonly deliveryId: string;
  readonly status: DeliveryStatus;
  readonly reason?: string;
  readonly providerId?: string;
  readonly at: Instant;
  /** Facts about the customer in the provider's refusal; recorded in the same transaction. */
  readonly refusal?: Refusal;
}

/** A refusal by a provider: the customer has opted out of the channel, or the address is undeliverable. */
export type Refusal = { readonly customerId: string } & (
  | {
      readonly kind: "opted_out";
      readonly addresses: readonly AddressForm[];
      readonly channel: string;
      readonly source: string;
      readonly reason: string;
    }
  | { readonly kind: "address_gone"; readonly address: UndeliverableAddress }
);

/** Promises that a sent delivery keeps and makes, until they are recorded. */
export interface PromisesDue {
  readonly deliveryId: string;
  readonly customerId: string;
  readonly keeps: readonly string[];
  readonly makes?: Promised;
  /** When it was sent. */
  readonly at: Instant;
}

/** The result of claiming deliveries for sending. */
export interface Taken {
  readonly going: ReadonlySet<string>;
  /** Deliveries that may no longer be sent, with the reason code. */
  readonly cancelled: ReadonlyMap<string, string>;
  /** Deliveries held by an operator's pause; they keep their slots until it ends. */
  readonly paused: ReadonlySet<string>;
}

/** Statuses that wake the customer when a hand-over ends in one of them. */
export type Announced = readonly DeliveryStatus[];

export interface Deliveries {
  /** Deliveries with a reserved slot that are not settled; all, or those with these ids. */
  open(ids?: readonly string[]): Promise<KeptDelivery[]>;
  /** Stores the results of experiences' actions. */
  keepActions(actions: readonly { deliveryId: string; action: Json }[]): Promise<void>;
  keepContents(contents: readonly { deliveryId: string; content: Json }[]): Promise<void>;
  /** Fails a delivery whose prerequisite failed; frees its slot. */
  fail(deliveryId: string, reason: string, now: Instant, announced?: Announced): Promise<void>;
  /** Cancels reserved deliveries, each with its reason; frees their slots. Without `at`, at the time of their decision. */
  cancel(over: readonly { readonly deliveryId: string; readonly reason: string; readonly at?: Instant | undefined }[]): Promise<void>;
  /**
   * Claims deliveries for sending to a provider. Until they are settled their outcome is unknown.
   *
   * @param from claims of other processes that are taken over, where nothing of them has begun
   */
  claim(ids: readonly string[], claim: string, now: Instant, from?: readonly string[]): Promise<Taken>;
  /** Defers reserved deliveries, which keep their slots: recovery ignores them until then. */
  rest(resting: readonly { readonly deliveryId: string; readonly until: Instant }[]): Promise<void>;
  /** Returns deliveries of an unused claim to `reserved`. */
  releaseClaim(claim: string, ids: readonly string[]): Promise<void>;
  /**
   * Completes deliveries that need no provider, recorded ones and tasks, in one transaction. Without `now`, as in a replay, each at
   * the time of its decision.
   */
  sendLocally(
    ids: readonly string[],
    options: {
      readonly recorded: boolean;
      readonly tasks: readonly NewTask[];
      readonly now: Instant | undefined;
      readonly announced?: Announced;
    },
  ): Promise<Taken>;
  /** Records the outcomes of sends. */
  settle(settled: readonly Settled[], announced?: Announced): Promise<void>;
  /** Sent deliveries whose promises are not recorded yet; all, or those with these ids. */
  promisesDue(ids?: readonly string[]): Promise<PromisesDue[]>;
  /** Settles deliveries that were in flight when their process ended as `uncertain`; returns their ids. */
  abandon(options: { readonly takenBefore?: Instant; readonly now: Instant }): Promise<string[]>;
}

export function createDeliveries(pool: Pool): Deliveries {
  return {
    open: (ids) => openDeliveries(pool, ids),
    keepActions: (actions) =>
      keep(
        pool,
        "action_result",
        actions.map(({ deliveryId, action }) => ({ delivery_id: deliveryId, value: action })),
      ),
    keepContents: (contents) =>
      keep(
        pool,
        "content",
        contents.map(({ deliveryId, content }) => ({ delivery_id: deliveryId, value: content })),
      ),
    fail: async (deliveryId, reason, now, announced = []) => {
      const rows = byId([{ delivery_id: deliveryId, reason, status: "failed", at: toTime(now) }]);
      await (announced.includes("failed") ? pool.query(STOP_ANNOUNCED, [rows, announced]) : pool.query(STOP, [rows]));
    },
    cancel: async (over) => {
      if (over.length === 0) return;
      const rows = over.map(({ deliveryId, reason, at }) => ({ delivery_id: deliveryId, reason, status: "cancelled", at: timeOrNull(at) }));
      await pool.query(STOP, [byId(rows)]);
    },
    claim: async (ids, claim, now, from = []) =>
      (await claimAtOnce(pool, ids, now, [claim, from])) ?? (await take(pool, ids, now, CLAIM, [claim, from])),
    rest: async (resting) => {
      if (resting.length === 0) return;
      await pool.query(REST, [storableJson(resting.map(({ deliveryId, until }) => ({ delivery_id: deliveryId, until: toTime(until) })))]);
    },
    releaseClaim: async (claim, ids) => {
      if (ids.length > 0) await pool.query(RELEASE_CLAIM, [claim, ids]);
    },
    sendLocally: (ids, { recorded, tasks, now, announced = [] }) =>
      take(pool, ids, now, announced.includes("sent") ? SEND_LOCALLY_ANNOUNCED : SEND_LOCALLY, [recorded], (db, going) =>
        addTasks(db, tasks, going),
      ),
    settle: (settled, announced = []) => settle(pool, settled, announced),
    promisesDue: (ids) => promisesDue(pool, ids),
    abandon: async ({ takenBefore, now }) => {
      const { rows } = await pool.query<{ delivery_id: string }>(
        `update deliveries set status = 'uncertain', reason = ${INTERRUPTED}, settled_at = $2::timestamptz
          where settled_at is null and status = 'sending' and ($1::timestamptz is null or claimed_at < $1) returning delivery_id`,
        [takenBefore === undefined ? null : toTime(takenBefore), toTime(now)],
      );
      return rows.map(({ delivery_id }) => delivery_id);
    },
  };
}

// --- internal ---

/** The reason of a delivery that was interrupted in flight. Stored in rows: do not reword. */
const INTERRUPTED = "'the process ended while it was being handed over'";

interface DeliveryRow {
  delivery_id: string;
  decision_id: string;
  customer_id: string;
  run_id: string;
  experience_id: string;
  channel: string;
  variant: string | null;
  learns_as: string | null;
  locale: string | null;
  address: string | null;
  status: DeliveryStatus;
  at: number;
  expires_at: number;
  frozen: JsonObject;
  facts: DeliveryRecord["facts"];
  content: JsonObject | null;
  action_result: JsonObject | null;
  acted: CallStatus | null;
  keeps: string[];
  makes: Promised | null;
}

async function openDeliveries(db: Queryable, ids: readonly string[] | undefined): Promise<KeptDelivery[]> {
  const { rows } = await (ids === undefined ? db.query<DeliveryRow>(ALL_OPEN) : db.query<DeliveryRow>(OPEN_OF, [ids]));
  return rows.map((row) => {
    const { variant, learns_as: learnsAs, locale, makes, address: to, content, action_result: action, acted } = row;
    return {
      deliveryId: row.delivery_id,
      decisionId: row.decision_id,
      customerId: row.customer_id,
      runId: row.run_id,
      experienceId: row.experience_id,
      channel: row.channel,
      status: row.status,
      at: row.at,
      expiresAt: row.expires_at,
      frozen: row.frozen,
      facts: row.facts,
      keeps: row.keeps,
      ...known({ variant, learnsAs, locale, makes, to, content, action, acted }),
    };
  });
}

/** The fields that are not null. */
const known = <T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], null> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)) as { [K in keyof T]?: Exclude<T[K], null> };

/** Two statements, one by ids and one by the index of unsettled rows: a combined one would always use that index, dead rows included. */
const openWhere = (condition: string): string => `
select d.delivery_id, d.decision_id, d.customer_id, n.run_id, d.experience_id, d.channel, d.variant, d.learns_as, d.locale, d.address, d.status,
       to_ms(d.reserved_at) as at, to_ms(d.expires_at) as expires_at, d.frozen, d.facts, d.content, d.action_result, d.keeps, d.makes,
       (select c.status from tool_calls c where c.call_key = d.delivery_id || '${ACTION}') as acted
  from deliveries d join decisions n on n.decision_id = d.decision_id
 where d.status in ('reserved', 'sending') and d.asked is null and ${condition}
 order by d.reserved_at, d.delivery_id`;

const ALL_OPEN = openWhere("d.settled_at is null");
const OPEN_OF = openWhere("d.delivery_id = any($1::text[])");

async function keep(
  db: Queryable,
  column: "action_result" | "content",
  values: readonly { delivery_id: string; value: Json }[],
): Promise<void> {
  if (values.length === 0) return;
  await db.query(
    `update deliveries d set ${column} = x.value from jsonb_to_recordset($1::jsonb) as x(delivery_id text, value jsonb) where d.delivery_id = x.delivery_id`,
    [storableJson(values)],
  );
}

async function promisesDue(db: Queryable, ids: readonly string[] | undefined): Promise<PromisesDue[]> {
  const { rows } = await db.query<{ delivery_id: string; customer_id: string; keeps: string[]; makes: Promised | null; at: number }>(
    `select delivery_id, customer_id, keeps, makes, to_ms(settled_at) as at from deliveries
      where promises_due and ($1::text[] is null or delivery_id = any($1::text[])) order by reserved_at, delivery_id`,
    [ids ?? null],
  );
  return rows.map(({ delivery_id, customer_id, keeps, makes, at }) => ({
    deliveryId: delivery_id,
    customerId: customer_id,
    keeps,
    at,
    ...(makes === null ? {} : { makes }),
  }));
}

const IS_RESERVED = "d.status = 'reserved'";

/**
 * Rechecks reserved deliveries and applies the assignments to those without a hold reason. The customers' rows are locked before, in a
 * separate statement, so a concurrent opt-out is either visible here or waits until sending has begun.
 */
const recheck = (assignments: string, { from = IS_RESERVED, wakes = "", more = "" } = {}): string => `
with judged as materialized (
select d.delivery_id,
       ${holdReason("$2")} as reason
  from deliveries d where d.delivery_id = any($1::text[]) and ${from} and d.asked is null order by d.delivery_id for update of d
), going as (
  update deliveries d set ${assignments} from judged j where j.delivery_id = d.delivery_id and j.reason is null
  returning d.delivery_id, d.customer_id, d.status, d.settled_at
)${wakes}
select delivery_id, reason${more} from judged`;

/** A CTE that sets the timer of each hand-over (see `handOverTimer`) among these rows, with the customer who has it now. */
const announcedFrom = (table: string, condition = "true"): string => `, announced as (
  insert into timers (customer_id, key, name, due)
  select ${rootOf("a.customer_id")}, 'delivery.' || a.status || ':' || a.delivery_id, 'delivery.' || a.status || ':' || a.delivery_id, a.settled_at
    from ${table} a where ${condition}
  on conflict (customer_id, key) do nothing
)`;

const IS_CLAIMABLE = `(${IS_RESERVED} or (d.status = 'sending' and d.claim = any($4::text[])))`;
const CLAIMED = `status = 'sending', claim = $3, claimed_at = $2::timestamptz, attempts = attempts + (${IS_RESERVED})::int`;
const CLAIM = recheck(CLAIMED, { from: IS_CLAIMABLE });
/** The same where none is to be cancelled; otherwise it divides by zero. */
const CLAIM_UNLESS_CANCELLED = recheck(CLAIMED, {
  from: IS_CLAIMABLE,
  more: ", 1 / (case when reason is null or reason = 'paused' then 1 else 0 end) as stays",
});
/** Its deliveries are named, as there is no index by claim. */
const RELEASE_CLAIM = `
update deliveries d set status = 'reserved', claim = null, claimed_at = null, attempts = attempts - 1
 where d.delivery_id = any($2::text[]) and d.claim = $1 and d.status = 'sending'`;
const SENT_LOCALLY = `status = 'sent', reason = null, recorded = $3, settled_at = coalesce($2::timestamptz, reserved_at), attempts = attempts + 1, promises_due = ${HAS_PROMISES}`;
const SEND_LOCALLY = recheck(SENT_LOCALLY);
const SEND_LOCALLY_ANNOUNCED = recheck(SENT_LOCALLY, { wakes: announcedFrom("going") });

const REST = `
update deliveries d set rest_until = x.until, reason = 'quiet_hours'
  from jsonb_to_recordset($1::jsonb) as x(delivery_id text, until timestamptz) where d.delivery_id = x.delivery_id and d.status = 'reserved'`;

const LOCK_CUSTOMERS = `
select count(*) from (select from customers c
 where c.customer_id in (select unnest(array[d.customer_id, ${rootOf("d.customer_id")}]) from deliveries d where d.delivery_id = any($1::text[])) order by c.customer_id for share) locked`;

const IS_ANNOUNCED = "a.status = any($2::text[])";

/** A field of what is recorded of delivery `d`: looked up by its id, because a join is planned as comparing every row with every other. */
const recorded = (field: string): string => `($1::jsonb -> d.delivery_id ->> '${field}')`;

/**
 * Moves deliveries on from a status, locked in the order of their ids, which prevents deadlocks. Each is found by an array of ids, and
 * its new values by its id in the parameter (see `byId`): the work grows with the deliveries, not with their square, and no plan made
 * while the table is small scans all of it. Deliveries that leave the ledger free their touch and their slot. A delivery that meets
 * `late` instead takes only the provider's id.
 */
const move = (from: string, assignments: string, { wakes = "", late }: { wakes?: string; late?: string } = {}): string => `
with held as materialized (
  select d.delivery_id, ${from} as moves from deliveries d
   where ${late === undefined ? from : `(${from} or ${late})`} and d.delivery_id = any(array(select jsonb_object_keys($1::jsonb)))
   order by d.delivery_id for update of d
)${
  late === undefined
    ? ""
    : `, named as (
  update deliveries d set provider_id = ${recorded("provider_id")} where d.delivery_id = any(array(select delivery_id from held where not moves))
)`
}, moved as (
  update deliveries d set status = ${recorded("status")}, reason = ${recorded("reason")}, ${assignments}
   where d.delivery_id = any(array(select delivery_id from held where moves))
  returning d.delivery_id, d.experience_id, d.customer_id, d.status, d.settled_at, d.status not in ${COUNTING} as frees
), freed as (
  update touches t set counted = false from moved where moved.frees and t.touch_id = moved.delivery_id and t.customer_id = moved.customer_id returning 1
)${wakes}
update experience_totals e set used = e.used - f.n
  from (select experience_id, count(*) as n from moved where frees group by experience_id) f where e.experience_id = f.experience_id`;

/** The parameter of `move`: what is recorded of each delivery, by its id. Of two about one delivery the first counts. */
const byId = (rows: readonly ({ readonly delivery_id: string } & JsonObject)[]): string =>
  storableJson(Object.fromEntries(rows.toReversed().map(({ delivery_id, ...row }) => [delivery_id, row])));

const STOPPED = [IS_RESERVED, `settled_at = coalesce(${recorded("at")}::timestamptz, d.reserved_at)`] as const;
const STOP = move(...STOPPED);
const STOP_ANNOUNCED = move(...STOPPED, { wakes: announcedFrom("moved", IS_ANNOUNCED) });
// An outcome may be recorded late, after the delivery was already abandoned: the database may have been down until then.
const SETTLED = [
  `(d.status = 'sending' or (d.status = 'uncertain' and d.reason = ${INTERRUPTED}))`,
  `provider_id = ${recorded("provider_id")}, settled_at = ${recorded("at")}::timestamptz, promises_due = ${recorded("status")} = 'sent' and ${HAS_PROMISES}`,
] as const;
// A receipt may be recorded before the provider's response: only the provider's id is still missing then.
const LATE = `d.status in ${HANDED_OVER} and d.provider_id is null and ${recorded("provider_id")} is not null`;
const SETTLE = move(...SETTLED, { late: LATE });
const SETTLE_ANNOUNCED = move(...SETTLED, { late: LATE, wakes: announcedFrom("moved", IS_ANNOUNCED) });

/** Claims in one round trip, with its commit; undefined where nothing was claimed, as some are to be cancelled. */
async function claimAtOnce(pool: Pool, ids: readonly string[], now: Instant, params: readonly unknown[]): Promise<Taken | undefined> {
  if (ids.length === 0) return undefined;
  try {
    const statements = [[LOCK_CUSTOMERS, [ids]] as const, [CLAIM_UNLESS_CANCELLED, [ids, toTime(now), ...params]] as const];
    return takenOf((await atOnce<Judged>(pool, statements)).rows);
  } catch (error) {
    if (hasSqlState(error, DIVISION_BY_ZERO)) return undefined;
    throw error;
  }
}

/** A delivery that was judged once more: the reason why it may not be sent, if there is one. */
interface Judged {
  readonly delivery_id: string;
  readonly reason: string | null;
}

const isCancelled = ({ reason }: Judged): boolean => reason !== null && reason !== "paused";

const takenOf = (rows: readonly Judged[]): Taken => ({
  going: new Set(goingOf(rows)),
  cancelled: new Map(rows.filter(isCancelled).map(({ delivery_id, reason }) => [delivery_id, reason ?? ""])),
  paused: new Set(rows.filter(({ reason }) => reason === "paused").map(({ delivery_id }) => delivery_id)),
});

const goingOf = (rows: readonly Judged[]): string[] => rows.filter(({ reason }) => reason === null).map(({ delivery_id }) => delivery_id);

/** Claims the deliveries that may still be sent, by one of the statements above, and cancels the rest. */
async function take(
  pool: Pool,
  ids: readonly string[],
  now: Instant | undefined,
  sql: string,
  params: readonly unknown[],
  andThen: (db: Queryable, going: readonly string[]) => Promise<void> = async () => {},
): Promise<Taken> {
  if (ids.length === 0) return { going: new Set(), cancelled: new Map(), paused: new Set() };
  return transaction(pool, async (db) => {
    const [, { rows }] = await Promise.all([db.query(LOCK_CUSTOMERS, [ids]), db.query<Judged>(sql, [ids, timeOrNull(now), ...params])]);
    const cancelled = rows.filter(isCancelled);
    if (cancelled.length > 0) await db.query(STOP, [byId(cancelled.map((one) => ({ ...one, status: "cancelled", at: timeOrNull(now) })))]);
    // An opt-out by address may predate the customer's use of that address; it reaches the customer's record here.
    const revoked = cancelled.filter(({ reason }) => reason === "consent_revoked").map(({ delivery_id }) => delivery_id);
    if (revoked.length > 0) await db.query(REVOKE_FOR_RECIPIENTS, [revoked]);
    const going = goingOf(rows);
    if (going.length > 0) await andThen(db, going);
    return takenOf(rows);
  });
}

const timeOrNull = (at: Instant | undefined): string | null => (at === undefined ? null : toTime(at));

async function addTasks(db: Queryable, tasks: readonly NewTask[], going: readonly string[]): Promise<void> {
  const wanted = tasks.filter(({ deliveryId }) => deliveryId !== undefined && going.includes(deliveryId));
  if (wanted.length === 0) return;
  await db.query(
    `insert into tasks (task_id, customer_id, queue, summary, facts, created_at, due, delivery_id)
     select x.task_id, d.customer_id, x.queue, x.summary, x.facts, x.created_at, x.due, x.delivery_id
       from jsonb_to_recordset($1::jsonb) as x(task_id text, queue text, summary text, facts jsonb, created_at timestamptz, due timestamptz, delivery_id text)
       join deliveries d on d.delivery_id = x.delivery_id
     on conflict (task_id) do nothing`,
    [
      storableJson(
        wanted.map(({ taskId, queue, summary, facts, at, due, deliveryId }) => ({
          task_id: taskId,
          queue,
          summary,
          facts,
          created_at: toTime(at),
          due: toTime(due),
          delivery_id: deliveryId,
        })),
      ),
    ],
  );
}

async function settle(pool: Pool, settled: readonly Settled[], announced: Announced): Promise<void> {
  const refused = settled.flatMap(({ deliveryId, at, refusal }) => (refusal ? [{ deliveryId, at, refusal }] : []));
  if (refused.length === 0) return settleRows(pool, settled, announced);
  await transaction(pool, async (db) => {
    await db.query(LOCK_RECIPIENTS, [refused.map(({ refusal }) => refusal.customerId)]);
    for (const { deliveryId, at, refusal } of refused) await takeRefusal(db, deliveryId, at, refusal);
    await settleRows(db, settled, announced);
  });
}

/** Locks all customers first, in order, and before their deliveries: the lock order everywhere, which prevents deadlocks. */
const LOCK_RECIPIENTS = `
select 1 from customers c
 where c.customer_id in (select unnest(array[i, ${rootOf("i")}]) from unnest($1::text[]) i) order by c.customer_id for update`;

async function takeRefusal(db: Queryable, deliveryId: string, at: Instant, refusal: Refusal): Promise<void> {
  const { customerId, kind } = refusal;
  if (kind === "address_gone") return markUndeliverable(db, [{ customerId, address: refusal.address }]);
  const { channel, source, reason, addresses } = refusal;
  const { rows } = await db.query<{ seq: number }>("select nextval('arrivals')::float8 as seq");
  const seq = rows[0]?.seq ?? 0;
  await takeConsent(db, [{ customerId, source, id: deliveryId, at, receivedAt: at, seq, status: "revoked", channel, reason, addresses }]);
}

async function settleRows(db: Queryable, settled: readonly Settled[], announced: Announced): Promise<void> {
  if (settled.length === 0) return;
  const rows = byId(
    settled.map(({ deliveryId, status, reason, providerId, at }) => ({
      delivery_id: deliveryId,
      status,
      reason: reason ?? null,
      provider_id: providerId ?? null,
      at: toTime(at),
    })),
  );
  await (announced.length > 0 ? db.query(SETTLE_ANNOUNCED, [rows, announced]) : db.query(SETTLE, [rows]));
}
