import type { AddressForm } from "../../domain/entities/address.ts";
import type { ConsentStatus } from "../../domain/entities/consent.ts";
import { need } from "../../domain/errors.ts";
import { addressReached } from "../../domain/identity/addresses.ts";
import { consentKey } from "../../domain/identity/consent.ts";
import { storableJson } from "../../domain/values/storable.ts";
import type { Instant } from "../../domain/values/time.ts";
import type { Queryable } from "../engines/database.ts";
import { rootOf } from "../reading/links.ts";
import { toTime } from "../reading/load-customers.ts";
import { INSERT_OPT_OUTS } from "./address-refusals.ts";

/** A consent change from a signal, for a channel or for the channel of the delivery that it names. */
export interface ConsentNews {
  readonly customerId: string;
  readonly source: string;
  readonly id: string;
  readonly at: Instant;
  readonly receivedAt: Instant;
  readonly seq: number;
  readonly status: ConsentStatus;
  readonly channel: string;
  readonly deliveryId?: string;
  /** The addresses it came from: a denial or revocation applies to all current and future holders of these. */
  readonly addresses?: readonly AddressForm[];
  /** The reason, if it does not come from the customer. */
  readonly reason?: string;
}

/**
 * Applies consent changes as of this transaction. It raises the customers' versions, so an uncommitted decision under the old consent
 * fails and is made again. Sending a delivery locks the customer, so it either precedes this transaction or sees the change. The later
 * decision of the signal finds the change already applied.
 */
export async function takeConsent(db: Queryable, news: readonly ConsentNews[]): Promise<void> {
  if (news.length === 0) return;
  const all = [...news, ...(await ofHolders(db, news))];
  const rows = storableJson(all.map(rowOf));
  await db.query(CUSTOMERS, [rows]);
  await db.query(VERSIONS, [rows]);
  const { rows: taken } = await db.query<{ customer_id: string }>(CONSENTS, [rows]);
  // A customer may have been merged while this transaction waited for the lock: then the surviving row is locked as well.
  const others = taken.filter(({ customer_id }) => !all.some(({ customerId }) => customerId === customer_id));
  if (others.length > 0) await db.query(VERSIONS, [storableJson(others)]);
  // Customers who share an address have no wake of their own: what is held for them ends by one.
  const holders = all.slice(news.length);
  if (holders.length > 0)
    await db.query(WAKE_HELD, [holders.map(({ customerId }) => customerId), toTime(need(holders[0], "one").receivedAt)]);
}

/** The current consent on a channel, with its source and time. */
export interface ConsentWord {
  readonly status: ConsentStatus;
  readonly source: string;
  readonly at: Instant;
  readonly seq: number;
}

/** The current consent of a customer, or of the surviving customer after a merge, on a channel. */
export async function consentOn(db: Queryable, customerId: string, key: string): Promise<ConsentWord | undefined> {
  const { rows } = await db.query<ConsentWord>(
    `select status, source, to_ms(at) as at, seq::float8 as seq from consents where customer_id = ${rootOf("$1::text")} and channel = $2`,
    [customerId, key],
  );
  return rows[0];
}

// --- internal ---

interface Reached {
  readonly delivery_id: string;
  readonly channel: string;
  readonly address: string | null;
}

/** Stores opt-outs by address, and returns the same change for each holder of these addresses. */
async function ofHolders(db: Queryable, news: readonly ConsentNews[]): Promise<ConsentNews[]> {
  const ended = news.filter(({ status }) => status !== "granted");
  const about = ended.flatMap(({ deliveryId }) => (deliveryId === undefined ? [] : [deliveryId]));
  const reached = about.length > 0 ? (await db.query<Reached>(REACHED, [about])).rows : [];
  const refusals = ended.flatMap(({ deliveryId, ...said }) => {
    const delivery = reached.find(({ delivery_id }) => delivery_id === deliveryId);
    const channel = delivery ? consentKey(delivery.channel) : said.channel;
    const addresses = [...(said.addresses ?? []), ...(delivery?.address ? [addressReached(delivery.address)] : [])];
    return addresses.map((address) => ({ news: { ...said, channel }, address }));
  });
  if (refusals.length === 0) return [];
  const rows = refusals.map(({ news: one, address }, n) => ({ n, ...rowOf(one), ...address }));
  const { rows: holders } = await db.query<{ customer_id: string; n: number }>(INSERT_OPT_OUTS, [storableJson(rows)]);
  return holders.map(({ customer_id, n }) => ({ ...need(refusals[n], "a refusal").news, customerId: customer_id }));
}

const REACHED = `select d.delivery_id, d.channel, d.address from deliveries d where d.delivery_id = any($1::text[])`;

const rowOf = ({ customerId, source, id, at, receivedAt, seq, status, channel, deliveryId, reason }: ConsentNews) => ({
  customer_id: customerId,
  origin: { kind: "signal", at: receivedAt, source, id },
  created_at: toTime(receivedAt),
  source,
  at: toTime(at),
  seq,
  status,
  channel,
  delivery_id: deliveryId ?? null,
  reason: reason ?? null,
});

const NEWS = `jsonb_to_recordset($1::jsonb) as x(customer_id text, origin jsonb, created_at timestamptz, source text, at timestamptz, seq bigint,
       status text, channel text, delivery_id text, reason text)`;

const CUSTOMERS = `
insert into customers (customer_id, origin, created_at)
select customer_id, origin, created_at from (select distinct on (x.customer_id) x.* from ${NEWS} order by x.customer_id, x.seq) first
 order by customer_id collate "C"
on conflict (customer_id) do nothing`;

const VERSIONS = `
with held as materialized (
  select c.customer_id from customers c where c.customer_id in (select customer_id from ${NEWS}) order by c.customer_id for update of c
)
update customers c set version = c.version + 1 from held where c.customer_id = held.customer_id`;

const WAKE_HELD = `
update timers t set due = least(t.due, $2::timestamptz) where t.customer_id = any($1::text[]) and t.key like 'hold:%'`;

/** The newest change for each channel wins; an older one never replaces a newer one. */
const CONSENTS = `
insert into consents (customer_id, channel, status, at, source, seq, reason)
select distinct on (customer_id, channel) customer_id, channel, status, at, source, seq, reason from (
  select ${rootOf("x.customer_id")} as customer_id, coalesce(lower(d.channel), x.channel) as channel, x.status, x.at, x.source, x.seq, x.reason
    from ${NEWS} left join deliveries d on d.delivery_id = x.delivery_id and ${rootOf("d.customer_id")} = ${rootOf("x.customer_id")}
) said order by customer_id, channel, at desc, seq desc
on conflict (customer_id, channel) do update
  set status = excluded.status, at = excluded.at, source = excluded.source, seq = excluded.seq, reason = excluded.reason
where (excluded.at, excluded.seq) >= (consents.at, consents.seq)
returning customer_id`;
