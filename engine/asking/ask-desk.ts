import { setTimeout as pause } from "node:timers/promises";
import type { AskAnswer } from "../../domain/entities/ask.ts";
import { SentientError } from "../../domain/errors.ts";
import type { Instant } from "../../domain/values/time.ts";
import { isOutage } from "../../health/outage.ts";
import type { NextWake, Store } from "../../store/store.ts";
import { errorFields, type Log } from "../../telemetry/log.ts";
import type { Decider } from "../decide.ts";
import { dueWakeOf } from "../due-wake.ts";
import type { NewAsk } from "./new-ask.ts";

export interface AskDeskOptions {
  readonly store: Store;
  readonly decider: Decider;
  readonly now: () => Instant;
  /** Names the holder of the leases. */
  readonly newId: () => string;
  readonly log: Log;
}

/** What became of an ask. `repeated`: one of its key was answered, or marked as late, by another process. */
export type Answered = { readonly outcome: "answered"; readonly answer: AskAnswer } | { readonly outcome: "repeated" };

/** An ask on its way; `giveUp` takes it back until the transaction that decides it is committed. */
export interface AskUnderWay {
  readonly answered: Promise<Answered>;
  giveUp(): void;
  /** Whether that transaction is being committed: its answer stands. */
  isCommitting(): boolean;
}

/**
 * Answers asks, each in its customer's order: takes the customer's lease by name, decides what came before the ask, and writes one
 * decision a place in one flushed transaction. Asks that come in meanwhile share the next one; none waits for a batch of other wakes.
 */
export class AskDesk {
  private readonly options: AskDeskOptions;
  private readonly owner: string;
  private waiting: Waiting[] = [];
  /** Customers in a batch of this process. */
  private readonly busy = new Set<string>();
  private readonly inFlight = new Set<Promise<void>>();
  /** What came before asks, being decided and carried out. */
  private readonly older = new Set<Promise<void>>();
  private readonly maxBatches: number;

  constructor(options: AskDeskOptions) {
    this.options = options;
    this.owner = options.newId();
    // The embedded engine has one session: two batches would only alternate.
    this.maxBatches = options.store.database.kind === "embedded" ? 1 : MAX_BATCHES;
  }

  /** @throws `OVERLOADED` while too many wait */
  enter(ask: NewAsk): AskUnderWay {
    if (this.waiting.length >= MAX_WAITING) throw new SentientError("OVERLOADED", "too many asks wait for their answers; ask again later");
    let [giveUp, isCommitting] = [(): void => {}, (): boolean => false];
    const answered = new Promise<Answered>((resolve, reject) => {
      const one: Waiting = { ask, resolve, reject, isOver: false, isAlone: false, isCommitting: false };
      isCommitting = () => one.isCommitting;
      giveUp = () => {
        one.isOver = true;
        this.waiting = this.waiting.filter((other) => other !== one);
      };
      this.waiting.push(one);
      this.pump();
    });
    return { answered, giveUp, isCommitting: () => isCommitting() };
  }

  /** Resolves when nothing is in flight. */
  async settled(): Promise<void> {
    while (this.inFlight.size + this.older.size > 0) await Promise.all([...this.inFlight, ...this.older]);
  }

  private pump(): void {
    while (this.inFlight.size < this.maxBatches) {
      const batch = this.takeBatch();
      if (batch.length === 0) return;
      const customers = batch.map(({ ask }) => ask.ask.customerId);
      for (const id of customers) this.busy.add(id);
      const running = this.run(batch)
        .catch((error: unknown) => this.failed(batch, error))
        .finally(() => {
          this.inFlight.delete(running);
          for (const id of customers) this.busy.delete(id);
          this.pump();
        });
      this.inFlight.add(running);
    }
  }

  /** The oldest asks, one of each customer. */
  private takeBatch(): Waiting[] {
    const batch: Waiting[] = [];
    const taken = new Set<string>(this.busy);
    for (const one of this.waiting) {
      const { customerId } = one.ask.ask;
      if (batch.length >= BATCH_SIZE || (one.isAlone && batch.length > 0)) break;
      if (taken.has(customerId)) continue;
      taken.add(customerId);
      batch.push(one);
      if (one.isAlone) break;
    }
    this.waiting = this.waiting.filter((one) => !batch.includes(one));
    return batch;
  }

  private async run(batch: readonly Waiting[]): Promise<void> {
    const { store, now } = this.options;
    const claimed = new Set(
      await store.leases.claimNamed(
        batch.map(({ ask }) => ask.ask.customerId),
        this.owner,
        LEASE_MS,
      ),
    );
    const leased = batch.filter(({ ask }) => claimed.has(ask.ask.customerId));
    this.again(
      batch.filter((one) => !leased.includes(one)),
      BUSY_MS,
    );
    if (leased.length === 0) return;
    let kept: readonly string[] = [];
    try {
      const next = new Map((await store.leases.next([...claimed], now())).map((one) => [one.customerId, one]));
      const behind = leased.filter((one) => isBehind(one, next.get(one.ask.ask.customerId)));
      kept = behind.map(({ ask }) => ask.ask.customerId);
      this.decideOlder(behind, next);
      await this.answer(leased.filter((one) => !behind.includes(one) && !one.isOver));
    } finally {
      await this.release([...claimed].filter((id) => !kept.includes(id)));
    }
  }

