import type { IdentityClaim } from "../../domain/entities/signal.ts";
import type { Json } from "../../domain/values/json.ts";
import type { Queryable } from "../engines/database.ts";
import { rootOf } from "../reading/links.ts";
import { resolveIdentities } from "./identities.ts";

/** The writer of an inbound message, by the deliveries it answers and its identities. */
export interface MessageWriter {
  /** Ids of the deliveries that it answers, ours or their providers'. */
  readonly deliveries: readonly string[];
  readonly identities: readonly IdentityClaim[];
}

/**
 * The latest contents sent to the writer, on any channel and under any id of the customer, newest first. Pruned deliveries are not
 * included.
 */
export async function contentsSentTo(db: Queryable, { deliveries, identities }: MessageWriter, limit: number): Promise<Json[]> {
  const { owners, holders } = await resolveIdentities(db, identities);
  const { rows } = await db.query<{ content: Json }>(SENT, [deliveries, [...new Set([...owners.values(), ...holders.values()])], limit]);
  return rows.map(({ content }) => content);
}

// --- internal ---

const SENT = `
with named as (
  select customer_id from deliveries where provider_id = any($1::text[])
  union select customer_id from deliveries where delivery_id = any($1::text[])
  union select unnest($2::text[])
), roots as materialized (
  select distinct ${rootOf("n.customer_id")} as customer_id from named n
)
select d.content from deliveries d
 where d.customer_id in (select customer_id from roots union select l.customer_id from links l join roots r on r.customer_id = l.root_id)
   and d.content is not null and d.status in ('sending', 'sent', 'delivered', 'uncertain')
 order by d.reserved_at desc limit $3`;
