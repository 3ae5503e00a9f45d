import type { OutcomeKind } from "../../domain/entities/customer.ts";
import type { JsonObject } from "../../domain/values/json.ts";
import type { Instant } from "../../domain/values/time.ts";
import type { Queryable } from "../engines/database.ts";

/** A signal as it was recorded, under the customer that she is now; without `data` where its body was removed. */
export interface HistorySignal {
  readonly seq: number;
  readonly customerId: string;
  readonly source: string;
  readonly type: string;
  readonly time: Instant;
  readonly data?: JsonObject;
}

/** A delivery that has reached its customer, and what became of it. */
export interface HistoryDelivery {
  readonly deliveryId: string;
  readonly customerId: string;
  readonly experienceId: string;
  readonly channel: string;
  readonly variant?: string;
  readonly learnsAs?: string;
  readonly at: Instant;
  /** In order of time. */
  readonly outcomes: readonly { readonly kind: OutcomeKind; readonly at: Instant }[];
}

/** What was recorded of customers, for those who learn from it; read page by page. */
export interface HistoryReadings {
  /** Ids of all customers, but for those who were merged into another, after an id. */
  customerIds(after: string, limit: number): Promise<string[]>;
  /** The times of the first and the last signal, and of the last decision; undefined where no signal is kept. */
  span(): Promise<{ readonly first: Instant; readonly last: Instant; readonly decided: Instant } | undefined>;
  /** Signals after a sequence number, in order of arrival; of some customers where they are given. */
  signals(afterSeq: number, limit: number, customerIds?: readonly string[]): Promise<HistorySignal[]>;
  /** Deliveries after an id; of some customers where they are given. */
  deliveries(afterId: string, limit: number, customerIds?: readonly string[]): Promise<HistoryDelivery[]>;
}

export const createHistoryReadings = (db: Queryable): HistoryReadings => ({
  async customerIds(after, limit) {
    const { rows } = await db.query<{ id: string }>(CUSTOMERS, [after, limit]);
    return rows.map(({ id }) => id);
  },
  async span() {
    const { rows } = await db.query<{ first: number | null; last: number | null; decided: number | null }>(SPAN);
    const { first, last, decided } = rows[0] ?? { first: null, last: null, decided: null };
    return first === null || last === null ? undefined : { first, last, decided: decided ?? last };
  },
  async signals(afterSeq, limit, customerIds) {
    const { rows } = await db.query<Nullable<HistorySignal>>(SIGNALS, [afterSeq, limit, customerIds ?? null]);
    return rows.map(({ data, ...signal }) => ({ ...signal, ...(data === null ? {} : { data }) }) as HistorySignal);
  },
  async deliveries(afterId, limit, customerIds) {
    const { rows } = await db.query<Nullable<HistoryDelivery>>(DELIVERIES, [afterId, limit, customerIds ?? null]);
    return rows.map(
      ({ variant, learnsAs, outcomes, ...delivery }) =>
        ({
          ...delivery,
          ...(variant === null ? {} : { variant }),
          ...(learnsAs === null ? {} : { learnsAs }),
          outcomes: outcomes ?? [],
        }) as HistoryDelivery,
    );
  },
});

// --- internal ---

type Nullable<T> = { [K in keyof T]-?: T[K] | null };

const CUSTOMERS = `
select c.customer_id as id from customers c
 where c.customer_id > $1 and not exists (select 1 from links l where l.customer_id = c.customer_id)
 order by c.customer_id limit $2`;

const SPAN = `
select (select to_ms(min(time)) from signals) as first, (select to_ms(max(time)) from signals) as last,
       (select to_ms(max(decided_at)) from decisions) as decided`;

const SIGNALS = `
select s.seq::float8 as seq, coalesce(l.root_id, s.customer_id) as "customerId", s.source, s.type, to_ms(s.time) as time, s.event -> 'data' as data
  from signals s left join links l on l.customer_id = s.customer_id
 where s.seq > $1::bigint and ($3::text[] is null or coalesce(l.root_id, s.customer_id) = any($3::text[]))
 order by s.seq limit $2`;

/** What a place was given has reached somebody only where something came of it. */
const DELIVERIES = `
select d.delivery_id as "deliveryId", coalesce(l.root_id, d.customer_id) as "customerId", d.experience_id as "experienceId", d.channel, d.variant,
       d.learns_as as "learnsAs", to_ms(d.reserved_at) as at,
       (select json_agg(json_build_object('kind', o.kind, 'at', to_ms(o.at)) order by o.at, o.kind) from outcomes o where o.delivery_id = d.delivery_id) as outcomes
  from deliveries d left join links l on l.customer_id = d.customer_id
 where d.delivery_id > $1 and d.status in ('sent', 'delivered', 'bounced', 'uncertain')
   and (d.asked is null or exists (select 1 from outcomes o where o.delivery_id = d.delivery_id))
   and ($3::text[] is null or coalesce(l.root_id, d.customer_id) = any($3::text[]))
 order by d.delivery_id limit $2`;
