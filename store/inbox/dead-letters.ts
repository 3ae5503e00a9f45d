import type { Json } from "../../domain/values/json.ts";
import { storableJson } from "../../domain/values/storable.ts";
import type { Instant } from "../../domain/values/time.ts";
import { type AuditEntry, auditRow, INSERT_AUDIT } from "../commit/operations-rows.ts";
import { type Pool, type Queryable, transaction } from "../engines/database.ts";
import { type ListedRows, type OrderedRows, readList, Values } from "../reading/bounded-list.ts";
import { toTime } from "../reading/load-customers.ts";

/** A signal or timer that exhausted its attempts. Its id is a hash of its identity, so it is stable over processes and time. */
export interface DeadLetter {
  readonly id: string;
  readonly customerId: string;
  readonly code: string;
  readonly message: string;
  readonly tries: number;
  readonly diedAt: Instant;
  readonly signal?: { readonly source: string; readonly id: string; readonly type: string };
  readonly timer?: { readonly name: string; readonly due: Instant };
}

export interface DeadSelection {
  /** Ids, or prefixes of them. */
  readonly ids?: readonly string[] | undefined;
  readonly code?: string | undefined;
  readonly customerId?: string | undefined;
  readonly limit?: number | undefined;
  /** Reads a page: no more than `READ_TO` letters of a kind, and only those after a place. */
  readonly page?: { readonly after?: DeadPlace | undefined } | undefined;
}

/** The place where a list goes on: the last letter of the page before. */
export type DeadPlace = Pick<DeadLetter, "diedAt" | "id">;

/** Dead letters, until an operator retries or discards them. */
export interface DeadLetters {
  /** Latest first. */
  list(selection: DeadSelection): Promise<ListedRows<DeadLetter>>;
  /** Returns letters to processing, with zero attempts and the original due time of a timer. Writes an audit entry for each. Returns those that still existed. */
  revive(letters: readonly DeadLetter[], entryOf: (letter: DeadLetter) => AuditEntry): Promise<DeadLetter[]>;
  /** Discards letters. The key of a signal stays known, so a repeated one is a duplicate. */
  discard(letters: readonly DeadLetter[], at: Instant, entryOf: (letter: DeadLetter) => AuditEntry): Promise<DeadLetter[]>;
}

export function createDeadLetters(pool: Pool): DeadLetters {
  return {
    list: (selection) => list(pool, selection),
    revive: (letters, entryOf) => settle(pool, letters, entryOf, { signals: REVIVE_SIGNALS, timers: REVIVE_TIMERS }, []),
    discard: (letters, at, entryOf) => settle(pool, letters, entryOf, { signals: DISCARD_SIGNALS, timers: DISCARD_TIMERS }, [toTime(at)]),
  };
}

// --- internal ---

const idOf = (...parts: readonly string[]): string =>
  `'x_' || left(encode(sha256(convert_to(json_build_array(${parts.join(", ")})::text, 'UTF8')), 'hex'), 24)`;

const SIGNAL_ID = idOf("'signal'", "source", "id");
const TIMER_ID = idOf("'timer'", "customer_id", "key", "to_ms(due)");

const SIGNALS = "dead_at is not null and discarded_at is null";
const TIMERS = "dead_at is not null";

const CODE = "coalesce(error ->> 'code', error ->> 'name', 'unknown')";
const DEAD_SIGNALS = `
select ${SIGNAL_ID} as dead_id, customer_id, attempts, error, dead_at, json_build_object('source', source, 'id', id, 'type', type) as signal, null::json as timer from inbox`;
const DEAD_TIMERS = `
select ${TIMER_ID} as dead_id, customer_id, attempts, error, dead_at, null::json as signal, json_build_object('name', name, 'due', to_ms(due)) as timer from failed_timers`;
const LETTER = `json_strip_nulls(json_build_object('id', dead_id, 'customerId', customer_id, 'code', ${CODE}, 'message', coalesce(error ->> 'message', ''), 'tries', attempts,
  'diedAt', to_ms(dead_at), 'signal', signal, 'timer', timer))`;

