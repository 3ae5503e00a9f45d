import type { Queryable } from "../engines/database.ts";

interface Plan {
  readonly "Node Type": string;
  readonly "Actual Rows": number;
  readonly "Actual Loops": number;
  readonly "Rows Removed by Filter"?: number;
  readonly "Relation Name"?: string;
  readonly Plans?: readonly Plan[];
}

/** Counts the rows that statements read from tables. */
export function counting(pool: Queryable): { readonly db: Queryable; read(): number } {
  let rows = 0;
  const count = (plan: Plan): void => {
    if (plan["Relation Name"] !== undefined) rows += (plan["Actual Rows"] + (plan["Rows Removed by Filter"] ?? 0)) * plan["Actual Loops"];
    for (const part of plan.Plans ?? []) count(part);
  };
  const db: Queryable = {
    async query(sql: string, params?: readonly unknown[]) {
      const { rows: plans } = await pool.query<{ "QUERY PLAN": readonly { Plan: Plan }[] }>(
        `explain (analyze, format json) ${sql}`,
        params,
      );
      for (const { Plan: plan } of plans[0]?.["QUERY PLAN"] ?? []) count(plan);
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
