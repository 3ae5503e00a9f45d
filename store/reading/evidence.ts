import type { Decision } from "../../domain/entities/decision.ts";
import type { Json, JsonObject } from "../../domain/values/json.ts";
import type { Instant } from "../../domain/values/time.ts";
import type { Queryable } from "../engines/database.ts";
import { membersOf } from "./links.ts";
import { toTime } from "./load-customers.ts";

/** One delivery with everything known of it. */
export interface DeliveryRow {
  readonly deliveryId: string;
  readonly decisionId: string;
  readonly runId: string | null;
  readonly customerId: string;
  readonly experienceId: string;
  readonly department: string | null;
  readonly channel: string;
  readonly variant: string | null;
  readonly locale: string | null;
  readonly to: string | null;
  readonly status: string;
  readonly reason: string | null;
  readonly recorded: boolean;
  readonly reservedAt: Instant;
  readonly claimedAt: Instant | null;
  readonly settledAt: Instant | null;
  readonly restUntil: Instant | null;
  readonly expiresAt: Instant;
  readonly attempts: number;
  readonly providerId: string | null;
  readonly moments: readonly string[];
  readonly facts: JsonObject;
  readonly content: JsonObject | null;
  readonly action: Json;
}

/** The fate of a delivery of an experience. */
export interface FateRow {
  readonly deliveryId: string;
  readonly decisionId: string;
  readonly channel: string;
  readonly variant: string | null;
  readonly locale: string | null;
  readonly status: string;
  readonly reason: string | null;
  readonly recorded: boolean;
  readonly reservedAt: Instant;
  readonly settledAt: Instant | null;
  readonly outcomes: readonly { readonly kind: string; readonly at: Instant }[] | null;
}

/** A receipt of a provider, or an outcome. */
export interface ReceiptRow {
  readonly kind: string;
  readonly at: Instant;
  readonly source: string | null;
  readonly signalId: string | null;
}

export interface CallRow {
  readonly tool: string;
  readonly status: string;
  readonly attempts: number;
  readonly error: Json;
}

export interface SignalRow {
  readonly source: string;
  readonly id: string;
  readonly type: string;
  readonly customerId: string;
  readonly time: Instant;
  readonly receivedAt: Instant;
  readonly event: Json;
  readonly state: "decided" | "waiting" | "dead";
  readonly error: Json;
}

/** Single records and short stretches of one customer's history, for people who ask why. Nothing is decided by them. */
export interface Evidence {
  /** The latest decisions up to an instant, in order of decision, without their deliveries. */
  decisionsUntil(customerIds: readonly string[], until: Instant, limit: number): Promise<Decision[]>;
  /** Deliveries of an experience among these decisions. */
  fates(decisionIds: readonly string[], experienceId: string): Promise<FateRow[]>;
  /** The latest signals of each of these types within a window, the latest first. */
  signals(
    customerIds: readonly string[],
    types: readonly string[],
    window: { readonly from: Instant; readonly to: Instant },
  ): Promise<{ source: string; id: string; type: string; time: Instant; data: JsonObject | null }[]>;
  /** Deliveries whose id is this or begins with it, at most two. */
  deliveries(id: string): Promise<DeliveryRow[]>;
  /** Slots that experiences with a total limit have used; those without a row are left out. Unlike `totals`, it makes no rows. */
  used(experienceIds: readonly string[]): Promise<Map<string, number>>;
  receipts(delivery: Pick<DeliveryRow, "deliveryId" | "customerId">): Promise<ReceiptRow[]>;
  calls(delivery: Pick<DeliveryRow, "deliveryId" | "customerId">): Promise<CallRow[]>;
  /** A signal: decided, waiting, or given up. */
  signal(source: string, id: string): Promise<SignalRow | undefined>;
}

/** The most rows that one question reads of a delivery or of a type of signal. */
const MAX_ROWS = 200;

export function createEvidence(db: Queryable): Evidence {
  return {
    async decisionsUntil(customerIds, until, limit) {
      const { rows } = await db.query<{ record: Omit<Decision, "deliveries" | "runId">; run_id: string }>(DECISIONS, [
        customerIds,
        toTime(until),
        limit,
      ]);
      return rows.reverse().map(({ record, run_id }) => ({ ...record, runId: run_id, deliveries: [] }));
    },
    fates: async (decisionIds, experienceId) => (await db.query<FateRow>(FATES, [decisionIds, experienceId])).rows,
    signals: async (customerIds, types, { from, to }) =>
      (await db.query<SignalRow & { data: JsonObject | null }>(SIGNALS, [customerIds, types, toTime(from), toTime(to), MAX_PER_TYPE])).rows,
    deliveries: async (id) => (await db.query<DeliveryRow>(DELIVERY, [id])).rows,
    used: async (experienceIds) => {
      const { rows } = await db.query<{ id: string; used: number }>(USED, [experienceIds]);
      return new Map(rows.map(({ id, used }) => [id, used]));
    },
    receipts: async ({ deliveryId, customerId }) =>
      (await db.query<ReceiptRow>(RECEIPTS, [deliveryId, customerId, MAX_ROWS, RECEIPT_TYPES])).rows,
    calls: async ({ deliveryId, customerId }) => (await db.query<CallRow>(CALLS, [deliveryId, customerId, MAX_ROWS])).rows,
    signal: async (source, id) => (await db.query<SignalRow>(SIGNAL, [source, id])).rows[0],
  };
}