/** No limit: every one. */
const EVERY = 2_147_483_647;

/** Both kinds, each by the index of its time. */
function list(db: Queryable, { ids, code, customerId, limit = EVERY, page }: DeadSelection): Promise<ListedRows<DeadLetter>> {
  const values = new Values();
  const at = page?.after && values.add(toTime(page.after.diedAt), "timestamptz");
  const last = page?.after && values.add(page.after.id, "text");
  const of = (id: string, beginnings: string) => `exists (select 1 from unnest(${beginnings}) b where starts_with(${id}, b))`;
  const beginnings = ids && values.add(ids, "text[]");
  const part = (select: string, isDead: string, id: string): OrderedRows => ({
    select,
    where: [
      isDead,
      at !== undefined && `dead_at <= ${at} and (dead_at < ${at} or ${id} > ${last})`,
      beginnings !== undefined && of(id, beginnings),
    ],
    order: `dead_at desc, ${id}`,
  });
  const fits = [
    code !== undefined && `${CODE} = ${values.add(code, "text")}`,
    customerId !== undefined && `customer_id = ${values.add(customerId, "text")}`,
  ];
  const parts = [part(DEAD_SIGNALS, SIGNALS, SIGNAL_ID), part(DEAD_TIMERS, TIMERS, TIMER_ID)];
  return readList(db, { parts, order: "dead_at desc, dead_id", fits, entry: LETTER }, values, { limit, isPage: page !== undefined });
}

const REVIVE_SIGNALS = `
update inbox set dead_at = null, attempts = 0, error = null where ${SIGNALS} and ${SIGNAL_ID} = any($1::text[]) returning ${SIGNAL_ID} as id`;

// The key-share lock waits for a concurrent erasure, after which there is no timer. A timer set again since is due at the earlier time.
const REVIVE_TIMERS = `
with x as materialized (
  select f.customer_id, f.key, f.name, f.due, ${TIMER_ID.replace(/\b(customer_id|key|due)\b/g, "f.$1")} as id
    from failed_timers f join customers c on c.customer_id = f.customer_id where f.${TIMERS} order by f.customer_id for key share of c for update of f
), wanted as (
  select * from x where id = any($1::text[])
), gone as (
  delete from failed_timers f using wanted w where f.customer_id = w.customer_id and f.key = w.key
), back as (
  insert into timers (customer_id, key, name, due) select customer_id, key, name, due from wanted
  on conflict (customer_id, key) do update set name = excluded.name, due = least(timers.due, excluded.due)
)
select id from wanted`;

const DISCARD_SIGNALS = `
with gone as (
  update inbox set discarded_at = $2::timestamptz where ${SIGNALS} and ${SIGNAL_ID} = any($1::text[]) returning seq, ${SIGNAL_ID} as id
), freed as (
  delete from inbox_identities n using gone where n.seq = gone.seq
)
select id from gone`;

const DISCARD_TIMERS = `delete from failed_timers where ${TIMERS} and ${TIMER_ID} = any($1::text[]) and $2::timestamptz is not null returning ${TIMER_ID} as id`;

/** Settles letters, each with an audit entry, in one transaction. */
const settle = (
  pool: Pool,
  letters: readonly DeadLetter[],
  entryOf: (letter: DeadLetter) => AuditEntry,
  statements: { readonly signals: string; readonly timers: string },
  params: readonly Json[],
): Promise<DeadLetter[]> =>
  transaction(pool, async (db) => {
    const ids = letters.map(({ id }) => id);
    const settled = new Set<string>();
    for (const sql of [statements.signals, statements.timers])
      for (const { id } of (await db.query<{ id: string }>(sql, [ids, ...params])).rows) settled.add(id);
    const those = letters.filter(({ id }) => settled.has(id));
    if (those.length > 0) await db.query(INSERT_AUDIT, [storableJson(those.map((letter) => auditRow(entryOf(letter))))]);
    return those;
  });
