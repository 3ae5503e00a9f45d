import type { CallOutcome } from "../domain/entities/call-outcome.ts";
import type { KeptDelivery, Taken } from "../store/store.ts";
import { outcomeOf, type SendDeps, sendOne } from "./send-one.ts";
import { createSettling, insistently, type Settling, type SettlingDeps } from "./settling.ts";
import type { SendQueues, ToolDeps, Traces } from "./tool-deps.ts";

export interface SendQueueOptions {
  /** How long whoever hands over waits for providers before the rest goes on without him. Missing: until all have answered. */
  readonly patienceMs?: number | undefined;
  /** How long answers are gathered before they are written down together. */
  readonly gatherMs?: number;
}

export type SendQueueDeps = SendDeps & SettlingDeps & Pick<ToolDeps, "newId">;

export function createSendQueues(deps: SendQueueDeps, { patienceMs, gatherMs }: SendQueueOptions = {}): SendQueues {
  const queues = new Map<string, ChannelQueue>();
  const settling = createSettling(deps, { gatherMs, isMoreComing: () => [...queues.values()].some((queue) => queue.isWaitingForAnswers()) });
  let isClosed = false;
  const queueOf = (channel: string): ChannelQueue => {
    const known = queues.get(channel) ?? new ChannelQueue(deps, settling, deps.channels.get(channel)?.atOnce ?? AT_ONCE);
    queues.set(channel, known);
    return known;
  };
  return {
    async send(deliveries, traces = new Map()) {
      const waits = deliveries.map((delivery): Wait => {
        const queue = queueOf(delivery.channel);
        const isHopeless = patienceMs !== undefined && queue.isStuck(patienceMs);
        const ended = isClosed ? Promise.resolve(waitingStill(delivery)) : queue.enter(delivery, traces);
        return { delivery, ended, isHopeless };
      });
      const ends = await patiently(waits, patienceMs);
      for (const end of ends) if ("error" in end) throw end.error;
      return ends as CallOutcome[];
    },
    congestion: () => ({
      deliveryIds: [...queues.values()].flatMap((queue) => queue.waiting()),
      channels: [...queues].filter(([, queue]) => queue.isFull()).map(([channel]) => channel),
    }),
    async close() {
      isClosed = true;
      await Promise.all([...queues.values()].map((queue) => queue.close()));
    },
  };
}

// --- internal ---

/** What one process hands to one provider at a time, where its channel does not say less. */
const AT_ONCE = 256;

/** Deliveries that wait in memory for a place on a channel; more stay in the record until somebody looks there. */
const MOST_WAITING = 1_000;

/** Never rejects: who waits may be gone. */
type End = CallOutcome | { readonly error: unknown };

interface Wait {
  readonly delivery: KeptDelivery;
  readonly ended: Promise<End>;
  /** Nothing has moved on its channel for so long that there is no point in waiting. */
  readonly isHopeless: boolean;
}

const waitingStill = ({ deliveryId }: KeptDelivery): CallOutcome => ({ key: deliveryId, status: "waiting" });

async function patiently(waits: readonly Wait[], patienceMs: number | undefined): Promise<End[]> {
  if (patienceMs === undefined) return Promise.all(waits.map(({ ended }) => ended));
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, patienceMs);
  });
  const ends = waits.map(({ delivery, ended, isHopeless }) =>
    isHopeless ? waitingStill(delivery) : Promise.race([ended, over.then(() => waitingStill(delivery))]),
  );
  return Promise.all(ends).finally(() => clearTimeout(timer));
}

interface Entry {
  readonly delivery: KeptDelivery;
  readonly traces: Traces;
  readonly end: (end: End) => void;
}

/** The way out on one channel. */
class ChannelQueue {
  private readonly deps: SendQueueDeps;
  private readonly settling: Settling;
  private readonly places: number;
  private readonly entries = new Map<string, { readonly entry: Entry; readonly ended: Promise<End> }>();
  private readonly sending = new Set<Promise<void>>();
  private queue: Entry[] = [];
  private pumping: Promise<void> | undefined;
  private movedAt = performance.now();
  private unanswered = 0;

  constructor(deps: SendQueueDeps, settling: Settling, places: number) {
    this.deps = deps;
    this.settling = settling;
    this.places = places;
  }

  enter(delivery: KeptDelivery, traces: Traces): Promise<End> {
    const known = this.entries.get(delivery.deliveryId);
    if (known) return known.ended;
    if (this.isFull()) return Promise.resolve(waitingStill(delivery));
    let end: (end: End) => void = () => {};
    const ended = new Promise<End>((resolve) => {
      end = (outcome) => {
        this.entries.delete(delivery.deliveryId);
        resolve(outcome);
      };
    });
    const entry = { delivery, traces, end };
    this.entries.set(delivery.deliveryId, { entry, ended });
    this.queue.push(entry);
    this.pump();
    return ended;
  }

  isFull(): boolean {
    return this.queue.length >= MOST_WAITING;
  }

  isStuck(patienceMs: number): boolean {
    return this.sending.size >= this.places && performance.now() - this.movedAt > patienceMs;
  }

  isWaitingForAnswers(): boolean {
    return this.unanswered > 0;
  }

  waiting(): string[] {
    return this.queue.map(({ delivery }) => delivery.deliveryId);
  }

  async close(): Promise<void> {
    for (const { delivery, end } of this.queue.splice(0)) end(waitingStill(delivery));
    await this.pumping;
    await Promise.all(this.sending);
  }

  /** One look at a time: what gets a place meanwhile is taken together by the next. */
  private pump(): void {
    this.pumping ??= this.takeSome();
  }

  private async takeSome(): Promise<void> {
    // Those that come in the same turn go along.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.queue.length > 0 && this.sending.size < this.places) {
      const group = this.queue.splice(0, this.places - this.sending.size);
      const taken = await this.claim(group);
      if (!taken) continue;
      for (const entry of group) {
        if (taken.going.has(entry.delivery.deliveryId)) this.begin(entry);
        else entry.end(outcomeOf(entry.delivery.deliveryId, taken));
      }
    }
    this.pumping = undefined;
  }

  /** Undefined where it failed: then none of them is sent, and none may stay as if it were. */
  private async claim(group: readonly Entry[]): Promise<Taken | undefined> {
    const { store, now, newId } = this.deps;
    const claim = newId();
    try {
      return await store.deliveries.claim(
        group.map(({ delivery }) => delivery.deliveryId),
        claim,
        now(),
      );
    } catch (error) {
      // The connection may have gone after the claim was written: nobody has acted on it, so it is given back.
      void insistently(() => store.deliveries.releaseClaim(claim)).catch(() => {});
      for (const { end } of group) end({ error });
      return undefined;
    }
  }

  private begin(entry: Entry): void {
    const done = this.send(entry).finally(() => {
      this.sending.delete(done);
      this.movedAt = performance.now();
      this.pump();
    });
    this.sending.add(done);
  }

  private async send({ delivery, traces, end }: Entry): Promise<void> {
    this.unanswered++;
    const settled = await sendOne(delivery, this.deps, traces).finally(() => this.unanswered--);
    const status = settled.status === "sent" ? "done" : settled.status === "uncertain" ? "uncertain" : "failed";
    const outcome: CallOutcome = { key: delivery.deliveryId, status, ...(settled.reason === undefined ? {} : { message: settled.reason }) };
    await this.settling.settle(delivery, settled).then(
      () => end(outcome),
      (error: unknown) => end({ error }),
    );
  }
}
