import type { Tally } from "../domain/canary/guards.ts";
import type { OutcomeKind } from "../domain/entities/customer.ts";
import type { Json, JsonObject } from "../domain/values/json.ts";
import { storableJson } from "../domain/values/storable.ts";
import type { Instant } from "../domain/values/time.ts";
import { type AuditEntry, auditRow, INSERT_AUDIT } from "./commit/operations-rows.ts";
import { type Pool, type Queryable, transaction } from "./engines/database.ts";
import { toTime } from "./reading/load-customers.ts";

/** What became of one life of a canary. */
export interface KeptCanary {
  readonly life: string;
  readonly experienceId: string;
  readonly startedAt: Instant;
  readonly stopped?: { readonly at: Instant; readonly by: string; readonly why: string; readonly readings: Json };
  readonly approved?: { readonly at: Instant; readonly by: string };
}

/** Work for a person that is about no customer. */
export interface ImpersonalTask {
  readonly taskId: string;
  readonly queue: string;
  readonly summary: string;
  readonly facts: JsonObject;
  readonly at: Instant;
  readonly due: Instant;
}

export interface CanaryStop {
  readonly life: string;
  readonly at: Instant;
  readonly by: string;
  readonly why: string;
  readonly readings: Json;
}

/** How the success of an experience is known. */
export interface SuccessRule {
  readonly experienceId: string;
  /** Time after which a delivery without success is a failure. */
  readonly within: number;
  /** Whether its author says what success is; otherwise any response is. */
  readonly isDefined: boolean;
}

export interface TallyQuestion {
  readonly life: string;
  readonly mine: SuccessRule;
  /** The experiences beside it; none where no guard compares. */
  readonly others: readonly SuccessRule[];
  readonly now: Instant;
}

/** Canaries and what their deliveries came to. */
export interface CanaryRecords {
  list(): Promise<KeptCanary[]>;
  /** Keeps when lives began; those that are known stay as they are. */
  begin(lives: readonly Pick<KeptCanary, "life" | "experienceId">[], at: Instant): Promise<void>;
  tally(question: TallyQuestion): Promise<Tally>;
  /** The same as it stood at each of these times, in order: what had been handed over, had come back and was over by then. */
  course(question: Omit<TallyQuestion, "now">, times: readonly Instant[]): Promise<Tally[]>;
  /** Stops a life with its audit entry and its task in one transaction; false where it is stopped already. */
  stop(stop: CanaryStop, entry: AuditEntry, task: ImpersonalTask): Promise<boolean>;
  /** Notes that a life is for everybody from now on; false where it was noted before. */
  approve(approval: { readonly life: string; readonly at: Instant; readonly by: string }, entry: AuditEntry): Promise<boolean>;
}

export function createCanaryRecords(pool: Pool): CanaryRecords {
  return {
    list: () => list(pool),
    begin: async (lives, at) => {
      if (lives.length === 0) return;
      await pool.query(
        `insert into canaries (life, experience_id, started_at)
         select x.life, x.experience_id, $2::timestamptz from jsonb_to_recordset($1::jsonb) as x(life text, experience_id text)
         on conflict (life) do nothing`,
        [storableJson(lives.map(({ life, experienceId }) => ({ life, experience_id: experienceId }))), toTime(at)],
      );
    },
    tally: (question) => tally(pool, question),
    course: (question, times) => course(pool, question, times),
    stop: (stop, entry, task) =>
      transaction(pool, async (db) => {
        const { rowCount } = await db.query(
          `update canaries set stopped_at = $2::timestamptz, stopped_by = $3, why = $4, readings = $5::jsonb
            where life = $1 and (stopped_at is null or stopped_at <= approved_at)`,
          [stop.life, toTime(stop.at), stop.by, stop.why, storableJson(stop.readings)],
        );
        if (rowCount === 0) return false;
        await db.query(INSERT_AUDIT, [storableJson([auditRow(entry)])]);
        await db.query(
          `insert into tasks (task_id, queue, summary, facts, created_at, due) values ($1, $2, $3, $4::jsonb, $5::timestamptz, $6::timestamptz)
           on conflict (task_id) do nothing`,
          [task.taskId, task.queue, task.summary, storableJson(task.facts), toTime(task.at), toTime(task.due)],
        );
        return true;
      }),
    approve: ({ life, at, by }, entry) =>
      transaction(pool, async (db) => {
        const { rowCount } = await db.query(
          "update canaries set approved_at = $2::timestamptz, approved_by = $3 where life = $1 and (approved_at is null or approved_at <= stopped_at or approved_at < $2::timestamptz)",
          [life, toTime(at), by],
        );
        if (rowCount > 0) await db.query(INSERT_AUDIT, [storableJson([auditRow(entry)])]);
        return rowCount > 0;
      }),
  };
}

