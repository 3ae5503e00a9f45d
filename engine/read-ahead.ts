import type { Customer } from "../domain/entities/customer.ts";
import { limitedInTotal, type Policy } from "../domain/entities/policy.ts";
import { ABOUT_AN_ASK } from "../domain/moments/look-back.ts";
import { type Instant, MINUTE } from "../domain/values/time.ts";
import type { ComingAsk, OpenedAsk } from "../store/asks.ts";
import type { ClaimOptions } from "../store/leases.ts";
import type { Purpose, SharedState, Store } from "../store/store.ts";

/** Who leases the customers of asks, for how many milliseconds, and from when. */
export type AskLease = Pick<ClaimOptions, "owner" | "leaseMs" | "now">;

export interface OpenedAsks {
  readonly asks: readonly OpenedAsk[];
  readonly ahead: ReadAhead;
}

/** What a batch reads of the store that does not depend on its wakes, and its customers as far as they are named. */
export interface ReadAhead {
  /** The version under which it was read: another one may look further back. */
  readonly version: string;
  readonly shared: Promise<SharedState>;
  readonly totals: Promise<ReadonlyMap<string, number>>;
  customer(customerId: string): Promise<Customer | undefined>;
}

/** What every decision reads, the last read of which is kept. */
export interface FollowedState {
  read(): Promise<SharedState>;
  /** Opens asks, and reads it in the same statement. */
  open(asks: readonly ComingAsk[], lease: AskLease): ReturnType<Store["asks"]["open"]>;
}

/** What is known of wakes before they are decided. */
export interface ComingWakes extends Purpose {
  readonly earliest: Instant;
}

interface ReadDeps {
  readonly store: Store;
  readonly policy: Policy;
}

/** Caches the arms, because most batches teach nothing; only changed ones are read again. */
export function followShared(store: Store): FollowedState {
  let known: SharedState["arms"] = new Map();
  const follow = async <Read extends { readonly shared: SharedState }>(reading: Promise<Read>): Promise<Read> => {
    const read = await reading;
    known = read.shared.arms;
    return read;
  };
  return {
    read: async (): Promise<SharedState> => (await follow(store.shared(known).then((shared) => ({ shared })))).shared,
    open: (asks: readonly ComingAsk[], lease: AskLease) => follow(store.asks.open(asks, lease, known)),
  };
}

/**
 * Begins to read what a batch needs.
 *
 * @param customerIds customers read at once; others are read when they are asked for
 * @param wakes when the customers are decided, and what about
 */
export function readAhead(
  customerIds: readonly string[],
  { earliest, ...purpose }: ComingWakes,
  { store, policy }: ReadDeps,
  shared: Promise<SharedState>,
): ReadAhead {
  // A customer is read ahead once: a later request in the same batch reads the row as it is by then.
  const named = new Set(customerIds);
  const load = (ids: readonly string[]): Promise<ReadonlyMap<string, Customer>> => store.customers.load(ids, policy, earliest, purpose);
  const loaded = named.size > 0 ? load([...named]) : undefined;
  const others = coalescing(load);
  const ahead = {
    ...{ version: policy.version, shared, totals: store.totals(limitedInTotal(policy)) },
    customer: async (id: string) => (named.delete(id) ? (await loaded)?.get(id) : others.load(id)),
  };
  // A failure is told where it is awaited, if it is.
  for (const reading of [ahead.shared, ahead.totals, loaded]) reading?.catch(() => {});
  return ahead;
}

/** Begins asks and leases their customers, which are decided within seconds, and begins to read meanwhile what their answers need. */
export async function openAsks(asks: readonly ComingAsk[], lease: AskLease, deps: ReadDeps, followed: FollowedState): Promise<OpenedAsks> {
  const opening = followed.open(asks, lease);
  const customerIds = asks.map(({ customerId }) => customerId);
  const ahead = readAhead(
    customerIds,
    { earliest: lease.now, latest: lease.now + MINUTE, about: ABOUT_AN_ASK },
    deps,
    opening.then(({ shared }) => shared),
  );
  return { asks: (await opening).asks, ahead };
}

// --- internal ---

/** Batches loads of single customers within one microtask turn into one statement. */
function coalescing(loadAll: (ids: readonly string[]) => Promise<ReadonlyMap<string, Customer>>) {
  let gathering: { ids: string[]; loaded: Promise<ReadonlyMap<string, Customer>> } | undefined;
  return {
    async load(customerId: string): Promise<Customer | undefined> {
      if (!gathering) {
        const ids: string[] = [];
        const loaded = Promise.resolve().then(() => {
          gathering = undefined;
          return loadAll(ids);
        });
        gathering = { ids, loaded };
      }
      const { ids, loaded } = gathering;
      ids.push(customerId);
      return (await loaded).get(customerId);
    },
  };
}
