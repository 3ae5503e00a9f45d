import type { UndeliverableAddress } from "../../domain/entities/address.ts";
import { storableJson } from "../../domain/values/storable.ts";
import type { Queryable } from "../engines/database.ts";
import { rootOf } from "../reading/links.ts";
import { toTime } from "../reading/load-customers.ts";

/** An address that a provider reported as undeliverable during a send. */
export interface UndeliverableNews {
  readonly customerId: string;
  readonly address: UndeliverableAddress;
}

/**
 * Marks addresses as undeliverable as of this transaction. As with consent, it raises the customers' versions, so an uncommitted
 * decision under the old record fails and is made again.
 */
export async function markUndeliverable(db: Queryable, news: readonly UndeliverableNews[]): Promise<void> {
  if (news.length === 0) return;
  await db.query(MARK, [storableJson(news.map(({ customerId, address }) => undeliverableRow(customerId, address)))]);
}

export const undeliverableRow = (customerId: string, { at, ...address }: UndeliverableAddress) => ({
  customer_id: customerId,
  ...address,
  at: toTime(at),
});

const ROWS = "jsonb_to_recordset($1::jsonb) as x(customer_id text, type text, value text, at timestamptz, source text, reason text)";

/** The first report about an address wins. */
export const INSERT_UNDELIVERABLE = `
insert into gone_addresses (customer_id, type, value, at, source, reason)
select customer_id, type, value, at, source, reason from ${ROWS} on conflict (customer_id, type, value) do nothing`;

/** Under any id of the customer. */
export const DELETE_UNDELIVERABLE = `
delete from gone_addresses g using jsonb_to_recordset($1::jsonb) as x(customer_id text, type text, value text)
 where g.type = x.type and g.value = x.value and ${rootOf("g.customer_id")} = ${rootOf("x.customer_id")}`;

// --- internal ---

const MARK = `
with x as materialized (
  select ${rootOf("x.customer_id")} as customer_id, x.type, x.value, x.at, x.source, x.reason from ${ROWS}
), held as materialized (
  select c.customer_id from customers c where c.customer_id in (select customer_id from x) order by c.customer_id for update of c
), raised as (
  update customers c set version = c.version + 1 from held where c.customer_id = held.customer_id returning c.customer_id
)
insert into gone_addresses (customer_id, type, value, at, source, reason)
select distinct on (x.customer_id, x.type, x.value) x.customer_id, x.type, x.value, x.at, x.source, x.reason
  from x join raised on raised.customer_id = x.customer_id order by x.customer_id, x.type, x.value, x.at
on conflict (customer_id, type, value) do nothing`;
