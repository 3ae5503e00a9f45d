import { every } from "../concurrency/periodic.ts";
import { keepPromisesDue } from "../delivery/keep-promises.ts";
import type { ToolDeps } from "../delivery/tool-deps.ts";
import { HOUR, hasPassed, MINUTE, SECOND } from "../domain/values/time.ts";
import { createOutageMonitor, isOutage, type OutageMonitor } from "../health/outage.ts";
import type { KeptDelivery } from "../store/store.ts";
import { errorFields, type Log, type LogFields } from "../telemetry/log.ts";
import { sendMessage } from "../tools/send-message.ts";
import type { Decider } from "./decide.ts";

export interface ReconcilerOptions {
  readonly deps: ToolDeps;
  readonly decider: Decider;
  readonly log: Log;
  /** How long customers stay with a process that has stopped saying that it is alive. */
  readonly leaseMs?: number;
  readonly everyMs?: number;
  /** Told of what the store refuses. */
  readonly outages?: OutageMonitor;
}

/** Puts in order what processes that are gone left in the middle. Every process may run one. */
export interface Reconciler {
  start(): void;
  /** One look at everything. */
  look(): Promise<void>;
  stop(): Promise<void>;
}

export function createReconciler(options: ReconcilerOptions): Reconciler {
  const loop = every({
    everyMs: options.everyMs ?? EVERY_MS,
    run: () => look(options),
    onError: failedWith(options)("reconciling failed; it is tried again"),
  });
  return { ...loop, look: () => look(options) };
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

/** Customers whose deliveries could not be carried out are not looked at again before this. */
const RETRY_AFTER_MS = MINUTE;

/** Trouble of the store is told once, by those who watch it; what is left is told here. */
const failedWith =
  ({ log, outages = createOutageMonitor({ log }) }: ReconcilerOptions) =>
  (what: string, fields: LogFields = {}) =>
  (error: unknown): void => {
    if (isOutage(error)) outages.report(error);
    else log.warn(what, { ...fields, ...errorFields(error) });
  };

/** So long a version may be away, for a deploy that is rolled back, before what only it could carry out is over. */
const GIVEN_UP_AFTER_MS = HOUR;

/** Deliveries that no living process can carry out: told, and cancelled once nobody can be expected to come back for them. */
async function cancelLeftOver({ deps: { store, now }, log }: ReconcilerOptions): Promise<void> {
  const left = await store.processes.leftOver(now() - MINUTE, AT_ONCE);
  if (left.length === 0) return;
  const over = left.filter(({ reservedAt }) => hasPassed(GIVEN_UP_AFTER_MS, reservedAt, now()));
  await store.deliveries.cancel(over.map(({ deliveryId }) => ({ deliveryId, reason: "not_applicable", at: now() })));
  const what = {
    channels: [...new Set(left.map(({ channel }) => channel))],
    experiences: [...new Set(left.map(({ experienceId }) => experienceId))],
  };
  log.warn("no process knows the channel or experience of deliveries that wait", {
    ...what,
    waiting: left.length - over.length,
    cancelled: over.length,
  });
}

async function look(options: ReconcilerOptions): Promise<void> {
  const { deps, decider, log, leaseMs = LEASE_MS } = options;
  const failed = failedWith(options);
  const deferred = new Set<string>();
  const { store, now, newId } = deps;
  const cut = await store.deliveries.abandon({ takenBefore: now() - CUT_AFTER_MS, now: now() });
  if (cut.length > 0) log.warn("hand-overs were cut; whether they went out is not known", { deliveryIds: cut });
  await store.calls.abandon(now(), { createdBefore: now() - MINUTE });
  const due = (await store.deliveries.promisesDue()).filter(({ at }) => hasPassed(LEFT_AFTER_MS, at, now()));
  // One that cannot be written must not keep the others from it.
  for (const one of due)
    await keepPromisesDue([one], deps).catch(failed("a promise could not be written down", { deliveryId: one.deliveryId }));
  await cancelLeftOver(options);
  // What a channel has no room for is left alone: it would only keep the others from their turn.
  for (let round = 0; round < MOST_ROUNDS; round++) if ((await resumeStranded(newId())) < AT_ONCE) break;

  async function resumeStranded(owner: string): Promise<number> {
    const reservedBefore = now() - LEFT_AFTER_MS;
    const except = deps.sendQueues.congestion();
    // What only another version can carry out is left to it.
    const knows = { channels: Object.keys(deps.policy.channels), experiences: deps.policy.experiences.map(({ id }) => id) };
    const customers = await store.leases.claimStranded({ owner, leaseMs, now: now(), limit: AT_ONCE, reservedBefore, except, knows });
    if (customers.length === 0) return 0;
    const keep = setInterval(() => void store.leases.renew(customers, owner, leaseMs).catch(() => {}), leaseMs / 3);
    try {
      const open = (await store.deliveries.open()).filter(
        ({ customerId, status, at }) => status === "reserved" && hasPassed(LEFT_AFTER_MS, at, now()) && customers.includes(customerId),
      );
      log.info("deliveries that were left behind are carried out", { deliveryIds: open.map(({ deliveryId }) => deliveryId) });
      await decider.resume(open).catch((error: unknown) => resumeEach(open, error, owner));
      return customers.length;
    } finally {
      clearInterval(keep);
      await store.leases.release(
        customers.filter((id) => !deferred.has(id)),
        owner,
      );
    }
  }

  /** One by one: what cannot be carried out must not keep the others back, now or at the next look. */
  async function resumeEach(open: readonly KeptDelivery[], cause: unknown, owner: string): Promise<void> {
    if (isOutage(cause)) throw cause;
    for (const customerId of new Set(open.map((one) => one.customerId))) {
      const own = open.filter((one) => one.customerId === customerId);
      await decider.resume(own).catch(async (error: unknown) => {
        if (isOutage(error)) throw error;
        failed("deliveries that were left behind could not be carried out", { deliveryIds: own.map(({ deliveryId }) => deliveryId) })(
          error,
        );
        await store.leases.release([customerId], owner, RETRY_AFTER_MS);
        deferred.add(customerId);
      });
    }
  }
}
