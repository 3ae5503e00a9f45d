import { setTimeout as pause } from "node:timers/promises";
import { type Instant, SECOND } from "../domain/values/time.ts";
import { createOutageMonitor, type OutageMonitor } from "../health/outage.ts";
import type { Store } from "../store/store.ts";
import type { Log } from "../telemetry/log.ts";
import { BatchRunner } from "./batch-runner.ts";
import type { Decider } from "./decide.ts";
import { type LeasedCustomers, LeaseKeeper } from "./lease-keeper.ts";
import { StoreBackOff } from "./store-back-off.ts";

export interface WorkerOptions {
  readonly store: Store;
  readonly decider: Decider;
  readonly now: () => Instant;
  readonly newId: () => string;
  readonly log: Log;
  /** Maximum batches in flight, each of other customers; more than one only while they wait for I/O. */
  readonly concurrency: number;
  /** Id of this process in the process registry; wakes that this process cannot handle are left to others. */
  readonly processId?: string;
  /** Polling interval; a nudge wakes the worker sooner. */
  readonly pollMs?: number;
  /** Duration of a lease that is not renewed. */
  readonly leaseMs?: number;
  /** Attempts of a poison wake before it becomes a dead letter. */
  readonly tries?: number;
  /** Receives the outages of the store. */
  readonly outages?: OutageMonitor;
  readonly onDecided?: (wakes: number, ms: number) => void;
  readonly onFailed?: (isDead: boolean) => void;
}

/** Decides pending wakes in batches, and the wakes of one customer in sequence. */
export interface Worker {
  start(): void;
  /** Wakes the worker: there may be something to decide. */
  nudge(): void;
  /** Decides until nothing can be decided now; for tests and graceful shutdown. */
  drain(): Promise<void>;
  /** Graceful stop: claims nothing more and resolves when the batches in flight are done. */
  stop(): Promise<void>;
}

export function createWorker(options: WorkerOptions): Worker {
  return new ClaimLoop(options);
}

// --- internal ---

/**
 * Maximum customers of a batch. Under load they share the fixed cost of a batch, some thirty statements and one execution of
 * the graph; with little load a batch takes what there is.
 */
const BATCH_SIZE = 256;

const POLL_MS = SECOND;

/**
 * Batches share one thread: two that compute at the same time are each later, and neither is done sooner. The next batch
 * starts beside another only once that batch has been waiting on I/O, as for a model or a provider, for IDLE_MS.
 */
const IDLE_MS = 5;

/** Interval of that check. */
const IDLE_CHECK_MS = 3;

class ClaimLoop implements Worker {
  private readonly options: WorkerOptions;
  private readonly leases: LeaseKeeper;
  private readonly runner: BatchRunner;
  private readonly backOff: StoreBackOff;
  private readonly inFlight = new Set<Promise<void>>();
  private looping: Promise<void> = Promise.resolve();
  private wakeUp: (() => void) | undefined;
  private wasNudged = false;
  private isStopped = false;

  constructor(options: WorkerOptions) {
    const { log, outages = createOutageMonitor(options), newId } = options;
    this.options = options;
    this.backOff = new StoreBackOff(outages, log);
    this.leases = new LeaseKeeper({ ...options, owner: newId(), outages });
    this.runner = new BatchRunner(options, outages, this.backOff);
  }

  start(): void {
    this.leases.start();
    this.looping = this.loop();
  }

  nudge(): void {
    this.wasNudged = true;
    this.wakeUp?.();
  }

  async drain(): Promise<void> {
    for (let claimed = await this.claim(); claimed.ids.length > 0; claimed = await this.claim()) await this.runner.run(claimed);
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.wakeUp?.();
    await this.looping;
    await Promise.all(this.inFlight);
    await this.leases.stop();
  }

  private claim(): Promise<LeasedCustomers> {
    return this.leases.claim(BATCH_SIZE);
  }

  private async loop(): Promise<void> {
    const { concurrency, pollMs = POLL_MS } = this.options;
    while (!this.isStopped) {
      // A signal that arrives during the claim may be missed by it, and must not wait for the next poll.
      this.wasNudged = false;
      const restMs = this.restMs(pollMs);
      if (restMs > 0) {
        await this.sleep(restMs);
        continue;
      }
      const claimed = await this.claim().catch((error: unknown) => {
        this.backOff.refused(error, "work could not be claimed");
        return undefined;
      });
      if (claimed === undefined || claimed.ids.length === 0) {
        if (!this.wasNudged) await this.sleep(pollMs);
        continue;
      }
      await this.waitUntilIdle(this.begin(claimed));
      while (this.inFlight.size >= concurrency) await Promise.race(this.inFlight);
    }
  }

  /** While the store holds it back, or while wakes are left to processes that can run the version in force. */
  private restMs(pollMs: number): number {
    const heldBackMs = this.backOff.remainingMs();
    if (heldBackMs > 0) return Math.min(heldBackMs, pollMs);
    return this.options.decider.whyNot() === undefined ? 0 : pollMs;
  }

  private begin(claimed: LeasedCustomers): Promise<void> {
    const batch = this.runner
      .run(claimed)
      .catch((error: unknown) => this.backOff.refused(error, "a batch failed"))
      .finally(() => {
        this.inFlight.delete(batch);
        // Signals that arrived for its customers meanwhile could not be claimed.
        this.nudge();
      });
    this.inFlight.add(batch);
    return batch;
  }

  /** Resolves when a batch is done or waits on I/O. */
  private async waitUntilIdle(batch: Promise<void>): Promise<void> {
    const began = performance.eventLoopUtilization();
    const isWaiting = (): boolean => performance.eventLoopUtilization(began).idle >= IDLE_MS;
    while (this.inFlight.has(batch) && !isWaiting()) await Promise.race([batch, pause(IDLE_CHECK_MS)]);
  }

  private sleep(ms: number): Promise<void> {
    if (this.isStopped) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.wakeUp = undefined;
        resolve();
      };
      const timer = setTimeout(wake, ms);
      this.wakeUp = wake;
    });
  }
}
