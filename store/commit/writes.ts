import { COUNTING_STATUSES } from "../../domain/entities/customer.ts";
import { CONSENT_RESTORES, LINK_ENDS, LINKS } from "../reading/links.ts";
import { ADD_LATE } from "../reading/tallies.ts";
import { APPLY_OPT_OUTS, DELETE_ADDRESSES, INSERT_ADDRESSES } from "./address-refusals.ts";
import { OPERATION_ONCE, type OperationTable } from "./operations-rows.ts";
import { DELETE_UNDELIVERABLE, INSERT_UNDELIVERABLE } from "./undeliverable.ts";

/** Statuses that hold a slot in the ledger, as an SQL list. */
export const COUNTING = `(${COUNTING_STATUSES.map((status) => `'${status}'`).join(", ")})`;

/** Whether a delivery `d` keeps or makes promises, as an SQL condition. */
export const HAS_PROMISES = "(d.keeps <> '[]'::jsonb or d.makes is not null)";

/** Statuses of a message that its provider has accepted, as an SQL list. */
export const HANDED_OVER = "('sent', 'delivered', 'bounced')";

/** A kind of row that a batch writes. */
export type Table =
  | OperationTable
  | "asks"
  | "arrivals"
  | "signals"
  | "identities"
  | "addresses"
  | "addressEnds"
  | "refusals"
  | "undeliverable"
  | "reinstated"
  | "consents"
  | "consentRestores"
  | "links"
  | "linkEnds"
  | "moments"
  | "momentEnds"
  | "promises"
  | "promiseUpdates"
  | "cases"
  | "caseEnds"
  | "touches"
  | "runs"
  | "decisions"
  | "records"
  | "lapses"
  | "deliveries"
  | "outcomes"
  | "approvals"
  | "approvalLapses"
  | "tasks"
  | "taskEnds"
  | "imports"
  | "stages"
  | "offers"
  | "offerEnds"
  | "offerRefusals"
  | "lessons"
  | "timers"
  | "timerEnds"
  | "calls"
  | "promisesDone"
  | "moves"
  | "handOvers";

/**
 * Tables that nearly every decision writes, with the statement that writes the rows of their parameters (SQL, parts of a `with`). Slots of
 * experiences with a limit in total are taken before; those without are counted here, as a later policy may set a limit.
 */
