import { COUNTING_STATUSES } from "../../domain/entities/customer.ts";
import type { About, LookBack, OutcomeRun } from "../../domain/moments/look-back.ts";
import type { Json } from "../../domain/values/json.ts";
import { storableJson } from "../../domain/values/storable.ts";
import type { Instant } from "../../domain/values/time.ts";

/** What is read of a customer's past: all of it that may play a part between two instants. */
export interface PastRead {
  readonly lookBack: LookBack;
  readonly about: About;
  readonly from: Instant;
  /** At least `from`. */
  readonly to: Instant;
}

// "offset 0" keeps a part of the statement apart: otherwise it would be run once for each place that reads it, or joined to rows that it is not
// about.

/** Adds a parameter to a statement, and gives its place in it. */
export type Parameter = (value: unknown) => string;

/**
 * The past of a customer `c` (SQL). `joins` come after the customers: `past.ids` are the deliveries that play a part by themselves,
 * `past.runs` the outcomes that suppress. What is left out here is left out of the statement, so that a workspace without such rules does
 * not look for them.
 */
export function pastOf(read: PastRead, $: Parameter): { readonly joins: string; readonly used: string } {
  const { lookBack, about, from } = read;
  const { limits, runs, successes } = lookBack;
  const hopes = about.hopes.filter(({ type }) => Object.hasOwn(successes, type));
  const windows = Object.entries(limits).filter(([, window]) => window !== null);
  const forEver = Object.entries(limits).flatMap(([id, window]) => (window === null ? [[id, true] as const] : []));
  const parts = [
    ...openOrNamed(read, $),
    ...askedFor(read, $),
    ...lookedBackAt(read, $),
    ...(windows.length > 0 ? [withinLimits($(jsonOf(windows)), $(toTime(from)))] : []),
    ...(hopes.length > 0 ? hopedFor($(storableJson(hopes)), $(storableJson(successes))) : []),
  ];
  const mine = Object.keys(limits).length > 0 || hopes.length > 0 ? MINE : "";
  const suppressing = runs.length > 0 ? RUNS($(storableJson(runs.map((run) => runRow(run, from))))) : "array[]::text[]";
  return {
    joins: `${mine}
  cross join lateral (select array(${parts.join("\n    union ")}) as ids, ${suppressing} as runs offset 0) past`,
    used: forEver.length > 0 ? USED($(jsonOf(forEver))) : "null::json",
  };
}

// --- internal ---

const jsonOf = (entries: readonly (readonly [string, Json])[]): string => storableJson(Object.fromEntries(entries));

const openOrNamed = ({ about }: PastRead, $: Parameter): string[] => [
  ...(about.isWhole ? [ALL] : []),
  UNSETTLED,
  WITH_OPEN_TASKS,
  ...(about.deliveries.length > 0 ? [NAMED($(about.deliveries))] : []),
];

/** What was given at places, and put away. */
const askedFor = ({ lookBack: { dismissed }, about, from }: PastRead, $: Parameter): string[] =>
  dismissed === undefined
    ? []
    : [
        putAway($(toTime(from - dismissed))),
        PUT_AWAY_IN_OPEN_MOMENTS,
        ...(about.isAsked ? [since($(toTime(from - GIVEN_AGAIN_MS)), ANSWERS_AN_ASK)] : []),
      ];

const lookedBackAt = ({ lookBack: { stated, habits, unfelt }, about, from }: PastRead, $: Parameter): string[] => [
  ...(stated === undefined ? [] : [since($(toTime(from - stated)), "d.status in ('sent', 'delivered', 'uncertain')")]),
  ...(habits.channels.length > 0 ? [latestBy($(habits.channels), $(toTime(from - habits.reach)))] : []),
  latestContacts($(unfelt), about.tellsContacts ? "true" : PENDING_APPROVAL),
];

/** Not as the index of those has it, which does not know when they were given. */
const ANSWERS_AN_ASK = "case when d.asked is null then false else true end";

const ALL = "select d.delivery_id from deliveries d where d.customer_id = c.customer_id";

const UNSETTLED = "select d.delivery_id from deliveries d where d.customer_id = c.customer_id and d.settled_at is null";

const NAMED = (ids: string): string =>
  `select d.delivery_id from deliveries d where d.delivery_id = any(${ids}::text[]) and d.customer_id = c.customer_id`;

