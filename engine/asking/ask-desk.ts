import { setTimeout as pause } from "node:timers/promises";
import { createGroup } from "../../concurrency/group.ts";
import type { AskAnswer } from "../../domain/entities/ask.ts";
import { need, SentientError } from "../../domain/errors.ts";
import type { Instant } from "../../domain/values/time.ts";
import { isOutage } from "../../health/outage.ts";
import type { ComingAsk, KeptAsk, OpenedAsk } from "../../store/asks.ts";
import type { NextWake, Store } from "../../store/store.ts";
import { errorFields, type Log } from "../../telemetry/log.ts";
import type { Decider } from "../decide.ts";
import { dueWakeOf } from "../due-wake.ts";
import type { ReadAhead } from "../read-ahead.ts";
import { type NewAsk, newAsk, type ReadAsk } from "./new-ask.ts";

export interface AskDeskOptions {
  readonly store: Store;
  readonly decider: Decider;
  readonly now: () => Instant;
  /** Names the holder of the leases. */
  readonly newId: () => string;
  readonly log: Log;
}

/** An ask that has come in: checked, and its customer as it was named. */
export interface AskComing {
  readonly read: ReadAsk;
  readonly source: string;
  readonly id: string;
  readonly customerId: string;
  readonly at: Instant;
}

/** What became of an ask. `repeated`: one of its key was answered, or marked as late, before. `unknown`: it makes no customer. */
export type Answered =
  | { readonly outcome: "answered"; readonly answer: AskAnswer }
  | { readonly outcome: "repeated"; readonly known: KeptAsk }
  | { readonly outcome: "unknown" };

/** An ask on its way; `giveUp` takes it back until the transaction that decides it is committed. */
export interface AskUnderWay {
  readonly answered: Promise<Answered>;
  /** The ask with its place in the order of arrival, once it has one. */
  opened(): NewAsk | undefined;
  giveUp(): void;
  /** Whether that transaction is being committed: its answer stands. */
  isCommitting(): boolean;
}

/**
 * Answers asks, each in its customer's order: gives it its place and takes the customer's lease by name, decides what came before it, and
 * writes one decision a place in one flushed transaction. Asks that come in meanwhile share the next one; none waits for a batch of other wakes.
 */
export class AskDesk {
  private readonly options: AskDeskOptions;
  private readonly owner: string;
  private waiting: Waiting[] = [];
  /** Customers in a batch of this process. */
  private readonly busy = new Set<string>();
  private readonly inFlight = new Set<Promise<void>>();
  /** What came before asks, being decided and carried out; and leases being released. */
  private readonly older = new Set<Promise<void>>();
  private readonly maxBatches: number;
  private readonly release: (customers: readonly string[]) => Promise<void>;
  private isGathering = false;

  constructor(options: AskDeskOptions) {
    this.options = options;
    this.owner = options.newId();
    this.release = createGroup(async (lists) => {
      // A lease that is not released expires.
      await options.store.leases.release(lists.flat(), this.owner).catch((error: unknown) => {
        if (!isOutage(error)) throw error;
      });
      return [];
    });
    // The embedded engine has one session: two batches would only alternate.
    this.maxBatches = options.store.database.kind === "embedded" ? 1 : MAX_BATCHES;
  }

  /** @throws `OVERLOADED` while too many wait */
  enter(coming: AskComing): AskUnderWay {
    if (this.waiting.length >= MAX_WAITING) throw new SentientError("OVERLOADED", "too many asks wait for their answers; ask again later");
    const { customerId } = coming;
    const one: Waiting = { coming, customerId, resolve: () => {}, reject: () => {}, isOver: false, isAlone: false, isCommitting: false };
    const answered = new Promise<Answered>((resolve, reject) => Object.assign(one, { resolve, reject }));
    this.waiting.push(one);
    this.gather();
    return {
      answered,
      opened: () => one.opened,
      isCommitting: () => one.isCommitting,
      giveUp: () => {
        one.isOver = true;
        this.waiting = this.waiting.filter((other) => other !== one);
      },
    };
  }

  /** Resolves when nothing is in flight. */
  async settled(): Promise<void> {
    while (this.inFlight.size + this.older.size > 0) await Promise.all([...this.inFlight, ...this.older]);
  }

  /** Lets requests that have already arrived be read, so that they join the batch. */
  private gather(): void {
    if (this.isGathering) return;
    this.isGathering = true;
    setImmediate(() => {
      this.isGathering = false;
      this.pump();
    });
  }