// --- internal ---

interface Row {
  readonly life: string;
  readonly experience_id: string;
  readonly started_at: number;
  readonly stopped_at: number | null;
  readonly stopped_by: string | null;
  readonly why: string | null;
  readonly readings: Json;
  readonly approved_at: number | null;
  readonly approved_by: string | null;
}

async function list(db: Queryable): Promise<KeptCanary[]> {
  const { rows } = await db.query<Row>(
    `select life, experience_id, to_ms(started_at) as started_at, to_ms(stopped_at) as stopped_at, stopped_by, why, readings, to_ms(approved_at) as approved_at, approved_by
       from canaries order by started_at, life`,
  );
  return rows.map((row) => ({
    ...{ life: row.life, experienceId: row.experience_id, startedAt: row.started_at },
    ...(row.stopped_at === null
      ? {}
      : { stopped: { at: row.stopped_at, by: row.stopped_by ?? "", why: row.why ?? "", readings: row.readings } }),
    ...(row.approved_at === null ? {} : { approved: { at: row.approved_at, by: row.approved_by ?? "" } }),
  }));
}

/** What was handed over or will be: a delivery that never went out is no trial. */
const COUNTS = "d.status not in ('cancelled', 'failed')";

const SUCCEEDED = `exists (select 1 from outcomes o where o.delivery_id = d.delivery_id
  and (o.kind = 'converted' or (not x.is_defined and o.kind in ('opened', 'clicked', 'replied'))))`;

const MINE = `
select count(*)::float8 as deliveries,
       count(*) filter (where ended)::float8 as ended,
       count(*) filter (where ended and succeeded)::float8 as succeeded
  from (select coalesce(d.settled_at, d.reserved_at) + x.within * interval '1 millisecond' <= $2::timestamptz as ended, ${SUCCEEDED} as succeeded
          from deliveries d cross join (select $3::float8 as within, $4::boolean as is_defined) x
         where d.canary = $1 and ${COUNTS}) each`;

const OUTCOMES = `
select o.kind, count(*)::float8 as count from outcomes o join deliveries d using (delivery_id) where d.canary = $1 and ${COUNTS} group by o.kind`;

// The days of the canary, so that both saw the same season and the same news. By UTC: the same on every machine.
const OTHERS = `
with days as (select distinct (reserved_at at time zone 'UTC')::date as day from deliveries d where d.canary = $1 and ${COUNTS})
select count(*)::float8 as ended, count(*) filter (where ${SUCCEEDED})::float8 as succeeded
  from deliveries d join jsonb_to_recordset($3::jsonb) as x(experience_id text, within float8, is_defined boolean) on x.experience_id = d.experience_id
 where d.canary is distinct from $1 and ${COUNTS}
   and d.reserved_at >= (select min(day) from days) and d.reserved_at < (select max(day) + 1 from days)
   and (d.reserved_at at time zone 'UTC')::date in (select day from days)
   and coalesce(d.settled_at, d.reserved_at) + x.within * interval '1 millisecond' <= $2::timestamptz`;

async function tally(db: Queryable, { life, mine, others, now }: TallyQuestion): Promise<Tally> {
  type Counted = { readonly deliveries: number; readonly ended: number; readonly succeeded: number };
  const own = (await db.query<Counted>(MINE, [life, toTime(now), mine.within, mine.isDefined])).rows[0];
  const kinds = await db.query<{ kind: OutcomeKind; count: number }>(OUTCOMES, [life]);
  const theirs = others.length === 0 ? undefined : (await db.query<Counted>(OTHERS, [life, toTime(now), rulesOf(others)])).rows[0];
  return {
    deliveries: own?.deliveries ?? 0,
    outcomes: Object.fromEntries(kinds.rows.map(({ kind, count }) => [kind, count])),
    ended: { trials: own?.ended ?? 0, events: own?.succeeded ?? 0 },
    others: { trials: theirs?.ended ?? 0, events: theirs?.succeeded ?? 0 },
  };
}

