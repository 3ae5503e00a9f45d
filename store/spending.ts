import type { Pool } from "./engines/database.ts";

interface Amount {
  readonly tokens: number;
  readonly usd: number;
}

/** Costs of language models, by day, over all processes on this store. */
export interface Spending {
  /** Reserves an amount if it fits into the day's limits; otherwise adds nothing and returns false. */
  reserve(
    day: string,
    amount: Amount,
    limits: { readonly tokens?: number | undefined; readonly usd?: number | undefined },
  ): Promise<boolean>;
  /** Adjusts a reservation by the difference to the actual cost. Returns the day's total. */
  correct(day: string, difference: Amount): Promise<Amount>;
  /** The total of a day. */
  total(day: string): Promise<Amount>;
}

/** @param of whose costs, where they are not those of the language model */
export function createSpending(pool: Pool, of?: "embeddings"): Spending {
  // The day first: what is older than today is pruned by its name.
  const nameOf = (day: string): string => `model_spending ${day}${of === undefined ? "" : ` ${of}`}`;
  return {
    async reserve(day, { tokens, usd }, limits) {
      const { rows } = await pool.query(RESERVE, [nameOf(day), tokens, usd, limits.tokens ?? null, limits.usd ?? null]);
      return rows.length > 0;
    },
    async correct(day, { tokens, usd }) {
      const { rows } = await pool.query<Amount>(
        `update settings set value = jsonb_build_object('tokens', (value->>'tokens')::float8 + $2::float8, 'usd', (value->>'usd')::float8 + $3::float8)
          where name = $1 returning (value->>'tokens')::float8 as tokens, (value->>'usd')::float8 as usd`,
        [nameOf(day), tokens, usd],
      );
      return rows[0] ?? { tokens: 0, usd: 0 };
    },
    async total(day) {
      const { rows } = await pool.query<{ value: Amount }>("select value from settings where name = $1", [nameOf(day)]);
      return rows[0]?.value ?? { tokens: 0, usd: 0 };
    },
  };
}

// --- internal ---

/** A single statement, so two processes cannot both reserve the rest of a budget. */
const RESERVE = `
insert into settings as s (name, value)
select $1, jsonb_build_object('tokens', $2::float8, 'usd', $3::float8)
 where $2::float8 <= coalesce($4::float8, 'infinity') and $3::float8 <= coalesce($5::float8, 'infinity')
    on conflict (name) do update
   set value = jsonb_build_object('tokens', (s.value->>'tokens')::float8 + $2::float8, 'usd', (s.value->>'usd')::float8 + $3::float8)
 where (s.value->>'tokens')::float8 + $2::float8 <= coalesce($4::float8, 'infinity')
   and (s.value->>'usd')::float8 + $3::float8 <= coalesce($5::float8, 'infinity')
returning s.name`;
