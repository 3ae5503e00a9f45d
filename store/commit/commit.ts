import type { Json } from "../../domain/values/json.ts";
import { storableJson } from "../../domain/values/storable.ts";
import { type Pool, type Queryable, transaction } from "../engines/database.ts";
import { commitAnswers } from "./commit-answers.ts";
import { type CommitAtOnceOptions, commitAtOnce } from "./commit-at-once.ts";
import type { CommitResult, CustomerCommit } from "./customer-commit.ts";
import { customerRow, INSERT_CUSTOMERS, UPDATE_CUSTOMERS } from "./customer-rows.ts";
import { type Held, HOLD } from "./hold.ts";
import { teach } from "./learned.ts";
import { OPERATION_WRITES } from "./operations-rows.ts";
import { Rows } from "./rows.ts";
import { COUNTING, decidedStatements, INSERT_ASKS, ONCE, type Table, WRITES } from "./writes.ts";

export interface CommitOptions extends CommitAtOnceOptions {
  /** Leases that end where anything is written, in its transaction. */
  readonly held?: Held | undefined;
}

/**
 * Writes the commits of a batch in one transaction: records, decisions, and the slots in the ledger. A commit is written only if its
 * customer's version has not changed since it was loaded, so the state that was judged is the state that is updated.
 */
export async function commitCustomers(
  pool: Pool,
  commits: readonly CustomerCommit[],
  settings: Readonly<Record<string, Json>> = {},
  options: CommitOptions = {},
): Promise<CommitResult> {
  try {
    const quickly = Object.keys(settings).length > 0 ? undefined : await commitQuickly(pool, commits, options);
    if (quickly) return quickly;
    return await transaction(pool, (db) => writeCustomers(db, commits, settings, options.held), options);
  } catch (error) {
    if (error instanceof TotalsExhausted) return { committed: new Set(), exhausted: error.experiences };
    if (error instanceof AlreadyWritten) return { committed: new Set(), isRepeated: true };
    if (error instanceof HalfWritten) return { committed: new Set() };
    throw error;
  }
}

/** Used slots of each of these experiences; counted once from the ledger, then maintained. */
export async function loadTotals(db: Queryable, experiences: readonly string[]): Promise<Map<string, number>> {
  if (experiences.length === 0) return new Map();
  const { rows } = await db.query<{ experience_id: string; used: number }>(
    `with counted as (
       insert into experience_totals (experience_id, used)
       select e, (select count(*) from deliveries d where d.experience_id = e and d.status in ${COUNTING})
         from unnest($1::text[]) e where not exists (select 1 from experience_totals t where t.experience_id = e)
       on conflict (experience_id) do nothing
       returning experience_id, used
     )
     select experience_id, used::float8 as used from experience_totals where experience_id = any($1::text[])
     union all select experience_id, used::float8 from counted`,
    [experiences],
  );
  return new Map(rows.map(({ experience_id, used }) => [experience_id, used]));
}

// --- internal ---

/** Undefined where the general way has to be taken, and nothing was written. */
async function commitQuickly(
  pool: Pool,
  commits: readonly CustomerCommit[],
  { flush = true, held, claim }: CommitOptions,
): Promise<CommitResult | undefined> {
  const answered = flush ? await commitAnswers(pool, commits, held) : undefined;
  return answered ?? (held ? undefined : commitAtOnce(pool, commits, { flush, claim }));
}

async function writeCustomers(
  db: Queryable,
  given: readonly CustomerCommit[],
  settings: Readonly<Record<string, Json>>,
  held: Held | undefined,
): Promise<CommitResult> {
  const commits = given.flatMap((one) => (one.along ? [one, one.along] : [one]));
  const committed = await claimVersions(db, commits);
  for (const { before, along } of given)
    if (along && committed.has(before.customerId) !== committed.has(along.before.customerId)) throw new HalfWritten();
  const rows = new Rows();
  for (const one of commits) if (committed.has(one.before.customerId)) rows.addCommit(one);
  await write(db, "asks", INSERT_ASKS("$1"), rows.of("asks"));
  await takeTotals(db, rows.totals);
  await teach(db, rows.lessons, rows.hourLessons);
  for (const [table, sql] of OPERATION_WRITES) await write(db, table, sql, rows.of(table));
  await writeDecided(db, rows);
  for (const [table, sql] of WRITES) await write(db, table, sql, rows.of(table));
  for (const [name, value] of Object.entries(settings)) await db.query(SET, [name, storableJson(value)]);
  if (held && committed.size > 0) await db.query(RELEASE, [held.customerIds, held.owner]);
  beginCommit(given);
  return { committed };
}

