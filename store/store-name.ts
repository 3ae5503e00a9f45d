import { stat } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import type { JsonObject } from "../domain/values/json.ts";
import { storableJson } from "../domain/values/storable.ts";
import type { Instant } from "../domain/values/time.ts";
import { auditRow, INSERT_AUDIT } from "./commit/operations-rows.ts";
import { type Database, type Queryable, transaction } from "./engines/database.ts";

/** The name of a store among those that share a Redis; `was`: its name before it was found to be a copy or a restored backup. */
export interface StoreName {
  readonly name: string;
  readonly was?: string;
}

/**
 * Returns the name of a store: random, created once, and stored together with its location. A dump, a template database or a copied
 * folder contains the name but cannot reproduce the location: if they do not match, the store is a copy and gets a new name. Its rows
 * define the pending work; jobs under the old name belong to the original.
 */
export async function storeName(database: Database, { newId, now }: { newId: () => string; now: () => Instant }): Promise<StoreName> {
  const here = await placeOf(database);
  return transaction(database.pool, async (db) => {
    const fresh = newId();
    const { rowCount } = await db.query(
      "insert into settings (name, value) values ($1, to_jsonb($2::text)) on conflict (name) do nothing",
      [NAME, fresh],
    );
    const { rows } = await db.query<{ value: string }>("select value from settings where name = $1 for update", [NAME]);
    const known = (await db.query<{ value: Place }>("select value from settings where name = $1", [PLACE])).rows[0]?.value;
    const name = rows[0]?.value ?? fresh;
    if (rowCount === 1 || (known && isSame(known, here))) {
      await keep(db, PLACE, { ...known, ...here });
      return { name };
    }
    await keep(db, NAME, fresh);
    await keep(db, PLACE, here);
    const details: JsonObject = { from: name, to: fresh, ...(known ? { was: known } : {}), is: here };
    await db.query(INSERT_AUDIT, [
      storableJson([auditRow({ at: now(), by: "sentient", action: "store.renamed", target: "queue", details })]),
    ]);
    return { name: fresh, was: name };
  });
}

// --- internal ---

const NAME = "queue";
const PLACE = "queue.place";

/** The known parts of a store's location; parts that a server does not reveal are omitted. */
type Place = { readonly [part: string]: string };

/** Whether all parts known on both sides are equal. */
const isSame = (one: Place, other: Place): boolean =>
  Object.entries(one).every(([part, value]) => other[part] === undefined || other[part] === value);

const keep = (db: Queryable, name: string, value: string | Place) =>
  db.query("insert into settings (name, value) values ($1, $2::jsonb) on conflict (name) do update set value = excluded.value", [
    name,
    storableJson(value),
  ]);

/** Queried one by one, as a managed server may refuse some of them. */
const PARTS: Readonly<Record<string, string>> = {
  // A dump restored elsewhere is in another cluster or database, and its tables are new.
  cluster: "select system_identifier::text as part from pg_control_system()",
  database: "select oid::text as part from pg_database where datname = current_database()",
  table: "select 'settings'::regclass::oid::text as part",
  // A replica has the same cluster id; promotion starts a new timeline.
  timeline: "select substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) as part",
};

async function placeOf({ kind, place, pool }: Database): Promise<Place> {
  if (kind === "embedded") {
    const { dev, ino } = await stat(join(place, "pg"), { bigint: true });
    return { host: hostname(), folder: place, inode: `${dev}:${ino}` };
  }
  const parts: Record<string, string> = {};
  for (const [name, sql] of Object.entries(PARTS)) {
    const part = await pool.query<{ part: string | null }>(sql).then(
      ({ rows }) => rows[0]?.part,
      () => undefined,
    );
    if (part != null) parts[name] = part;
  }
  return parts;
}
