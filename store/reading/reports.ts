import type { JsonObject } from "../../domain/values/json.ts";
import type { Instant } from "../../domain/values/time.ts";
import type { Queryable } from "../engines/database.ts";
import { toTime } from "./load-customers.ts";

/** A span of time, ends included. */
export interface Span {
  readonly from: Instant;
  readonly to: Instant;
}

/** Deliveries of an experience that were handed over. */
export interface SentCount {
  readonly experienceId: string;
  readonly deliveries: number;
  readonly customers: number;
}

export interface OutcomeCount {
  readonly experienceId: string;
  readonly kind: string;
  readonly deliveries: number;
}

/** What was handed over of one variant on its channel, or an outcome of that. */
export interface VariantCount {
  readonly experienceId: string;
  readonly channel: string;
  readonly variant: string;
  /** An outcome; null: what was handed over. */
  readonly kind: string | null;
  readonly deliveries: number;
}

/** Decisions in which an experience was a candidate with a reason against it. */
export interface HeldCount {
  readonly experienceId: string;
  readonly code: string;
  readonly decisions: number;
  readonly customers: number;
}

/** The decisions that a holdout measures: of one experience, under one share. */
export interface Measured extends Span {
  readonly experienceId: string;
  readonly share: number;
}

/** Customers of one group, each at the first measured decision. */
export interface GroupCount {
  readonly group: "treated" | "withheld";
  readonly customers: number;
  /** Decisions whose time for success is not over yet. */
  readonly pending: number;
}

/** The condition of success after a measured decision. */
export interface SuccessRule {
  /** Signal types. */
  readonly types: readonly string[];
  /** A redeemed offer counts. */
  readonly redeemed: boolean;
  /** Milliseconds after the decision. */
  readonly within: number;
}

/** A signal of a success type after a measured decision. */
export interface PossibleSuccess {
  readonly group: "treated" | "withheld";
  readonly customerId: string;
  readonly type: string;
  readonly source: string;
  readonly time: Instant;
  readonly data: JsonObject;
}

/** Figures for reports: each is one statement; nothing is decided by them. */
export interface Reports {
  sent(span: Span): Promise<SentCount[]>;
  /** Outcomes of what was sent in the span. */
  outcomes(span: Span): Promise<OutcomeCount[]>;
  /** Of experiences that say a thing in several ways. */
  variants(span: Span): Promise<VariantCount[]>;
  held(span: Span): Promise<HeldCount[]>;
  /** The share of the latest decision that the holdout measured. */
  holdoutShare(experienceId: string, span: Span): Promise<number | undefined>;
  groups(measured: Measured, within: number): Promise<GroupCount[]>;
  /** Customers with a success, by group. */
  successes(measured: Measured, rule: SuccessRule): Promise<Readonly<Record<string, number>>>;
  /** The signals themselves, for a success that depends on their data. */
  possibleSuccesses(measured: Measured, rule: Pick<SuccessRule, "types" | "within">): Promise<PossibleSuccess[]>;
}

export function createReports(db: Queryable): Reports {
  const rowsOf = async <Row>(sql: string, params: readonly unknown[]): Promise<Row[]> =>
    (await db.query<Row & object>(sql, [...params])).rows;
  const spanOf = ({ from, to }: Span) => [toTime(from), toTime(to)];
  const measuredOf = (measured: Measured) => [...spanOf(measured), measured.experienceId, measured.share];
  return {
    sent: (span) => rowsOf(SENT, spanOf(span)),
    outcomes: (span) => rowsOf(OUTCOMES, spanOf(span)),
    variants: (span) => rowsOf(VARIANTS, spanOf(span)),
    held: (span) => rowsOf(HELD, spanOf(span)),
    async holdoutShare(experienceId, span) {
      const [latest] = await rowsOf<{ share: number }>(HOLDOUT_SHARE, [...spanOf(span), experienceId]);
      return latest?.share;
    },
    groups: (measured, within) => rowsOf(GROUPS, [...measuredOf(measured), within]),
    async successes(measured, { types, redeemed, within }) {
      const rows = await rowsOf<{ group: string; successes: number }>(SUCCESSES, [...measuredOf(measured), within, types, redeemed]);
      return Object.fromEntries(rows.map(({ group, successes }) => [group, successes]));
    },
    possibleSuccesses: (measured, { types, within }) => rowsOf(POSSIBLE_SUCCESSES, [...measuredOf(measured), within, types]),
  };
}

