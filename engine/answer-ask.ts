import type { Ask, AskAnswer } from "../domain/entities/ask.ts";
import type { Instant } from "../domain/values/time.ts";
import type { StoredSignal } from "../store/commit/customer-commit.ts";
import type { Store } from "../store/store.ts";
import type { Decider } from "./decide.ts";
import { dueWakeOf } from "./due-wake.ts";

export interface AnswerDeps {
  readonly store: Store;
  readonly decider: Decider;
  readonly now: () => Instant;
  /** Names the holder of the lease. */
  readonly newId: () => string;
  readonly processId?: string;
}

/** An ask of a known channel and places, whose customer has been found. `signal` is how it stays in the record. */
export interface NewAsk {
  readonly ask: Ask;
  readonly signal: StoredSignal;
}

/**
 * What became of an ask. `busy`: another wake of the customer is being decided, or has changed her meanwhile, and nothing was
 * written. `repeated`: an ask of this key was answered, or marked as late, before.
 */
export type Answered =
  | { readonly outcome: "answered"; readonly answer: AskAnswer }
  | { readonly outcome: "busy" }
  | { readonly outcome: "repeated" };

/** Duration of the lease; an answer takes milliseconds. */
const LEASE_MS = 15_000;

/**
 * Answers asks, each in its customer's order: it takes the customer's lease by name, decides what came before it, and writes one
 * decision a place in one flushed transaction. Asks of different customers, and of one, may be given together.
 */
export const answerAsks = (deps: AnswerDeps, asks: readonly NewAsk[]): Promise<readonly Answered[]> =>
  Promise.all(asks.map((one) => answerOne(deps, one)));

// --- internal ---

async function answerOne(deps: AnswerDeps, { ask, signal }: NewAsk): Promise<Answered> {
  const { store, decider, now, newId } = deps;
  const owner = newId();
  const { customerId } = ask;
  const [leased] = await store.leases.claimNamed([customerId], owner, LEASE_MS);
  if (leased === undefined) return { outcome: "busy" };
  try {
    await decideOlder(deps, ask);
    const [answer] = await decider.answer([{ wake: { kind: "ask", ask }, now: ask.at, signal }]);
    if (answer) return { outcome: "answered", answer };
    return { outcome: (await store.asks.find(ask)) ? "repeated" : "busy" };
  } finally {
    await store.leases.release([customerId], owner);
  }

  /** Signals that arrived before the ask, and timers that were due. */
  async function decideOlder({ processId }: AnswerDeps, { seq }: Ask): Promise<void> {
    for (;;) {
      const [next] = await store.leases.next([customerId], now(), processId);
      if (!next || (next.signal && next.signal.seq > seq)) return;
      const done = await decider.decide([dueWakeOf(next, now())]);
      if (done.length === 0) return;
    }
  }
}
