import { storableJson } from "../domain/values/storable.ts";
import type { Instant } from "../domain/values/time.ts";
import { type Pool, type Queryable, transaction } from "./engines/database.ts";
import { toTime } from "./reading/load-customers.ts";

/** What a version of the workspace has, and whom it concerns that has never woken under it. */
export interface SweptFor {
  readonly moments: readonly string[];
  readonly channels: readonly string[];
  readonly experiences: readonly string[];
  /** Whether each customer has a daily clock. */
  readonly daily: boolean;
  /** Customers with a signal of these types wake, as its absence is counted anew. */
  readonly heard: readonly string[];
  /** All customers wake, as each may be in another stage. */
  readonly everyone: boolean;
}

export interface SweepStep {
  /** The publication that is in force. */
  readonly seq: number;
  readonly now: Instant;
  /** From its first step on, nothing happens for this long: a roll-back in that time loses nothing. */
  readonly graceMs: number;
  /** In how many steps every customer is looked at, and how many a step looks at least at. */
  readonly steps: number;
  readonly atLeast: number;
  /** What the version listens to in time. */
  readonly listens: string;
  /** @param listened what the version listened to that every customer has come under last; undefined where none has come to an end */
  readonly forWhom: (listened: string | undefined) => SweptFor;
}

/** What a step did: how many customers it wakes. Undefined where it had nothing to do. */
export type Swept = { readonly woken: number; readonly isDone: boolean } | undefined;

/** Brings customers under the version in force who are not woken by anything else. Its place is in the store, so that any process goes on. */
export interface VersionSweep {
  step(step: SweepStep): Promise<Swept>;
}

export const createVersionSweep = (pool: Pool): VersionSweep => ({ step: (step) => transaction(pool, (db) => take(db, step)) });

// --- internal ---

const NAME = "version_sweep";

interface Place {
  readonly seq: number;
  readonly beginsAt: Instant;
  /** The last customer who was looked at; empty before the first one. */
  readonly after: string;
  readonly size: number;
  readonly isDone: boolean;
  readonly listens: string;
  readonly listened: string | null;
}

async function take(db: Queryable, step: SweepStep): Promise<Swept> {
  await db.query("insert into settings (name, value) values ($1, 'null') on conflict (name) do nothing", [NAME]);
  const { rows } = await db.query<{ value: Place | null }>("select value from settings where name = $1 for update", [NAME]);
  const place = rows[0]?.value ?? undefined;
  if (!place || place.seq < step.seq) await keep(db, await begin(db, step, place));
  // A process that does not know of the latest publication yet.
  else if (place.seq === step.seq && !place.isDone && place.beginsAt <= step.now) return goOn(db, step, place);
  return undefined;
}

async function begin(db: Queryable, { seq, now, graceMs, steps, atLeast, listens }: SweepStep, last: Place | undefined): Promise<Place> {
  const { rows } = await db.query<{ count: number }>("select count(*)::float8 as count from customers");
  const isUntouched = last?.after === "" && !last.isDone;
  return {
    ...{ seq, listens, after: "", isDone: false, beginsAt: now + graceMs },
    size: Math.max(atLeast, Math.ceil((rows[0]?.count ?? 0) / steps)),
    // Halfway through, some customers are as the last version has them and some as the one before it.
    listened: last?.isDone ? last.listens : isUntouched ? last.listened : null,
  };
}

async function goOn(db: Queryable, { now, forWhom }: SweepStep, place: Place): Promise<Swept> {
  const { rows } = await db.query<{ last: string | null; count: number }>(
    `select max(customer_id) as last, count(*)::int as count
       from (select customer_id from customers where customer_id > $1 order by customer_id limit $2::int) w`,
    [place.after, place.size],
  );
  const { last = null, count = 0 } = rows[0] ?? {};
  const isDone = last === null || count < place.size;
  const woken = last === null ? 0 : await wake(db, forWhom(place.listened ?? undefined), { after: place.after, last, now });
  await keep(db, { ...place, after: last ?? place.after, isDone });
  return { woken, isDone };
}

const WAKE = `
insert into timers (customer_id, key, name, due)
select c.customer_id, 'version', 'version', $3::timestamptz from customers c
 where c.customer_id > $1 and c.customer_id <= $2 and (
   $4::boolean or c.seen ?| $5::text[]
   or $6::boolean and not exists (select 1 from timers t where t.customer_id = c.customer_id and t.key = 'clock.daily')
   or exists (select 1 from moments m where m.customer_id = c.customer_id and m.ended is null and not m.name = any($7::text[]))
   or exists (select 1 from deliveries d where d.customer_id = c.customer_id and d.status = 'reserved'
               and not (d.channel = any($8::text[]) and d.experience_id = any($9::text[])))
   or exists (select 1 from approvals a where a.customer_id = c.customer_id and a.state = 'pending' and not a.experience_id = any($9::text[]))
   or not coalesce(c.standing ->> 'experienceId' = any($9::text[]), true))
on conflict (customer_id, key) do nothing
returning customer_id`;

const wake = async (
  db: Queryable,
  { everyone, heard, daily, moments, channels, experiences }: SweptFor,
  { after, last, now }: { readonly after: string; readonly last: string; readonly now: Instant },
): Promise<number> =>
  (await db.query(WAKE, [after, last, toTime(now), everyone, heard, daily, moments, channels, experiences])).rows.length;

const keep = (db: Queryable, place: Place) =>
  db.query("update settings set value = $2::jsonb where name = $1", [NAME, storableJson({ ...place })]);
