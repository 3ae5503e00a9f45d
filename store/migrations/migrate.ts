import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { SentientError } from "../../domain/errors.ts";
import type { Database, PoolClient, Queryable } from "../engines/database.ts";
import { bringAddresses, bringLate } from "./bring-addresses.ts";
import { carryOut, inSchema, type Upgrade } from "./carry-out.ts";
import { BATCH, type Migration, type Step, stepsOf } from "./steps.ts";

export type { Migration } from "./steps.ts";

/** The migrations in order: `NNNN-name.sql`, forward only; once released, none is changed in what it leaves behind. */
export function readMigrations(): Migration[] {
  const folder = new URL("./", import.meta.url);
  return readdirSync(folder)
    .filter((file) => /^\d{4}-.+\.sql$/.test(file))
    .sort()
    .map((file) => ({ number: Number(file.slice(0, 4)), name: file.slice(5, -4), sql: readFileSync(new URL(file, folder), "utf8") }));
}

export interface MigrateOptions {
  /** In order; a test passes fewer, to create an older store. */
  readonly migrations?: readonly Migration[];
  /** Receives lines for people: what is done now, how far it is, what it waits for. */
  readonly tell?: (text: string) => void;
  /** Rows of a batch; a test takes few. */
  readonly batchRows?: number;
}

/**
 * Migrates a schema to the current version. A new one is created in one transaction. An existing one is upgraded step by step: each is
 * recorded as done, so that after a crash the next process goes on where this one ended, and each leaves the tables free for processes
 * of the version before. Of processes that start together one upgrades, and the others wait for it. A store migrated by a newer version
 * is refused.
 */
export async function migrate(
  { pool, kind }: Pick<Database, "pool" | "kind">,
  schema: string,
  { migrations = readMigrations(), tell = () => {}, ...more }: MigrateOptions = {},
): Promise<void> {
  const client = await pool.connect();
  const upgrade: Upgrade = { client, pool, kind, schema, tell, ...more };
  let broken = true;
  try {
    if (!(await isCurrent(upgrade, migrations))) await upgradeAlone(upgrade, migrations);
    broken = false;
  } finally {
    // A session that ends gives its lock back.
    client.release(broken);
  }
}

/** The number of the newest migration of a schema; 0 without any. */
export async function lastMigration(db: Queryable, schema: string): Promise<number> {
  const { rows } = await db.query<{ is_there: boolean }>("select to_regclass($1) is not null as is_there", [
    `${quoted(schema)}.migrations`,
  ]);
  if (rows[0]?.is_there !== true) return 0;
  return (await db.query<{ last: number }>(`select coalesce(max(number), 0) as last from ${quoted(schema)}.migrations`)).rows[0]?.last ?? 0;
}

/** A migration's steps, with those in code where there are any. */
export function stepsWithCode(migration: Migration): Step[] {
  const steps = stepsOf(migration);
  if (migration.number === 15) return [...steps, ...bringAddresses()];
  return migration.number === 16 ? steps.map((step, at) => (at === 0 ? { ...step, code: bringLate } : step)) : steps;
}

/** A hash of all migrations, which identifies templates created with them. */
export function migrationsFingerprint(): string {
  const hash = createHash("sha256");
  for (const { number, name, sql } of readMigrations()) hash.update(`${number}\n${name}\n${sql}\n`);
  return hash.digest("hex").slice(0, 16);
}

// --- internal ---

const quoted = (schema: string): string => `"${schema.replaceAll('"', '""')}"`;

/** `place` and `rows` are how far a step in batches has come. Rows of a migration go when the last of its steps is done. */
const TABLES = `
create table if not exists migrations (number int primary key, name text not null, applied_at timestamptz not null default now());
create table if not exists migration_steps (
  number int not null,
  step int not null,
  what text not null,
  place jsonb,
  rows bigint not null default 0,
  started_at timestamptz,
  finished_at timestamptz,
  -- Of a step that waits until nobody runs the version before: the newest migration that the version after it knew.
  known_then int,
  primary key (number, step)
)`;

/** Creates a new schema. False where an existing one needs steps. */
function isCurrent(upgrade: Upgrade, migrations: readonly Migration[]): Promise<boolean> {
  const newest = migrations.at(-1)?.number ?? 0;
  return inSchema(upgrade, async (db) => {
    await db.query(TABLES);
    const done = await numbersDone(db);
    const last = Math.max(0, ...done);
    if (last > newest)
      throw new SentientError(
        "STORE_TOO_NEW",
        `the store is at migration ${last}, this version knows up to ${newest}; use the newer version`,
      );
    if (last > 0) return migrations.every(({ number }) => done.has(number)) && (await waitingSteps(db, newest)).size === 0;
    for (const { number, name, sql } of migrations) {
      await db.query(sql.replaceAll(BATCH, "true"));
      await db.query("insert into migrations (number, name) values ($1, $2)", [number, name]);
    }
    return true;
  });
}