const DECIDED_PARTS: readonly (readonly [readonly Table[], (...lists: readonly string[]) => string])[] = [
  [
    ["arrivals"],
    (list) => `left_inbox as (
  delete from inbox i using jsonb_to_recordset(${list}::jsonb) as x(seq bigint, customer_id text) where i.seq = x.seq and i.customer_id = x.customer_id
  returning i.seq, i.source, i.id, i.type, i.customer_id, i.time, i.received_at, i.event, i.body_hash
), kept_arrivals as (
  insert into signals (seq, source, id, type, customer_id, time, received_at, event, body_hash)
  select seq, source, id, type, customer_id, time, received_at, event, body_hash from left_inbox
  returning customer_id, type, time
), ${ADD_LATE("late_arrivals", "kept_arrivals")}`,
  ],
  [
    ["signals"],
    (list) => `kept_signals as (
  insert into signals (seq, source, id, type, customer_id, time, received_at, event, body_hash)
  select seq, source, id, type, customer_id, time, received_at, event, body_hash
    from jsonb_to_recordset(${list}::jsonb) as x(seq bigint, source text, id text, type text, customer_id text, time timestamptz, received_at timestamptz, event jsonb, body_hash text)
  returning customer_id, type, time
), ${ADD_LATE("late_signals", "kept_signals")}`,
  ],
  [
    ["moments"],
    (list) => `kept_moments as (
  insert into moments (moment_id, customer_id, name, opened_at, expires_at, urgency, data, opened_by, opened_on, opened_seq, confidence, decided_by, ended, ended_at)
  select moment_id, customer_id, name, opened_at, expires_at, urgency, data, opened_by, opened_on, opened_seq, confidence, decided_by, ended, ended_at
    from jsonb_to_recordset(${list}::jsonb) as x(moment_id text, customer_id text, name text, opened_at timestamptz, expires_at timestamptz,
         urgency float8, data jsonb, opened_by text, opened_on text, opened_seq bigint, confidence float8, decided_by text, ended text, ended_at timestamptz)
)`,
  ],
  [
    ["runs"],
    (list) => `kept_runs as (
  insert into runs (run_id, customer_id, wake, policy_version, started_at, finished_at, status, steps)
  select run_id, customer_id, wake, policy_version, started_at, finished_at, 'done', steps
    from jsonb_to_recordset(${list}::jsonb) as x(run_id text, customer_id text, wake jsonb, policy_version text, started_at timestamptz, finished_at timestamptz, steps jsonb)
  on conflict (run_id) do update set finished_at = excluded.finished_at, status = 'done', steps = excluded.steps
)`,
  ],
  // Records as lines of their own: inside of the list the server would read each of them three times. Both are walked side by side, as a join
  // by their places would compare each line with each row.
  [
    ["decisions", "records"],
    (list, lines) => `kept_decisions as (
  insert into decisions (decision_id, run_id, customer_id, decided_at, action, experience_id, channel, record)
  select decision_id, run_id, customer_id, decided_at, action, experience_id, channel, record::json
    from rows from (jsonb_to_recordset(${list}::jsonb) as (decision_id text, run_id text, customer_id text, decided_at timestamptz, action text, experience_id text, channel text),
                    string_to_table(${lines}, E'\\n')) with ordinality as x(decision_id, run_id, customer_id, decided_at, action, experience_id, channel, record, n)
   order by n
)`,
  ],
  [
    ["deliveries"],
    (list) => `delivery_rows as materialized (
  select * from jsonb_to_recordset(${list}::jsonb) as x(delivery_id text, decision_id text, customer_id text, experience_id text, department text, channel text, variant text, locale text, address text,
       reserved_at timestamptz, moments jsonb, expires_at timestamptz, facts jsonb, features jsonb, frozen jsonb, keeps jsonb, makes jsonb, content jsonb, limited boolean,
       asked jsonb, status text, settled_at timestamptz, action_result jsonb, recorded boolean, canary text, learns_as text, claim text, claimed_at timestamptz)
), kept_deliveries as (
  insert into deliveries (delivery_id, decision_id, customer_id, experience_id, department, channel, variant, locale, address, status, reserved_at, moments, expires_at, facts, features, frozen, keeps, makes, content,
       asked, settled_at, action_result, recorded, canary, learns_as, claim, claimed_at, attempts)
  select delivery_id, decision_id, customer_id, experience_id, department, channel, variant, locale, address, coalesce(status, 'reserved'), reserved_at, moments, expires_at, facts, features, frozen, keeps, makes, content,
       asked, settled_at, action_result, coalesce(recorded, false), canary, learns_as, claim, claimed_at, case when claim is null then 0 else 1 end from delivery_rows
), counted as (
  update experience_totals e set used = e.used + n.count
    from (select experience_id, count(*) as count from delivery_rows where not limited group by experience_id) n where e.experience_id = n.experience_id
)`,
  ],
  [
    ["touches"],
    (list) => `kept_touches as (
  insert into touches (touch_id, customer_id, at, kind, channel, department)
  select touch_id, customer_id, at, kind, channel, department
    from jsonb_to_recordset(${list}::jsonb) as x(touch_id text, customer_id text, at timestamptz, kind text, channel text, department text)
  on conflict (touch_id) do update set counted = true, at = excluded.at where not touches.counted
)`,
  ],
  [
    ["timers"],
    (list) => `set_timers as (
  insert into timers (customer_id, key, name, due, trace)
  select customer_id, key, name, due, trace from jsonb_to_recordset(${list}::jsonb) as x(customer_id text, key text, name text, due timestamptz, trace text)
  on conflict (customer_id, key) do update set name = excluded.name, due = excluded.due, trace = excluded.trace
)`,
  ],
];

/** Tables that nearly every decision writes. */
export const DECIDED: readonly Table[] = DECIDED_PARTS.flatMap(([tables]) => tables);

