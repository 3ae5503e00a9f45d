import type { Touch } from "../../domain/entities/customer.ts";
import { inStoryOrder, STORY_SOURCES, type StoryPlace, type StoryRow, type StorySource } from "../../domain/story/story-row.ts";
import type { JsonObject } from "../../domain/values/json.ts";
import type { Instant } from "../../domain/values/time.ts";
import type { Queryable } from "../engines/database.ts";
import { toTime } from "./load-customers.ts";

/** Bounds of a story: the latest rows before a place, and not before `from`. */
export interface StoryPage {
  /** All ids of the customer. */
  readonly ids: readonly string[];
  readonly before?: StoryPlace | undefined;
  readonly from?: Instant | undefined;
  readonly to?: Instant | undefined;
  readonly limit: number;
}

/** The rows of a page in the order of the story, and whether there are earlier ones. */
export interface StoryRows {
  readonly rows: readonly StoryRow[];
  readonly hasMore: boolean;
}

/** The rows of a customer's story, read from the latest on, in steps. Of each source at most one row more than the page holds is read. */
export interface Stories {
  rows(page: StoryPage): Promise<StoryRows>;
  /** Messages of the customer and to them alone. */
  conversation(page: StoryPage): Promise<StoryRows>;
  /** Contacts that count, the latest first. */
  touches(of: { readonly ids: readonly string[]; readonly from: Instant; readonly to: Instant; readonly limit: number }): Promise<Touch[]>;
}

export const createStories = (db: Queryable): Stories => ({
  rows: (page) => rowsOf(db, SQL, page),
  conversation: (page) => rowsOf(db, CONVERSATION, page),
  touches: async ({ ids, from, to, limit }) =>
    (await db.query<{ touch: Touch }>(TOUCHES, [ids, toTime(from), toTime(to), limit])).rows.map(({ touch }) => touch),
});

// --- internal ---

async function rowsOf(
  db: Queryable,
  statements: Readonly<Partial<Record<StorySource, string>>>,
  { ids, before, from, to, limit }: StoryPage,
): Promise<StoryRows> {
  const found: StoryRow[] = [];
  for (const source of STORY_SOURCES) {
    const statement = statements[source];
    if (statement === undefined) continue;
    const times = [from, to].map((at) => (at === undefined ? null : toTime(at)));
    const { rows } = await db.query<Read>(statement, [ids, ...bounds(source, before), ...times, limit + 1]);
    found.push(...rows.map(({ at, id, ...row }) => ({ source, at, id, row: withoutNulls(row) })));
  }
  return { rows: found.sort(inStoryOrder).slice(-limit), hasMore: found.length > limit };
}

interface Read extends JsonObject {
  at: number;
  id: string;
}

const withoutNulls = (row: JsonObject): JsonObject => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null));

/** Sorts after every id. */
const LAST = "\u{10ffff}";

/** The time and the id before which rows of a source come: at the instant of the place, sources told later are exhausted. */
function bounds(source: StorySource, before: StoryPlace | undefined): [string | null, string | null] {
  if (!before) return [null, null];
  const place = STORY_SOURCES.indexOf(source) - STORY_SOURCES.indexOf(before.source);
  return [toTime(before.at), place === 0 ? before.id : place < 0 ? LAST : ""];
}

/** Latest first, before the bounds. `at` and `id` are SQL. */
const latest = (columns: string, table: string, at: string, id: string, where = "true", whose = "t.customer_id = any($1::text[])") => `
select to_ms(${at}) as at, ${id} as id, ${columns} from ${table} t
 where ${whose} and ${where} and ${within(at, id)} order by ${at} desc, ${id} desc limit $6`;

const within = (at: string, id: string): string => `${at} is not null
   and ($2::timestamptz is null or (${at} <= $2::timestamptz and (${at} < $2::timestamptz or (${id}) collate "C" < $3)))
   and ($4::timestamptz is null or ${at} >= $4::timestamptz) and ($5::timestamptz is null or ${at} <= $5::timestamptz)`;

