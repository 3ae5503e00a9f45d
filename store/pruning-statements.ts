import type { Keeping } from "../domain/record/retention.ts";
import { keyHashOf } from "./inbox/statements.ts";

/** Pruned tables, in this order: a table comes after those whose conditions read it. */
export const PRUNED_TABLES = [
  ...(["asks", "customers", "signals", "inbox", "known_signals", "approvals", "tool_calls", "runs", "decisions", "touches"] as const),
  ...([
    "moments",
    "promises",
    "cases",
    "tasks",
    "offers",
    "stage_changes",
    "signal_tallies",
    "failed_timers",
    "settings",
    "audit",
    "console_sessions",
  ] as const),
];
export type PrunedTable = (typeof PRUNED_TABLES)[number];

interface Statement {
  /** Retention in milliseconds; undefined: for ever. */
  readonly keptFor: (keep: Keeping) => number | undefined;
  /** Parameters: an instant and a limit. Returns the number of deleted rows as `n`. */
  readonly sql: string;
}

// Locked rows are skipped and deleted in a later round, so processes never block each other here.
const remove = (table: string, where: string): string => `
with gone as (
  delete from ${table} where ctid = any(array(select t.ctid from ${table} t where ${where} limit $2 for update skip locked)) returning 1
)
select count(*)::float8 as n from gone`;

/** For a table in insertion order: skips the scan while its oldest row is within retention. */
const isOld = (table: string, column: string): string => `(select ${column} from ${table} order by seq limit 1) < $1::timestamptz`;

/** An unanswered message is kept: it is read for the answer. */
const ANSWERED =
  "not (s.type = 'message.received' and exists (select 1 from promises p where p.customer_id = s.customer_id and p.ended is null))";

// One statement deletes the signal and keeps its key, so a concurrent duplicate check always finds it in one of the two places.
const pruningSignals = (from: string): string => `
with old as (
  ${from} limit $2 for update of s skip locked
), kept as (
  insert into known_signals (key_hash, body_hash, customer_id, received_at)
  select ${keyHashOf("old")}, old.body_hash, old.customer_id, old.received_at from old
   where exists (select 1 from customers c where c.customer_id = old.customer_id)
  on conflict (key_hash) do nothing
)`;

const SIGNALS = `${pruningSignals(`select s.seq, s.source, s.id, s.body_hash, s.customer_id, s.received_at from signals s
   where ${isOld("signals", "received_at")} and s.received_at < $1::timestamptz and ${ANSWERED} order by s.seq`)}, gone as (
  delete from signals s using old where s.seq = old.seq returning 1
)
select count(*)::float8 as n from gone`;

const DEAD_ARRIVALS = `${pruningSignals(`select s.seq, s.source, s.id, s.body_hash, s.customer_id, s.received_at from inbox s
   where s.dead_at < $1::timestamptz order by s.seq`)}, gone as (
  delete from inbox s using old where s.seq = old.seq returning 1
)
select count(*)::float8 as n from gone`;

/** In flight, with learning outstanding, or still counted by a rule over the past. */
const STILL_COUNTS = `
  d.status in ('reserved', 'sending') or d.promises_due or coalesce(d.settled_at, d.reserved_at) >= $1::timestamptz
  or d.experience_id = any($3::text[])
  or exists (select 1 from outcomes o where o.delivery_id = d.delivery_id and (o.at >= $1::timestamptz or o.kind = any($4::text[])))
  or exists (select 1 from timers t where t.customer_id = d.customer_id and t.key = 'response:' || d.delivery_id)
  or exists (select 1 from tasks t where t.delivery_id = d.delivery_id and t.state in ('open', 'claimed'))`;

