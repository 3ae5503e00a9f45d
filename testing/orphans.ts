import { TABLES_OF_PEOPLE } from "../store/reading/operations-people.ts";

/** Runs a query in the schema of a store. */
type Rows = (sql: string) => Promise<readonly Record<string, unknown>[]>;

/**
 * Rows that name a missing customer or decision, as text, by table: most tables have no foreign key that would prevent them. The schema
 * itself lists the tables that name a customer.
 */
export async function orphansIn(rows: Rows): Promise<string[]> {
  const tables = (await rows(TABLES_OF_PEOPLE)).map(({ name }) => String(name)).filter((name) => !EXEMPT_TABLES.includes(name));
  const looks: readonly Look[] = [
    ...tables.map((table): Look => ({ table, what: "customer", where: "customers" })),
    { table: "deliveries", what: "decision", where: "decisions" },
  ];
  const found = await Promise.all(looks.map((look) => inWords(look, rows)));
  return found.flat();
}

// --- internal ---

/** A table with a reference to check, and the table it refers to. */
interface Look {
  readonly table: string;
  readonly what: "customer" | "decision";
  readonly where: string;
}

async function inWords({ table, what, where }: Look, rows: Rows): Promise<string[]> {
  const key = `${what}_id`;
  const lost = await rows(
    `select distinct ${key} as id from "${table}" one
      where one.${key} is not null and not exists (select 1 from ${where} there where there.${key} = one.${key})`,
  );
  if (lost.length === 0) return [];
  const some = lost.slice(0, 3).map(({ id }) => String(id));
  return [`rows of ${table} have no ${what}: ${some.join(", ")}${lost.length > 3 ? ` and ${lost.length - 3} more` : ""}`];
}

/** Signals arrive before their customers, leases expire, and the audit outlives erased customers. */
const EXEMPT_TABLES = ["audit", "customers", "inbox", "inbox_identities", "lanes"];