/** The place of a time among those asked for: of two times `t0 < t1`, 0 is up to `t0`, 1 up to `t1`, and 2 after it. */
const placeOf = (time: string): string => `width_bucket(${time}, x.times)`;
const TIMES =
  "(select array_agg((t::timestamptz + interval '1 microsecond') order by t::timestamptz) from jsonb_array_elements_text($2::jsonb) t)";

// A receipt moves `settled_at`; a delivery is counted as of its beginning.
const MINE_BY_TIME = `
select ${placeOf("d.reserved_at")} as place, 'deliveries' as what, count(*)::float8 as count, 0::float8 as succeeded
  from deliveries d cross join (select ${TIMES} as times) x where d.canary = $1 and ${COUNTS} group by 1
 union all
select ${placeOf("coalesce(d.settled_at, d.reserved_at) + x.within * interval '1 millisecond'")}, 'ended', count(*)::float8, (count(*) filter (where ${SUCCEEDED}))::float8
  from deliveries d cross join (select ${TIMES} as times, $3::float8 as within, $4::boolean as is_defined) x where d.canary = $1 and ${COUNTS} group by 1
 union all
select ${placeOf("o.at")}, o.kind, count(*)::float8, 0
  from outcomes o join deliveries d using (delivery_id) cross join (select ${TIMES} as times) x where d.canary = $1 and ${COUNTS} group by 1, 2`;

const OTHERS_BY_TIME = `
with days as (select distinct (reserved_at at time zone 'UTC')::date as day from deliveries d where d.canary = $1 and ${COUNTS})
select ${placeOf("coalesce(d.settled_at, d.reserved_at) + x.within * interval '1 millisecond'")} as place, 'others' as what, count(*)::float8 as count,
       (count(*) filter (where ${SUCCEEDED}))::float8 as succeeded
  from deliveries d
  join (select r.*, ${TIMES} as times from jsonb_to_recordset($3::jsonb) as r(experience_id text, within float8, is_defined boolean)) x
    on x.experience_id = d.experience_id
 where d.canary is distinct from $1 and ${COUNTS}
   and d.reserved_at >= (select min(day) from days) and d.reserved_at < (select max(day) + 1 from days)
   and (d.reserved_at at time zone 'UTC')::date in (select day from days)
 group by 1`;

interface Placed {
  readonly place: number;
  readonly what: string;
  readonly count: number;
  readonly succeeded: number;
}

async function course(db: Queryable, { life, mine, others }: Omit<TallyQuestion, "now">, times: readonly Instant[]): Promise<Tally[]> {
  if (times.length === 0) return [];
  const asked = storableJson(times.map(toTime));
  const own = await db.query<Placed>(MINE_BY_TIME, [life, asked, mine.within, mine.isDefined]);
  const theirs = others.length === 0 ? undefined : await db.query<Placed>(OTHERS_BY_TIME, [life, asked, rulesOf(others)]);
  const rows = [...own.rows, ...(theirs?.rows ?? [])];
  return times.map((_, index) => {
    const upTo = rows.filter(({ place }) => place <= index);
    const sum = (what: string, member: "count" | "succeeded" = "count"): number =>
      upTo.reduce((total, row) => (row.what === what ? total + row[member] : total), 0);
    const kinds = [...new Set(upTo.map(({ what }) => what))].filter((what): what is OutcomeKind => !NO_OUTCOMES.includes(what));
    return {
      deliveries: sum("deliveries"),
      outcomes: Object.fromEntries(kinds.map((kind) => [kind, sum(kind)])),
      ended: { trials: sum("ended"), events: sum("ended", "succeeded") },
      others: { trials: sum("others"), events: sum("others", "succeeded") },
    };
  });
}

/** What is counted by time and is no kind of outcome. */
const NO_OUTCOMES: readonly string[] = ["deliveries", "ended", "others"];

const rulesOf = (others: readonly SuccessRule[]): string =>
  storableJson(others.map(({ experienceId, within, isDefined }) => ({ experience_id: experienceId, within, is_defined: isDefined })));
