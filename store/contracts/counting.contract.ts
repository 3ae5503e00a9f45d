import type { Queryable } from "../engines/database.ts";

/** A step of a plan of PostgreSQL, as it was run. */
export interface Plan {
  readonly "Node Type": string;
  readonly "Actual Rows": number;
  readonly "Actual Loops": number;
  readonly "Rows Removed by Filter"?: number;
  readonly "Rows Removed by Join Filter"?: number;
  readonly "Relation Name"?: string;
  readonly "Sort Key"?: readonly string[];
  readonly "Index Name"?: string;
  readonly Plans?: readonly Plan[];
}

/** Runs a statement and returns how. */
export async function explained(db: Queryable, sql: string, params?: readonly unknown[]): Promise<Plan[]> {
  const { rows } = await db.query<{ "QUERY PLAN": readonly { Plan: Plan }[] }>(`explain (analyze, format json) ${sql}`, params);
  return rows.flatMap((row) => row["QUERY PLAN"]).map(({ Plan }) => Plan);
}

/** A plan and all steps below it. */
export const stepsOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(stepsOf)];

/** The steps that read a table. */
export const scansOf = (plan: Plan): Plan[] => stepsOf(plan).filter((step) => step["Relation Name"] !== undefined);

/** Rows that a step has returned or discarded. */
export const rowsOf = (step: Plan): number =>
  (step["Actual Rows"] + (step["Rows Removed by Filter"] ?? 0) + (step["Rows Removed by Join Filter"] ?? 0)) * step["Actual Loops"];

/** Counts the rows that statements read from tables. */
export function counting(pool: Queryable): { readonly db: Queryable; read(): number } {
  let rows = 0;
  const db: Queryable = {
    async query(sql: string, params?: readonly unknown[]) {
      for (const scan of (await explained(pool, sql, params)).flatMap(scansOf)) rows += rowsOf(scan);
      return pool.query(sql, params);
    },
  };
  return {
    db,
    read: () => {
      const found = rows;
      rows = 0;
      return found;
    },
  };
}
