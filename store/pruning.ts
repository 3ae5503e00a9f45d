import type { Keeping } from "../domain/record/retention.ts";
import { storableJson } from "../domain/values/storable.ts";
import { type Instant, iso, parseInstant } from "../domain/values/time.ts";
import { COUNTING } from "./commit/writes.ts";
import { type Pool, type Queryable, transaction } from "./engines/database.ts";
import { PRUNED_TABLES, type PrunedTable, STATEMENTS } from "./pruning-statements.ts";
import { toTime } from "./reading/load-customers.ts";
import { forgetRows } from "./reading/operations-people.ts";

export { PRUNED_TABLES, type PrunedTable };

/** Deletes closed rows past their retention period. Rows that are open or still counted stay, however old. */
export interface Pruning {
  /** Whether this process may prune now: one process a store in each interval. */
  claimTurn(now: Instant, everyMs: number): Promise<boolean>;
  /** Deletes at most `limit` rows of a table, in one transaction; returns how many. */
  prune(table: PrunedTable, keep: Keeping, now: Instant, limit: number): Promise<number>;
  /** Signals before this instant were pruned, so a recorded stream starts after it. Undefined if nothing was pruned. */
  prunedUntil(): Promise<Instant | undefined>;
}

export function createPruning(pool: Pool): Pruning {
  return {
    claimTurn: async (now, everyMs) => (await pool.query(CLAIM_TURN, [TURN, now, everyMs])).rows.length > 0,
    prune: (table, keep, now, limit) => transaction(pool, (db) => prune(db, table, keep, now, limit)),
    async prunedUntil() {
      const { rows } = await pool.query<{ value: unknown }>("select value from settings where name = $1", [PRUNED_UNTIL]);
      return typeof rows[0]?.value === "string" ? parseInstant(rows[0].value) : undefined;
    },
  };
}

// --- internal ---

const TURN = "pruned_at";
const PRUNED_UNTIL = "signals_forgotten_until";

const CLAIM_TURN = `
insert into settings as s (name, value) values ($1, to_jsonb($2::float8))
on conflict (name) do update set value = excluded.value where abs($2::float8 - (s.value #>> '{}')::float8) >= $3::float8
returning name`;

async function prune(db: Queryable, table: PrunedTable, keep: Keeping, now: Instant, limit: number): Promise<number> {
  const { keptFor, sql } = STATEMENTS[table];
  const span = keptFor(keep);
  if (span === undefined) return 0;
  const before = now - span;
  if (table === "decisions") return pruneDecisions(db, sql, keep, before, limit);
  if (table === "customers") return forgetVisitors(db, sql, before, limit);
  const more = table === "asks" ? [toTime(now - Math.max(span, keep.history))] : [];
  const { rows } = await db.query<{ n: number }>(sql, [toTime(before), limit, ...more]);
  const n = rows[0]?.n ?? 0;
  if (table === "signals" && n > 0) await db.query(SET_PRUNED_UNTIL, [PRUNED_UNTIL, storableJson(iso(before))]);
  return n;
}

const SET_PRUNED_UNTIL = `
insert into settings as s (name, value) values ($1, $2::jsonb)
on conflict (name) do update set value = excluded.value where (s.value #>> '{}') < (excluded.value #>> '{}')`;

/** Counts the slots of each experience before their deliveries are deleted, as a later policy may set a limit in total. */
async function pruneDecisions(db: Queryable, sql: string, keep: Keeping, before: Instant, limit: number): Promise<number> {
  const { rows } = await db.query<{ decision_id: string; experiences: string[] }>(sql, [
    toTime(before),
    limit,
    keep.countedForEver,
    keep.heldForEver,
  ]);
  if (rows.length === 0) return 0;
  await countTotals(db, rows);
  const ids = rows.map(({ decision_id }) => decision_id);
  for (const table of ["deliveries", "decisions"]) await db.query(`delete from ${table} where decision_id = any($1::text[])`, [ids]);
  return rows.length;
}

/** Deletes everything about visitors not heard of since. A concurrent commit for one of them waits, and finds no row. */
async function forgetVisitors(db: Queryable, sql: string, before: Instant, limit: number): Promise<number> {
  const { rows } = await db.query<{ ids: string[]; experiences: string[] }>(sql, [toTime(before), limit]);
  if (rows.length === 0) return 0;
  await countTotals(db, rows);
  const ids = rows.flatMap((row) => row.ids);
  await forgetRows(db, ids);
  return ids.length;
}

async function countTotals(db: Queryable, rows: readonly { readonly experiences: readonly string[] }[]): Promise<void> {
  const experiences = [...new Set(rows.flatMap((row) => row.experiences))].sort();
  if (experiences.length > 0) await db.query(COUNT_TOTALS, [experiences]);
}

const COUNT_TOTALS = `
insert into experience_totals (experience_id, used)
select e, (select count(*) from deliveries d where d.experience_id = e and d.status in ${COUNTING})
  from unnest($1::text[]) e where not exists (select 1 from experience_totals t where t.experience_id = e)
on conflict (experience_id) do nothing`;