  private async answer(asks: readonly Waiting[]): Promise<void> {
    if (asks.length === 0) return;
    const { store, decider, now } = this.options;
    const at = now();
    for (const one of asks) one.isCommitting = false;
    const answers = await decider.answer(
      asks.map((one) => ({
        ...{ wake: { kind: "ask", ask: one.ask.ask } as const, now: at, signal: one.ask.signal },
        isOver: () => one.isOver,
        onCommit: () => {
          one.isCommitting = true;
        },
      })),
    );
    const unwritten: Waiting[] = [];
    for (const [place, one] of asks.entries()) {
      const answer = answers[place];
      if (answer) one.resolve({ outcome: "answered", answer });
      else unwritten.push(one);
    }
    for (const one of unwritten) {
      if (await store.asks.find(one.ask.ask)) one.resolve({ outcome: "repeated" });
      else {
        one.ask = await this.followMerge(one.ask);
        // What was given up meanwhile took the others of its batch along.
        one.isAlone = unwritten.every(({ isOver }) => !isOver);
        this.again([one], 0);
      }
    }
  }

  /** A customer merged since the ask came in is the surviving one. */
  private async followMerge({ ask, signal }: NewAsk): Promise<NewAsk> {
    const root = (await this.options.store.links.roots([ask.customerId])).get(ask.customerId);
    return root === undefined ? { ask, signal } : { ask: { ...ask, customerId: root }, signal: { ...signal, customerId: root } };
  }

  /**
   * Decides what came before these asks. They go on once it is written; what a message of it waits for, as a provider, is not theirs. The
   * leases are kept until then.
   */
  private decideOlder(asks: readonly Waiting[], next: ReadonlyMap<string, NextWake>): void {
    if (asks.length === 0) return;
    const { decider, now, log } = this.options;
    const customers = asks.map(({ ask }) => ask.ask.customerId);
    const wakes = customers.flatMap((id) => next.get(id) ?? []);
    let isDone = false;
    const goOn = async (restMs: number): Promise<void> => {
      if (isDone) return;
      isDone = true;
      await this.release(customers);
      this.again(asks, restMs);
    };
    const deciding = decider
      .decide(
        wakes.map((one) => dueWakeOf(one, now())),
        { onWritten: () => void goOn(0) },
      )
      .then(
        () => goOn(BUSY_MS),
        (error: unknown) => {
          // A worker counts its attempts, and makes it a dead letter.
          if (!isOutage(error)) log.warn("what came before an ask could not be decided", errorFields(error));
          return goOn(FAILED_MS);
        },
      )
      .finally(() => this.older.delete(deciding));
    this.older.add(deciding);
  }

  /** Enters asks again, after a rest. */
  private again(asks: readonly Waiting[], restMs: number): void {
    const left = asks.filter(({ isOver }) => !isOver);
    if (left.length === 0) return;
    const enter = (): void => {
      this.waiting.unshift(...left.filter(({ isOver }) => !isOver));
      this.pump();
    };
    if (restMs === 0) enter();
    else void pause(restMs).then(enter);
  }

  /** A failure of one ask fails it alone: each of a failed batch is tried by itself. */
  private failed(batch: readonly Waiting[], error: unknown): void {
    if (isOutage(error) || batch.length === 1) for (const { reject } of batch) reject(error);
    else {
      for (const one of batch) one.isAlone = true;
      this.again(batch, 0);
    }
  }

  private async release(customers: readonly string[]): Promise<void> {
    // A lease that is not released expires.
    await this.options.store.leases.release(customers, this.owner).catch((error: unknown) => {
      if (!isOutage(error)) throw error;
    });
  }
}

// --- internal ---

interface Waiting {
  ask: NewAsk;
  readonly resolve: (answered: Answered) => void;
  readonly reject: (error: unknown) => void;
  /** Its answer is no longer waited for. */
  isOver: boolean;
  /** It could not be written beside others. */
  isAlone: boolean;
  isCommitting: boolean;
}

/** Asks of a batch: enough to share its fixed cost, few enough to be quick. */
const BATCH_SIZE = 16;

/** Batches in flight on a server: while one waits for the disk, the next one computes. */
const MAX_BATCHES = 2;

/** Asks held in memory. */
const MAX_WAITING = 2_000;

/** Duration of a lease; an answer takes milliseconds. */
const LEASE_MS = 15_000;

/** Rest of an ask whose customer is being decided elsewhere. */
const BUSY_MS = 8;

/** Rest after what came before an ask could not be decided. */
const FAILED_MS = 50;

/** Whether something is to be decided before an ask: a timer that is due, or a signal that arrived earlier. */
const isBehind = ({ ask }: Waiting, next: NextWake | undefined): boolean =>
  next !== undefined && (next.timer !== undefined || (next.signal !== undefined && next.signal.seq < ask.ask.seq));