/** However long the statements took: an ask that was answered as late by then is not decided. */
function beginCommit(given: readonly CustomerCommit[]): void {
  if (given.some(({ ask }) => ask?.isOver?.() === true)) throw new AlreadyWritten("asks");
  for (const { ask } of given) ask?.onCommit?.();
}

const writeDecidedOf = decidedStatements(
  (parts, tables) =>
    `with ${parts.join(", ")} select ${tables.includes("arrivals") ? "count(*)::int" : "0"} as left_inbox${tables.includes("arrivals") ? " from left_inbox" : ""}`,
);

async function writeDecided(db: Queryable, rows: Rows): Promise<void> {
  const { text, tables } = writeDecidedOf((table) => rows.has(table));
  if (tables.length === 0) return;
  const written = await db.query<{ left_inbox: number }>(
    text,
    tables.map((table) => rows.parameter(table)),
  );
  if ((written.rows[0]?.left_inbox ?? 0) < rows.of("arrivals").length) throw new AlreadyWritten("arrivals");
}

async function write(db: Queryable, table: Table, sql: string, rows: readonly object[]): Promise<void> {
  if (rows.length === 0) return;
  const { rowCount } = await db.query(sql, [storableJson(rows)]);
  if (ONCE.includes(table) && rowCount < rows.length) throw new AlreadyWritten(table);
}

class TotalsExhausted extends Error {
  readonly experiences: readonly string[];

  constructor(experiences: readonly string[]) {
    super(`limits in total are used up: ${experiences.join(", ")}`);
    this.experiences = experiences;
  }
}

/** Rolls back a transaction that would write only one of two customers that belong together. */
class HalfWritten extends Error {}

/** Rolls back a transaction that would repeat a write. */
class AlreadyWritten extends Error {
  constructor(table: Table) {
    super(`written before: ${table}`);
  }
}

const RELEASE = HOLD("$1", "$2", "0");

const SET = "insert into settings (name, value) values ($1, $2::jsonb) on conflict (name) do update set value = excluded.value";

const TAKE_TOTALS = `
with x as materialized (
  select * from jsonb_to_recordset($1::jsonb) as x(experience_id text, taken bigint, total bigint)
), held as materialized (
  select x.* from experience_totals t join x on x.experience_id = t.experience_id order by t.experience_id for update of t
)
update experience_totals t set used = t.used + x.taken
  from held x
 where t.experience_id = x.experience_id and t.used + x.taken <= x.total
returning t.experience_id`;

const INSERTING = `with ${INSERT_CUSTOMERS("$1")} select customer_id from inserted`;
const UPDATING = `with ${UPDATE_CUSTOMERS("$1")} select customer_id from updated`;

/** Writes the customers' own rows where the version is unchanged; returns the ids written. */
async function claimVersions(db: Queryable, commits: readonly CustomerCommit[]): Promise<Set<string>> {
  const fresh = commits.filter(({ before }) => before.version === 0);
  const known = commits.filter(({ before }) => before.version > 0);
  const committed = new Set<string>();
  for (const [some, sql] of [
    [fresh, INSERTING],
    [known, UPDATING],
  ] as const) {
    if (some.length === 0) continue;
    const { rows } = await db.query<{ customer_id: string }>(sql, [storableJson(some.map(customerRow))]);
    for (const { customer_id } of rows) committed.add(customer_id);
  }
  return committed;
}

/** Takes slots of experiences with a limit in total: all, or none if one is exhausted. */
async function takeTotals(db: Queryable, totals: ReadonlyMap<string, { taken: number; total: number }>): Promise<void> {
  if (totals.size === 0) return;
  const wanted = [...totals].map(([experience_id, { taken, total }]) => ({ experience_id, taken, total }));
  const { rows } = await db.query<{ experience_id: string }>(TAKE_TOTALS, [storableJson(wanted)]);
  const given = new Set(rows.map(({ experience_id }) => experience_id));
  const exhausted = wanted.map(({ experience_id }) => experience_id).filter((id) => !given.has(id));
  if (exhausted.length > 0) throw new TotalsExhausted(exhausted);
}
