import type { Customer } from "../../domain/entities/customer.ts";
import type { Policy } from "../../domain/entities/policy.ts";
import { SentientError } from "../../domain/errors.ts";
import { ABOUT_EVERYTHING } from "../../domain/moments/look-back.ts";
import type { Instant } from "../../domain/values/time.ts";
import { CLOCK } from "../../engine/run-stream.ts";
import type { RecordedHistory } from "../../rehearsal/future.ts";
import { sampleOf } from "../../rehearsal/twins.ts";
import type { Store } from "../../store/store.ts";
import { likenessBy } from "./likeness.ts";

/** What a rehearsal knows of a store: the history that twins are learned from, and the customers as they are at its end. */
export interface PastRecord {
  /** The end of the recorded time. */
  readonly at: Instant;
  readonly history: RecordedHistory;
  /** Those of the history, in its order. */
  readonly customers: readonly Customer[];
}

export interface ReadRecordOptions {
  /** By which the customers are loaded, and who is like whom is told. */
  readonly policy: Policy;
  /** The most customers that are read; of more, a share is. */
  readonly most: number;
}

/**
 * Reads what was recorded of the customers of a store, and nothing else of it. The end of the recorded time is the clock of a replayed stream,
 * otherwise the last signal or decision: never the clock of the machine.
 *
 * @throws `BAD_INPUT` where no signal is recorded
 */
export async function readRecord(store: Store, { policy, most }: ReadRecordOptions): Promise<PastRecord> {
  const { history } = store;
  const span = await history.span();
  if (!span)
    throw new SentientError(
      "BAD_INPUT",
      "no signal is recorded in the store: there is nothing to rehearse from (npx sentient run WORKSPACE --data DIR)",
    );
  const clock = await store.setting(CLOCK);
  const at = typeof clock === "number" ? clock : Math.max(span.last, span.decided);
  const all = await allOf(
    (after) => history.customerIds(after, PAGE),
    "",
    (id) => id,
  );
  const sampled = sampleOf(
    all.map((customerId) => ({ customerId })),
    most,
  ).map(({ customerId }) => customerId);
  const of = sampled.length < all.length ? sampled : undefined;
  const customers = await loadAll(sampled, store, policy, at);
  const likeOf = likenessBy(policy, at);
  const { arms } = await store.shared(new Map());
  return {
    at,
    customers,
    history: {
      period: { from: Math.min(span.first, at), until: at, zone: policy.timezone },
      population: all.length,
      customers: customers.map((customer) => ({ customerId: customer.customerId, since: customer.origin.at, ...likeOf(customer) })),
      signals: await allOf(
        (after) => history.signals(after, PAGE, of),
        0,
        ({ seq }) => seq,
      ),
      deliveries: await allOf(
        (after) => history.deliveries(after, PAGE, of),
        "",
        ({ deliveryId }) => deliveryId,
      ),
      arms: Object.fromEntries([...arms].flatMap(([arm, { learned }]) => (learned ? [[arm, learned]] : []))),
    },
  };
}

// --- internal ---

const PAGE = 5_000;
const LOADED_AT_ONCE = 200;

/** All rows of a reading that goes page by page. */
async function allOf<Row, Place>(
  read: (after: Place) => Promise<readonly Row[]>,
  first: Place,
  placeOf: (row: Row) => Place,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (let place = first; ; ) {
    const page = await read(place);
    for (const row of page) rows.push(row);
    const last = page.at(-1);
    if (page.length < PAGE || last === undefined) return rows;
    place = placeOf(last);
  }
}

async function loadAll(ids: readonly string[], store: Store, policy: Policy, at: Instant): Promise<Customer[]> {
  const customers: Customer[] = [];
  for (let from = 0; from < ids.length; from += LOADED_AT_ONCE) {
    const part = ids.slice(from, from + LOADED_AT_ONCE);
    const loaded = await store.customers.load(part, policy, at, { about: ABOUT_EVERYTHING });
    for (const id of part) {
      const customer = loaded.get(id);
      if (customer) customers.push(customer);
    }
  }
  return customers;
}
