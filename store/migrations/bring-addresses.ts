import { ADDRESS_TYPES } from "../../domain/identity/addresses.ts";
import { addressForm, addressIn, sendForm } from "../../domain/values/address-form.ts";
import type { Json } from "../../domain/values/json.ts";
import { storableJson } from "../../domain/values/storable.ts";
import { revokeForHolders } from "../commit/address-refusals.ts";
import type { Queryable } from "../engines/database.ts";
import { rootOf } from "../reading/links.ts";
import { runWhole } from "./batches.ts";
import { BATCH, type Batch, type Step } from "./steps.ts";

/**
 * Converts the addresses of an existing store to their comparison form, as further steps of migration 15. If two customers then own one
 * identity, the older customer keeps it; the other one's becomes an address, which the audit states.
 */
export const bringAddresses = (): readonly Step[] => [
  ...bringIdentities(),
  // Once only: what it says is said of all holders next, and would be said of their other addresses by a second time.
  inBatches({ ...CONSENTS, few: true }, SAID_BEFORE),
  inBatches({ ...ADDRESSES, few: true }, REVOKE_HELD),
];

/** Identities that processes of before migration 15 have written after its steps: without a form, which migration 16 refuses. */
export async function bringLate(db: Queryable): Promise<number> {
  await db.query("lock table identities, inbox_identities in access exclusive mode");
  const sql =
    "select exists (select 1 from identities where form is null) or exists (select 1 from inbox_identities where form is null) as late";
  if ((await db.query<{ late: boolean }>(sql)).rows[0]?.late !== true) return 0;
  for (const step of [...bringIdentities(), inBatches(ADDRESSES, REVOKE_HELD)]) await runWhole(db, step);
  return 0;
}

// --- internal ---

/** Every one of these may be done again. */
const bringIdentities = (): readonly Step[] => [
  inBatches(IDENTITIES, "", (db, batch) => setForms(db, IDENTITIES, batch)),
  inBatches(WAITING, "", (db, batch) => setForms(db, WAITING, batch)),
  inBatches({ ...IDENTITIES, few: true }, DROP_BLANK),
  inBatches({ ...IDENTITIES, few: true }, OWN_NEWEST),
  inBatches({ ...IDENTITIES, few: true }, DROP_REPEATED),
  { ...ONCE, kind: "build_index", sql: OWNERS, table: "identities", index: "identities_brought" },
  inBatches({ ...CUSTOMERS, few: true }, TELL_SHARED),
  inBatches({ ...IDENTITIES, few: true }, KEEP_ELDEST),
  { ...ONCE, kind: "drop_index", sql: "drop index identities_brought", index: "identities_brought" },
  { ...ONCE, kind: "statements", sql: DROP_WAITING },
  { ...ONCE, kind: "statements", sql: "", code: bringGone },
  inBatches(IDENTITIES, HELD_AS_IDENTITIES),
  inBatches(CUSTOMERS, "", bringTraits),
];

type Table = Required<Pick<Step, "table" | "alias" | "key">> & Pick<Step, "few">;

const IDENTITIES: Table = { table: "identities", alias: "i", key: ["customer_id", "type", "value"] };
const WAITING: Table = { table: "inbox_identities", alias: "w", key: ["type", "value"] };
const CUSTOMERS: Table = { table: "customers", alias: "c", key: ["customer_id"] };
const CONSENTS: Table = { table: "consents", alias: "n", key: ["customer_id", "channel"] };
const ADDRESSES: Table = { table: "addresses", alias: "a", key: ["customer_id", "type", "form"] };

const ONCE = { contracts: false } as const;

const inBatches = (table: Table, sql: string, code?: Step["code"]): Step => ({
  ...ONCE,
  ...table,
  ...{ kind: "batches", sql },
  ...(code === undefined ? {} : { code }),
});

/** Types whose comparison form may differ from the given value. */
const COMPARED = ["email", "phone"];

const inList = (types: readonly string[]): string => types.map((type) => `'${type}'`).join(", ");

type NamedRow = Readonly<Record<"customer_id" | "type" | "value", string>>;

async function setForms(db: Queryable, { table, alias, key }: Table, { condition, values }: Batch): Promise<number> {
  const as = `update ${table} ${alias} set form = value where ${condition} and ${alias}.type not in (${inList(COMPARED)})`;
  const { rowCount } = await db.query(as, [...values]);
  const given = `select ${key.join(", ")} from ${table} ${alias} where ${condition} and ${alias}.type in (${inList(COMPARED)})`;
  const { rows } = await db.query<NamedRow>(given, [...values]);
  if (rows.length === 0) return rowCount;
  const forms = rows.map((row) => ({ ...row, form: addressForm(row.type, row.value) }));
  // By its whole key each row is found in the index; the condition of the batch would be a join of all with all.
  const set = `
update ${table} ${alias} set form = b.form from jsonb_to_recordset($1::jsonb) as b(${key.map((column) => `${column} text`).join(", ")}, form text)
 where ${key.map((column) => `${alias}.${column} = b.${column}`).join(" and ")}`;
  return rowCount + (await db.query(set, [storableJson(forms)])).rowCount;
}