const padded = (column: string): string => `lpad(${column}::text, 20, '0') collate "C"`;

/** The most rows of one type of signal that are looked at before it is known which types the page is made of. */
const FEW = 16;

const signalKeys = (limit: string) => `
  select to_ms(t.time) as at, ${padded("t.seq")} as id, t.seq as place from signals t
   where t.customer_id = k.customer_id and t.type = k.type and ${within("t.time", padded("t.seq"))} order by t.time desc, ${padded("t.seq")} desc limit ${limit}`;

/**
 * Each type of signal by the index on (customer_id, type, time): a customer with many signals is not read as a whole. Of many types only
 * those are read on whose first rows all belong to the page.
 */
const SIGNALS = `
with recursive kinds(customer_id, type) as (
  select c.id, (select min(s.type) from signals s where s.customer_id = c.id) from unnest($1::text[]) c(id)
  union all
  select k.customer_id, (select min(s.type) from signals s where s.customer_id = k.customer_id and s.type > k.type) from kinds k where k.type is not null
), latest as (
  select k.customer_id, k.type from kinds k cross join lateral (${signalKeys("1")}) x where k.type is not null order by x.at desc, x.id desc limit $6
), few as (
  select k.customer_id, k.type, x.*, row_number() over (partition by k.customer_id, k.type order by x.at desc, x.id desc) as n
    from latest k cross join lateral (${signalKeys(`least($6, ${FEW})`)}) x
), ranked as (
  select f.*, row_number() over (order by f.at desc, f.id desc) as rank from few f
), read_on as (
  select customer_id, type from ranked where n = ${FEW} and rank <= $6
), keys as (
  select r.at, r.id, r.place from ranked r where not exists (select 1 from read_on o where o.customer_id = r.customer_id and o.type = r.type)
  union all
  select x.* from read_on k cross join lateral (${signalKeys("$6")}) x
)
select x.at, x.id, t.seq::float8 as seq, t.source, t.id as signal_id, t.type, t.event
  from (select * from keys order by at desc, id desc limit $6) x join signals t on t.seq = x.place order by x.at desc, x.id desc`;

const each = (columns: string, table: string, at: string, id: string, where = "true"): string => `
select x.* from unnest($1::text[]) c(customer_id) cross join lateral (${latest(columns, table, at, id, where, "t.customer_id = c.customer_id")}) x
 order by x.at desc, x.id desc limit $6`;

const CASE = "t.case_id, t.data";
const PROMISE = "t.promise_id, t.name, t.owner, to_ms(t.due) as due, t.overdue, t.ended, t.ended_by, t.words";
const APPROVAL = "t.approval_id, t.decision_id, t.experience_id, t.reason, t.state, t.answered_by, t.note";
const TASK =
  "t.task_id, t.queue, t.summary, to_ms(t.due) as due, t.state, t.delivery_id, t.promise_id, t.claimed_by, t.ended_by, t.contacted, t.note";
const OFFER = "t.code, t.terms, to_ms(t.expires_at) as expires_at, t.redeemed_by";

/** Of what was asked for: whether the customer was shown it. */
const SEEN = `case when t.asked is not null then exists (select 1 from outcomes o where o.delivery_id = t.delivery_id and o.kind in ('opened', 'clicked', 'replied', 'dismissed')) end`;

