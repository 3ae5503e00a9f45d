import type { Claims } from "../../domain/entities/claims.ts";
import type { Instant } from "../../domain/values/time.ts";
import type { Queryable } from "../engines/database.ts";
import { rootOf } from "./links.ts";
import { toTime } from "./load-customers.ts";

/** A record found by the beginning of its id. */
export interface FoundRecord {
  readonly kind: "customer" | "decision" | "run" | "delivery" | "task";
  readonly id: string;
  readonly customerId: string;
  /** Its subject: the experience, the queue, the status. */
  readonly about: string | null;
}

/** The last decision about a customer. */
export interface LastDecision {
  readonly customerId: string;
  readonly seq: number;
  readonly decisionId: string;
  readonly at: Instant;
  readonly action: string;
  readonly experienceId: string | null;
}

/** Finds records and customers for people; decisions do not depend on it. Each is bounded by a number of rows. */
export interface Finding {
  /** At most `limit` of each kind. */
  byId(beginning: string, limit: number): Promise<FoundRecord[]>;
  /** The types of identities that customers are found by. */
  identityTypes(): Promise<string[]>;
  /** The customers of the latest decisions, each with the last one; the latest first. */
  recent(page: { readonly decisions: number; readonly upTo?: number | undefined }): Promise<LastDecision[]>;
  /** The last decision about each of these customers. */
  lastDecisions(customerIds: readonly string[]): Promise<LastDecision[]>;
  /** The values that every source states for these traits. */
  claims(customerIds: readonly string[], traits: readonly string[]): Promise<{ readonly customerId: string; readonly claims: Claims }[]>;
  /** Customers with an open case, the longest open first. */
  withOpenCase(limit: number): Promise<string[]>;
  /** Customers with a promise that is late, the latest first. */
  withLatePromise(now: Instant, limit: number): Promise<string[]>;
}

export const createFinding = (db: Queryable): Finding => ({
  byId: async (beginning, limit) => (await db.query<FoundRecord>(BY_ID, [beginning, limit])).rows,
  identityTypes: async () => (await db.query<{ type: string }>(TYPES)).rows.map(({ type }) => type),
  recent: async ({ decisions, upTo }) => (await db.query<LastDecision>(RECENT, [decisions, upTo ?? null])).rows,
  lastDecisions: async (customerIds) => (await db.query<LastDecision>(LAST, [customerIds])).rows,
  claims: async (customerIds, traits) =>
    (
      await db.query<{ customerId: string; claims: Claims }>(
        `select customer_id as "customerId", coalesce((select jsonb_object_agg(t, claims->t) from unnest($2::text[]) t where claims ? t), '{}') as claims
           from customers where customer_id = any($1::text[])`,
        [customerIds, traits],
      )
    ).rows,
  withOpenCase: async (limit) => (await db.query<{ id: string }>(OPEN_CASES, [limit])).rows.map(({ id }) => id),
  withLatePromise: async (now, limit) => (await db.query<{ id: string }>(LATE_PROMISES, [toTime(now), limit])).rows.map(({ id }) => id),
});

// --- internal ---

/** Ids compare by their bytes, so the ones with a beginning are a range of the index. */
const beginning = (kind: FoundRecord["kind"], table: string, id: string, about: string): string =>
  `(select '${kind}' as kind, ${id} as id, ${rootOf("t.customer_id")} as "customerId", ${about} as about from ${table} t
     where ${id} >= $1 and ${id} < $1 || chr(1114111) order by ${id} limit $2)`;

const BY_ID = [
  beginning("customer", "customers", "t.customer_id", "null"),
  beginning("decision", "decisions", "t.decision_id", "coalesce(t.experience_id, t.action)"),
  beginning("run", "runs", "t.run_id", "t.status"),
  beginning("delivery", "deliveries", "t.delivery_id", "t.experience_id"),
  beginning("task", "tasks", "t.task_id", "t.queue"),
].join(" union all ");

/** One step of the index a type. */
const TYPES = `
with recursive kinds(type) as (
  select (select min(i.type) from identities i where i.owned)
  union all
  select (select min(i.type) from identities i where i.owned and i.type > k.type) from kinds k where k.type is not null
)
select type from kinds where type is not null
union
select unnest(array['email', 'phone', 'push'])`;

const COLUMNS = `d.seq::float8 as seq, d.decision_id as "decisionId", to_ms(d.decided_at) as at, d.action, d.experience_id as "experienceId"`;

const RECENT = `
select * from (
  select distinct on (x."customerId") x.* from (
    select ${rootOf("d.customer_id")} as "customerId", ${COLUMNS} from decisions d where $2::bigint is null or d.seq <= $2 order by d.seq desc limit $1
  ) x order by x."customerId", x.seq desc
) latest order by seq desc`;

const LAST = `
select c.id as "customerId", d.* from unnest($1::text[]) c(id)
 cross join lateral (select ${COLUMNS} from decisions d where d.customer_id = c.id order by d.seq desc limit 1) d`;

const OPEN_CASES = `
select x.id from (select ${rootOf("c.customer_id")} as id, min(c.opened_at) as since from cases c where c.closed_at is null group by 1) x
 order by x.since, x.id limit $1`;

const LATE_PROMISES = `
select x.id from (
  select ${rootOf("p.customer_id")} as id, min(p.due) as since from promises p where p.ended is null and p.due <= $1::timestamptz group by 1
) x order by x.since, x.id limit $2`;
