import { JUDGE_TIMER } from "../../domain/entities/wake.ts";
import type { ResponseEnd } from "../../domain/moments/response-ends.ts";
import { storableJson } from "../../domain/values/storable.ts";
import type { Instant } from "../../domain/values/time.ts";
import type { Queryable } from "../engines/database.ts";
import { noteColumns, noteOf, outcomeColumns, withoutNullDepartment } from "./load-customers.ts";
import { type PackedValues, unpackAll } from "./packed.ts";

/** A timer as it was read. */
export interface TimerKey {
  readonly customerId: string;
  readonly key: string;
  readonly due: Instant;
}

/** The daily clock: the key of its timer, and whether customers are to have one. */
export interface DailyClock {
  readonly key: string;
  readonly isSet: boolean;
}

/**
 * Those of some response timers whose end changes nothing but the outcomes of its delivery and what is learned from them: nothing of the
 * customer is open, held, standing or merged, and her daily clock is as it is to be.
 */
export async function quietResponseEnds(db: Queryable, timers: readonly TimerKey[], clock: DailyClock): Promise<ResponseEnd[]> {
  const asked = timers.map(({ customerId, key, due }) => ({
    customer_id: customerId,
    key,
    due,
    delivery_id: key.slice(key.indexOf(":") + 1),
  }));
  const { rows } = await db.query<Row>(QUIET, [storableJson(asked), JUDGE_TIMER, clock.key, clock.isSet]);
  return rows.map(({ customer_id, version, due, note, outcomes }) => ({
    customerId: customer_id,
    ...{ version, due },
    note: noteOf(NOTE.unpack(note)),
    outcomes: unpackAll(OUTCOME, outcomes).map(withoutNullDepartment),
  }));
}

// --- internal ---

interface Row {
  customer_id: string;
  version: number;
  due: number;
  note: PackedValues;
  outcomes: PackedValues[] | null;
}

const NOTE = noteColumns("d");
const OUTCOME = outcomeColumns("o");

const QUIET = `
select c.customer_id, c.version::float8 as version, x.due, ${NOTE.sql} as note,
       (select json_agg(${OUTCOME.sql} order by o.at, o.kind) from outcomes o where o.delivery_id = d.delivery_id) as outcomes
  from jsonb_to_recordset($1::jsonb) as x(customer_id text, key text, due float8, delivery_id text)
  join timers t on t.customer_id = x.customer_id and t.key = x.key and to_ms(t.due) = x.due
  join customers c on c.customer_id = x.customer_id
  join deliveries d on d.delivery_id = x.delivery_id and d.customer_id = x.customer_id
 where c.standing is null
   and not exists (select 1 from moments m where m.customer_id = x.customer_id and m.ended is null)
   and not exists (select 1 from deliveries h where h.customer_id = x.customer_id and h.settled_at is null)
   and not exists (select 1 from links l where l.customer_id = x.customer_id or l.root_id = x.customer_id)
   and not exists (select 1 from timers j where j.customer_id = x.customer_id and j.key = $2::text)
   and exists (select 1 from timers k where k.customer_id = x.customer_id and k.key = $3::text) = $4::boolean
 order by c.customer_id`;
