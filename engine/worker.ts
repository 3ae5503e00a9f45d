import { setTimeout as pause } from "node:timers/promises";
import { identitiesOf, type SignalEvent } from "../domain/entities/signal.ts";
import { customerOf } from "../domain/entities/wake.ts";
import { cut } from "../domain/values/cut.ts";
import type { JsonObject } from "../domain/values/json.ts";
import { type Instant, SECOND } from "../domain/values/time.ts";
import { backOff, createOutageMonitor, isOutage, type OutageMonitor } from "../health/outage.ts";
import { createPoisonDetector, type PoisonDetector } from "../health/poison.ts";
import type { NextWake, Store } from "../store/store.ts";
import { errorFields, type Log, traceFields } from "../telemetry/log.ts";
import { traceParentOf } from "../telemetry/trace.ts";
import type { Decider } from "./decide.ts";
import type { DueWake } from "./due-wake.ts";

export interface WorkerOptions {
  readonly store: Store;
  readonly decider: Decider;
  readonly now: () => Instant;
  readonly newId: () => string;
  readonly log: Log;
  /** Batches that are decided at the same time, each of other customers; more than one only where they wait for somebody else. */
  readonly concurrency: number;
  /** This process among others, where there may be some that know what it does not. */
  readonly processId?: string;
  /** How often it looks by itself. What it is told of comes sooner. */
  readonly pollMs?: number;
  /** How long customers stay with a worker that has stopped saying that it is alive. */
  readonly leaseMs?: number;
  /** Tries of a wake that fails through a fault of its own before it is left for a human. */
  readonly tries?: number;
  /** Told of what the store refuses. */
  readonly outages?: OutageMonitor;
  readonly onDecided?: (wakes: number, ms: number) => void;
  readonly onFailed?: (isDead: boolean) => void;
}

/** Decides what waits in the store, in batches, each customer's wakes one after the other. */
export interface Worker {
  start(): void;
  /** There may be something to decide. */
  nudge(): void;
  /** Decides until nothing is left that can be decided now; for tests and for going out tidily. */
  drain(): Promise<void>;
  /** Takes nothing more, and resolves when what is begun is done. */
  stop(): Promise<void>;
}

export function createWorker(options: WorkerOptions): Worker {
  return new Working(options);
}

// --- internal ---

/**
 * Customers that a round takes at most. Under load a round's own cost, some thirty statements and an execution of the graph,
 * is shared by so many; where little waits, a round takes what there is.
 */
const BATCH_SIZE = 128;

const POLL_MS = SECOND;
const LEASE_MS = 15 * SECOND;
const TRIES = 5;

/**
 * Rounds share one thread: two that compute at a time are each later, and nothing is done sooner. The next one begins beside a round
 * only once that has let the thread lie idle for so long, as while it waits for a model or a provider.
 */
const IDLE_MS = 20;

/** How often it is looked whether it has. */
const LOOK_MS = 10;

/** So many wakes that the store refuses one after the other, and the rest of a batch is not tried. */
const ENOUGH_REFUSALS = 3;

/** Customers of whom it is remembered how long they wait; of the others it begins anew. */
const MOST_WAITS = 10_000;

/** A customer whose record moved on while it was decided is taken again after this. */
const MOVED_ON_MS = 20;

class Working implements Worker {
  private readonly options: WorkerOptions;
  private readonly owner: string;
  private readonly leaseMs: number;
  private readonly held = new Set<string>();
  private readonly rounds = new Set<Promise<void>>();
  private looping: Promise<void> = Promise.resolve();
  private wakeUp: (() => void) | undefined;
  private renewing: NodeJS.Timeout | undefined;
  /** Told that there is something, while it was not idle. */
  private isToldMeanwhile = false;
  private isStopped = false;
  private readonly outages: OutageMonitor;
  private readonly poison: PoisonDetector;
  /** How often in a row the store refused everything that this worker asked of it, and until when it asks nothing. */
  private refusals = 0;
  private holdUntil = 0;
  /** How often in a row trouble of the store has kept a customer's wake from being decided. */
  private readonly waits = new Map<string, number>();

  constructor(options: WorkerOptions) {
    this.options = options;
    this.owner = options.newId();
    this.leaseMs = options.leaseMs ?? LEASE_MS;
    this.outages = options.outages ?? createOutageMonitor(options);
    this.poison = createPoisonDetector({ outages: this.outages, probeWrite: () => options.store.probeWrite() });
  }

  start(): void {
    this.renewing = setInterval(() => void this.renew(), this.leaseMs / 3);
    this.renewing.unref();
    this.looping = this.loop();
  }

