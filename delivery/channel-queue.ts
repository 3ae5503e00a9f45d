import { ClaimAhead, type FreePlace } from "../agents/claim-ahead.ts";
import type { CallOutcome } from "../domain/entities/call-outcome.ts";
import type { KeptDelivery, Taken } from "../store/store.ts";
import type { Catalogue } from "./catalogue.ts";
import type { DueDelivery } from "./handed-over.ts";
import { type OutcomeRecorder, retryWrite } from "./record-outcomes.ts";
import { beginSends, outcomeOf, type SendDeps, sendOne } from "./send-one.ts";
import type { TimeLimit } from "./time-limit.ts";
import type { ToolDeps, Traces } from "./tool-deps.ts";

export interface ChannelQueueDeps extends Pick<ToolDeps, "store" | "newId" | "now"> {
  /** Each delivery goes by the version of the instant at which it is sent. */
  readonly catalogue: Pick<Catalogue<SendDeps>, "current" | "using">;
}

/** The outcome of a delivery, or why it is unknown. A promise of it never rejects: its caller may have stopped waiting. */
export type End = CallOutcome | { readonly error: unknown };

/** A delivery that keeps its slot and waits in the record. */
export const waitingStill = ({ deliveryId }: KeptDelivery): CallOutcome => ({ key: deliveryId, status: "waiting" });

/** Maximum deliveries waiting in memory for a place on a channel; more stay in the record until the reconciler finds them. */
const MAX_WAITING = 1_000;

/** The bounded send queue of one channel: waiting → claimed (its row says `sending`) → answered → recorded. */
export class ChannelQueue {
  private readonly deps: ChannelQueueDeps;
  private readonly recorder: OutcomeRecorder;
  private readonly places: () => number;
  private readonly entries = new Map<string, { readonly entry: Entry; readonly ended: Promise<End> }>();
  private readonly sending = new Set<Promise<void>>();
  private queue: Entry[] = [];
  private pumping: Promise<void> | undefined;
  private movedAt = performance.now();
  private unanswered = 0;
  private held = 0;
  /** Deliveries that their commit has claimed, which begin together in the next turn of the event loop. */
  private claimed: Entry[] = [];
  private beginning: Promise<void> | undefined;

  constructor(deps: ChannelQueueDeps, recorder: OutcomeRecorder, places: () => number) {
    this.deps = deps;
    this.recorder = recorder;
    this.places = places;
  }

  /** Adds a delivery, or joins the one already in the queue. */
  add(delivery: DueDelivery, traces: Traces): Promise<End> {
    const known = this.entries.get(delivery.deliveryId);
    if (known) return known.ended;
    const isClaimed = delivery.claim instanceof ClaimAhead;
    if (this.isFull() && !isClaimed) return Promise.resolve(waitingStill(delivery));
    let end: (end: End) => void = () => {};
    const ended = new Promise<End>((resolve) => {
      end = (outcome) => {
        this.entries.delete(delivery.deliveryId);
        resolve(outcome);
      };
    });
    const entry = { delivery, traces, end };
    this.entries.set(delivery.deliveryId, { entry, ended });
    if (isClaimed) {
      this.claimed.push(entry);
      this.beginning ??= this.beginClaimed();
    } else {
      this.queue.push(entry);
      this.pump();
    }
    return ended;
  }

  /** Holds a place for a delivery that is claimed with its commit; undefined where none is free, or others wait for it. */
  hold(): FreePlace | undefined {
    if (this.queue.length > 0 || this.free() <= 0) return undefined;
    this.held++;
    return () => {
      this.held--;
      if (this.queue.length > 0) this.pump();
    };
  }

  private free(): number {
    return this.places() - this.sending.size - this.held;
  }

  isFull(): boolean {
    return this.queue.length >= MAX_WAITING;
  }

  /** Whether all places are taken and none has become free for `patienceMs`. */
  isStuck(patienceMs: number): boolean {
    return this.sending.size >= this.places() && performance.now() - this.movedAt > patienceMs;
  }

  isWaitingForAnswers(): boolean {
    return this.unanswered > 0;
  }

  /** Ids of the deliveries that are not claimed yet. */
  waiting(): string[] {
    return this.queue.map(({ delivery }) => delivery.deliveryId);
  }

  async close(): Promise<void> {
    for (const { delivery, end } of this.queue.splice(0)) end(waitingStill(delivery));
    await Promise.all([this.pumping, this.beginning]);
    await Promise.all(this.sending);
  }

