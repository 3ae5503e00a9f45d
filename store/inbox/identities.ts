import type { AddressRefusal } from "../../domain/entities/address.ts";
import { identityKey } from "../../domain/entities/address.ts";
import type { IdentityClaim } from "../../domain/entities/signal.ts";
import type { KnownAs } from "../../domain/identity/visitor.ts";
import { addressForm } from "../../domain/values/address-form.ts";
import { storableJson } from "../../domain/values/storable.ts";
import type { Queryable } from "../engines/database.ts";
import { membersOf, rootOf } from "../reading/links.ts";

/** Resolved identities, by identity key; mutable, so a batch can add to it. */
export interface ResolvedIdentities {
  readonly owners: Map<string, string>;
  readonly holders: Map<string, string>;
  readonly refusals: Map<string, readonly AddressRefusal[]>;
}

/**
 * Resolves identities to customers, from the record and from pending signals that reserve one. A customer who only has it as an address
 * is a holder: of several holders the oldest customer. Includes the opt-outs from these addresses.
 */
export async function resolveIdentities(db: Queryable, claims: readonly IdentityClaim[]): Promise<ResolvedIdentities> {
  const found: ResolvedIdentities = { owners: new Map(), holders: new Map(), refusals: new Map() };
  if (claims.length === 0) return found;
  const forms = claims.map(({ type, value }) => ({ key: identityKey({ type, value }), type, form: addressForm(type, value) }));
  const { rows } = await db.query<Row>(WHOM, [storableJson(forms)]);
  // Rows of the record come last, so they override.
  for (const { key, place, customer_id, refusal } of rows) {
    if (refusal) found.refusals.set(key, [...(found.refusals.get(key) ?? []), withoutNullReason(refusal)]);
    else (place === HOLDER ? found.holders : found.owners).set(key, customer_id);
  }
  return found;
}

/** All ids of a customer, merged ones too, with their identities in the record. */
export async function identitiesOf(db: Queryable, customerId: string): Promise<KnownAs> {
  const { rows } = await db.query<{ id: string; type: string | null; value: string }>(KNOWN_AS, [[customerId]]);
  return {
    ids: [...new Set(rows.map(({ id }) => id))],
    identities: rows.flatMap(({ type, value }) => (type === null ? [] : [{ type, value }])),
  };
}

/** An identity that a customer has as an address only, because another customer owns it. */
export interface SharedIdentity {
  readonly customerId: string;
  readonly type: string;
}

/** Identities claimed by two customers: their count, and the first ones. Empty for a database without a store. */
export async function sharedIdentities(
  db: Queryable,
  limit: number,
): Promise<{ readonly count: number; readonly first: readonly SharedIdentity[] }> {
  const { rows: tables } = await db.query<{ there: boolean }>(
    "select to_regclass('identities') is not null and to_regclass('links') is not null as there",
  );
  if (tables[0]?.there !== true) return { count: 0, first: [] };
  const { rows } = await db.query<{ customerId: string; type: string; n: number }>(SHARED, [limit]);
  return { count: rows[0]?.n ?? 0, first: rows.map(({ customerId, type }) => ({ customerId, type })) };
}

// --- internal ---

/** Ids of one merged customer do not count as sharing. */
const SHARED = `
select i.customer_id as "customerId", i.type, (count(*) over ())::float8 as n from identities i
 where not i.owned and not exists (select 1 from links l where l.customer_id = i.customer_id)
   and not exists (select 1 from links l join identities o on o.customer_id = l.customer_id
                    where l.root_id = i.customer_id and o.type = i.type and o.value = i.value and o.owned)
 order by i.customer_id, i.type limit $1`;

const KNOWN_AS = `
with m as (select distinct unnest(${membersOf("$1::text[]")}) as id)
select m.id, i.type, i.value from m left join identities i on i.customer_id = m.id order by 1, 2, 3`;

interface Row {
  readonly key: string;
  readonly place: number;
  readonly customer_id: string;
  readonly refusal: (Omit<AddressRefusal, "reason"> & { reason: string | null }) | null;
}

const withoutNullReason = ({ reason, ...refusal }: NonNullable<Row["refusal"]>): AddressRefusal =>
  reason === null ? refusal : { ...refusal, reason };

const HOLDER = 0;

const WHOM = `
with x as materialized (select distinct key, type, form from jsonb_to_recordset($1::jsonb) as x(key text, type text, form text) where form <> '')
select ${HOLDER} as place, key, ${rootOf("h.customer_id")} as customer_id, null::json as refusal from (
  select distinct on (x.key) x.key, a.customer_id from x join addresses a on a.type = x.type and a.form = x.form
    join customers c on c.customer_id = a.customer_id order by x.key, c.created_at, c.customer_id
) h
union all
select 1 as place, x.key, ${rootOf("w.customer_id")} as customer_id, null from x join inbox_identities w on w.type = x.type and w.form = x.form
union all
select 2 as place, x.key, ${rootOf("i.customer_id")} as customer_id, null from x join identities i on i.type = x.type and i.form = x.form where i.owned
union all
select 3 as place, x.key, '', json_build_object('type', o.type, 'form', o.form, 'channel', o.channel, 'status', o.status, 'at', to_ms(o.at), 'source', o.source,
         'seq', o.seq, 'reason', o.reason) from x join opted_out_addresses o on o.type = x.type and o.form = x.form
order by place`;
