import { identityKey } from "../domain/identity.ts";
import type { IdentityClaim } from "../domain/signal.ts";
import { storableJson } from "../domain/storable.ts";
import type { Queryable } from "./database.ts";
import { rootOf } from "./links.ts";

/** Whom identities find, by `type\nvalue`: in the record, or as a signal gave them that waits to be decided. */
export async function ownersOf(db: Queryable, claims: readonly IdentityClaim[]): Promise<Map<string, string>> {
  if (claims.length === 0) return new Map();
  const { rows } = await db.query<{ type: string; value: string; customer_id: string }>(OWNERS, [
    storableJson(claims.map(({ type, value }) => ({ type, value }))),
  ]);
  // The record comes last, so that it has the last word.
  return new Map(rows.map(({ type, value, customer_id }) => [identityKey({ type, value }), customer_id]));
}

// --- internal ---

const OWNERS = `
with x as materialized (select distinct type, value from jsonb_to_recordset($1::jsonb) as x(type text, value text))
select 0 as place, w.type, w.value, ${rootOf("w.customer_id")} as customer_id from x join inbox_identities w on w.type = x.type and w.value = x.value
union all
select 1 as place, i.type, i.value, ${rootOf("i.customer_id")} as customer_id from x join identities i on i.type = x.type and i.value = x.value where i.owned
order by place`;
