import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { SentientError } from "../../domain/errors.ts";
import { type Pool, type Queryable, transaction } from "../engines/database.ts";
import { bringAddresses } from "./bring-addresses.ts";

export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
}

/** The migrations in order: `NNNN-name.sql`, forward only, never edited once released. */
export function readMigrations(): Migration[] {
  const folder = new URL("./", import.meta.url);
  return readdirSync(folder)
    .filter((file) => /^\d{4}-.+\.sql$/.test(file))
    .sort()
    .map((file) => ({ number: Number(file.slice(0, 4)), name: file.slice(5, -4), sql: readFileSync(new URL(file, folder), "utf8") }));
}

/**
 * Migrates a schema to the current version. Safe for processes that start concurrently: they queue on an advisory lock, and later ones
 * find nothing to do. A store migrated by a newer version is refused.
 *
 * @param migrations in order; a test passes fewer, to create an older store
 */
export async function migrate(pool: Pool, schema: string, migrations = readMigrations()): Promise<void> {
  const quoted = `"${schema.replaceAll('"', '""')}"`;
  await transaction(pool, async (client) => {
    await client.query("select pg_advisory_xact_lock(hashtext($1))", [`sentient migrations ${schema}`]);
    await client.query(`create schema if not exists ${quoted}`);
    await client.query(`set local search_path = ${quoted}`);
    await client.query(
      "create table if not exists migrations (number int primary key, name text not null, applied_at timestamptz not null default now())",
    );
    const { rows } = await client.query<{ number: number }>("select number from migrations order by number");
    const done = new Set(rows.map(({ number }) => number));
    const last = Math.max(0, ...done);
    const newest = migrations.at(-1)?.number ?? 0;
    if (last > newest) {
      throw new SentientError(
        "STORE_TOO_NEW",
        `the store is at migration ${last}, this version knows up to ${newest}; use the newer version`,
      );
    }
    for (const { number, name, sql } of migrations) {
      if (done.has(number)) continue;
      await client.query(sql);
      await BY_CODE[number]?.(client);
      await client.query("insert into migrations (number, name) values ($1, $2)", [number, name]);
    }
  });
}

/** Migrations with a step in code, where the rules are in the domain. */
const BY_CODE: Readonly<Record<number, (db: Queryable) => Promise<void>>> = { 15: bringAddresses };

/** A hash of all migrations, which identifies templates created with them. */
export function migrationsFingerprint(): string {
  const hash = createHash("sha256");
  for (const { number, name, sql } of readMigrations()) hash.update(`${number}\n${name}\n${sql}\n`);
  return hash.digest("hex").slice(0, 16);
}
