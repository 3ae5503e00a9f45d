import type { AddressForm } from "../../domain/entities/address.ts";
import type { Json } from "../../domain/values/json.ts";
import { storableJson } from "../../domain/values/storable.ts";
import type { Instant } from "../../domain/values/time.ts";
import { type Pool, type Queryable, transaction } from "../engines/database.ts";
import { toTime } from "./load-customers.ts";

export interface Erasure {
  readonly at: Instant;
  readonly by: string;
  /** Keyed hashes: the tombstone must not identify the person. */
  readonly customerHash: string;
  readonly addressHashes: readonly string[];
  /** The customer's addresses: opt-outs from those with no other holder are erased too. */
  readonly addresses: readonly AddressForm[];
}

export type ErasurePlace = { readonly at: Instant; readonly customerHash: string };
export type KeptErasure = ErasurePlace & { readonly by: string };

/** All data about a person: the rows of every table with a `customer_id`. */
export interface People {
  /** All rows about a person, by table, from one snapshot; undefined if there are none. */
  export(customerId: string): Promise<Record<string, Json[]> | undefined>;
  /** How many rows each table has about a person, under all of these ids; tables without any are omitted. */
  counts(customerIds: readonly string[]): Promise<Record<string, number>>;
  /** Deletes all rows about a person and stores the hashes; returns the number of deleted rows, by table. */
  erase(customerId: string, erasure: Erasure): Promise<Record<string, number> | undefined>;
  /** Opt-outs from these addresses. */
  refusals(addresses: readonly AddressForm[]): Promise<Json[]>;
  /** Time and operator of the erasure of the customer with this hash. */
  erasure(customerHash: string): Promise<{ readonly at: Instant; readonly by: string } | undefined>;
  /** Erasures, the latest first, or those after the last one of the page before. */
  erasures(limit: number, after: ErasurePlace | undefined): Promise<KeptErasure[]>;
  /** The ones of these address hashes that belonged to an erased customer. */
  erased(addressHashes: readonly string[]): Promise<string[]>;
}

export function createPeople(pool: Pool): People {
  return {
    export: (customerId) =>
      transaction(pool, async (db) => {
        await db.query("set transaction isolation level repeatable read");
        return exportRows(db, customerId);
      }),
    counts: (customerIds) => countRows(pool, customerIds),
    erase: (customerId, erasure) => transaction(pool, (db) => eraseRows(db, customerId, erasure)),
    refusals: async (addresses) => (await pool.query<{ one: Json }>(REFUSALS, [storableJson(addresses)])).rows.map(({ one }) => one),
    erasure: async (customerHash) =>
      (
        await pool.query<{ at: number; by: string }>('select to_ms(at) as at, erased_by as "by" from erasures where customer_hash = $1', [
          customerHash,
        ])
      ).rows[0],
    erasures: async (limit, after) =>
      (await pool.query<KeptErasure>(ERASURES, [limit, after === undefined ? "infinity" : toTime(after.at), after?.customerHash ?? null]))
        .rows,
    erased: async (addressHashes) =>
      (
        await pool.query<{ address_hash: string }>("select address_hash from erased_addresses where address_hash = any($1::text[])", [
          addressHashes,
        ])
      ).rows.map(({ address_hash }) => address_hash),
  };
}

const ERASURES = `
select to_ms(at) as at, customer_hash as "customerHash", erased_by as "by"
  from erasures where erasures.at <= $2::timestamptz and (erasures.at < $2::timestamptz or customer_hash > $3::text)
 order by erasures.at desc, customer_hash limit $1`;

/** Tables with rows about customers, by `name`: read from the schema, so a table added later is included. */
export const TABLES_OF_PEOPLE = `
select c.table_name as name from information_schema.columns c
  join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name and t.table_type = 'BASE TABLE'
 where c.table_schema = current_schema() and c.column_name = 'customer_id' order by c.table_name collate "C"`;

