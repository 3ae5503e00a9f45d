import type { AddressRefusal } from "../../domain/entities/address.ts";
import { rootOf } from "../reading/links.ts";
import { toTime } from "../reading/load-customers.ts";

export const refusalRow = ({ at, reason, ...refusal }: AddressRefusal) => ({ ...refusal, at: toTime(at), reason: reason ?? null });

const REFUSALS =
  "jsonb_to_recordset($1::jsonb) as x(type text, form text, channel text, status text, at timestamptz, source text, seq bigint, reason text)";

/**
 * Upserts opt-outs that are newer than the stored ones, the newest for each address and channel. Known ones are not touched: a signal
 * writes its opt-out when it is accepted and again when it is decided, and the second time takes no lock.
 */
const KEPT = `
insert into opted_out_addresses (type, form, channel, status, at, source, seq, reason)
select distinct on (x.type, x.form, x.channel) x.type, x.form, x.channel, x.status, x.at, x.source, x.seq, x.reason from x
 where not exists (select 1 from opted_out_addresses o where o.type = x.type and o.form = x.form and o.channel = x.channel and (o.at, o.seq) >= (x.at, x.seq))
 order by x.type, x.form, x.channel, x.at desc, x.seq desc
on conflict (type, form, channel) do update
  set status = excluded.status, at = excluded.at, source = excluded.source, seq = excluded.seq, reason = excluded.reason
where (excluded.at, excluded.seq) > (opted_out_addresses.at, opted_out_addresses.seq)`;

/** Stores opt-outs by address, and returns the current holders of these addresses: `n` is the index of the opt-out in the list. */
export const INSERT_OPT_OUTS = `
with x as materialized (
  select * from jsonb_to_recordset($1::jsonb) as x(n int, type text, form text, channel text, status text, at timestamptz, source text, seq bigint, reason text)
), kept as (${KEPT})
select distinct ${rootOf("a.customer_id")} as customer_id, x.n from x join addresses a on a.type = x.type and a.form = x.form`;

const REVOKED = `
on conflict (customer_id, channel) do update
  set status = excluded.status, at = excluded.at, source = excluded.source, seq = excluded.seq, reason = excluded.reason
where (excluded.at, excluded.seq) > (consents.at, consents.seq)`;

/**
 * The same, and revokes the consent of all holders: raises their versions, so no reservation under the old consent commits, and wakes those
 * for whom something is held, so that it ends.
 */
export const APPLY_OPT_OUTS = `
with x as materialized (select * from ${REFUSALS}), kept as (${KEPT}), held as materialized (
  select distinct on (customer_id, channel) * from (
    select ${rootOf("a.customer_id")} as customer_id, x.channel, x.status, x.at, x.source, x.seq, x.reason from x join addresses a on a.type = x.type and a.form = x.form
  ) holders order by customer_id, channel, at desc, seq desc
), stale as materialized (
  select h.* from held h where not exists (
    select 1 from consents n where n.customer_id = h.customer_id and n.channel = h.channel and (n.at, n.seq) >= (h.at, h.seq))
), locked as materialized (
  select c.customer_id from customers c where c.customer_id in (select customer_id from stale) order by c.customer_id for update of c
), raised as (
  update customers c set version = c.version + 1 from locked where c.customer_id = locked.customer_id
), woken as (
  update timers t set due = least(t.due, s.at) from locked join stale s on s.customer_id = locked.customer_id
   where t.customer_id = s.customer_id and t.key like 'hold:%'
)
insert into consents (customer_id, channel, status, at, source, seq, reason)
select customer_id, channel, status, at, source, seq, reason from stale ${REVOKED}`;

/** Revokes the consent of holders of opted-out addresses: the rows of `holders` have a customer, a type and a form. */
export const revokeForHolders = (holders: string): string => `
insert into consents (customer_id, channel, status, at, source, seq, reason)
select distinct on (customer_id, channel) customer_id, channel, status, at, source, seq, reason from (
  select ${rootOf("a.customer_id")} as customer_id, o.channel, o.status, o.at, o.source, o.seq, o.reason
    from ${holders} a join opted_out_addresses o on o.type = a.type and o.form = a.form
) said order by customer_id, channel, at desc, seq desc ${REVOKED}`;

/** For the customers of these deliveries, under every id. */
export const REVOKE_FOR_RECIPIENTS = revokeForHolders(`(
  select h.* from addresses h where h.customer_id in (
    select m.customer_id from deliveries d cross join lateral (
      select d.customer_id union select ${rootOf("d.customer_id")} union select l.customer_id from links l where l.root_id = ${rootOf("d.customer_id")}
    ) m where d.delivery_id = any($1::text[])))`);

/** Adds addresses to customers, and applies earlier opt-outs from these addresses. */
export const INSERT_ADDRESSES = `
with x as materialized (
  select * from jsonb_to_recordset($1::jsonb) as x(customer_id text, type text, form text)
), kept as (
  insert into addresses (customer_id, type, form) select customer_id, type, form from x order by customer_id, type, form on conflict do nothing
)
${revokeForHolders("x")}`;

export const DELETE_ADDRESSES = `
delete from addresses a using jsonb_to_recordset($1::jsonb) as x(customer_id text, type text, form text)
 where a.customer_id = x.customer_id and a.type = x.type and a.form = x.form`;

/** Whether an address of the customer of delivery `d` has opted out of its channel, which the customer's record may not contain yet. */
export const hasOptOut = (members: string, root: string): string => `exists (
  select 1 from addresses a join opted_out_addresses o on o.type = a.type and o.form = a.form
   where a.customer_id = any(${members}) and o.channel in (d.channel, lower(d.channel))
     and not exists (select 1 from consents n where n.customer_id = ${root} and n.channel = o.channel and (n.at, n.seq) >= (o.at, o.seq)))`;