const toTime = (at: Instant): string => new Date(at).toISOString();

const COUNTING = `(${COUNTING_STATUSES.map((status) => `'${status}'`).join(", ")})`;

/** How long what a place was given is given again, and a little more: an ask waits a while before it is decided. */
const GIVEN_AGAIN_MS = 30 * 60 * 1000;

const WITH_OPEN_TASKS =
  "select t.delivery_id from tasks t where t.customer_id = c.customer_id and t.state in ('open', 'claimed') and t.delivery_id is not null";

/** The experiences of which she has deliveries, each found by the one before: `mine.experiences`. */
const distinctExperiences = (table: string, more: string): string => `
    with recursive e as (
      (select o.experience_id from ${table} o where o.customer_id = c.customer_id${more} order by o.experience_id limit 1)
      union all
      select (select o.experience_id from ${table} o where o.customer_id = c.customer_id${more} and o.experience_id > e.experience_id order by o.experience_id limit 1)
        from e where e.experience_id is not null
    )
    select e.experience_id from e where e.experience_id is not null`;

const MINE = `
  cross join lateral (select array(${distinctExperiences("deliveries", "")}) as experiences offset 0) mine`;

const withinLimits = (windows: string, from: string): string => `(
    select d.delivery_id from unnest(mine.experiences) e (id) cross join lateral (select (${windows}::jsonb ->> e.id)::float8 as span) w
     cross join lateral (select d.delivery_id from deliveries d
                          where d.customer_id = c.customer_id and d.experience_id = e.id and d.status in ${COUNTING}
                            and d.reserved_at > ${from}::timestamptz - make_interval(secs => w.span / 1000) offset 0) d
     where w.span is not null)`;

// The order names the index: of several that begin with the customer only one is read no further than to the instant.
const since = (at: string, which: string): string => `(
    select d.delivery_id from deliveries d where d.customer_id = c.customer_id and d.reserved_at > ${at}::timestamptz and ${which}
     order by d.reserved_at desc offset 0)`;

const putAway = (at: string): string => `(
    select o.delivery_id from outcomes o where o.customer_id = c.customer_id and o.kind = 'dismissed' and o.at > ${at}::timestamptz
     order by o.at desc offset 0)`;

const PUT_AWAY_IN_OPEN_MOMENTS = `
    select d.delivery_id from moments m join deliveries d on d.customer_id = c.customer_id and d.asked is not null and (d.asked ->> 'momentId') collate "C" = m.moment_id
     where m.customer_id = c.customer_id and m.ended is null
       and exists (select 1 from outcomes o where o.delivery_id = d.delivery_id and o.kind = 'dismissed')`;

/** Deliveries that a customer's own habit is read from (own-habit.ts). */
const HABIT_DELIVERIES = 60;

const latestBy = (channels: string, from: string): string => `(
    select d.delivery_id from unnest(${channels}::text[]) h (channel)
     cross join lateral (select d.delivery_id from deliveries d
                          where d.customer_id = c.customer_id and d.channel = h.channel and d.status in ('sent', 'delivered', 'uncertain') and d.reserved_at > ${from}::timestamptz
                          order by d.reserved_at desc, d.delivery_id desc limit ${HABIT_DELIVERIES}) d)`;

/** Contacts that a task tells of (task-story.ts). */
const TOLD_CONTACTS = 3;

const PENDING_APPROVAL = "exists (select 1 from approvals a where a.customer_id = c.customer_id and a.state = 'pending')";

const latestContacts = (unfelt: string, when: string): string => `(
    select d.delivery_id from deliveries d where d.customer_id = c.customer_id and d.status in ('sent', 'delivered') and d.channel <> all(${unfelt}::text[]) and ${when}
     order by d.reserved_at desc, d.delivery_id desc limit ${TOLD_CONTACTS})`;

/** Outcomes by which a customer has seen what a place was given. */
const SEEN = "('opened', 'clicked', 'replied', 'dismissed')";

/**
 * The deliveries of which a signal may be the success: of each experience the latest before the signal, and those that answered an ask,
 * which count from when they were seen.
 */