// --- internal ---

const IN_SPAN = (column: string): string => `${column} >= $1::timestamptz and ${column} <= $2::timestamptz`;

/** Handed over for certain. */
const HANDED_OVER = "d.status in ('sent', 'delivered', 'bounced')";

const SENT = `
select d.experience_id as "experienceId", count(*)::float8 as deliveries, count(distinct d.customer_id)::float8 as customers
  from deliveries d where ${IN_SPAN("d.reserved_at")} and ${HANDED_OVER} group by d.experience_id`;

const OUTCOMES = `
select d.experience_id as "experienceId", o.kind, count(*)::float8 as deliveries
  from deliveries d join outcomes o on o.delivery_id = d.delivery_id
 where ${IN_SPAN("d.reserved_at")} and ${HANDED_OVER} group by d.experience_id, o.kind`;

const VARIANTS = `
with given as (
  select d.delivery_id, d.experience_id, d.channel, d.variant from deliveries d
   where ${IN_SPAN("d.reserved_at")} and ${HANDED_OVER} and d.variant is not null
)
select g.experience_id as "experienceId", g.channel, g.variant, k.kind, count(*)::float8 as deliveries
  from given g cross join lateral (
    select null as kind union all select o.kind from outcomes o where o.delivery_id = g.delivery_id
  ) k group by 1, 2, 3, 4`;

const HELD = `
select c ->> 'experienceId' as "experienceId", r ->> 'code' as code,
       count(distinct n.decision_id)::float8 as decisions, count(distinct n.customer_id)::float8 as customers
  from decisions n
       cross join lateral json_array_elements(n.record -> 'candidates') c
       cross join lateral json_array_elements(c -> 'reasons') r
 where ${IN_SPAN("n.decided_at")} and r ->> 'code' <> 'eligible' group by 1, 2`;

/** Decisions of one experience that the holdout measures. */
const MEASURED = `
  from decisions n
 where ${IN_SPAN("n.decided_at")} and n.experience_id = $3 and n.action in ('deliver', 'withhold') and n.record -> 'holdout' ->> 'group' is not null`;

const HOLDOUT_SHARE = `select (n.record -> 'holdout' ->> 'share')::float8 as share ${MEASURED} order by n.seq desc limit 1`;

/** Each customer at the first of these decisions, under one share. */
const FIRST = `
with first as (
  select distinct on (n.customer_id) n.customer_id, n.decided_at, n.record -> 'holdout' ->> 'group' as "group"
  ${MEASURED} and (n.record -> 'holdout' ->> 'share')::float8 = $4::float8
   order by n.customer_id, n.seq
)`;

/** The end of the time for success, exclusive. */
const UNTIL = "f.decided_at + $5::float8 * interval '1 millisecond'";

const GROUPS = `${FIRST}
select f."group", count(*)::float8 as customers, count(*) filter (where ${UNTIL} > $2::timestamptz)::float8 as pending from first f group by f."group"`;

const POSSIBLE_SUCCESSES = `${FIRST}
select f."group", f.customer_id as "customerId", s.type, s.source, extract(epoch from s.time)::float8 * 1000 as time, s.event -> 'data' as data
  from first f join signals s on s.customer_id = f.customer_id
 where s.type = any($6::text[]) and s.time >= f.decided_at and s.time < ${UNTIL} and s.time <= $2::timestamptz`;

const SUCCESSES = `${FIRST}
select f."group", count(*)::float8 as successes from first f
 where exists (select 1 from signals s
                where s.customer_id = f.customer_id and s.type = any($6::text[])
                  and s.time >= f.decided_at and s.time < ${UNTIL} and s.time <= $2::timestamptz)
    or ($7::boolean and exists (select 1 from offers o
                where o.customer_id = f.customer_id and o.redeemed_at >= f.decided_at and o.redeemed_at < ${UNTIL} and o.redeemed_at <= $2::timestamptz))
 group by f."group"`;
