import { ADDRESS_TYPES } from "../../domain/identity/addresses.ts";
import { addressForm, addressIn, sendForm } from "../../domain/values/address-form.ts";
import type { Json } from "../../domain/values/json.ts";
import { storableJson } from "../../domain/values/storable.ts";
import { REVOKE_FOR_ALL_HOLDERS } from "../commit/address-refusals.ts";
import type { Queryable } from "../engines/database.ts";
import { rootOf } from "../reading/links.ts";

/**
 * Converts the addresses of an existing store to their comparison form. If two customers then own one identity, the older customer keeps
 * it; the other one's becomes an address, which the audit states.
 *
 * @param db a transaction after migration 15 and before 16
 */
export async function bringAddresses(db: Queryable): Promise<void> {
  await db.query(FORMS);
  await inPages<NamedRow>(db, DISTINCT, (rows) => [
    KEEP_FORMS,
    rows.map(({ type, value }) => ({ type, value, form: addressForm(type, value) })),
  ]);
  for (const sql of [
    ...["identities", "inbox_identities"].flatMap(setForms),
    DROP_BLANK,
    KEEP_ONE_EACH,
    DROP_REPEATED,
    TELL_SHARED,
    KEEP_ELDEST,
    DROP_WAITING,
  ])
    await db.query(sql);
  await bringGone(db);
  await db.query(HELD_AS_IDENTITIES, [ADDRESS_TYPES]);
  await inPages<TraitRow>(db, PAGE_OF_TRAITS, (rows) => [HELD_AS_TRAITS, rows.flatMap(addressesOfRow)]);
  await db.query(SAID_BEFORE);
  await db.query(REVOKE_FOR_ALL_HOLDERS);
}

// --- internal ---

/** Types whose comparison form may differ from the given value. */
const COMPARED = ["email", "phone"];

const PAGE = 5_000;

interface NamedRow {
  readonly type: string;
  readonly value: string;
}

interface TraitRow {
  readonly customer_id: string;
  readonly claims: Readonly<Record<string, Readonly<Record<string, { readonly value: Json }>> | null>>;
}

/** Reads the rows of a statement page by page, from one snapshot. */
async function inPages<Row>(
  db: Queryable,
  page: string,
  write: (rows: readonly Row[]) => readonly [string, readonly object[]],
): Promise<void> {
  await db.query(`declare pages no scroll cursor for ${page}`);
  for (;;) {
    const { rows } = await db.query<Row>(`fetch ${PAGE} from pages`);
    if (rows.length === 0) break;
    const [sql, values] = write(rows);
    if (values.length > 0) await db.query(sql, [storableJson(values)]);
  }
  await db.query("close pages");
}

const inList = (types: readonly string[]): string => types.map((type) => `'${type}'`).join(", ");

const FORMS = "create temporary table brought_forms (type text, value text, form text) on commit drop";

const DISTINCT = ["identities", "inbox_identities"]
  .map((table) => `select type, value from ${table} where type in (${inList(COMPARED)})`)
  .join(" union ");

const KEEP_FORMS =
  "insert into brought_forms select type, value, form from jsonb_to_recordset($1::jsonb) as x(type text, value text, form text)";

const setForms = (table: string): string[] => [
  `update ${table} set form = value where type not in (${inList(COMPARED)})`,
  `update ${table} t set form = b.form from brought_forms b where t.type = b.type and t.value = b.value`,
];

const PAGE_OF_TRAITS = `select customer_id,
  jsonb_build_object(${ADDRESS_TYPES.map((type) => `'${type}', claims -> '${type}'`).join(", ")}) as claims
  from customers where claims ?| array[${inList(ADDRESS_TYPES)}]`;

const DROP_BLANK = "delete from identities where form = ''";

/** Of several spellings for one customer the newest stays, and owns the identity if any of them did. */
const KEEP_ONE_EACH = `
update identities i set owned = true
  from (select distinct on (customer_id, type, form) ctid as place, bool_or(owned) over (partition by customer_id, type, form) as any_owned
          from identities order by customer_id, type, form, at desc, value desc) newest
 where i.ctid = newest.place and newest.any_owned and not i.owned`;

