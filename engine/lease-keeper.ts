import { type Instant, SECOND } from "../domain/values/time.ts";
import { isOutage, type OutageMonitor } from "../health/outage.ts";
import type { Claimed, NextWake, Store } from "../store/store.ts";
import { errorFields, type Log } from "../telemetry/log.ts";

export interface LeaseKeeperOptions {
  readonly store: Pick<Store, "leases">;
  readonly now: () => Instant;
  readonly owner: string;
  readonly outages: OutageMonitor;
  readonly log: Log;
  readonly processId?: string | undefined;
  readonly leaseMs?: number | undefined;
}

/** Leased customers of one batch. */
export interface LeasedCustomers {
  readonly ids: readonly string[];
  /** The next wake of each leased customer, as it was claimed. */
  readonly next: readonly NextWake[];
  /** The next wake of some of them, as it is by now. */
  nextOf(ids: readonly string[]): Promise<readonly NextWake[]>;
  /** Releases some early; they cannot be claimed again before `restMs` has passed. */
  rest(ids: readonly string[], restMs: number): Promise<void>;
  /** Ends the renewal of the remaining ones, and releases them with the next claim, or by the end of this turn of the event loop. */
  release(): void;
}

/** The leases of one worker: claims customers and renews their leases while their batch is in flight. */
export class LeaseKeeper {
  private readonly options: LeaseKeeperOptions;
  private readonly leaseMs: number;
  private readonly held = new Set<string>();
  /** Customers of batches that have ended in this turn. */
  private ended: string[] = [];
  private readonly releasing = new Set<Promise<void>>();
  private timer: NodeJS.Timeout | undefined;

  constructor(options: LeaseKeeperOptions) {
    this.options = options;
    this.leaseMs = options.leaseMs ?? LEASE_MS;
  }

  start(): void {
    // Renewals may overlap: one that hangs must not let the leases expire.
    this.timer = setInterval(() => void this.renew(), this.leaseMs / 3);
    this.timer.unref();
  }

  /** Resolves when everything that was to be released is. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.releaseEnded();
    await Promise.all(this.releasing);
  }

  async claim(limit: number): Promise<LeasedCustomers> {
    const { store, now, owner, processId } = this.options;
    // Customers whose leases are being released may have more wakes.
    await Promise.all(this.releasing);
    const ended = this.ended.splice(0);
    try {
      const claimed = await store.leases.claim({ owner, leaseMs: this.leaseMs, now: now(), limit, processId, ended });
      for (const id of claimed.customerIds) this.held.add(id);
      return this.leasesOf(claimed);
    } catch (error) {
      this.endLater(ended);
      throw error;
    }
  }

  private endLater(ids: readonly string[]): void {
    if (ids.length === 0) return;
    if (this.ended.length === 0) setImmediate(() => this.releaseEnded());
    this.ended.push(...ids);
  }

  private releaseEnded(): void {
    const { log } = this.options;
    const done: Promise<void> = this.release(this.ended.splice(0))
      .catch((error: unknown) => log.warn("leases could not be released; they expire", errorFields(error)))
      .finally(() => this.releasing.delete(done));
    this.releasing.add(done);
  }

  private leasesOf({ customerIds: ids, next }: Claimed): LeasedCustomers {
    const { store, now, processId } = this.options;
    const remaining = new Set(ids);
    return {
      ids,
      next,
      nextOf: (some) => store.leases.next(some, now(), processId),
      rest: async (some, restMs) => {
        await this.release(some, restMs);
        for (const id of some) remaining.delete(id);
      },
      release: () => {
        for (const id of ids) this.held.delete(id);
        this.endLater([...remaining]);
      },
    };
  }

  /** In an outage the lease is left to expire. */
  private async release(ids: readonly string[], restMs = 0): Promise<void> {
    if (ids.length === 0) return;
    const { store, owner, outages } = this.options;
    try {
      await store.leases.release(ids, owner, restMs);
    } catch (error) {
      if (!isOutage(error)) throw error;
      outages.report(error);
    }
  }

  private async renew(): Promise<void> {
    if (this.held.size === 0) return;
    const { store, owner, outages, log } = this.options;
    await store.leases.renew([...this.held], owner, this.leaseMs).catch((error: unknown) => {
      if (isOutage(error)) outages.report(error);
      else log.warn("leases could not be renewed", errorFields(error));
    });
  }
}

// --- internal ---

const LEASE_MS = 15 * SECOND;
