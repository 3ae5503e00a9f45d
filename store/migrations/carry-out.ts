import { setTimeout as sleep } from "node:timers/promises";
import { SentientError } from "../../domain/errors.ts";
import { storableJson } from "../../domain/values/storable.ts";
import type { EngineKind, Pool, PoolClient, Queryable } from "../engines/database.ts";
import { BATCH_ROWS, nextBatch, runBatch, runWhole } from "./batches.ts";
import type { Step } from "./steps.ts";

/** What an upgrade works with. */
export interface Upgrade {
  /** Its only session, which holds the lock on upgrading. */
  readonly client: PoolClient;
  /** For looks at how far that session is. */
  readonly pool: Pool;
  readonly kind: EngineKind;
  readonly schema: string;
  readonly tell: (text: string) => void;
  readonly batchRows?: number;
}

export interface NumberedStep extends Step {
  readonly number: number;
  /** Its place among the steps of its migration, from 0. */
  readonly at: number;
}

/** A step's place in the whole upgrade, from 1. */
export interface Nth {
  readonly nth: number;
  readonly of: number;
}

/**
 * Runs `work` in one transaction on the tables of the schema, which is created if missing. It excludes other such transactions, those
 * of the version before too.
 */
export async function inSchema<T>({ client, schema }: Upgrade, work: (db: Queryable) => Promise<T>, { patient = true } = {}): Promise<T> {
  await client.query("begin");
  try {
    // What waits for the lock of a table holds up everybody who comes after it.
    if (!patient) await client.query(`set local lock_timeout = ${LOCK_MS}`);
    await client.query("set local statement_timeout = 0");
    await client.query("select pg_advisory_xact_lock(hashtext($1))", [`sentient migrations ${schema}`]);
    await client.query(`create schema if not exists ${quoted(schema)}`);
    await client.query(`set local search_path = ${quoted(schema)}`);
    const result = await work(client);
    await client.query("commit");
    return result;
  } catch (error) {
    await client.query("rollback").catch(() => {});
    throw error;
  }
}

/**
 * Carries a step out and records it as done; one that is recorded already is skipped. While the tables that it needs are locked, it
 * tries again.
 *
 * @throws STORE_FAILED with the step; what was done before is kept
 */
export async function carryOut(upgrade: Upgrade, step: NumberedStep, { nth, of }: Nth): Promise<void> {
  const { tell } = upgrade;
  const what = whatOf(step);
  if (await isDone(upgrade, step)) return;
  tell(`upgrading the store, step ${nth} of ${of}: ${what}${await sizeOf(upgrade, step)}`);
  for (let tries = 0; ; tries++) {
    try {
      await once(upgrade, step, what);
      return;
    } catch (error) {
      const code = codeOf(error);
      if (!WAITED_IN_VAIN.includes(code)) {
        const reason = error instanceof Error ? error.message : String(error);
        const said = `upgrading the store failed at step ${nth} of ${of}, ${what}: ${reason}; what was done before is kept: start again to go on`;
        throw new SentientError("STORE_FAILED", said, { cause: error });
      }
      const waitMs = Math.min(FIRST_WAIT_MS * 2 ** tries, LONGEST_WAIT_MS);
      tell(`step ${nth} of ${of} waits: others hold locks on its tables; trying again in ${Math.ceil(waitMs / 1000)} s`);
      await sleep(waitMs);
    }
  }
}

// --- internal ---

/** How long a step waits for a lock, and everybody who comes after it behind it. */
const LOCK_MS = 2_000;

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;

/** SQLSTATE: lock not available, deadlock detected. */
const WAITED_IN_VAIN: readonly unknown[] = ["55P03", "40P01"];

const TELL_EVERY_MS = 10_000;

const codeOf = (error: unknown): unknown => (error as { readonly code?: unknown } | null)?.code;

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

function whatOf({ kind, index, table, number, alone }: NumberedStep): string {
  if (alone) return `tables of migration ${number}, while others wait for ${alone.table}`;
  if (kind === "build_index") return `index ${index} of ${table}`;
  if (kind === "drop_index") return `index ${index} is dropped`;
  return kind === "batches" ? `rows of ${table}, ${BATCH_ROWS} at a time` : `tables of migration ${number}`;
}

async function isDone(upgrade: Upgrade, { number, at }: NumberedStep): Promise<boolean> {
  return inSchema(upgrade, async (db) => (await recordOf(db, number, at))?.finished_at != null);
}

interface StepRecord {
  readonly place: readonly string[] | null;
  readonly rows: number;
  readonly finished_at: Date | null;
}

const recordOf = async (db: Queryable, number: number, at: number): Promise<StepRecord | undefined> =>
  (
    await db.query<StepRecord>("select place, rows::float8 as rows, finished_at from migration_steps where number = $1 and step = $2", [
      number,
      at,
    ])
  ).rows[0];

/** How many rows a table has, as the server's statistics know. */
async function rowsOf(db: Queryable, schema: string, table: string): Promise<number> {
  const { rows } = await db.query<{ rows: number }>(
    "select greatest(reltuples, 0)::float8 as rows from pg_class where oid = to_regclass($1)",
    [`${quoted(schema)}.${quoted(table)}`],
  );
  return rows[0]?.rows ?? 0;
}

async function sizeOf({ client, schema }: Upgrade, { alone, table = alone?.table }: NumberedStep): Promise<string> {
  const rows = table === undefined ? 0 : await rowsOf(client, schema, table);
  return rows === 0 ? "" : ` (about ${Math.round(rows).toLocaleString("en")} rows)`;
}