const DROP_REPEATED = `
delete from identities i
 where exists (select 1 from identities o where o.customer_id = i.customer_id and o.type = i.type and o.form = i.form and (o.at, o.value) > (i.at, i.value))`;

/** Customers that own an identity which an older customer owns too. */
const YOUNGER = `
select customer_id, type, form, elder
  from (select i.customer_id, i.type, i.form,
               first_value(i.customer_id) over (partition by i.type, i.form order by c.created_at, i.at, i.customer_id) as elder
          from identities i join customers c on c.customer_id = i.customer_id where i.owned) owners
 where elder <> customer_id`;

/** The audit entry does not name the older customer: it is erased together with the younger one. */
const TELL_SHARED = `
insert into audit (at, actor, action, target, customer_id, details)
select now(), 'sentient', 'identity.shared', y.customer_id, y.customer_id, jsonb_build_object('types', jsonb_agg(distinct y.type))
  from (${YOUNGER}) y where ${rootOf("y.elder")} <> ${rootOf("y.customer_id")} group by y.customer_id order by y.customer_id`;

const KEEP_ELDEST = `
update identities i set owned = false from (${YOUNGER}) y where i.customer_id = y.customer_id and i.type = y.type and i.form = y.form`;

const DROP_WAITING = `
delete from inbox_identities i where form = '' or exists (select 1 from inbox_identities o where o.type = i.type and o.form = i.form and o.seq < i.seq)`;

interface GoneRow {
  readonly customer_id: string;
  readonly type: string;
  readonly value: string;
}

/** Earlier versions marked addresses of an invalid form as undeliverable; the converted form may be valid. */
async function bringGone(db: Queryable): Promise<void> {
  await db.query(
    "delete from gone_addresses where reason like 'the address is not a mail address%' or reason like 'the address is not a phone number%'",
  );
  const { rows } = await db.query<GoneRow>("select customer_id, type, value from gone_addresses where type = any($1::text[])", [COMPARED]);
  const changed = rows.map((row) => ({ ...row, now: sendForm(row.type, row.value) })).filter(({ value, now }) => value !== now);
  if (changed.length === 0) return;
  await db.query(MOVE_GONE, [storableJson(changed)]);
}

/** The first report about an address wins. */
const MOVE_GONE = `
with x as materialized (
  select * from jsonb_to_recordset($1::jsonb) as x(customer_id text, type text, value text, now text)
), moved as (
  delete from gone_addresses g using x where g.customer_id = x.customer_id and g.type = x.type and g.value = x.value
  returning g.customer_id, g.type, x.now as value, g.at, g.source, g.reason
)
insert into gone_addresses (customer_id, type, value, at, source, reason)
select distinct on (customer_id, type, value) customer_id, type, value, at, source, reason from moved order by customer_id, type, value, at
on conflict (customer_id, type, value) do update set at = excluded.at, source = excluded.source, reason = excluded.reason
where excluded.at < gone_addresses.at`;

const HELD_AS_IDENTITIES = `
insert into addresses (customer_id, type, form)
select customer_id, type, form from identities where type = any($1::text[]) and form <> '' on conflict do nothing`;

function addressesOfRow({ customer_id, claims }: TraitRow): object[] {
  return ADDRESS_TYPES.flatMap((type) =>
    Object.values(claims[type] ?? {}).flatMap(({ value }) => {
      const form = addressForm(type, addressIn(type, value) ?? "");
      return form === "" ? [] : [{ customer_id, type, form }];
    }),
  );
}

const HELD_AS_TRAITS = `
insert into addresses (customer_id, type, form)
select customer_id, type, form from jsonb_to_recordset($1::jsonb) as x(customer_id text, type text, form text) on conflict do nothing`;

/** Earlier versions stored an opt-out via a provider for one customer only. The address is unknown, so it applies to all of the customer's. */
const SAID_BEFORE = `
insert into opted_out_addresses (type, form, channel, status, at, source, seq, reason)
select distinct on (a.type, a.form, n.channel) a.type, a.form, n.channel, n.status, n.at, n.source, n.seq, n.reason
  from consents n join addresses a on a.customer_id = n.customer_id
 where n.status <> 'granted' and (n.source like 'channel/%' or n.source like 'unsubscribe/%')
 order by a.type, a.form, n.channel, n.at desc, n.seq desc`;
