import { customerOf } from "../domain/entities/wake.ts";
import { cut } from "../domain/values/cut.ts";
import type { JsonObject } from "../domain/values/json.ts";
import { type Instant, SECOND } from "../domain/values/time.ts";
import { backOff, isOutage, type OutageMonitor } from "../health/outage.ts";
import { createPoisonDetector, type PoisonDetector } from "../health/poison.ts";
import type { NextWake, Store } from "../store/store.ts";
import { errorFields, type Log, traceFields } from "../telemetry/log.ts";
import { traceParentOf } from "../telemetry/trace.ts";
import type { Decider } from "./decide.ts";
import { type DueWake, dueWakeOf } from "./due-wake.ts";
import type { LeasedCustomers } from "./lease-keeper.ts";
import type { StoreBackOff } from "./store-back-off.ts";

export interface BatchRunnerOptions {
  readonly store: Store;
  readonly decider: Decider;
  readonly now: () => Instant;
  readonly log: Log;
  readonly tries?: number;
  readonly onDecided?: (wakes: number, ms: number) => void;
  readonly onFailed?: (isDead: boolean) => void;
}

/**
 * Decides the next wake of each leased customer as one batch. After a failure each wake is retried alone, so that a poison
 * message fails alone: it is retried with back-off and then becomes a dead letter. Outages count as no attempt.
 */
export class BatchRunner {
  private readonly options: BatchRunnerOptions;
  private readonly storeBackOff: StoreBackOff;
  private readonly poison: PoisonDetector;
  /** Outages in a row that have delayed a customer's wake. */
  private readonly outagesOf = new Map<string, number>();

  constructor(options: BatchRunnerOptions, outages: OutageMonitor, storeBackOff: StoreBackOff) {
    this.options = options;
    this.storeBackOff = storeBackOff;
    this.poison = createPoisonDetector({ outages, probeWrite: () => options.store.probeWrite() });
  }

  /** Decides the batch and begins to release its leases. */
  async run(customers: LeasedCustomers): Promise<void> {
    try {
      await this.decideAll(customers);
    } finally {
      customers.release();
    }
  }

  private async decideAll(customers: LeasedCustomers): Promise<void> {
    const { now, decider, onDecided } = this.options;
    const next = await this.withoutQuietEnds(customers.next);
    if (next.length === 0) return;
    const began = performance.now();
    try {
      const done = await decider.decide(next.map((one) => dueWakeOf(one, now())));
      onDecided?.(done.length, performance.now() - began);
      this.succeeded(next);
      await this.restUnwritten(next, done, customers);
    } catch (error) {
      this.poison.failed(error);
      await this.decideEach(next, error, customers);
    }
  }

  /** The wakes that are to be decided: those that only end a wait for a response are settled at once. Where that fails, all are decided. */
  private async withoutQuietEnds(wakes: readonly NextWake[]): Promise<readonly NextWake[]> {
    if (wakes.length === 0) return wakes;
    const { decider, log } = this.options;
    const ended = await decider.endResponses(wakes).catch((error: unknown) => {
      // An outage meets the decisions that follow too, and is told of once.
      if (!isOutage(error))
        log.warn("waits for responses could not be ended at once; their wakes are decided", { wakes: wakes.length, ...errorFields(error) });
      return new Set<string>();
    });
    return ended.size === 0 ? wakes : wakes.filter(({ customerId }) => !ended.has(customerId));
  }

  private succeeded(decided: readonly NextWake[]): void {
    this.storeBackOff.succeeded();
    this.poison.succeeded();
    if (this.outagesOf.size > 0) for (const { customerId } of decided) this.outagesOf.delete(customerId);
  }

  /** A wake that was not written lost a version conflict or hit a total limit; it is decided again shortly. */
  private async restUnwritten(next: readonly NextWake[], done: readonly DueWake[], customers: LeasedCustomers): Promise<void> {
    const written = new Set(done.map(({ wake }) => customerOf(wake)));
    const left = next.map(({ customerId }) => customerId).filter((id) => !written.has(id));
    if (left.length > 0) await customers.rest(left, CONFLICT_REST_MS);
  }

