import { HOUR, MINUTE, SECOND } from "../../domain/values/time.ts";
import type { Database, Queryable } from "../engines/database.ts";
import { lastMigration, type Migration, readMigrations, stepsWithCode } from "./migrate.ts";
import { indexedBy, type Step } from "./steps.ts";

/** What an upgrade of a store would take; `steps` is 0 where there is none. */
export interface UpgradeEstimate {
  readonly from: number;
  readonly to: number;
  readonly steps: number;
  /** At most so long on a machine like a small server, and at least a third of it. */
  readonly ms: number;
  /** Disk that has to be free: new indexes, and rows that are written again. */
  readonly bytes: number;
  /** Steps that wait until nobody runs the version before, of this upgrade and of the last one: the version after this one does them. */
  readonly later: number;
  /** What of it cannot be parted: for how long all others wait for a table, and why. */
  readonly alone: readonly AloneEstimate[];
}

export interface AloneEstimate {
  readonly migration: number;
  readonly table: string;
  readonly why: string;
  readonly ms: number;
  readonly bytes: number;
}

/**
 * What the upgrade of a store to this version takes, by the sizes of its tables. Nothing is changed; the store may be in use.
 *
 * @param migrations a test passes its own
 */
export async function estimateUpgrade(
  { pool, kind }: Pick<Database, "pool" | "kind">,
  schema: string,
  migrations: readonly Migration[] = readMigrations(),
): Promise<UpgradeEstimate> {
  const from = await lastMigration(pool, schema);
  const to = migrations.at(-1)?.number ?? 0;
  const done = from === 0 ? [] : (await pool.query<{ number: number }>(`select number from "${schema}".migrations`)).rows;
  const isDone = new Set(done.map(({ number }) => number));
  const open = from === 0 ? new Map<string, number>() : await waitingSteps(pool, schema);
  const steps = migrations.flatMap((migration) =>
    stepsWithCode(migration).flatMap((step, at) => {
      const knownThen = open.get(`${migration.number} ${at}`);
      const isDue = isDone.has(migration.number) ? knownThen !== undefined && knownThen < to : !step.contracts || kind === "embedded";
      const isLeft = !isDone.has(migration.number) || knownThen !== undefined;
      return isLeft ? [{ step, number: migration.number, isDue }] : [];
    }),
  );
  const now = steps.filter(({ isDue }) => isDue);
  const sums = { ms: 0, bytes: 0 };
  const alone: AloneEstimate[] = [];
  for (const { step, number } of from === 0 ? [] : now) {
    const { ms, bytes } = await costOf(pool, schema, step);
    sums.ms += ms;
    sums.bytes += bytes;
    if (step.alone) alone.push({ migration: number, ...step.alone, ms, bytes });
  }
  return { from, to, steps: from === 0 ? 0 : now.length, ...sums, later: steps.length - now.length, alone };
}

/** An estimate in words: `from 20 min to 1 h`, `12 GB`. */
export function estimateInWords({ ms, bytes }: Pick<UpgradeEstimate, "ms" | "bytes">): { readonly time: string; readonly disk: string } {
  const time = ms < MINUTE ? "less than a minute" : `from ${inWords(ms / SPREAD)} to ${inWords(ms)}`;
  const disk = bytes < MB ? "less than 1 MB" : bytes < GB ? `${Math.ceil(bytes / MB)} MB` : `${(bytes / GB).toFixed(1)} GB`;
  return { time, disk };
}

// --- internal ---

const MB = 1024 ** 2;
const GB = 1024 ** 3;
const SPREAD = 3;

const inWords = (ms: number): string =>
  ms < MINUTE ? `${Math.ceil(ms / SECOND)} s` : ms < HOUR ? `${Math.ceil(ms / MINUTE)} min` : `${(ms / HOUR).toFixed(1)} h`;

/** Of a slow server. On two busy virtual processors a million rows were sorted into an index in 3 s, and written again in 43 s. */
const READ_BYTES_A_MS = 200_000;
const READ_ROWS_A_MS = 100;
const SORTED_ROWS_A_MS = 200;
const WRITTEN_ROWS_A_MS = 10;
const STEP_MS = 500;

