import { identityKey } from "../../domain/entities/address.ts";
import { type IdentityClaim, signalKey } from "../../domain/entities/signal.ts";
import { customerNamedBy } from "../../domain/identity/identity.ts";
import { addressForm } from "../../domain/values/address-form.ts";
import type { Json } from "../../domain/values/json.ts";
import { storableJson } from "../../domain/values/storable.ts";
import type { Instant } from "../../domain/values/time.ts";
import { type AuditEntry, auditRow, INSERT_AUDIT } from "../commit/operations-rows.ts";
import { arrivalRow } from "../commit/rows.ts";
import { type ConsentNews, type ConsentWord, consentOn, takeConsent } from "../commit/take-consent.ts";
import { type Pool, type Queryable, transaction } from "../engines/database.ts";
import { resolveIdentities } from "./identities.ts";
import { contentsSentTo, type MessageWriter } from "./sent-contents.ts";
import { INSERT_ARRIVALS, insertNew, knownBefore, RESERVE_IDENTITIES } from "./statements.ts";

/** An incoming signal, before acceptance. */
export interface Arrival {
  readonly source: string;
  readonly id: string;
  readonly type: string;
  /** Undefined if only identities name the customer. */
  readonly customerId?: string;
  readonly identities: readonly IdentityClaim[];
  readonly time: Instant;
  readonly receivedAt: Instant;
  readonly event: Json;
  readonly bodyHash: string;
  /** W3C trace parents, separated by spaces: the parent of its decision, then links. */
  readonly trace?: string;
  /** Its consent change, effective as soon as the signal is accepted. */
  readonly consent?: Pick<ConsentNews, "status" | "deliveryId" | "reason" | "addresses"> & { readonly channels: readonly string[] };
}

export type Reception = "accepted" | "duplicate" | "conflict";

/** Accepted signals that are not decided yet. */
export interface Inbox {
  /**
   * Accepts signals in one transaction: in the given order, each (source, id) once, each assigned to its customer. Their consent
   * changes are effective when this resolves.
   */
  accept(arrivals: readonly Arrival[]): Promise<Reception[]>;
  /** Accepts a signal of an operator together with its audit entry: both are written, or neither. One that is known has no new entry. */
  acceptAudited(arrival: Arrival, entry: AuditEntry): Promise<Reception | undefined>;
  /** Number of pending signals, counted up to `enough`. */
  backlog(enough: number): Promise<number>;
  /** Deliveries by our id or the provider's id, keyed by the given name. */
  deliveriesNamed(names: readonly string[]): Promise<Map<string, { readonly deliveryId: string; readonly customerId: string }>>;
  /** The latest contents sent to the writer of a message. */
  contentsSentTo(writer: MessageWriter, limit: number): Promise<Json[]>;
  /** The current consent on a channel; `key` is the channel's consent key. */
  consentOn(customerId: string, key: string): Promise<ConsentWord | undefined>;
  /** Advances the arrival sequence past signals that were stored without it, as by a replay. */
  catchUp(): Promise<void>;
}

export function createInbox(pool: Pool): Inbox {
  return {
    accept: async (arrivals) => {
      if (arrivals.length === 0) return [];
      return arrivals.every(isPlain) ? acceptPlain(pool, arrivals) : transaction(pool, (db) => accept(db, arrivals));
    },
    acceptAudited: (arrival, entry) =>
      transaction(pool, async (db) => {
        const [reception] = await accept(db, [arrival]);
        if (reception === "accepted") await db.query(INSERT_AUDIT, [storableJson([auditRow(entry)])]);
        return reception;
      }),
    backlog: async (enough) =>
      (
        await pool.query<{ n: number }>("select count(*)::float8 as n from (select 1 from inbox where dead_at is null limit $1) waiting", [
          enough,
        ])
      ).rows[0]?.n ?? 0,
    deliveriesNamed: (names) => deliveriesNamed(pool, names),
    contentsSentTo: (writer, limit) => contentsSentTo(pool, writer, limit),
    consentOn: (customerId, key) => consentOn(pool, customerId, key),
    catchUp: async () => void (await pool.query(CATCH_UP)),
  };
}

// --- internal ---

/** Serialises the allocation of new identities, so a concurrent request sees the first one's. */
const LOCK_IDENTITIES = "select pg_advisory_xact_lock(hashtext('sentient identities'))";

// One statement, so reading and setting the sequence are one step.
const CATCH_UP = `
select setval('arrivals', last.seq) from (select coalesce(max(seq), 0) as seq from signals) last, arrivals a
 where last.seq >= a.last_value and last.seq > 0`;

/** A signal that names its customer, and of which nothing takes effect before it is decided. */
interface Plain extends Arrival {
  readonly customerId: string;
}

const isPlain = (one: Arrival): one is Plain => one.customerId !== undefined && one.identities.length === 0 && one.consent === undefined;

/** One message to the server. */
async function acceptPlain(pool: Pool, arrivals: readonly Plain[]): Promise<Reception[]> {
  const { keys, firsts } = eachFirst(arrivals);
  const before = await insertNew(pool, rowsOf([...firsts.values()]), [...firsts.values()]);
  return arrivals.map((arrival, place) => receptionOf(arrival, keys[place] ?? "", firsts, before));
}