/** Deletes all rows about customers, and leaves no tombstone: they may come back as new ones. */
export const forgetRows = async (db: Queryable, customerIds: readonly string[]): Promise<void> =>
  deleteRows(db, await tablesOfPeople(db), customerIds);

// --- internal ---

const tablesOfPeople = async (db: Queryable): Promise<string[]> =>
  (await db.query<{ name: string }>(TABLES_OF_PEOPLE)).rows.map(({ name }) => name);

async function countRows(db: Queryable, customerIds: readonly string[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of await tablesOfPeople(db)) {
    const { rows } = await db.query<{ n: number }>(`select count(*)::float8 as n from "${name}" where customer_id = any($1::text[])`, [
      customerIds,
    ]);
    const n = rows[0]?.n ?? 0;
    if (n > 0) counts[name] = n;
  }
  return counts;
}

async function exportRows(db: Queryable, customerId: string): Promise<Record<string, Json[]> | undefined> {
  const tables: Record<string, Json[]> = {};
  for (const name of await tablesOfPeople(db)) {
    const { rows } = await db.query<{ one: Json }>(`select to_jsonb(t) as one from "${name}" t where customer_id = $1 order by t.ctid`, [
      customerId,
    ]);
    tables[name] = rows.map(({ one }) => one);
  }
  return Object.values(tables).some((rows) => rows.length > 0) ? tables : undefined;
}

const FORMS = "jsonb_to_recordset($1::jsonb) as x(type text, form text)";

const REFUSALS = `
select to_jsonb(o) as one from opted_out_addresses o where (o.type, o.form) in (select x.type, x.form from ${FORMS}) order by o.type, o.form, o.channel`;

/** A later holder of such an address is denied because of the erasure. */
const FORGET_REFUSALS = `
delete from opted_out_addresses o using ${FORMS}
 where o.type = x.type and o.form = x.form and not exists (select 1 from addresses a where a.type = x.type and a.form = x.form)`;

const HOLD_PLACE =
  "insert into customers (customer_id, origin, created_at) values ($1, '{}', clock_timestamp()) on conflict (customer_id) do nothing";

const deleteRows = async (db: Queryable, tables: readonly string[], customerIds: readonly string[]): Promise<void> => {
  for (const name of tables) await db.query(`delete from "${name}" where customer_id = any($1::text[])`, [customerIds]);
};

async function eraseRows(db: Queryable, customerId: string, erasure: Erasure): Promise<Record<string, number> | undefined> {
  // Before the first decision there is no row to lock. Inserting one serialises with a concurrent first commit, whose wake is then deleted.
  const { rowCount: placeHeld } = await db.query(HOLD_PLACE, [customerId]);
  // Waits for a concurrent commit or send for this customer; later ones find no row.
  await db.query("select 1 from customers where customer_id = $1 for update", [customerId]);
  const tables = await tablesOfPeople(db);
  const removed: Record<string, number> = {};
  // Counted before any deletion, because of cascades.
  for (const name of tables) {
    const { rows } = await db.query<{ n: number }>(`select count(*)::float8 as n from "${name}" where customer_id = $1`, [customerId]);
    const n = (rows[0]?.n ?? 0) - (name === "customers" ? placeHeld : 0);
    if (n > 0) removed[name] = n;
  }
  await deleteRows(db, tables, [customerId]);
  if (Object.keys(removed).length === 0) return undefined;
  const { at, by, customerHash, addressHashes, addresses } = erasure;
  const { rowCount: refusals } = await db.query(FORGET_REFUSALS, [storableJson(addresses)]);
  if (refusals > 0) removed.opted_out_addresses = refusals;
  await db.query(
    `insert into erasures (customer_hash, at, erased_by) values ($1, $2::timestamptz, $3)
     on conflict (customer_hash) do update set at = excluded.at, erased_by = excluded.erased_by`,
    [customerHash, toTime(at), by],
  );
  await db.query(
    "insert into erased_addresses (address_hash, at) select h, $2::timestamptz from unnest($1::text[]) h on conflict (address_hash) do nothing",
    [addressHashes, toTime(at)],
  );
  return removed;
}