const numbersDone = async (db: Queryable): Promise<Set<number>> =>
  new Set((await db.query<{ number: number }>("select number from migrations")).rows.map(({ number }) => number));

/** Numbers of the migrations whose last steps waited until nobody runs the version before, which is now two versions back. */
const waitingSteps = async (db: Queryable, newest: number): Promise<Set<number>> =>
  new Set(
    (
      await db.query<{ number: number }>("select distinct number from migration_steps where finished_at is null and known_then < $1", [
        newest,
      ])
    ).rows.map(({ number }) => number),
  );

/** Upgrades while no other process does. */
async function upgradeAlone(upgrade: Upgrade, migrations: readonly Migration[]): Promise<void> {
  await takeTurn(upgrade);
  try {
    const newest = migrations.at(-1)?.number ?? 0;
    const { done, waiting } = await inSchema(upgrade, async (db) => ({
      done: await numbersDone(db),
      waiting: await waitingSteps(db, newest),
    }));
    // Nobody runs the version before beside the embedded engine.
    const isAlone = upgrade.kind === "embedded";
    const parts = migrations.flatMap((migration) => {
      const steps = stepsWithCode(migration).map((step, at) => ({ ...step, number: migration.number, at }));
      const now = steps.filter(
        ({ contracts }) => (contracts ? isAlone || waiting.has(migration.number) : false) || (!contracts && !done.has(migration.number)),
      );
      return done.has(migration.number) && !waiting.has(migration.number)
        ? []
        : [{ migration, steps: now, later: steps.filter((step) => !now.includes(step) && step.contracts) }];
    });
    const of = parts.reduce((sum, { steps }) => sum + steps.length, 0);
    let nth = 0;
    for (const { migration, steps, later } of parts) {
      for (const step of steps) await carryOut(upgrade, step, { nth: ++nth, of });
      await inSchema(upgrade, (db) => finish(db, migration, later, newest));
    }
    if (of > 0) upgrade.tell(`the store is upgraded to migration ${newest}`);
  } finally {
    await giveTurn(upgrade);
  }
}

/** Marks a migration as done, with what is left for later. */
async function finish(
  db: Queryable,
  { number, name }: Migration,
  later: readonly { readonly at: number; readonly sql: string }[],
  newest: number,
): Promise<void> {
  await db.query("insert into migrations (number, name) values ($1, $2) on conflict do nothing", [number, name]);
  await db.query("delete from migration_steps where number = $1", [number]);
  for (const { at, sql } of later)
    await db.query("insert into migration_steps (number, step, what, known_then) values ($1, $2, $3, $4)", [number, at, sql, newest]);
}

const POLL_MS = 500;

/**
 * Waits until no other process upgrades. It asks again and again instead of waiting in the server: the transaction of a waiting session
 * would be one that an index build waits for.
 */
async function takeTurn({ client, kind, schema, tell }: Upgrade): Promise<void> {
  // The embedded engine has one session, and its folder one process: each step looks whether it has been done meanwhile.
  if (kind === "embedded") return;
  for (let waits = 0; !(await isMyTurn(client, schema)); waits++) {
    if (waits === 0) tell(`another process is upgrading the store${await whatIsDone(client, schema)}; waiting for it`);
    await sleep(POLL_MS);
  }
}

const lockName = (schema: string): string => `sentient upgrade ${schema}`;

const isMyTurn = async (client: PoolClient, schema: string): Promise<boolean> =>
  (await client.query<{ mine: boolean }>("select pg_try_advisory_lock(hashtext($1)) as mine", [lockName(schema)])).rows[0]?.mine === true;

async function giveTurn({ client, kind, schema }: Upgrade): Promise<void> {
  // The session of a failed step may be gone, and its lock with it.
  if (kind === "postgres") await client.query("select pg_advisory_unlock(hashtext($1))", [lockName(schema)]).catch(() => {});
}

async function whatIsDone(client: PoolClient, schema: string): Promise<string> {
  const { rows } = await client.query<{ what: string }>(
    `select what from ${quoted(schema)}.migration_steps where started_at is not null and finished_at is null order by started_at desc limit 1`,
  );
  return rows[0] ? ` (${rows[0].what})` : "";
}
