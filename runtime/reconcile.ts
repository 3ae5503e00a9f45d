import { hasPassed, MINUTE, SECOND } from "../domain/time.ts";
import { sendMessage } from "../tools/send-message.ts";
import type { Decider } from "./decide.ts";
import { keepPromisesDue } from "./keep-promises.ts";
import { errorFields, type Log } from "./log.ts";
import type { ToolDeps } from "./tool-deps.ts";

export interface ReconcilerOptions {
  readonly deps: ToolDeps;
  readonly decider: Decider;
  readonly log: Log;
  /** How long customers stay with a process that has stopped saying that it is alive. */
  readonly leaseMs?: number;
  readonly everyMs?: number;
}

/** Puts in order what processes that are gone left in the middle. Every process may run one. */
export interface Reconciler {
  start(): void;
  /** One look at everything. */
  look(): Promise<void>;
  stop(): Promise<void>;
}

export function createReconciler(options: ReconcilerOptions): Reconciler {
  const { log, everyMs = EVERY_MS } = options;
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> = Promise.resolve();
  const round = (): void => {
    looking = look(options).catch((error: unknown) => log.warn("reconciling failed; it is tried again", errorFields(error)));
  };
  return {
    start: () => {
      timer = setInterval(round, everyMs);
      timer.unref();
    },
    look: () => look(options),
    async stop() {
      clearInterval(timer);
      await looking;
    },
  };
}

// --- internal ---

const EVERY_MS = 5 * SECOND;
const LEASE_MS = 30 * SECOND;

/** Longer than any hand-over may take: its answer would have come. */
const CUT_AFTER_MS = sendMessage.timeoutMs + 30 * SECOND;

/** What was begun this long ago and is not finished may have been left behind. */
const LEFT_AFTER_MS = 10 * SECOND;

const AT_ONCE = 64;

/** Then the other things are looked at again. */
const MOST_ROUNDS = 20;

async function look({ deps, decider, log, leaseMs = LEASE_MS }: ReconcilerOptions): Promise<void> {
  const { store, now, newId } = deps;
  const cut = await store.deliveries.abandon({ takenBefore: now() - CUT_AFTER_MS, now: now() });
  if (cut.length > 0) log.warn("hand-overs were cut; whether they went out is not known", { deliveryIds: cut });
  await store.calls.abandon(now(), { createdBefore: now() - MINUTE });
  const due = (await store.deliveries.promisesDue()).filter(({ at }) => hasPassed(LEFT_AFTER_MS, at, now()));
  await keepPromisesDue(due, deps);
  // What a channel has no room for is left alone: it would only keep the others from their turn.
  for (let round = 0; round < MOST_ROUNDS; round++) if ((await resumeStranded(newId())) < AT_ONCE) break;

  async function resumeStranded(owner: string): Promise<number> {
    const reservedBefore = now() - LEFT_AFTER_MS;
    const except = deps.outbox.congestion();
    const customers = await store.lanes.claimStranded({ owner, leaseMs, now: now(), limit: AT_ONCE, reservedBefore, except });
    if (customers.length === 0) return 0;
    const keep = setInterval(() => void store.lanes.prolong(customers, owner, leaseMs).catch(() => {}), leaseMs / 3);
    try {
      const open = (await store.deliveries.open()).filter(
        ({ customerId, status, at }) => status === "reserved" && hasPassed(LEFT_AFTER_MS, at, now()) && customers.includes(customerId),
      );
      log.info("deliveries that were left behind are carried out", { deliveryIds: open.map(({ deliveryId }) => deliveryId) });
      await decider.resume(open);
      return customers.length;
    } finally {
      clearInterval(keep);
      await store.lanes.release(customers, owner);
    }
  }
}