/** A statement, and the tables whose rows are its first parameters, each one JSON list. */
export interface DecidedStatement {
  readonly text: string;
  readonly tables: readonly Table[];
}

/**
 * Makes statements that write the rows of several of these tables in one: each statement costs a round trip to a server, and in the
 * embedded engine more than its rows. A table without rows is left out, as opening it and its indexes costs as much as writing a row.
 * There are few combinations, and each is made once.
 *
 * @param textOf the statement around the parts of the `with`, whose parameters come first
 */
export function decidedStatements(
  textOf: (parts: readonly string[], tables: readonly Table[]) => string,
): (hasRows: (table: Table) => boolean) => DecidedStatement {
  const known = new Map<string, DecidedStatement>();
  return (hasRows) => {
    const written = DECIDED_PARTS.filter(([tables]) => tables.every(hasRows));
    const tables = written.flatMap(([some]) => some);
    const key = tables.join();
    const made = known.get(key) ?? { tables, text: textOf(partsOf(written, tables), tables) };
    known.set(key, made);
    return made;
  };
}

function partsOf(written: typeof DECIDED_PARTS, tables: readonly Table[]): string[] {
  return written.map(([some, part]) => part(...some.map((table) => `$${tables.indexOf(table) + 1}`)));
}

/** Write-once tables: if a row was written before, the whole batch is rolled back. */
export const ONCE: readonly Table[] = ["asks", "calls", "promisesDone", ...OPERATION_ONCE];

/**
 * Asks that are answered (SQL), one a row. Written before everything that the answer gives: an ask that was marked as late meanwhile is
 * not decided.
 */
export const INSERT_ASKS = (list: string): string => `
insert into asks (source, id, customer_id, channel, at, body_hash, late, gave, answer)
select source, id, customer_id, channel, at, body_hash, late, gave, answer
  from jsonb_to_recordset(${list}::jsonb) as x(source text, id text, customer_id text, channel text, at timestamptz, body_hash text, late boolean, gave boolean, answer jsonb)
on conflict (source, id) do nothing`;