  private pump(): void {
    while (this.inFlight.size < this.maxBatches) {
      const batch = this.takeBatch();
      if (batch.length === 0) return;
      const customers = batch.map(({ customerId }) => customerId);
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
      const { customerId } = one;
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
    const { now, decider } = this.options;
    const lease = { owner: this.owner, leaseMs: LEASE_MS, now: now() };
    const { asks, ahead } = await decider.openAsks(batch.map(placeOf), lease);
    const leased = this.leasedOf(batch, asks);
    if (leased.length === 0) return;
    let kept: readonly string[] = [];
    try {
      const behind = leased.filter(isBehind);
      kept = behind.map(({ customerId }) => customerId);
      this.decideOlder(behind);
      const answered = await this.answer(
        leased.filter((one) => !behind.includes(one) && !one.isOver),
        ahead,
      );
      kept = [...kept, ...answered];
    } finally {
      this.releaseSoon(leased.map(({ customerId }) => customerId).filter((id) => !kept.includes(id)));
    }
  }

  /** Those of a batch whose customers are leased now; the others wait, or are settled. */
  private leasedOf(batch: readonly Waiting[], begun: readonly OpenedAsk[]): readonly Opened[] {
    const { decider } = this.options;
    const leased = new Map<string, Opened>();
    const busy: Waiting[] = [];
    for (const [place, one] of batch.entries()) {
      const { seq, customerId, isKnown, known, isLeased, next } = need(begun[place], "an ask that was begun");
      const { read, source, id, at } = one.coming;
      one.customerId = customerId;
      one.next = next;
      if (known) one.resolve({ outcome: "repeated", known });
      else if (!isKnown) one.resolve({ outcome: "unknown" });
      else {
        one.opened = newAsk(read, { source, id, seq, customerId, at }, decider.channels());
        // Two names of one customer: the second one follows.
        if (isLeased && !leased.has(customerId)) leased.set(customerId, one as Opened);
        else busy.push(one);
      }
    }
    this.again(busy, BUSY_MS);
    return [...leased.values()];
  }

  /** Returns the customers whose leases have ended with what was written. */
  private async answer(asks: readonly Opened[], ahead: ReadAhead): Promise<readonly string[]> {
    if (asks.length === 0) return [];
    const { decider, now } = this.options;
    const at = now();
    for (const one of asks) one.isCommitting = false;
    const customerIds = asks.map(({ customerId }) => customerId);
    const answers = await decider.answer(
      asks.map((one) => ({
        ...{ wake: { kind: "ask", ask: one.opened.ask } as const, now: at, signal: one.opened.signal },
        isOver: () => one.isOver,
        onCommit: () => {
          one.isCommitting = true;
        },
      })),
      ahead,
      { owner: this.owner, customerIds },
    );
    const unwritten: Opened[] = [];
    for (const [place, one] of asks.entries()) {
      const answer = answers[place];
      if (answer) one.resolve({ outcome: "answered", answer });
      else unwritten.push(one);
    }
    // What was given up meanwhile took the others of its batch along.
    for (const one of unwritten) one.isAlone = unwritten.every(({ isOver }) => !isOver);
    this.again(unwritten, 0);
    return unwritten.length < asks.length ? customerIds : [];
  }

  /**
   * Decides what came before these asks. They go on once it is written; what a message of it waits for, as a provider, is not theirs. The
   * leases are kept until then.
   */
  private decideOlder(asks: readonly Waiting[]): void {
    if (asks.length === 0) return;
    const { decider, now, log } = this.options;
    const customers = asks.map(({ customerId }) => customerId);
    const wakes = asks.flatMap(({ next }) => next ?? []);
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

  /** Releases leases beside the next batch: nobody waits for it. */
  private releaseSoon(customers: readonly string[]): void {
    const releasing = this.release(customers)
      .catch((error: unknown) => this.options.log.warn("leases could not be released; they expire", errorFields(error)))
      .finally(() => this.older.delete(releasing));
    this.older.add(releasing);
  }
}

// --- internal ---

interface Waiting {
  readonly coming: AskComing;
  /** As named, then the one that it is, which was merged perhaps. */
  customerId: string;
  opened?: NewAsk;
  /** What its customer is decided for next. */
  next?: NextWake | undefined;
  resolve: (answered: Answered) => void;
  reject: (error: unknown) => void;
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

interface Opened extends Waiting {
  readonly opened: NewAsk;
}

const placeOf = ({ coming: { read, source, id }, customerId, opened }: Waiting): ComingAsk => ({
  ...{ source, id, customerId },
  seq: opened?.signal.seq,
  mustBeKnown: read.body.create === false,
});

/** Whether something is to be decided before an ask: a timer that is due, or a signal that arrived earlier. */
const isBehind = ({ opened: { ask }, next }: Opened): boolean =>
  next !== undefined && (next.timer !== undefined || (next.signal !== undefined && next.signal.seq < ask.seq));