  private async decideEach(batch: readonly NextWake[], cause: unknown, customers: LeasedCustomers): Promise<void> {
    const { now, decider, log } = this.options;
    if (!isOutage(cause)) log.warn("a batch failed; its wakes are tried one by one", { wakes: batch.length, ...errorFields(cause) });
    // Some may have been written before the failure.
    const left = await customers.nextOf(batch.map(({ customerId }) => customerId));
    let outagesInARow = 0;
    const failed: { readonly one: NextWake; readonly error: unknown }[] = [];
    for (const [place, one] of left.entries()) {
      try {
        const done = await decider.decide([dueWakeOf(one, now())]);
        outagesInARow = 0;
        this.succeeded([one]);
        await this.restUnwritten([one], done, customers);
      } catch (error) {
        this.poison.failed(error, one.customerId);
        failed.push({ one, error });
        if (!isOutage(error) || ++outagesInARow < MAX_OUTAGES) continue;
        // Each attempt may take a whole database timeout: the remaining wakes are not attempted.
        await this.waitOut(left.slice(place + 1), customers);
        this.storeBackOff.refused(error, "the store refused several in a row");
        break;
      }
    }
    // Poison and outage can be told apart only once the outcome of the others is known.
    for (const { one, error } of failed) {
      if (await this.poison.isPoison(error)) await this.countFailure(one, error, customers);
      else await this.waitOut([one], customers);
    }
  }

  /** Rests customers during an outage, with exponential back-off and without a limit; it counts as no attempt. */
  private async waitOut(wakes: readonly NextWake[], customers: LeasedCustomers): Promise<void> {
    const byOutages = new Map<number, string[]>();
    for (const { customerId } of wakes) {
      const outages = (this.outagesOf.get(customerId) ?? 0) + 1;
      this.outagesOf.delete(customerId);
      this.outagesOf.set(customerId, outages);
      byOutages.set(outages, [...(byOutages.get(outages) ?? []), customerId]);
    }
    for (const customerId of this.outagesOf.keys()) if (this.outagesOf.size > MAX_REMEMBERED) this.outagesOf.delete(customerId);
    for (const [outages, ids] of byOutages) await customers.rest(ids, backOff(outages));
  }

  /** Counts a failed attempt: retry with back-off, or dead letter after the last one. */
  private async countFailure(one: NextWake, error: unknown, customers: LeasedCustomers): Promise<void> {
    const { store, now, log, onFailed, tries = TRIES } = this.options;
    const { customerId } = one;
    this.outagesOf.delete(customerId);
    const what = {
      ...traceFields(one.timer ? undefined : traceParentOf(one.trace?.split(" ")[0])),
      ...(one.timer ? { timer: one.timer.name } : { signalSource: one.signal?.source, signalId: one.signal?.id }),
    };
    const { attempts } = await store.leases.fail(one, { error: describe(error), now: now(), maxAttempts: tries });
    const isDead = attempts >= tries;
    onFailed?.(isDead);
    log.error(isDead ? "a wake is given up" : "a wake failed", { customerId, attempts, ...what, ...errorFields(error) });
    if (!isDead) await customers.rest([customerId], 2 ** attempts * (SECOND / 2));
  }
}

// --- internal ---

const TRIES = 5;

/** Outages in a row after which the rest of a batch is not attempted. */
const MAX_OUTAGES = 3;

/** Customers whose outages are remembered; for the others the back-off starts again. */
const MAX_REMEMBERED = 10_000;

/** Rest of a customer after a version conflict. */
const CONFLICT_REST_MS = 20;

function describe(error: unknown): JsonObject {
  const { code } = (error ?? {}) as { code?: unknown };
  return {
    name: error instanceof Error ? error.name : typeof error,
    message: cut(error instanceof Error ? error.message : String(error), 2_000),
    ...(typeof code === "string" ? { code } : {}),
  };
}
