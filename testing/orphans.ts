/** Runs a query in the schema of a store. */
type Rows = (sql: string) => Promise<readonly Record<string, unknown>[]>;

/**
 * Rows that name a customer or a decision that is not there, in words, by table: most tables have no foreign key that would
 * prevent them. Which tables name a customer is asked of the schema itself.
 */
export async function orphansIn(rows: Rows): Promise<string[]> {
  const tables = (await rows(TABLES)).map(({ name }) => String(name)).filter((name) => !MAY_NAME_ANYBODY.includes(name));
  const found = [
    ...tables.map(
      async (name) =>
        [
          `rows of ${name} have no customer`,
          await rows(`select distinct customer_id as id from "${name}" ${LOST("customers", "customer_id")}`),
        ] as const,
    ),
    (async () =>
      [
        "rows of deliveries have no decision",
        await rows(`select distinct decision_id as id from deliveries ${LOST("decisions", "decision_id")}`),
      ] as const)(),
  ];
  return (await Promise.all(found)).flatMap(([what, lost]) =>
    lost.length > 0
      ? [
          `${what}: ${lost
            .slice(0, 3)
            .map(({ id }) => String(id))
            .join(", ")}${lost.length > 3 ? ` and ${lost.length - 3} more` : ""}`,
        ]
      : [],
  );
}

// --- internal ---

/** Signals come before their customers, lanes are leases that run out, and operators' doings may outlive whom they were done to. */
const MAY_NAME_ANYBODY = ["audit", "customers", "inbox", "inbox_identities", "lanes"];

const TABLES = `
select c.table_name as name from information_schema.columns c
  join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name and t.table_type = 'BASE TABLE'
 where c.table_schema = current_schema() and c.column_name = 'customer_id' order by c.table_name`;

const LOST = (table: string, key: string): string =>
  `row where row.${key} is not null and not exists (select 1 from ${table} there where there.${key} = row.${key})`;