const DROP_BLANK = `delete from identities i where ${BATCH} and i.form = ''`;

/** Of several spellings for one customer the newest owns the identity if any of them did. */
const OWN_NEWEST = `
update identities i set owned = true
 where ${BATCH} and not i.owned
   and exists (select 1 from identities o where o.customer_id = i.customer_id and o.type = i.type and o.form = i.form and o.owned)
   and not exists (select 1 from identities o where o.customer_id = i.customer_id and o.type = i.type and o.form = i.form and (o.at, o.value) > (i.at, i.value))`;

/** And it stays. */
const DROP_REPEATED = `
delete from identities i
 where ${BATCH}
   and exists (select 1 from identities o where o.customer_id = i.customer_id and o.type = i.type and o.form = i.form and (o.at, o.value) > (i.at, i.value))`;

/** For finding the eldest owner of an identity, until the index of the same rows is unique. */
const OWNERS = "create index identities_brought on identities (type, form) where owned";

/** The customer among the owners of identity `i` who was there first. She stays an owner whatever is done in which order. */
const ELDEST = `(
  select o.customer_id from identities o join customers k on k.customer_id = o.customer_id
   where o.owned and o.type = i.type and o.form = i.form order by k.created_at, o.at, o.customer_id limit 1)`;

/** The audit entry does not name the older customer: it is erased together with the younger one. */
const TELL_SHARED = `
insert into audit (at, actor, action, target, customer_id, details)
select now(), 'sentient', 'identity.shared', y.customer_id, y.customer_id, jsonb_build_object('types', jsonb_agg(distinct y.type))
  from (select i.customer_id, i.type, ${ELDEST} as elder from customers c join identities i on i.customer_id = c.customer_id where ${BATCH} and i.owned) y
 where y.elder <> y.customer_id and ${rootOf("y.elder")} <> ${rootOf("y.customer_id")} group by y.customer_id order by y.customer_id`;

const KEEP_ELDEST = `update identities i set owned = false where ${BATCH} and i.owned and i.customer_id <> ${ELDEST}`;

const DROP_WAITING = `
delete from inbox_identities i where form = '' or exists (select 1 from inbox_identities o where o.type = i.type and o.form = i.form and o.seq < i.seq)`;

interface GoneRow {
  readonly customer_id: string;
  readonly type: string;
  readonly value: string;
}

/** Earlier versions marked addresses of an invalid form as undeliverable; the converted form may be valid. */
async function bringGone(db: Queryable): Promise<number> {
  await db.query(
    "delete from gone_addresses where reason like 'the address is not a mail address%' or reason like 'the address is not a phone number%'",
  );
  const { rows } = await db.query<GoneRow>("select customer_id, type, value from gone_addresses where type = any($1::text[])", [COMPARED]);
  const changed = rows.map((row) => ({ ...row, now: sendForm(row.type, row.value) })).filter(({ value, now }) => value !== now);
  if (changed.length > 0) await db.query(MOVE_GONE, [storableJson(changed)]);
  return changed.length;
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
select i.customer_id, i.type, i.form from identities i where ${BATCH} and i.type in (${inList(ADDRESS_TYPES)}) and i.form <> '' on conflict do nothing`;

interface TraitRow {
  readonly customer_id: string;
  readonly claims: Readonly<Record<string, Readonly<Record<string, { readonly value: Json }>> | null>>;
}

async function bringTraits(db: Queryable, { condition, values }: Batch): Promise<number> {
  const sql = `
select customer_id, jsonb_build_object(${ADDRESS_TYPES.map((type) => `'${type}', claims -> '${type}'`).join(", ")}) as claims
  from customers c where ${condition} and claims ?| array[${inList(ADDRESS_TYPES)}]`;
  const { rows } = await db.query<TraitRow>(sql, [...values]);
  const held = rows.flatMap(addressesOfRow);
  return held.length === 0 ? 0 : (await db.query(HELD_AS_TRAITS, [storableJson(held)])).rowCount;
}

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
 where ${BATCH} and n.status <> 'granted' and (n.source like 'channel/%' or n.source like 'unsubscribe/%')
 order by a.type, a.form, n.channel, n.at desc, n.seq desc
on conflict (type, form, channel) do update
  set status = excluded.status, at = excluded.at, source = excluded.source, seq = excluded.seq, reason = excluded.reason
where (excluded.at, excluded.seq) > (opted_out_addresses.at, opted_out_addresses.seq)`;

const REVOKE_HELD = revokeForHolders(`(select * from addresses a where ${BATCH})`);
