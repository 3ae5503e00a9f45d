import { ASK } from "../../domain/entities/signal.ts";
import type { Instant } from "../../domain/values/time.ts";
import { type Pool, type Queryable, transaction } from "../engines/database.ts";

/** Signals that are added up together. A count reads at most one such lot, and those not added up yet, one by one. */
export const LOT = 128;

/** Results of deliveries and changes of stage that no outside signal reports, for `count()`. */
const DERIVED_TYPES: readonly string[] = ["delivery.sent", "delivery.failed", "delivery.ignored", "delivery.converted", "stage.changed"];

/** Whether signals of a type are added up: they are rows of `signals` alone, and written with their customer's own row. */
export const isTallied = (type: string): boolean => type !== ASK && !DERIVED_TYPES.includes(type);

/**
 * The counts of a customer `c`'s signals (SQL, one JSON list or null): of each pair of a type and a span of time, how many came after `high`
 * (`sure`), the times from `low` to `high` (`edge`), and how many are not added up yet (`loose`).
 *
 * @param pairs rows of `type`, `span`, `low`, `high` and `tallied`, as `q`
 */
export const countsOf = (pairs: string): string => `
  select json_agg(json_build_object('type', q.type, 'span', q.span, 'sure', k.signals + parted.n + loose.n, 'edge', edge.times, 'loose', loose.n))
    from ${pairs}
   cross join lateral (
     select coalesce(sum(t.signals) filter (where t.after >= q.high), 0) as signals, min(t.upto) filter (where t.after < q.high) as parted,
            greatest(max(t.upto), q.high) as tallied
       from signal_tallies t where t.customer_id = c.customer_id and t.type = q.type and t.upto > q.high
   ) k
   cross join lateral (
     select count(*) as n from signals s where s.customer_id = c.customer_id and s.type = q.type and s.time > q.high and s.time <= k.parted
   ) parted
   cross join lateral (select count(*) as n from signals s where s.customer_id = c.customer_id and s.type = q.type and s.time > k.tallied) loose
   cross join lateral (
     select json_agg(to_ms(s.time)) as times from signals s where s.customer_id = c.customer_id and s.type = q.type and s.time > q.low and s.time <= q.high
   ) edge
   where q.tallied`;

/** The same of types that are not added up, from what they are read from. */
export const countsFrom = (pairs: string, from: string): string => `
  select json_agg(json_build_object('type', q.type, 'span', q.span, 'sure', n.sure, 'edge', n.edge, 'loose', 0))
    from ${pairs}
   cross join lateral (
     select count(*) filter (where s.time > q.high) as sure, json_agg(to_ms(s.time)) filter (where s.time <= q.high) as edge
       from ${from} where s.customer_id = c.customer_id and s.type = q.type and s.time > q.low
   ) n
   where not q.tallied`;

/** Adds up the signals of a lot (SQL, part of a `with`) that arrive late: into the stretches in which they lie. */
export const ADD_LATE = (name: string, lot: string): string => `${name} as (
  update signal_tallies t set signals = t.signals + n.signals
    from (select s.customer_id, s.type, k.upto, count(*) as signals from ${lot} s
           cross join lateral (select upto, after from signal_tallies k
                                where k.customer_id = s.customer_id and k.type = s.type and k.upto >= s.time order by k.upto limit 1) k
           where s.time > k.after group by 1, 2, 3) n
   where t.customer_id = n.customer_id and t.type = n.type and t.upto = n.upto
)`;

/** Types of one customer of which enough signals have come to be added up. */
export interface Loose {
  readonly customerId: string;
  readonly types: readonly string[];
}

/**
 * Adds up what has come since the last time, up to an instant. Nobody waits for it but the caller: where a customer is being written at this
 * moment, that is left to the next time.
 */
export async function addUp(pool: Pool, loose: readonly Loose[], upTo: Instant): Promise<void> {
  for (const { customerId, types } of loose)
    await transaction(pool, async (db) => {
      // A signal of hers that is being written is in the stretch or in its transaction's own addition, never in neither.
      const { rowCount } = await db.query("select 1 from customers where customer_id = $1 for update skip locked", [customerId]);
      if (rowCount > 0) await addUpTypes(db, customerId, types, upTo);
    });
}

// --- internal ---

const addUpTypes = (db: Queryable, customerId: string, types: readonly string[], upTo: Instant): Promise<unknown> =>
  db.query(ADD_UP, [customerId, types, new Date(upTo).toISOString(), LOT]);

// Signals of one instant are in one stretch. The last lot is left out: it is not full yet.
const ADD_UP = `
with new as materialized (
  select s.type, s.time, coalesce(k.upto, '-infinity') as since, (rank() over (partition by s.type order by s.time) - 1) / $4::int as lot
    from unnest($2::text[]) w (type)
   cross join lateral (select max(t.upto) as upto from signal_tallies t where t.customer_id = $1 and t.type = w.type) k
   cross join lateral (select s.type, s.time from signals s
                        where s.customer_id = $1 and s.type = w.type and s.time > coalesce(k.upto, '-infinity') and s.time <= $3::timestamptz) s
), lots as (
  select type, lot, min(since) as since, max(time) as upto, count(*) as signals, max(lot) over (partition by type) as last from new group by type, lot
)
insert into signal_tallies (customer_id, type, upto, after, signals)
select $1, type, upto, coalesce(lag(upto) over (partition by type order by lot), since), signals from lots where lot < last
on conflict do nothing`;