// A customer's latest decision stays: it states the basis of the last judgement.
const DECISIONS = `
select n.decision_id, array(select distinct d.experience_id from deliveries d where d.decision_id = n.decision_id) as experiences
  from decisions n
 where ${isOld("decisions", "decided_at")} and n.decided_at < $1::timestamptz
   and exists (select 1 from decisions l where l.customer_id = n.customer_id and l.seq > n.seq)
   and not exists (select 1 from customers c where c.customer_id = n.customer_id and c.standing ->> 'decisionId' = n.decision_id)
   and not exists (select 1 from approvals a where a.decision_id = n.decision_id and a.state = 'pending')
   and not exists (select 1 from deliveries d where d.decision_id = n.decision_id and (${STILL_COUNTS}))
 order by n.seq limit $2 for update of n skip locked`;

/**
 * Asks that gave nothing become counts: the ask, its signal, decisions and run go. Those that gave something stay as long as history ($3).
 * A decision that an approval was asked for stays as long as that.
 */
const ASKS = `
with old as (
  select a.source, a.id, a.customer_id, a.channel, a.at, a.late, a.gave from asks a
   where a.at < $1::timestamptz and (not a.gave or a.at < $3::timestamptz)
   order by a.at limit $2 for update skip locked
), nothing as (
  select * from old where not gave
), counted as (
  insert into ask_counts (channel, day, late, asks)
  select channel, (at at time zone 'UTC')::date, late, count(*) from nothing group by 1, 2, 3
  on conflict (channel, day, late) do update set asks = ask_counts.asks + excluded.asks
), gone_signals as (
  delete from signals s using nothing n where s.source = n.source and s.id = n.id
), gone_decisions as (
  delete from decisions d using nothing n
   where d.customer_id = n.customer_id and d.decided_at < $1::timestamptz and d.record -> 'wake' ->> 'askId' = n.id
     and not exists (select 1 from approvals p where p.decision_id = d.decision_id)
     and not exists (select 1 from deliveries l where l.decision_id = d.decision_id)
  returning d.run_id
), gone_runs as (
  delete from runs r using (select distinct run_id from gone_decisions) g where r.run_id = g.run_id
), gone as (
  delete from asks a using old where a.source = old.source and a.id = old.id returning 1
)
select count(*)::float8 as n from gone`;

/** The id of a customer whom an anonymous id has created: `idFrom` in SQL. */
const MADE_BY_ANONYMOUS = `
'c_' || left(translate(encode(sha256('anonymous_id'::bytea || '\\x00'::bytea || convert_to(v.form, 'UTF8')), 'base64'), '+/', '-_'), 22)`;

/** Whether an anonymous id created a customer (SQL). */
const isVisitor = (id: string): string =>
  `exists (select 1 from identities v where v.customer_id = ${id} and v.type = 'anonymous_id' and v.owned and v.customer_id = ${MADE_BY_ANONYMOUS})`;

/**
 * Visitors not heard of since, of whom nothing is open, with all that were merged into them: those with a known one stay. The survivor's
 * lock is enough, as it decides for all of them.
 */
const VISITORS = `
select g.ids, array(select distinct d.experience_id from deliveries d where d.customer_id = any(g.ids)) as experiences
  from identities v join customers c on c.customer_id = v.customer_id
  cross join lateral (select array[c.customer_id] || array(select l.customer_id from links l where l.root_id = c.customer_id) as ids) g
 where v.type = 'anonymous_id' and v.owned and c.customer_id = ${MADE_BY_ANONYMOUS} and c.created_at < $1::timestamptz
   and not exists (select 1 from links l where l.customer_id = c.customer_id)
   and not exists (select 1 from unnest(g.ids) m (id) where not ${isVisitor("m.id")})
   and not exists (select 1 from identities i where i.customer_id = any(g.ids) and i.type <> 'anonymous_id')
   and not exists (select 1 from signals s where s.customer_id = any(g.ids) and s.received_at >= $1::timestamptz)
   and not exists (select 1 from inbox i where i.customer_id = any(g.ids))
   and not exists (select 1 from moments m where m.customer_id = any(g.ids) and m.ended is null and m.expires_at >= $1::timestamptz)
   and not exists (select 1 from deliveries d where d.customer_id = any(g.ids) and d.status in ('reserved', 'sending'))
   and not exists (select 1 from timers t where t.customer_id = any(g.ids) and starts_with(t.key, 'response:'))
   and not exists (select 1 from approvals a where a.customer_id = any(g.ids) and a.state = 'pending')
   and not exists (select 1 from tasks t where t.customer_id = any(g.ids) and t.state in ('open', 'claimed'))
   and not exists (select 1 from promises p where p.customer_id = any(g.ids) and p.ended is null)
   and not exists (select 1 from cases k where k.customer_id = any(g.ids) and k.closed_at is null)
 limit $2 for update of c skip locked`;