const START = `
insert into migration_steps (number, step, what, started_at) values ($1, $2, $3, clock_timestamp())
on conflict (number, step) do update set what = excluded.what, started_at = excluded.started_at`;

const END = "update migration_steps set finished_at = clock_timestamp() where number = $1 and step = $2";

async function once(upgrade: Upgrade, step: NumberedStep, what: string): Promise<void> {
  const { number, at } = step;
  const isBeside = upgrade.kind === "postgres" && (step.kind === "build_index" || step.kind === "drop_index");
  if (step.kind === "batches" || isBeside) {
    await inSchema(upgrade, (db) => db.query(START, [number, at, what]));
    if (!isBeside) return inBatches(upgrade, step);
    await changeIndex(upgrade, step);
    await inSchema(upgrade, (db) => db.query(END, [number, at]));
    return;
  }
  await inSchema(
    upgrade,
    async (db) => {
      // On the embedded engine another opener in this process may have done it.
      if ((await recordOf(db, number, at))?.finished_at != null) return;
      await runWhole(db, step);
      await db.query(START, [number, at, what]);
      await db.query(END, [number, at]);
    },
    { patient: false },
  );
}

/**
 * Builds or drops an index beside other work. A build that was cut off leaves an index that every write maintains and nobody reads: it is
 * dropped, and built again.
 */
async function changeIndex(upgrade: Upgrade, { kind, sql, index = "" }: NumberedStep): Promise<void> {
  const { client, schema, tell } = upgrade;
  await client.query(`set search_path = ${quoted(schema)}`);
  await client.query("set statement_timeout = 0");
  // It waits for transactions, and nobody waits for it.
  await client.query("set lock_timeout = 0");
  try {
    const is = await validityOf(client, schema, index);
    if (kind === "drop_index") {
      if (is !== undefined) await client.query(`drop index concurrently ${quoted(index)}`);
      return;
    }
    if (is === true) return;
    if (is === false) {
      tell(`index ${index} was left incomplete, and is built again`);
      await client.query(`drop index concurrently ${quoted(index)}`);
    }
    await telling(upgrade, index, () => client.query(sql.replace(/\bindex\b/i, "index concurrently")));
  } finally {
    for (const setting of ["search_path", "statement_timeout", "lock_timeout"]) await client.query(`reset ${setting}`).catch(() => {});
  }
}

/** Whether an index can be used; undefined if there is none of this name. */
async function validityOf(db: Queryable, schema: string, index: string): Promise<boolean | undefined> {
  const { rows } = await db.query<{ valid: boolean }>("select indisvalid as valid from pg_index where indexrelid = to_regclass($1)", [
    `${quoted(schema)}.${quoted(index)}`,
  ]);
  return rows[0]?.valid;
}

/** Tells how far an index build is, every few seconds. */
async function telling({ client, pool, tell }: Upgrade, index: string, work: () => Promise<unknown>): Promise<void> {
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  const look = async (): Promise<void> => tell(`index ${index}: ${await buildProgress(pool, rows[0]?.pid ?? 0)}`);
  const timer = setInterval(() => void look().catch(() => {}), TELL_EVERY_MS);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
}

/** How far the index build of a session is, in words. */
export async function buildProgress(db: Queryable, pid: number): Promise<string> {
  const { rows } = await db.query<{ phase: string; done: number; total: number; locker: number | null }>(
    `select phase, greatest(blocks_done, tuples_done)::float8 as done, greatest(blocks_total, tuples_total)::float8 as total,
            nullif(current_locker_pid, 0)::int as locker
       from pg_stat_progress_create_index where pid = $1`,
    [pid],
  );
  const [at] = rows;
  if (!at) return "about to begin or to end";
  if (at.phase.startsWith("waiting"))
    return `waits for transactions that began before it${at.locker === null ? "" : `, that of process ${at.locker} of the server first`}`;
  return at.total > 0 ? `${at.phase}, ${Math.floor((100 * at.done) / at.total)} %` : at.phase;
}

/** Goes through a table in the order of a key. Each batch is a transaction that also keeps its place. */
async function inBatches(upgrade: Upgrade, step: NumberedStep): Promise<void> {
  const { schema, tell } = upgrade;
  const { number, at, table = "" } = step;
  let told = Date.now();
  for (let isLast = false; !isLast; ) {
    const rows = await inSchema(
      upgrade,
      async (db) => {
        const { place, rows, finished_at } = (await recordOf(db, number, at)) ?? { place: null, rows: 0, finished_at: null };
        // On the embedded engine another opener in this process may do it at the same time, and be through.
        isLast = finished_at !== null;
        if (isLast) return rows;
        const batch = await nextBatch(db, step, place, upgrade.batchRows);
        isLast = batch.upto === undefined;
        const changed = await runBatch(db, step, batch);
        const keep = "update migration_steps set place = coalesce($3::jsonb, place), rows = rows + $4 where number = $1 and step = $2";
        await db.query(keep, [number, at, batch.upto === undefined ? null : storableJson([...batch.upto]), changed]);
        // The last batch has no place after it: cut off before the step's end is on record, it would be done twice.
        if (isLast) await db.query(END, [number, at]);
        return rows + changed;
      },
      { patient: false },
    );
    if (Date.now() - told < TELL_EVERY_MS) continue;
    told = Date.now();
    const all = await rowsOf(upgrade.client, schema, table);
    tell(
      `rows of ${table}: ${rows.toLocaleString("en")} changed${all > rows ? ` of at most ${Math.round(all).toLocaleString("en")}` : ""}`,
    );
  }
}