const hopedFor = (hopes: string, successes: string): string[] => {
  const hoped = `(select e.id as experience_id, ms.at as upto, ms.at - make_interval(secs => w.span / 1000) as since
                    from jsonb_to_recordset(${hopes}::jsonb) h ("customerId" text, type text, at float8)
                   cross join lateral (select to_timestamp(h.at / 1000) as at) ms
                   cross join lateral unnest(mine.experiences) e (id)
                   cross join lateral (select (${successes}::jsonb -> h.type ->> e.id)::float8 as span) w
                   where h."customerId" = coalesce(k.root_id, c.customer_id) and w.span is not null) h`;
  const own = "d.customer_id = c.customer_id and d.experience_id = h.experience_id";
  return [
    `(select d.delivery_id from ${hoped} cross join lateral (
        select d.delivery_id from deliveries d where ${own} and d.asked is null and d.status in ('sending', 'sent', 'delivered', 'uncertain')
           and d.reserved_at <= h.upto and d.reserved_at > h.since order by d.reserved_at desc, d.delivery_id desc limit 1) d)`,
    `(select d.delivery_id from ${hoped} cross join lateral (
        select d.delivery_id from deliveries d where ${own} and ${ANSWERS_AN_ASK} and d.reserved_at > h.since order by d.reserved_at desc offset 0) d)`,
    `(select d.delivery_id from ${hoped} cross join lateral (
        select o.delivery_id from outcomes o where o.customer_id = c.customer_id and o.kind in ${SEEN} and o.experience_id = h.experience_id and o.at > h.since offset 0) d)`,
  ];
};

/** Uses of experiences that are limited for ever: they are at most as many as the limit, unless that came later. */
const USED = (ids: string): string => `
  (select json_object_agg(e.id, u.n) from unnest(mine.experiences) e (id)
    cross join lateral (select count(*) as n from deliveries d where d.customer_id = c.customer_id and d.experience_id = e.id and d.status in ${COUNTING}) u
    where ${ids}::jsonb ? e.id)`;

const runRow = ({ kind, times, within, holds, byExperience, channels, exceptChannels, department }: OutcomeRun, from: Instant) => ({
  ...{ kind, times, within: within ?? null, byExperience, channels: channels ?? null, aside: exceptChannels ?? [] },
  since: holds === undefined ? "-infinity" : toTime(from - holds),
  ofDepartment: department !== undefined,
  department: department ?? null,
});

const BEFORE = "(f.at, f.delivery_id) < (o.at, o.delivery_id)";

/** The latest run of outcomes (SQL, an array of their deliveries): the end of it is looked for from now backwards, and no further. */
const latestRun = (which: (alias: string) => string): string => `
     cross join lateral (
       select o.at, o.delivery_id from outcomes o
        where ${which("o")} and o.at > q.since
          and (q.times = 1 or (select coalesce(to_ms(o.at) - to_ms(f.at) < q.within, true) from outcomes f
                                where ${which("f")} and ${BEFORE} order by f.at desc, f.delivery_id desc offset q.times - 2 limit 1))
        order by o.at desc, o.delivery_id desc limit 1
     ) o
     cross join lateral (
       select f.delivery_id from outcomes f where ${which("f")} and (f.at, f.delivery_id) <= (o.at, o.delivery_id)
        order by f.at desc, f.delivery_id desc limit q.times
     ) r`;

const ofExperience = (o: string): string =>
  `${o}.customer_id = c.customer_id and ${o}.kind = q.kind and ${o}.experience_id = e.experience_id`;

const ofGroup = (o: string): string => `${o}.customer_id = c.customer_id and ${o}.kind = q.kind and ${o}.channel <> all(q.aside)
          and (q.channels is null or ${o}.channel = any(q.channels)) and (not q."ofDepartment" or ${o}.department is not distinct from q.department)`;

const RUNS = (rows: string): string => {
  const q = `jsonb_to_recordset(${rows}::jsonb) q (kind text, times int, within float8, "byExperience" boolean, channels text[], aside text[], since timestamptz,
         "ofDepartment" boolean, department text)`;
  return `array(
    select q.kind || ':' || r.delivery_id from ${q}
     cross join lateral (${distinctExperiences("outcomes", " and o.kind = q.kind")}) e${latestRun(ofExperience)}
     where q."byExperience"
    union
    select q.kind || ':' || r.delivery_id from ${q}${latestRun(ofGroup)}
     where not q."byExperience")`;
};
