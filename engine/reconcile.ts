import { every } from "../concurrency/periodic.ts";
import type { Catalogue } from "../delivery/catalogue.ts";
import { keepPromisesDue } from "../delivery/keep-promises.ts";
import type { ToolDeps } from "../delivery/tool-deps.ts";
import { HOUR, hasPassed, MINUTE, SECOND } from "../domain/values/time.ts";
import { createOutageMonitor, isOutage, type OutageMonitor } from "../health/outage.ts";
import type { KeptDelivery } from "../store/store.ts";
import { errorFields, type Log, type LogFields } from "../telemetry/log.ts";
import { sendMessage } from "../tools/send-message.ts";
import type { Decider } from "./decide.ts";

export interface ReconcilerOptions {
  readonly catalogue: Catalogue;
  readonly decider: Decider;
  readonly log: Log;
  /** Duration of a lease that is not renewed. */
  readonly leaseMs?: number;
  readonly everyMs?: number;
  /** Receives the outages of the store. */
  readonly outages?: OutageMonitor;
}

/** Recovers work that stopped processes left unfinished. Every process may run one. */
export interface Reconciler {
  start(): void;
  /** Reconciles once. */
  look(): Promise<void>;
  stop(): Promise<void>;
}

export function createReconciler(options: ReconcilerOptions): Reconciler {
  const loop = every({
    everyMs: options.everyMs ?? EVERY_MS,
    run: () => lookUnder(options),
    onError: failedWith(options)("reconciling failed; it is retried"),
  });
  return { ...loop, look: () => lookUnder(options) };
}

// --- internal ---

const EVERY_MS = 5 * SECOND;
const LEASE_MS = 30 * SECOND;

/** Longer than any send may take: after it the send was interrupted. */
const INTERRUPTED_AFTER_MS = sendMessage.timeoutMs + 30 * SECOND;

/** Age from which unfinished work counts as stranded. */
const STRANDED_AFTER_MS = 10 * SECOND;

const BATCH_SIZE = 64;

/** Bound of the batches in one pass, so that the other steps get their turn. */
const MAX_BATCHES = 20;

/** Rest of a customer whose deliveries could not be carried out. */
const RETRY_AFTER_MS = MINUTE;

/** Outages go to the monitor, which logs each once; other failures are logged here. */
const failedWith =
  ({ log, outages = createOutageMonitor({ log }) }: ReconcilerOptions) =>
  (what: string, fields: LogFields = {}) =>
  (error: unknown): void => {
    if (isOutage(error)) outages.report(error);
    else log.warn(what, { ...fields, ...errorFields(error) });
  };

/** How long a policy version may be absent, as during a rolled-back deployment, before deliveries only it can carry out are cancelled. */
const CANCELLED_AFTER_MS = HOUR;

/** A version that this process cannot run is left to others, with what they left. */
const lookUnder = async (options: ReconcilerOptions): Promise<void> => {
  const { catalogue } = options;
  if (catalogue.whyNot() === undefined) await catalogue.using((deps) => look({ ...options, deps }));
};

interface Looking extends ReconcilerOptions {
  readonly deps: ToolDeps;
}

/** Reports deliveries that no live process can carry out, and cancels them after CANCELLED_AFTER_MS. */
async function cancelLeftOver({ deps: { store, now }, log }: Looking): Promise<void> {
  const left = await store.processes.unclaimed(now() - MINUTE, BATCH_SIZE);
  if (left.length === 0) return;
  const over = left.filter(({ reservedAt }) => hasPassed(CANCELLED_AFTER_MS, reservedAt, now()));
  await store.deliveries.cancel(over.map(({ deliveryId }) => ({ deliveryId, reason: "not_applicable", at: now() })));
  const what = {
    channels: [...new Set(left.map(({ channel }) => channel))],
    experiences: [...new Set(left.map(({ experienceId }) => experienceId))],
  };
  log.warn("no process knows the channel or experience of waiting deliveries", {
    ...what,
    waiting: left.length - over.length,
    cancelled: over.length,
  });
}

async function look(options: Looking): Promise<void> {
  const { deps, decider, log, leaseMs = LEASE_MS } = options;
  const failed = failedWith(options);
  const deferred = new Set<string>();
  const { store, now, newId } = deps;
  const cut = await store.deliveries.abandon({ takenBefore: now() - INTERRUPTED_AFTER_MS, now: now() });
  if (cut.length > 0) log.warn("sends were interrupted; whether they went out is unknown", { deliveryIds: cut });
  await store.calls.abandon(now(), { createdBefore: now() - MINUTE });
  const due = (await store.deliveries.promisesDue()).filter(({ at }) => hasPassed(STRANDED_AFTER_MS, at, now()));
  // One by one: a promise that cannot be written must not block the others.
  for (const one of due) await keepPromisesDue([one], deps).catch(failed("a promise could not be written", { deliveryId: one.deliveryId }));
  await cancelLeftOver(options);
  // Deliveries of congested channels are excepted: they would only take the place of others.
  for (let round = 0; round < MAX_BATCHES; round++) if ((await resumeStranded(newId())) < BATCH_SIZE) break;

  async function resumeStranded(owner: string): Promise<number> {
    const reservedBefore = now() - STRANDED_AFTER_MS;
    const except = deps.sendQueues.congestion();
    // Deliveries that only another policy version can carry out are left to it.
    const knows = { channels: Object.keys(deps.policy.channels), experiences: deps.policy.experiences.map(({ id }) => id) };
    const customers = await store.leases.claimStranded({ owner, leaseMs, now: now(), limit: BATCH_SIZE, reservedBefore, except, knows });
    if (customers.length === 0) return 0;
    const keep = setInterval(() => void store.leases.renew(customers, owner, leaseMs).catch(() => {}), leaseMs / 3);
    try {
      const open = (await store.deliveries.open()).filter(
        ({ customerId, status, at }) => status === "reserved" && hasPassed(STRANDED_AFTER_MS, at, now()) && customers.includes(customerId),
      );
      log.info("stranded deliveries are carried out", { deliveryIds: open.map(({ deliveryId }) => deliveryId) });
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

  /** Customer by customer: a delivery that cannot be carried out must not block the others, now or in the next pass. */
  async function resumeEach(open: readonly KeptDelivery[], cause: unknown, owner: string): Promise<void> {
    if (isOutage(cause)) throw cause;
    for (const customerId of new Set(open.map((one) => one.customerId))) {
      const own = open.filter((one) => one.customerId === customerId);
      await decider.resume(own).catch(async (error: unknown) => {
        if (isOutage(error)) throw error;
        failed("stranded deliveries could not be carried out", { deliveryIds: own.map(({ deliveryId }) => deliveryId) })(error);
        await store.leases.release([customerId], owner, RETRY_AFTER_MS);
        deferred.add(customerId);
      });
    }
  }
}
