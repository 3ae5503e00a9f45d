import type { Queryable } from "../engines/database.ts";
import { BATCH, type Batch, type Step } from "./steps.ts";

/** Rows a transaction: few enough that a customer's next decision does not wait noticeably. */
export const BATCH_ROWS = 2_000;

/** The values of a key, as text: a step in batches has come up to here. */
export type BatchPlace = readonly string[];

export interface NextBatch extends Batch {
  /** Its last place; undefined for the last batch, which has no end. */
  readonly upto: BatchPlace | undefined;
}

/** The next rows of a table in the order of a step's key. */
export async function nextBatch(
  db: Queryable,
  { table = "", alias = "", key = [] }: Step,
  place: BatchPlace | null,
  rows = BATCH_ROWS,
): Promise<NextBatch> {
  const types = await typesOf(db, table, key);
  const columns = key.map((column) => `${alias}.${column}`);
  const compared = (operator: string, first: number): string =>
    `(${columns.join(", ")}) ${operator} (${types.map((type, n) => `$${first + n}::${type}`).join(", ")})`;
  const after = place === null ? "true" : compared(">", 1);
  const from = place ?? [];
  const keyOf = `select jsonb_build_array(${columns.map((column) => `${column}::text`).join(", ")}) as key from "${table}" ${alias}`;
  const next = await db.query<{ key: string[] }>(`${keyOf} where ${after} order by ${columns.join(", ")} offset ${rows - 1} limit 1`, [
    ...from,
  ]);
  const upto = next.rows[0]?.key;
  if (upto === undefined) return { condition: after, values: from, upto };
  return { condition: `${after} and ${compared("<=", 1 + from.length)}`, values: [...from, ...upto], upto };
}

/** Carries a step out for a batch, and gives the rows that it has changed. */
export async function runBatch(db: Queryable, { sql, code }: Step, batch: Batch): Promise<number> {
  const byCode = (await code?.(db, batch)) ?? 0;
  if (sql === "") return byCode;
  return byCode + (await db.query(sql.replaceAll(BATCH, batch.condition), [...batch.values])).rowCount;
}

/** Carries a step out as a whole, in the transaction of others. */
export async function runWhole(db: Queryable, step: Step): Promise<void> {
  if (step.kind !== "batches") {
    await step.code?.(db, WHOLE);
    if (step.sql !== "") await db.query(step.sql);
    return;
  }
  // What code holds in memory has a bound too.
  if (step.code === undefined) await runBatch(db, step, WHOLE);
  else for (let place: BatchPlace | null | undefined = null; place !== undefined; ) place = await runNext(db, step, place);
}

// --- internal ---

const WHOLE: Batch = { condition: "true", values: [] };

async function runNext(db: Queryable, step: Step, place: BatchPlace | null): Promise<BatchPlace | undefined> {
  const batch = await nextBatch(db, step, place);
  await runBatch(db, step, batch);
  return batch.upto;
}

async function typesOf(db: Queryable, table: string, key: readonly string[]): Promise<string[]> {
  const sql = `select attname as name, format_type(atttypid, atttypmod) as type from pg_attribute where attrelid = to_regclass($1)`;
  const { rows } = await db.query<{ name: string; type: string }>(sql, [`"${table}"`]);
  return key.map((column) => {
    const found = rows.find(({ name }) => name === column);
    if (!found) throw new Error(`${table} has no column ${column}`);
    return found.type;
  });
}