  /** One claim at a time: deliveries that get a place meanwhile are claimed together by the next. */
  private pump(): void {
    this.pumping ??= this.sendWaiting();
  }

  private async sendWaiting(): Promise<void> {
    // Includes deliveries that are added in the same turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.queue.length > 0 && this.free() > 0) {
      const group = this.queue.splice(0, this.free());
      await this.sendGroup(group, () => this.claim(group));
    }
    this.pumping = undefined;
  }

  /** What was taken back meanwhile is left in the record. */
  private async beginClaimed(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    const group = this.claimed.splice(0);
    this.beginning = undefined;
    await this.sendGroup(group, () => begun(group));
  }

  /** Resolves when the group is claimed. It is sent by the version of that instant, whose channels stay open until it is answered. */
  private sendGroup(group: readonly Entry[], claim: () => Taken | undefined | Promise<Taken | undefined>): Promise<void> {
    return new Promise((resolve) => {
      void this.deps.catalogue.using(async (deps) => {
        const taken = this.isGone(group, deps) ? undefined : await claim();
        const sends = taken ? this.beginGoing(group, taken, deps) : [];
        resolve();
        await Promise.all(sends);
      });
    });
  }

  /** Begins to send what was claimed, within one time limit, and ends the rest. */
  private beginGoing(group: readonly Entry[], taken: Taken, deps: SendDeps): Promise<void>[] {
    const going = group.filter(({ delivery }) => taken.going.has(delivery.deliveryId));
    for (const { delivery, end } of group) if (!taken.going.has(delivery.deliveryId)) end(outcomeOf(delivery.deliveryId, taken));
    if (going.length === 0) return [];
    const limit = beginSends();
    return going.map((entry) => this.begin(entry, deps, limit));
  }

  /** Where the version has this channel no more, its deliveries stay in the record: the next version may have it again. */
  private isGone(group: readonly Entry[], { channels }: SendDeps): boolean {
    if (group.every(({ delivery }) => channels.has(delivery.channel))) return false;
    for (const { delivery, end } of group) end(waitingStill(delivery));
    return true;
  }

  /** Undefined after a failure: none of the group is sent then, and none may stay claimed. */
  private async claim(group: readonly Entry[]): Promise<Taken | undefined> {
    const { store, now, newId } = this.deps;
    const claim = newId();
    const ids = group.map(({ delivery }) => delivery.deliveryId);
    try {
      return await store.deliveries.claim(
        ids,
        claim,
        now(),
        group.flatMap(({ delivery }) => delivery.claim?.name ?? []),
      );
    } catch (error) {
      // The connection may have been lost after the claim was written: nothing was sent yet, so the claim is released.
      void retryWrite(() => store.deliveries.releaseClaim(claim, ids)).catch(() => {});
      for (const { end } of group) end({ error });
      return undefined;
    }
  }

  private begin(entry: Entry, deps: SendDeps, limit: TimeLimit): Promise<void> {
    const done = this.send(entry, deps, limit).finally(() => {
      this.sending.delete(done);
      this.movedAt = performance.now();
      this.pump();
    });
    this.sending.add(done);
    return done;
  }

  private async send({ delivery, traces, end }: Entry, deps: SendDeps, limit: TimeLimit): Promise<void> {
    this.unanswered++;
    const settled = await sendOne(delivery, deps, traces, limit).finally(() => this.unanswered--);
    const status = settled.status === "sent" ? "done" : settled.status === "uncertain" ? "uncertain" : "failed";
    const outcome: CallOutcome = { key: delivery.deliveryId, status, ...(settled.reason === undefined ? {} : { message: settled.reason }) };
    await this.recorder.record(delivery, settled).then(
      () => end(outcome),
      (error: unknown) => end({ error }),
    );
  }
}

// --- internal ---

/** The deliveries of a group whose sends begin now; one whose claim was taken back meanwhile keeps its slot. */
function begun(group: readonly Entry[]): Taken {
  const ids = group.map(({ delivery }) => delivery.deliveryId);
  const isBegun = ({ delivery: { claim, deliveryId } }: Entry): boolean => claim instanceof ClaimAhead && claim.begin(deliveryId);
  const going = new Set(group.filter(isBegun).map(({ delivery }) => delivery.deliveryId));
  return { going, cancelled: new Map(), paused: new Set(ids.filter((id) => !going.has(id))) };
}

interface Entry {
  readonly delivery: DueDelivery;
  readonly traces: Traces;
  readonly end: (end: End) => void;
}