/** An entry's header and pointer, and what a page of an index keeps free. */
const ENTRY_BYTES = 16;
const FILLED = 0.9;

interface TableSize {
  readonly rows: number;
  readonly bytes: number;
}

/** Steps of earlier upgrades that wait, by migration and place, with the newest migration that was known then. */
async function waitingSteps(db: Queryable, schema: string): Promise<Map<string, number>> {
  const table = `"${schema}".migration_steps`;
  const { rows: known } = await db.query<{ is_there: boolean }>("select to_regclass($1) is not null as is_there", [table]);
  if (known[0]?.is_there !== true) return new Map();
  const sql = `select number, step, known_then from ${table} where finished_at is null and known_then is not null`;
  const { rows } = await db.query<{ number: number; step: number; known_then: number }>(sql);
  return new Map(rows.map(({ number, step, known_then }) => [`${number} ${step}`, known_then]));
}

async function costOf(db: Queryable, schema: string, step: Step): Promise<{ ms: number; bytes: number }> {
  const table = step.table ?? step.alone?.table;
  const size = table === undefined ? undefined : await sizeOf(db, schema, table);
  if (size && step.alone) return aloneCost(step, size);
  if (size === undefined || step.kind === "statements" || step.kind === "drop_index") return { ms: STEP_MS, bytes: 0 };
  if (step.kind === "batches" && step.few) return { ms: STEP_MS + size.rows / READ_ROWS_A_MS + size.bytes / READ_BYTES_A_MS, bytes: 0 };
  if (step.kind === "batches") return { ms: STEP_MS + size.rows / WRITTEN_ROWS_A_MS, bytes: size.bytes };
  const isSummary = /\busing brin\b/i.test(step.sql);
  const width = await widthOf(db, schema, String(step.table), indexedBy(step.sql));
  // A server reads the table twice to build an index beside other work.
  const ms = STEP_MS + (2 * size.bytes) / READ_BYTES_A_MS + (isSummary ? 0 : size.rows / SORTED_ROWS_A_MS);
  return { ms, bytes: isSummary ? MB : Math.ceil((size.rows * (width + ENTRY_BYTES)) / FILLED) };
}

async function sizeOf(db: Queryable, schema: string, table: string): Promise<TableSize | undefined> {
  const sql = `
select pg_relation_size(c.oid)::float8 as bytes, c.reltuples::float8 as rows, greatest(c.relpages, 1)::float8 as pages, current_setting('block_size')::float8 as page
  from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname = $2`;
  const { rows } = await db.query<{ bytes: number; rows: number; pages: number; page: number }>(sql, [schema, table]);
  const [size] = rows;
  if (!size) return undefined;
  // Statistics know the rows of a page; a table that has grown since, or has none, is taken by its bytes.
  const aPage = size.rows > 0 ? size.rows / size.pages : size.page / SMALL_ROW;
  return { bytes: size.bytes, rows: Math.ceil((aPage * size.bytes) / size.page) };
}

/** Of a column that is computed the whole table is written again; else a column is checked and a key is built. */
const aloneCost = ({ sql }: Step, { rows, bytes }: TableSize): { ms: number; bytes: number } =>
  REWRITES.test(sql)
    ? { ms: STEP_MS + rows / WRITTEN_ROWS_A_MS, bytes }
    : { ms: STEP_MS + (2 * bytes) / READ_BYTES_A_MS + rows / SORTED_ROWS_A_MS, bytes: rows * KEY_BYTES };

const REWRITES = /\bgenerated always as\b/i;

/** A key of three texts. */
const KEY_BYTES = 112;

const SMALL_ROW = 200;

/** Bytes of an entry: average widths of its columns where statistics know them, and a guess for each expression. */
async function widthOf(db: Queryable, schema: string, table: string, columns: readonly string[]): Promise<number> {
  const sql = "select attname as name, avg_width as width from pg_stats where schemaname = $1 and tablename = $2";
  const { rows } = await db.query<{ name: string; width: number }>(sql, [schema, table]);
  const known = new Map(rows.map(({ name, width }) => [name, width]));
  return columns.reduce((sum, column) => sum + (known.get(column.split(" ")[0] ?? "") ?? USUAL_WIDTH), 0);
}

const USUAL_WIDTH = 32;
