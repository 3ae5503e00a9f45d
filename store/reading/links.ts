import type { BeforeMerge, Link } from "../../domain/entities/merge.ts";
import type { Queryable } from "../engines/database.ts";

/** Merged customers: each link leads from a merged customer to its root, the surviving one. */
export interface Links {
  /** The root of each merged customer among these; unmerged ones are omitted. Without `ids`, all links. */
  roots(ids?: readonly string[]): Promise<Map<string, string>>;
  /** All ids merged with this customer, the root first. */
  group(customerId: string): Promise<string[]>;
  /** The link of a merged customer. */
  of(customerId: string): Promise<Link | undefined>;
}

export function createLinks(db: Queryable): Links {
  return {
    async roots(ids) {
      const { rows } = await db.query<{ customer_id: string; root_id: string }>(
        "select customer_id, root_id from links where $1::text[] is null or customer_id = any($1::text[])",
        [ids ?? null],
      );
      return new Map(rows.map(({ customer_id, root_id }) => [customer_id, root_id]));
    },
    async group(customerId) {
      const { rows } = await db.query<{ id: string }>(GROUP, [customerId]);
      return rows.map(({ id }) => id);
    },
    async of(customerId) {
      const { rows } = await db.query<LinkRow>(
        `select customer_id, into_id, root_id, to_ms(at) as at, source, signal_id, before from links where customer_id = $1`,
        [customerId],
      );
      return rows.map(linkOf)[0];
    },
  };
}

/** The root of a customer (SQL): its own id, unless it was merged. */
export const rootOf = (customerId: string): string =>
  `coalesce((select l.root_id from links l where l.customer_id = ${customerId}), ${customerId})`;

/** All ids merged with these customers, including their own (SQL: a text array). */
export const membersOf = (
  ids: string,
): string => `${ids} || array(select l.root_id from links l where l.customer_id = any(${ids})) || array(
  select m.customer_id from links m where m.root_id = any(${ids} || array(select l.root_id from links l where l.customer_id = any(${ids}))))`;

/** Merges customers. Earlier merges into them and their pending signals move to the new root. */
export const LINKS = `
with x as materialized (
  select * from jsonb_to_recordset($1::jsonb)
         as x(customer_id text, into_id text, root_id text, at timestamptz, source text, signal_id text, before jsonb)
), following as (
  update links l set root_id = x.root_id from x where l.root_id = x.customer_id
), waiting as (
  update inbox i set customer_id = x.root_id from x where i.customer_id = x.customer_id
)
insert into links (customer_id, into_id, root_id, at, source, signal_id, before)
select customer_id, into_id, root_id, at, source, signal_id, before from x`;

/** Splits merged customers off. Customers merged into them before stay with them. */
export const LINK_ENDS = `
with recursive x as materialized (
  select * from jsonb_to_recordset($1::jsonb) as x(customer_id text)
), led as (
  select l.customer_id, x.customer_id as root_id from links l join x on l.into_id = x.customer_id
  union all select l.customer_id, led.root_id from links l join led on l.into_id = led.customer_id
), staying as (
  update links l set root_id = led.root_id from led where l.customer_id = led.customer_id
)
delete from links l using x where l.customer_id = x.customer_id`;

export const CONSENT_RESTORES = `
with x as materialized (
  select * from jsonb_to_recordset($1::jsonb) as x(customer_id text, channel text, status text, at timestamptz, source text, seq bigint, reason text)
), gone as (
  delete from consents n using x where x.status is null and n.customer_id = x.customer_id and n.channel = x.channel
)
update consents n set status = x.status, at = x.at, source = x.source, seq = x.seq, reason = x.reason
  from x where x.status is not null and n.customer_id = x.customer_id and n.channel = x.channel`;

/** Moves pending signals and timers of merged customers to their roots. */
export async function forward(db: Queryable, customerIds: readonly string[]): Promise<void> {
  if (customerIds.length > 0) await db.query(FORWARD, [customerIds]);
}

// --- internal ---

interface LinkRow {
  customer_id: string;
  into_id: string;
  root_id: string;
  at: number;
  source: string;
  signal_id: string;
  before: BeforeMerge;
}

const linkOf = ({ customer_id, into_id, root_id, at, source, signal_id, before }: LinkRow): Link => ({
  customerId: customer_id,
  into: into_id,
  root: root_id,
  at,
  source,
  signalId: signal_id,
  before,
});

const GROUP = `
with root as (select ${rootOf("$1::text")} as id)
select id from (select 0 as place, id from root union all select 1, l.customer_id from links l join root on l.root_id = root.id) g order by place, id`;

// The key-share lock waits for a concurrent erasure, after which nothing is moved.
const FORWARD = `
with x as materialized (
  select l.customer_id, l.root_id from links l join customers c on c.customer_id = l.root_id
   where l.customer_id = any($1::text[]) order by c.customer_id for key share of c
), waiting as (
  update inbox i set customer_id = x.root_id from x where i.customer_id = x.customer_id
), gone as (
  delete from timers t using x where t.customer_id = x.customer_id returning x.root_id, t.key, t.name, t.due, t.trace
)
insert into timers (customer_id, key, name, due, trace)
select distinct on (root_id, key) root_id, key, name, due, trace from gone order by root_id, key, gone.due
on conflict (customer_id, key) do nothing`;