// --- internal ---

const MAX_PER_TYPE = 20;

/** Of each of the customer's ids apart, so that each reads the index in its order. */
const DECISIONS = `
select n.record, n.run_id from unnest($1::text[]) c(id) cross join lateral (
  select * from decisions d where d.customer_id = c.id and d.decided_at <= $2::timestamptz order by d.seq desc limit $3
) n order by n.seq desc limit $3`;

const FATES = `
select d.delivery_id as "deliveryId", d.decision_id as "decisionId", d.channel, d.variant, d.locale, d.status, d.reason, d.recorded,
       to_ms(d.reserved_at) as "reservedAt", to_ms(d.settled_at) as "settledAt",
       (select json_agg(json_build_object('kind', o.kind, 'at', to_ms(o.at)) order by o.at, o.kind) from outcomes o where o.delivery_id = d.delivery_id) as outcomes
  from deliveries d where d.decision_id = any($1::text[]) and d.experience_id = $2 order by d.reserved_at, d.delivery_id`;

const SIGNALS = `
select s.source, s.id, s.type, to_ms(s.time) as time, s.event -> 'data' as data
  from unnest($1::text[]) c(id) cross join unnest($2::text[]) t(type) cross join lateral (
    select * from signals x where x.customer_id = c.id and x.type = t.type and x.time >= $3::timestamptz and x.time <= $4::timestamptz
     order by x.time desc limit $5
  ) s order by s.time desc, s.seq desc`;

const DELIVERY = `
select d.delivery_id as "deliveryId", d.decision_id as "decisionId", (select n.run_id from decisions n where n.decision_id = d.decision_id) as "runId",
       d.customer_id as "customerId", d.experience_id as "experienceId", d.department, d.channel, d.variant, d.locale, d.address as "to", d.status, d.reason, d.recorded,
       to_ms(d.reserved_at) as "reservedAt", to_ms(d.claimed_at) as "claimedAt", to_ms(d.settled_at) as "settledAt", to_ms(d.rest_until) as "restUntil",
       to_ms(d.expires_at) as "expiresAt", d.attempts, d.provider_id as "providerId", d.moments, d.facts, d.content, d.action_result as action
  from deliveries d where d.delivery_id >= $1 and d.delivery_id < $1 || '~' order by d.delivery_id limit 2`;

const USED = `select experience_id as id, used::float8 as used from experience_totals where experience_id = any($1::text[])`;

/** A receipt may have come under an id that was merged since. */
const OF_CUSTOMER = membersOf("array[$2]::text[]");

/** Signal types by which providers report on a delivery. */
const RECEIPT_TYPES = ["sent", "failed", "delivered", "opened", "clicked", "replied", "bounced", "complained", "unsubscribed"].map(
  (kind) => `delivery.${kind}`,
);

const RECEIPTS = `
select * from (
  select substr(s.type, 10) as kind, to_ms(s.time) as at, s.source, s.id as "signalId" from signals s
   where s.customer_id = any(${OF_CUSTOMER}) and s.type = any($4::text[]) and s.event -> 'data' ->> 'deliveryId' = $1
  union all
  select o.kind, to_ms(o.at), null, null from outcomes o
   where o.delivery_id = $1 and not exists (
     select 1 from signals s where s.customer_id = any(${OF_CUSTOMER}) and s.type = 'delivery.' || o.kind and s.event -> 'data' ->> 'deliveryId' = $1)
) r order by at, kind limit $3`;

const CALLS = `
select tool, status, attempts, error from tool_calls where customer_id = $2 and delivery_id = $1 order by created_at, call_key limit $3`;

const SIGNAL = `
select source, id, type, customer_id as "customerId", to_ms(time) as time, to_ms(received_at) as "receivedAt", event, 'decided' as state, null::jsonb as error
  from signals where source = $1 and id = $2
union all
select source, id, type, customer_id, to_ms(time), to_ms(received_at), event, case when dead_at is null then 'waiting' else 'dead' end, error
  from inbox where source = $1 and id = $2 and discarded_at is null
limit 1`;