const SQL: Readonly<Record<StorySource, string>> = {
  imports: latest("t.seq::float8 as seq", "imports", "t.at", padded("t.seq")),
  links: latest(
    "t.customer_id, t.into_id, t.root_id, t.source, t.signal_id",
    "links",
    "t.at",
    "t.customer_id",
    "true",
    "(t.customer_id = any($1::text[]) or t.root_id = any($1::text[]))",
  ),
  signals: SIGNALS,
  inbox: latest(
    "t.seq::float8 as seq, t.source, t.id as signal_id, t.type, t.event, t.dead_at is not null as dead, t.discarded_at is not null as discarded",
    "inbox",
    "t.time",
    padded("t.seq"),
  ),
  stage_changes: latest("t.change_id, t.from_stage, t.to_stage", "stage_changes", "t.at", "t.change_id"),
  asks: latest("t.source, t.id as ask_id, t.channel, t.late, t.gave", "asks", "t.at", "t.source || ' ' || t.id"),
  consents: latest(
    "t.customer_id, t.channel, t.status, t.source, t.seq::float8 as seq, t.reason",
    "consents",
    "t.at",
    "t.customer_id || ' ' || t.channel",
  ),
  gone_addresses: latest(
    "t.customer_id, t.type, t.value, t.source, t.reason",
    "gone_addresses",
    "t.at",
    "t.customer_id || ' ' || t.type || ' ' || t.value",
  ),
  touches: each("t.touch_id, t.kind, t.channel, t.department", "touches", "t.at", "t.touch_id", "t.counted and t.kind <> 'delivery'"),
  cases: latest(CASE, "cases", "t.opened_at", "t.customer_id || ' ' || t.case_id"),
  "cases.closed": latest(CASE, "cases", "t.closed_at", "t.customer_id || ' ' || t.case_id"),
  promises: latest(PROMISE, "promises", "t.opened_at", "t.promise_id"),
  "promises.ended": latest(PROMISE, "promises", "t.ended_at", "t.promise_id"),
  approvals: latest(APPROVAL, "approvals", "t.asked_at", "t.approval_id"),
  "approvals.answered": latest(APPROVAL, "approvals", "t.answered_at", "t.approval_id"),
  decisions: each(
    "t.decision_id, t.run_id, t.record, t.lapsed_code, to_ms(t.lapsed_at) as lapsed_at",
    "decisions",
    "t.decided_at",
    padded("t.seq"),
  ),
  deliveries: each(
    `t.delivery_id, t.decision_id, t.experience_id, t.department, t.channel, t.status, t.reason, t.recorded, t.content, t.asked, ${SEEN} as seen`,
    "deliveries",
    "t.reserved_at",
    "t.delivery_id",
  ),
  tasks: latest(TASK, "tasks", "t.created_at", "t.task_id"),
  "tasks.ended": latest(TASK, "tasks", "t.ended_at", "t.task_id"),
  offers: latest(OFFER, "offers", "t.issued_at", "t.code"),
  "offers.redeemed": latest(OFFER, "offers", "t.redeemed_at", "t.code"),
  outcomes: latest("t.delivery_id, t.kind, t.experience_id, t.channel, t.department", "outcomes", "t.at", "t.delivery_id || ' ' || t.kind"),
  audit: latest("t.audit_id::float8 as audit_id, t.actor, t.action, t.target, t.details", "audit", "t.at", padded("t.audit_id")),
};

const CONVERSATION: Readonly<Partial<Record<StorySource, string>>> = {
  signals: each("t.source, t.id as signal_id, t.event", "signals", "t.time", padded("t.seq"), "t.type = 'message.received'"),
  deliveries: each(
    "t.delivery_id, t.decision_id, t.experience_id, t.department, t.channel, t.status, t.recorded, t.content",
    "deliveries",
    "t.reserved_at",
    "t.delivery_id",
    "t.status in ('sent', 'delivered', 'uncertain') and t.content is not null and not exists (select 1 from tasks k where k.delivery_id = t.delivery_id)",
  ),
};

const TOUCHES = `
select json_strip_nulls(json_build_object('touchId', t.touch_id, 'at', to_ms(t.at), 'kind', t.kind, 'channel', t.channel, 'department', t.department)) as touch
  from touches t where t.customer_id = any($1::text[]) and t.counted and t.at >= $2::timestamptz and t.at <= $3::timestamptz
 order by t.at desc, t.touch_id limit $4`;