/** Statements of the other tables, run after that one, referenced rows first. The parameter of each is its rows as one JSON list. */
export const WRITES: readonly (readonly [Table, string])[] = [
  [
    "identities",
    `insert into identities (customer_id, type, value, form, source, at, seq, place, owned)
     select customer_id, type, value, form, source, at, seq, place, owned and not exists (
              select 1 from links l join identities o on o.customer_id = l.customer_id
               where l.root_id = x.customer_id and o.type = x.type and o.form = x.form and o.owned)
       from jsonb_to_recordset($1::jsonb) as x(customer_id text, type text, value text, form text, source text, at timestamptz, seq bigint, place int, owned boolean)
     on conflict (customer_id, type, form) do update
       set value = excluded.value, source = excluded.source, at = excluded.at, seq = excluded.seq, place = excluded.place`,
  ],
  [
    "consents",
    `insert into consents (customer_id, channel, status, at, source, seq, reason)
     select customer_id, channel, status, at, source, seq, reason
       from jsonb_to_recordset($1::jsonb) as x(customer_id text, channel text, status text, at timestamptz, source text, seq bigint, reason text)
     on conflict (customer_id, channel) do update
       set status = excluded.status, at = excluded.at, source = excluded.source, seq = excluded.seq, reason = excluded.reason
     where (excluded.at, excluded.seq) >= (consents.at, consents.seq)`,
  ],
  ["consentRestores", CONSENT_RESTORES],
  ["addressEnds", DELETE_ADDRESSES],
  ["addresses", INSERT_ADDRESSES],
  ["refusals", APPLY_OPT_OUTS],
  ["undeliverable", INSERT_UNDELIVERABLE],
  ["reinstated", DELETE_UNDELIVERABLE],
  ["links", LINKS],
  ["linkEnds", LINK_ENDS],
  [
    "stages",
    `insert into stage_changes (change_id, customer_id, from_stage, to_stage, at)
     select change_id, customer_id, from_stage, to_stage, at
       from jsonb_to_recordset($1::jsonb) as x(change_id text, customer_id text, from_stage text, to_stage text, at timestamptz)
     on conflict do nothing`,
  ],
  [
    "momentEnds",
    `update moments m set ended = x.ended, ended_at = x.at from jsonb_to_recordset($1::jsonb) as x(moment_id text, ended text, at timestamptz) where m.moment_id = x.moment_id`,
  ],
  [
    "promises",
    `insert into promises (promise_id, customer_id, name, owner, opened_at, due, opened_by, words, overdue)
     select promise_id, customer_id, name, owner, opened_at, due, opened_by, words, false
       from jsonb_to_recordset($1::jsonb) as x(promise_id text, customer_id text, name text, owner text, opened_at timestamptz, due timestamptz, opened_by jsonb, words jsonb)
     on conflict (promise_id) do nothing`,
  ],
  [
    "promiseUpdates",
    `update promises p set opened_by = p.opened_by || coalesce(x.opened_by, '[]'::jsonb), overdue = p.overdue or coalesce(x.overdue, false),
            words = case when x.ended is null then coalesce(x.words, p.words) else '[]'::jsonb end,
            ended = coalesce(x.ended, p.ended), ended_at = coalesce(x.at, p.ended_at), ended_by = coalesce(x.ended_by, p.ended_by)
       from jsonb_to_recordset($1::jsonb) as x(promise_id text, opened_by jsonb, words jsonb, overdue boolean, ended text, at timestamptz, ended_by text)
      where p.promise_id = x.promise_id and p.ended is null`,
  ],
  [
    "cases",
    `insert into cases (customer_id, case_id, opened_at, data)
     select customer_id, case_id, opened_at, data from jsonb_to_recordset($1::jsonb) as x(customer_id text, case_id text, opened_at timestamptz, data jsonb)
     on conflict (customer_id, case_id) do update set opened_at = excluded.opened_at, closed_at = null, data = excluded.data`,
  ],
  [
    "caseEnds",
    `update cases k set closed_at = x.at from jsonb_to_recordset($1::jsonb) as x(customer_id text, case_id text, at timestamptz)
      where k.customer_id = any(array[x.customer_id] || array(select l.customer_id from links l where l.root_id = x.customer_id)) and k.case_id = x.case_id`,
  ],
  [
    "lapses",
    `update decisions d set lapsed_code = x.code, lapsed_at = x.at from jsonb_to_recordset($1::jsonb) as x(decision_id text, code text, at timestamptz) where d.decision_id = x.decision_id`,
  ],
  [
    "outcomes",
    `insert into outcomes (delivery_id, customer_id, kind, experience_id, channel, department, at, reward)
     select delivery_id, customer_id, kind, experience_id, channel, department, at, reward
       from jsonb_to_recordset($1::jsonb) as x(delivery_id text, customer_id text, kind text, experience_id text, channel text, department text, at timestamptz, reward float8)
     on conflict (delivery_id, kind) do nothing`,
  ],
  [
    "approvals",
    `insert into approvals (approval_id, customer_id, decision_id, experience_id, moment_id, reason, asked_at, state)
     select approval_id, customer_id, decision_id, experience_id, moment_id, reason, asked_at, 'pending'
       from jsonb_to_recordset($1::jsonb) as x(approval_id text, customer_id text, decision_id text, experience_id text, moment_id text, reason text, asked_at timestamptz)
     on conflict (approval_id) do nothing`,
  ],
  [
    "approvalLapses",
    `update approvals a set state = 'lapsed', answered_at = x.at from jsonb_to_recordset($1::jsonb) as x(approval_id text, at timestamptz)
      where a.approval_id = x.approval_id and a.state = 'pending'`,
  ],
  [
    "tasks",
    `insert into tasks (task_id, customer_id, queue, summary, facts, created_at, due, delivery_id, promise_id)
     select task_id, customer_id, queue, summary, facts, created_at, due, delivery_id, promise_id
       from jsonb_to_recordset($1::jsonb) as x(task_id text, customer_id text, queue text, summary text, facts jsonb, created_at timestamptz, due timestamptz, delivery_id text, promise_id text)
     on conflict (task_id) do nothing`,
  ],
  [
    "imports",
    `insert into imports (customer_id, at, after_seq, line)
     select customer_id, at, (select coalesce(max(seq), 0) from signals), line
       from jsonb_to_recordset($1::jsonb) as x(customer_id text, at timestamptz, line jsonb)`,
  ],
  [
    "offers",
    `insert into offers (code, customer_id, issued_at, expires_at, terms)
     select code, customer_id, issued_at, expires_at, terms
       from jsonb_to_recordset($1::jsonb) as x(code text, customer_id text, issued_at timestamptz, expires_at timestamptz, terms jsonb)`,
  ],
  [
    "offerEnds",
    `update offers o set redeemed_by = x.redeemed_by, redeemed_at = x.at
       from jsonb_to_recordset($1::jsonb) as x(code text, redeemed_by text, at timestamptz) where o.code = x.code and o.redeemed_by is null`,
  ],
  [
    "offerRefusals",
    `update offers o set refusals = o.refusals || x.refusal from jsonb_to_recordset($1::jsonb) as x(code text, refusal jsonb) where o.code = x.code`,
  ],
  [
    "lessons",
    `update deliveries d set taught = true from jsonb_to_recordset($1::jsonb) as x(delivery_id text) where d.delivery_id = x.delivery_id`,
  ],
  [
    "taskEnds",
    `update tasks t set state = 'withdrawn', ended_at = x.at
       from jsonb_to_recordset($1::jsonb) as x(promise_id text, delivery_id text, at timestamptz)
      where (t.promise_id = x.promise_id or t.delivery_id = x.delivery_id) and t.state in ('open', 'claimed')`,
  ],
  [
    "timerEnds",
    `delete from timers t using jsonb_to_recordset($1::jsonb) as x(customer_id text, key text) where t.customer_id = x.customer_id and t.key = x.key`,
  ],
  [
    "calls",
    `update tool_calls t set status = 'done', output = x.output, finished_at = x.at
       from jsonb_to_recordset($1::jsonb) as x(call_key text, output jsonb, at timestamptz) where t.call_key = x.call_key and t.status = 'planned'`,
  ],
  [
    "promisesDone",
    `update deliveries d set promises_due = false
       from jsonb_to_recordset($1::jsonb) as x(delivery_id text) where d.delivery_id = x.delivery_id and d.promises_due`,
  ],
  [
    // A delivery is cancelled only while it is not in flight; one that leaves the ledger frees its touch and its slot, once; one
    // that was over and has been sent all the same takes its slot again. A receipt may arrive before the provider's response, or instead of it: it then records the hand-over, and its promises become due.
    "moves",
    `with x as materialized (
       select * from jsonb_to_recordset($1::jsonb) as x(delivery_id text, status text, reason text, at timestamptz, frees boolean)
     ), held as materialized (
       select x.*, d.status in ${COUNTING} as counted from deliveries d join x on x.delivery_id = d.delivery_id
        where x.status <> 'cancelled' or d.status = 'reserved' order by d.delivery_id for update of d
     ), moved as (
       update deliveries d set status = x.status, reason = coalesce(x.reason, d.reason), settled_at = x.at,
              promises_due = d.promises_due or (d.status in ('sending', 'uncertain') and x.status in ${HANDED_OVER} and ${HAS_PROMISES})
         from held x where d.delivery_id = x.delivery_id
       returning d.delivery_id, d.experience_id, x.frees and x.counted as frees, (not x.frees and not x.counted)::int - (x.frees and x.counted)::int as slots
     ), freed as (
       update touches t set counted = false from moved where moved.frees and t.touch_id = moved.delivery_id returning t.touch_id
     )
     update experience_totals e set used = e.used + f.n
       from (select experience_id, sum(slots) as n from moved where slots <> 0 group by experience_id) f
      where e.experience_id = f.experience_id`,
  ],
  [
    // After the delivery's row is locked, as where a send is settled, which may set the same timer at that moment.
    "handOvers",
    `insert into timers (customer_id, key, name, due, trace)
     select customer_id, key, name, due, trace from jsonb_to_recordset($1::jsonb) as x(customer_id text, key text, name text, due timestamptz, trace text)
     on conflict (customer_id, key) do nothing`,
  ],
];
