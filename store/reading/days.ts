import type { Instant } from "../../domain/values/time.ts";
import type { Queryable } from "../engines/database.ts";
import { toTime } from "./load-customers.ts";

/** Decisions and results of messages within a span of time. */
export interface DayFigures {
  readonly decisions: number;
  /** Shares of the decisions: silent, and those that delivered. */
  readonly silent: number;
  readonly delivered: number;
  readonly outcomes: number;
  /** Set where shares come from a sample of the decisions, or outcomes were counted up to the bound only. */
  readonly about?: true;
}

export interface Days {
  /** The figures from one instant to another, exclusive. */
  figures(from: Instant, to: Instant): Promise<DayFigures>;
  /** The time of the first decision in the store. */
  first(): Promise<Instant | undefined>;
}

export const createDays = (db: Queryable): Days => ({
  figures: (from, to) => figures(db, from, to),
  first: async () => (await db.query<{ at: Instant }>("select to_ms(decided_at) as at from decisions order by seq limit 1")).rows[0]?.at,
});

/** The most decisions, and outcomes, that the figures of a day read. */
export const SAMPLE = 600;

// --- internal ---

/**
 * The sequence number of the first decision at or after each instant. Sequence numbers follow the time of decisions, so a binary search
 * by the primary key finds it without reading the days between.
 */
const PLACES = `
with recursive step as (
  select t.at, coalesce((select min(seq) from decisions), 1) as lo, coalesce((select max(seq) from decisions), 0) + 1 as hi from unnest($1::timestamptz[]) t(at)
  union all
  select at, case when is_later then lo else mid + 1 end, case when is_later then mid else hi end
    from (select at, lo, hi, (lo + hi) / 2 as mid, (select d.decided_at from decisions d where d.seq >= (lo + hi) / 2 order by d.seq limit 1) >= at as is_later
            from step where lo < hi) halved
)
select lo::float8 as place from step where lo >= hi order by at`;

/** Decisions at evenly spaced sequence numbers: all of them where there are few. */
const SAMPLED = `
select count(*)::float8 as read, count(*) filter (where d.action in ('silence', 'withhold'))::float8 as silent,
       count(*) filter (where d.action = 'deliver')::float8 as delivered
  from (select distinct $1::bigint + floor(n * ($2::float8 - $1::float8) / $3::float8)::bigint as seq from generate_series(0, $3::int - 1) n) wanted
  join decisions d on d.seq = wanted.seq`;

const OUTCOMES = `select count(*)::float8 as outcomes from (select 1 from outcomes where at >= $1::timestamptz and at < $2::timestamptz limit ${SAMPLE + 1}) o`;

async function figures(db: Queryable, from: Instant, to: Instant): Promise<DayFigures> {
  const { rows: places } = await db.query<{ place: number }>(PLACES, [[toTime(from), toTime(to)]]);
  const [first = 0, end = 0] = places.map(({ place }) => place);
  const span = Math.max(0, end - first);
  const wanted = Math.min(span, SAMPLE);
  const { rows: sampled } = await db.query<{ read: number; silent: number; delivered: number }>(SAMPLED, [first, end, Math.max(1, wanted)]);
  const { read = 0, silent = 0, delivered = 0 } = (wanted > 0 ? sampled[0] : undefined) ?? {};
  const { rows: counted } = await db.query<{ outcomes: number }>(OUTCOMES, [toTime(from), toTime(to)]);
  const outcomes = counted[0]?.outcomes ?? 0;
  // Numbers are skipped where a transaction was rolled back or a customer erased: the sample shows how many of them are decisions.
  const decisions = wanted === 0 ? 0 : Math.round((span * read) / wanted);
  const scaled = (count: number) => (read === 0 ? 0 : Math.round((decisions * count) / read));
  return {
    ...{ decisions, silent: scaled(silent), delivered: scaled(delivered), outcomes: Math.min(outcomes, SAMPLE) },
    ...(span > SAMPLE || outcomes > SAMPLE ? { about: true } : {}),
  };
}