async function accept(db: Queryable, arrivals: readonly Arrival[]): Promise<Reception[]> {
  const { keys, firsts } = eachFirst(arrivals);
  const named = await nameCustomers(db, [...firsts.values()]);
  const [{ rows }, before] = await Promise.all([
    db.query<Inserted>(INSERT_ARRIVALS, [storableJson(rowsOf(named))]),
    // Read after the insert, in a statement whose snapshot includes signals moved into the record meanwhile.
    knownBefore(db, [...firsts.values()]),
  ]);
  const inserted = new Map(rows.map((row) => [signalKey(row), row]));
  const fresh = named.flatMap((one) => freshOf(one, inserted, before));
  await reserveIdentities(db, fresh);
  await takeConsent(db, fresh.flatMap(newsOf));
  return arrivals.map((arrival, place) => receptionOf(arrival, keys[place] ?? "", firsts, before));
}

/** The first signal of each key, and the keys of all. */
function eachFirst<One extends Arrival>(arrivals: readonly One[]): { readonly keys: readonly string[]; readonly firsts: Map<string, One> } {
  const keys = arrivals.map(signalKey);
  const firsts = new Map<string, One>();
  for (const [place, arrival] of arrivals.entries()) {
    const key = keys[place] ?? "";
    if (!firsts.has(key)) firsts.set(key, arrival);
  }
  return { keys, firsts };
}

const rowsOf = (named: readonly Plain[]): Json => named.map((one) => ({ ...arrivalRow(one), trace: one.trace ?? null }));

function receptionOf(arrival: Arrival, key: string, firsts: ReadonlyMap<string, Arrival>, before: ReadonlyMap<string, string>): Reception {
  const first = firsts.get(key);
  const known = before.get(key);
  if ((known ?? first?.bodyHash) !== arrival.bodyHash) return "conflict";
  return first === arrival && known === undefined ? "accepted" : "duplicate";
}

interface Inserted {
  readonly source: string;
  readonly id: string;
  readonly seq: number;
  /** Of a merged customer the root. */
  readonly customer_id: string;
}

/** A signal that is new and says more than what is decided later: identities, or a consent. */
interface Fresh extends Named {
  readonly seq: number;
}

function freshOf(one: Named, inserted: ReadonlyMap<string, Inserted>, before: ReadonlyMap<string, string>): Fresh[] {
  if (one.gives.length === 0 && one.consent === undefined) return [];
  const key = signalKey(one);
  const row = inserted.get(key);
  return row === undefined || before.has(key) ? [] : [{ ...one, customerId: row.customer_id, seq: row.seq }];
}

interface Named extends Arrival {
  readonly customerId: string;
  /** New identities, which name this customer from now on. */
  readonly gives: readonly IdentityClaim[];
}

/** Assigns each signal to a customer: its subject, or the one its identities resolve to, or a new one. */
async function nameCustomers(db: Queryable, arrivals: readonly Arrival[]): Promise<Named[]> {
  const claims = arrivals.flatMap(({ identities }) => identities);
  let resolved = await resolveIdentities(db, claims);
  if (claims.some((claim) => !resolved.owners.has(identityKey(claim)))) {
    await db.query(LOCK_IDENTITIES);
    resolved = await resolveIdentities(db, claims);
  }
  const { owners } = resolved;
  return arrivals.map((arrival) => {
    const customerId = arrival.customerId ?? customerNamedBy(arrival.identities, resolved);
    const gives = arrival.identities.filter((claim) => !owners.has(identityKey(claim)));
    for (const claim of gives) owners.set(identityKey(claim), customerId);
    return { ...arrival, customerId, gives };
  });
}

async function reserveIdentities(db: Queryable, arrivals: readonly Fresh[]): Promise<void> {
  const rows = arrivals.flatMap(({ gives, customerId, seq }) =>
    gives.map(({ type, value }) => ({ type, value, form: addressForm(type, value), customer_id: customerId, seq })),
  );
  if (rows.length > 0) await db.query(RESERVE_IDENTITIES, [storableJson(rows)]);
}

function newsOf({ customerId, source, id, time, receivedAt, seq, consent }: Fresh): ConsentNews[] {
  if (consent === undefined) return [];
  const { channels, ...said } = consent;
  return channels.map((channel) => ({ customerId, source, id, at: time, receivedAt, seq, ...said, channel }));
}

async function deliveriesNamed(db: Queryable, names: readonly string[]): Promise<Map<string, { deliveryId: string; customerId: string }>> {
  if (names.length === 0) return new Map();
  const { rows } = await db.query<{ name: string; delivery_id: string; customer_id: string }>(
    `select provider_id as name, delivery_id, customer_id from deliveries where provider_id = any($1::text[])
     union all select delivery_id as name, delivery_id, customer_id from deliveries where delivery_id = any($1::text[])`,
    [names],
  );
  return new Map(rows.map(({ name, delivery_id, customer_id }) => [name, { deliveryId: delivery_id, customerId: customer_id }]));
}