  nudge(): void {
    this.isToldMeanwhile = true;
    this.wakeUp?.();
  }

  async drain(): Promise<void> {
    for (let ids = await this.claim(); ids.length > 0; ids = await this.claim()) await this.round(ids);
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.wakeUp?.();
    await this.looping;
    await Promise.all(this.rounds);
    clearInterval(this.renewing);
  }

  private async loop(): Promise<void> {
    const { concurrency, pollMs = POLL_MS } = this.options;
    while (!this.isStopped) {
      // What comes while it looks may be missed by this look, and must not wait for the next poll.
      this.isToldMeanwhile = false;
      if (performance.now() < this.holdUntil) {
        await this.rest(Math.min(this.holdUntil - performance.now(), pollMs));
        continue;
      }
      const ids = await this.claim().catch((error: unknown) => {
        this.refused(error, "work could not be taken");
        return [];
      });
      if (ids.length === 0) {
        if (!this.isToldMeanwhile) await this.rest(pollMs);
        continue;
      }
      await this.roomBeside(this.begin(ids));
      while (this.rounds.size >= concurrency) await Promise.race(this.rounds);
    }
  }

  private begin(ids: readonly string[]): Promise<void> {
    const round = this.round(ids)
      .catch((error: unknown) => this.refused(error, "a round of work failed"))
      .finally(() => {
        this.rounds.delete(round);
        // What came for its customers meanwhile was not to be had.
        this.nudge();
      });
    this.rounds.add(round);
    return round;
  }

  /** Resolves when a round is over, or waits for somebody else. */
  private async roomBeside(round: Promise<void>): Promise<void> {
    const began = performance.eventLoopUtilization();
    const hasWaited = (): boolean => performance.eventLoopUtilization(began).idle >= IDLE_MS;
    while (this.rounds.has(round) && !hasWaited()) await Promise.race([round, pause(LOOK_MS)]);
  }

