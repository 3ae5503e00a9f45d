import { type SignalIdentity, signalKey } from "../../domain/entities/signal.ts";
import type { Json } from "../../domain/values/json.ts";
import { storableJson } from "../../domain/values/storable.ts";
import { atOnce, type Pool, type Queryable, type Result } from "../engines/database.ts";
import { rootOf } from "../reading/links.ts";

/** The hash that identifies a signal after its content is pruned (SQL). */
export function keyHashOf(table: string): string {
  return `sha256(convert_to(joined_key(${table}.source, ${table}.id), 'UTF8'))`;
}

/** Sequence numbers follow the order of the list; rows are inserted in the order of their keys, which prevents deadlocks. */
export const INSERT_ARRIVALS = `
with placed as materialized (
  select nextval('arrivals') as seq, x.*
    from jsonb_to_recordset($1::jsonb) as x(source text, id text, type text, customer_id text, time timestamptz, received_at timestamptz, event jsonb, body_hash text, trace text)
)
insert into inbox (seq, source, id, type, customer_id, time, received_at, event, body_hash, trace)
select seq, source, id, type, ${rootOf("placed.customer_id")}, time, received_at, event, body_hash, trace from placed order by source, id
on conflict (source, id) do nothing
returning source, id, seq::float8 as seq, customer_id`;

export const RESERVE_IDENTITIES = `
insert into inbox_identities (type, value, form, customer_id, seq)
select type, value, form, customer_id, seq from jsonb_to_recordset($1::jsonb) as x(type text, value text, form text, customer_id text, seq bigint)
on conflict (type, form) do nothing`;

/** The signals of `x` that are in the record, pruned ones included. */
const IN_RECORD = `
select s.source, s.id, s.body_hash from x join signals s on s.source = x.source and s.id = x.id
union all
select x.source, x.id, k.body_hash from x join known_signals k on k.key_hash = ${keyHashOf("x")}`;

// Of what this transaction has inserted, the record may have some: those rows are taken back.
const KNOWN = `
with x as materialized (select * from jsonb_to_recordset($1::jsonb) as x(source text, id text)), recorded as materialized (${IN_RECORD}), taken_back as (
  delete from inbox i using recorded r where i.source = r.source and i.id = r.id and i.xmin = (select pg_current_xact_id()::xid)
)
select source, id, body_hash from recorded
union all
select i.source, i.id, i.body_hash from x join inbox i on i.source = x.source and i.id = x.id where i.xmin <> (select pg_current_xact_id()::xid)`;

const RECORDED_BEFORE = `with x as materialized (select * from jsonb_to_recordset($1::jsonb) as x(source text, id text)) ${IN_RECORD}`;

/** Body hashes of signals that are in the record, by `signalKey`. */
export async function recordedBefore(db: Queryable, keys: readonly SignalIdentity[]): Promise<Map<string, string>> {
  return hashesOf(db, RECORDED_BEFORE, keys);
}

/**
 * The same of signals that are decided or pending, without those that this transaction itself has inserted. What it has inserted although the
 * record had it is taken back.
 */
export async function knownBefore(db: Queryable, keys: readonly SignalIdentity[]): Promise<Map<string, string>> {
  return hashesOf(db, KNOWN, keys);
}

/** Inserts signals, which name their customers and say nothing else that is kept at once, and returns what `knownBefore` does. */
export async function insertNew(pool: Pool, rows: Json, keys: readonly SignalIdentity[]): Promise<Map<string, string>> {
  const known = await atOnce<KeyRow>(pool, [
    [INSERT_ARRIVALS, [storableJson(rows)]],
    [KNOWN, [keysIn(keys)]],
  ]);
  return byKey(known);
}

interface KeyRow {
  source: string;
  id: string;
  body_hash: string;
}

async function hashesOf(db: Queryable, statement: string, keys: readonly SignalIdentity[]): Promise<Map<string, string>> {
  return byKey(await db.query<KeyRow>(statement, [keysIn(keys)]));
}

const byKey = ({ rows }: Result<KeyRow>): Map<string, string> => new Map(rows.map((row) => [signalKey(row), row.body_hash]));

const keysIn = (keys: readonly SignalIdentity[]): string => storableJson(keys.map(({ source, id }) => ({ source, id })));
