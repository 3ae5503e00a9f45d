import type { Pool } from "./engines/database.ts";

/** Empties a store but for its migrations, and starts its sequences anew. */
export type Clearing = () => Promise<void>;

/**
 * Between two cases of a suite few rows are there. Deleting them takes milliseconds; truncating writes every table and index anew, a
 * quarter of a second on the embedded engine. Many rows are truncated, and so is every fiftieth time: that engine has no vacuum.
 */
export function createClearing(pool: Pool): Clearing {
  let known: Promise<Layout> | undefined;
  let times = 0;
  return async () => {
    known ??= layoutOf(pool);
    const { tables, sequences } = await known;
    const { rows } = await pool.query<{ name: string; many: boolean }>(FILLED(tables));
    const isMuch = rows.some(({ many }) => many) || ++times % TRUNCATES === 0;
    if (isMuch) await pool.query(`truncate ${tables.join(", ")} cascade`);
    else if (rows.length > 0) await pool.query(DELETE(rows.map(({ name }) => name)));
    await pool.query(`select ${sequences.map((name) => `setval('${name}', 1, false)`).join(", ")}`);
  };
}

// --- internal ---

interface Layout {
  readonly tables: readonly string[];
  readonly sequences: readonly string[];
}

/** Rows of a table up to which they are deleted: each customer has some twenty tables to look into. */
const FEW = 500;
const TRUNCATES = 50;

async function layoutOf(pool: Pool): Promise<Layout> {
  const { rows } = await pool.query<{ name: string; is_table: boolean }>(LAYOUT);
  const named = (isTable: boolean): string[] => rows.filter(({ is_table }) => is_table === isTable).map(({ name }) => name);
  return { tables: named(true), sequences: named(false) };
}

const LAYOUT = `
select quote_ident(tablename) as name, true as is_table from pg_tables
 where schemaname = current_schema() and tablename not in ('migrations', 'migration_steps')
union all
select quote_ident(sequencename), false from pg_sequences where schemaname = current_schema()
order by 1`;

const FILLED = (tables: readonly string[]): string =>
  tables
    .map((name) => `select '${name}' as name, exists (select 1 from ${name} offset ${FEW}) as many where exists (select 1 from ${name})`)
    .join(" union all ");

/** In one statement: references are checked at its end. */
const DELETE = (tables: readonly string[]): string =>
  `with ${tables.map((name, n) => `gone${n} as (delete from ${name})`).join(", ")} select 1`;
