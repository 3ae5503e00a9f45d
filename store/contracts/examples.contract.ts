import { randomUUID } from "node:crypto";
import type { Change, NewDelivery } from "../../domain/entities/change.ts";
import { evolve } from "../../domain/entities/change.ts";
import { type Customer, newCustomer } from "../../domain/entities/customer.ts";
import type { DecisionDraft } from "../../domain/entities/decision.ts";
import type { Policy } from "../../domain/entities/policy.ts";
import { ABOUT_ANYTHING } from "../../domain/moments/look-back.ts";
import { DAY, HOUR, type Instant, iso } from "../../domain/values/time.ts";
import type { CustomerCommit, RunRow, Store, StoredSignal } from "../store.ts";

// Builders for the contract suites: small, with every field set.

export const NOON: Instant = Date.UTC(2026, 5, 1, 12);

/** The part of a policy that loading a customer needs. */
export const POLICY = {
  counted: { "page.viewed": [7 * DAY] },
  touchWindow: 30 * DAY,
  channels: {},
  learning: {},
  governance: { suppress: [] },
  experiences: [{ status: "approved", serves: ["fact_corrected"] }],
} as unknown as Policy; // The rest of a policy plays no part in what the store does.

export const aRun = (customerId: string, more: Partial<RunRow> = {}): RunRow => ({
  runId: `r-${randomUUID()}`,
  customerId,
  wake: { kind: "timer", name: "review", due: iso(NOON) },
  policyVersion: "v1",
  startedAt: NOON,
  finishedAt: NOON,
  steps: [{ agent: "eligibility-judge", ms: 1 }],
  ...more,
});

export const aSignal = (customerId: string, seq: number, more: Partial<StoredSignal> = {}): StoredSignal => ({
  seq,
  source: "web",
  id: `s-${seq}`,
  type: "page.viewed",
  customerId,
  time: NOON,
  receivedAt: NOON,
  event: { specversion: "1.0", id: `s-${seq}`, source: "web", type: "page.viewed" },
  bodyHash: `hash ${seq}`,
  ...more,
});

/** Puts a signal into the inbox, as an ingest does. Returns it as a claim reads it. */
export async function inInbox(store: Store, signal: StoredSignal): Promise<StoredSignal> {
  const { seq, source, id, type, customerId, time, receivedAt, event, bodyHash } = signal;
  await store.database.pool.query(
    "insert into inbox (seq, source, id, type, customer_id, time, received_at, event, body_hash) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    [seq, source, id, type, customerId, iso(time), iso(receivedAt), JSON.stringify(event), bodyHash],
  );
  return { ...signal, isWaiting: true };
}

export const aDelivery = (deliveryId: string, more: Partial<NewDelivery> = {}): NewDelivery => ({
  deliveryId,
  experienceId: "lease-options",
  department: "sales",
  channel: "email",
  to: "ada@example.org",
  at: NOON,
  moments: ["lease_ending"],
  expiresAt: NOON + DAY,
  keeps: [],
  isTouch: true,
  features: ["a"],
  facts: { "lease.endsOn": { value: "2026-07-01", source: "crm", at: iso(NOON) } },
  frozen: { zone: "UTC", customer: { lease: { endsOn: "2026-07-01" } } },
  ...more,
});

export const aDecision = (decisionId: string, customerId: string, more: Partial<DecisionDraft> = {}): DecisionDraft => ({
  decisionId,
  customerId,
  decidedAt: iso(NOON),
  wake: { kind: "timer", name: "review", due: iso(NOON) },
  action: "silence",
  probability: 1,
  timezone: { name: "UTC", from: "workspace" },
  moments: [],
  candidates: [],
  reasons: [{ code: "ineligible", decidedBy: "rule" }],
  policyVersion: "v1",
  ...more,
});

/** A decision to deliver, with its slot; ids derive from the delivery's. */
export const delivering = (customerId: string, delivery: NewDelivery): Change => ({
  type: "decided",
  decision: aDecision(`d-${delivery.deliveryId}`, customerId, {
    action: "deliver",
    experienceId: delivery.experienceId,
    channel: delivery.channel,
  }),
  delivery,
});

export const revoked = (channel: string, seq: number, at = NOON): Change => ({
  type: "consent_set",
  consent: { channel, status: "revoked", at, source: "web", seq },
});

/** A commit for a loaded customer: the result of the changes, with a run if it decides something. */
export function aCommit(before: Customer, changes: readonly Change[], more: Partial<CustomerCommit> = {}): CustomerCommit {
  const decides = changes.some(({ type }) => type === "decided");
  return { before, after: changes.reduce(evolve, before), changes, ...(decides ? { run: aRun(before.customerId) } : {}), ...more };
}

export const aNewCustomer = (customerId: string): Customer => newCustomer(customerId, { kind: "import", at: NOON - DAY });

export async function load(store: Store, customerId: string, now = NOON + HOUR, about = ABOUT_ANYTHING): Promise<Customer> {
  const customer = (await store.customers.load([customerId], POLICY, now, { about })).get(customerId);
  if (!customer) throw new Error(`${customerId} is not in the store`);
  return customer;
}

/** Commits changes to one customer, who may be new; returns the customer afterwards. */
export async function write(
  store: Store,
  customerId: string,
  changes: readonly Change[],
  more: Partial<CustomerCommit> = {},
): Promise<Customer> {
  const before = (await store.customers.load([customerId], POLICY, NOON)).get(customerId) ?? aNewCustomer(customerId);
  const { committed } = await store.commit([aCommit(before, changes, more)]);
  if (!committed.has(customerId)) throw new Error(`${customerId} was not written`);
  return load(store, customerId);
}

/** Reserves deliveries, each for its own customer, `c-` and the delivery's id. */
export async function reserve(store: Store, ...deliveries: readonly NewDelivery[]): Promise<void> {
  for (const delivery of deliveries) await write(store, `c-${delivery.deliveryId}`, [delivering(`c-${delivery.deliveryId}`, delivery)]);
}

export async function statusOf(store: Store, deliveryId: string): Promise<{ status: string; reason: string | null }> {
  const { rows } = await store.database.pool.query<{ status: string; reason: string | null }>(
    "select status, reason from deliveries where delivery_id = $1",
    [deliveryId],
  );
  if (!rows[0]) throw new Error(`no delivery ${deliveryId}`);
  return rows[0];
}

export async function countOf(store: Store, table: string, where = "true"): Promise<number> {
  const { rows } = await store.database.pool.query<{ count: number }>(`select count(*)::float8 as count from ${table} where ${where}`);
  return rows[0]?.count ?? 0;
}