  private rest(ms: number): Promise<void> {
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

  private async claim(): Promise<string[]> {
    const { store, now } = this.options;
    const ids = await store.leases.claim({
      owner: this.owner,
      leaseMs: this.leaseMs,
      now: now(),
      limit: BATCH_SIZE,
      processId: this.options.processId,
    });
    for (const id of ids) this.held.add(id);
    return ids;
  }

  /** Decides what wakes each of these customers next, and lets go of them. */
  private async round(ids: readonly string[]): Promise<void> {
    const lane = new Set(ids);
    try {
      await this.work(ids, lane);
    } finally {
      for (const id of ids) this.held.delete(id);
      await this.letGo([...lane]);
    }
  }

  private async work(ids: readonly string[], lane: Set<string>): Promise<void> {
    const { store, now, decider, onDecided } = this.options;
    const next = await store.leases.next(ids, now(), this.options.processId);
    if (next.length === 0) return;
    const began = performance.now();
    try {
      const done = await decider.decide(next.map((one) => dueWake(one, now())));
      onDecided?.(done.length, performance.now() - began);
      this.succeeded(next);
      await this.restThoseLeft(next, done, lane);
    } catch (error) {
      this.poison.failed(error);
      await this.oneByOne(next, error, lane);
    }
  }

  private succeeded(decided: readonly NextWake[]): void {
    this.refusals = 0;
    this.poison.succeeded();
    if (this.waits.size > 0) for (const { customerId } of decided) this.waits.delete(customerId);
  }

  /** Nothing of what was asked was done: the next thing is asked a little later. */
  private refused(error: unknown, what: string): void {
    if (isOutage(error)) this.outages.report(error);
    else this.options.log.error(what, errorFields(error));
    this.refusals++;
    this.holdUntil = performance.now() + backOff(this.refusals);
  }

  /** What was not written had changed meanwhile, or a limit in total was used up: it is decided again, a little later. */
  private async restThoseLeft(next: readonly NextWake[], done: readonly DueWake[], lane: Set<string>): Promise<void> {
    const written = new Set(done.map(({ wake }) => customerOf(wake)));
    const left = next.map(({ customerId }) => customerId).filter((id) => !written.has(id));
    if (left.length > 0) await this.restLanes(left, MOVED_ON_MS, lane);
  }

  /** After a failure, each wake of the batch by itself: one that cannot be decided must not keep the others back. */
  private async oneByOne(batch: readonly NextWake[], cause: unknown, lane: Set<string>): Promise<void> {
    const { store, now, decider, log } = this.options;
    if (!isOutage(cause)) log.warn("a batch failed; its wakes are tried one by one", { wakes: batch.length, ...errorFields(cause) });
    // Some may have been written before the failure.
    const left = await store.leases.next(
      batch.map(({ customerId }) => customerId),
      now(),
      this.options.processId,
    );
    let inARow = 0;
    const failed: { readonly one: NextWake; readonly error: unknown }[] = [];
    for (const [place, one] of left.entries()) {
      try {
        const done = await decider.decide([dueWake(one, now())]);
        inARow = 0;
        this.succeeded([one]);
        await this.restThoseLeft([one], done, lane);
      } catch (error) {
        this.poison.failed(error, one.customerId);
        failed.push({ one, error });
        if (!isOutage(error) || ++inARow < ENOUGH_REFUSALS) continue;
        // Each may take as long as a time limit of the database: the others need not find out as well.
        await this.wait(left.slice(place + 1), lane);
        this.refused(error, "the store refused several in a row");
        break;
      }
    }
    // Whose fault it was is said when it is known how the others fared.
    for (const { one, error } of failed) {
      if (await this.poison.isPoison(error)) await this.failed(one, error, lane);
      else await this.wait([one], lane);
    }
  }

  /** Trouble of the store is waited out, however long: it is no try of the wake. */
  private async wait(wakes: readonly NextWake[], lane: Set<string>): Promise<void> {
    const rests = new Map<number, string[]>();
    for (const { customerId } of wakes) {
      const waits = (this.waits.get(customerId) ?? 0) + 1;
      this.waits.delete(customerId);
      this.waits.set(customerId, waits);
      rests.set(waits, [...(rests.get(waits) ?? []), customerId]);
    }
    for (const customerId of this.waits.keys()) if (this.waits.size > MOST_WAITS) this.waits.delete(customerId);
    for (const [waits, ids] of rests) await this.restLanes(ids, backOff(waits), lane);
  }

  private async failed(one: NextWake, error: unknown, lane: Set<string>): Promise<void> {
    const { store, now, log, onFailed, tries = TRIES } = this.options;
    const { customerId } = one;
    this.waits.delete(customerId);
    const what = {
      ...traceFields(one.timer ? undefined : traceParentOf(one.trace?.split(" ")[0])),
      ...(one.timer ? { timer: one.timer.name } : { signalSource: one.signal?.source, signalId: one.signal?.id }),
    };
    const { attempts } = await store.leases.fail(one, { error: describe(error), now: now(), most: tries });
    const isDead = attempts >= tries;
    onFailed?.(isDead);
    log.error(isDead ? "a wake is given up" : "a wake failed", { customerId, attempts, ...what, ...errorFields(error) });
    if (!isDead) await this.restLanes([customerId], 2 ** attempts * (SECOND / 2), lane);
  }

  private async restLanes(ids: readonly string[], ms: number, lane: Set<string>): Promise<void> {
    await this.letGo(ids, ms);
    for (const id of ids) lane.delete(id);
  }

  /** What cannot be let go of is free when its lease is over. */
  private async letGo(ids: readonly string[], restMs = 0): Promise<void> {
    try {
      await this.options.store.leases.release(ids, this.owner, restMs);
    } catch (error) {
      if (!isOutage(error)) throw error;
      this.outages.report(error);
    }
  }

  private async renew(): Promise<void> {
    if (this.held.size === 0) return;
    await this.options.store.leases.renew([...this.held], this.owner, this.leaseMs).catch((error: unknown) => {
      if (isOutage(error)) this.outages.report(error);
      else this.options.log.warn("lanes could not be prolonged", errorFields(error));
    });
  }
}

function dueWake({ customerId, signal, timer, trace }: NextWake, now: Instant): DueWake {
  const led = trace === undefined ? {} : { trace };
  if (timer) return { wake: { kind: "timer", customerId, ...timer }, now, ...led };
  if (!signal) throw new Error(`nothing wakes ${customerId}`);
  const { attempts: _attempts, ...stored } = signal;
  const { seq, source, id, type, time, event } = stored;
  const { data = {} } = event as SignalEvent;
  return {
    wake: { kind: "signal", signal: { source, id, type, customerId, time, data: data as JsonObject, seq } },
    now,
    ...led,
    signal: stored,
    identities: identitiesOf(event as SignalEvent),
  };
}

function describe(error: unknown): JsonObject {
  const { code } = (error ?? {}) as { code?: unknown };
  return {
    name: error instanceof Error ? error.name : typeof error,
    message: cut(error instanceof Error ? error.message : String(error), 2_000),
    ...(typeof code === "string" ? { code } : {}),
  };
}