const history = ({ history: span }: Keeping): number => span;

export const STATEMENTS: Readonly<Record<PrunedTable, Statement>> = {
  asks: { keptFor: ({ asks }) => asks, sql: ASKS },
  customers: { keptFor: ({ anonymous }) => anonymous, sql: VISITORS },
  signals: { keptFor: ({ signals }) => signals, sql: SIGNALS },
  inbox: { keptFor: ({ signals }) => signals, sql: DEAD_ARRIVALS },
  known_signals: { keptFor: ({ duplicates }) => duplicates, sql: remove("known_signals", "t.received_at < $1::timestamptz") },
  approvals: {
    keptFor: history,
    sql: remove(
      "approvals",
      `t.state <> 'pending' and coalesce(t.answered_at, t.asked_at) < $1::timestamptz
       and not exists (select 1 from moments m where m.moment_id = t.moment_id and m.ended is null)`,
    ),
  },
  tool_calls: {
    keptFor: ({ calls }) => calls,
    sql: remove(
      "tool_calls",
      `t.status in ('done', 'failed', 'uncertain') and t.created_at < $1::timestamptz
       and not exists (select 1 from deliveries d where d.delivery_id = t.delivery_id and d.status in ('reserved', 'sending'))`,
    ),
  },
  runs: { keptFor: ({ runs }) => runs, sql: remove("runs", "t.started_at < $1::timestamptz and t.status <> 'running'") },
  decisions: { keptFor: history, sql: DECISIONS },
  touches: { keptFor: history, sql: remove("touches", "t.at < $1::timestamptz") },
  moments: { keptFor: history, sql: remove("moments", "t.ended is not null and t.ended_at < $1::timestamptz") },
  promises: { keptFor: history, sql: remove("promises", "t.ended is not null and t.ended_at < $1::timestamptz") },
  cases: { keptFor: history, sql: remove("cases", "t.closed_at < $1::timestamptz") },
  tasks: { keptFor: history, sql: remove("tasks", "t.state not in ('open', 'claimed') and t.ended_at < $1::timestamptz") },
  offers: { keptFor: history, sql: remove("offers", "greatest(t.expires_at, t.redeemed_at) < $1::timestamptz") },
  // count('stage.changed', ...) reads them, as it reads signals.
  stage_changes: {
    keptFor: ({ history: span, signals }) => Math.max(span, signals),
    sql: remove("stage_changes", "t.at < $1::timestamptz"),
  },
  signal_tallies: { keptFor: ({ signals }) => signals, sql: remove("signal_tallies", "t.upto < $1::timestamptz") },
  failed_timers: { keptFor: history, sql: remove("failed_timers", "t.dead_at < $1::timestamptz") },
  // Costs of language models, by day.
  settings: {
    keptFor: history,
    sql: remove(
      "settings",
      "starts_with(t.name, 'model_spending ') and t.name < 'model_spending ' || to_char($1::timestamptz at time zone 'UTC', 'YYYY-MM-DD')",
    ),
  },
  // What has expired serves nobody; who signed in is in the audit.
  console_sessions: { keptFor: () => 0, sql: remove("console_sessions", "t.expires_at < $1::timestamptz") },
  audit: { keptFor: ({ audit }) => audit, sql: remove("audit", "t.at < $1::timestamptz") },
};
