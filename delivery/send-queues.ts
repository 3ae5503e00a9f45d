import { ClaimAhead, type FreePlace } from "../agents/claim-ahead.ts";
import type { CallOutcome } from "../domain/entities/call-outcome.ts";
import { ChannelQueue, type ChannelQueueDeps, type End, waitingStill } from "./channel-queue.ts";
import type { DueDelivery } from "./handed-over.ts";
import { createOutcomeRecorder } from "./record-outcomes.ts";
import type { SendQueues } from "./tool-deps.ts";

export interface SendQueueOptions {
  /** Maximum wait for providers before the batch continues without the rest. Undefined: until all have answered. */
  readonly patienceMs?: number | undefined;
  /** How long outcomes are gathered before they are recorded together. */
  readonly gatherMs?: number;
}

/** The send queues of a process, one per channel; each is created with its first delivery. */
export function createSendQueues(deps: ChannelQueueDeps, { patienceMs, gatherMs }: SendQueueOptions = {}): SendQueues {
  const queues = new Map<string, ChannelQueue>();
  const isMoreComing = (): boolean => [...queues.values()].some((queue) => queue.isWaitingForAnswers());
  const recorder = createOutcomeRecorder(deps, { gatherMs, isMoreComing });
  const placesOf = (channel: string): number => deps.catalogue.current().channels.get(channel)?.atOnce ?? AT_ONCE;
  let isClosed = false;
  const queueOf = (channel: string): ChannelQueue => {
    const known = queues.get(channel) ?? new ChannelQueue(deps, recorder, () => placesOf(channel));
    queues.set(channel, known);
    return known;
  };
  return {
    async send(deliveries, traces = new Map()) {
      const waits = deliveries.map((delivery): Wait => {
        const queue = queueOf(delivery.channel);
        const isHopeless = patienceMs !== undefined && queue.isStuck(patienceMs);
        const ended = isClosed ? Promise.resolve(waitingStill(delivery)) : queue.add(delivery, traces);
        return { delivery, ended, isHopeless };
      });
      const ends = await patiently(waits, patienceMs);
      for (const end of ends) if ("error" in end) throw end.error;
      return ends as CallOutcome[];
    },
    hold(deliveries) {
      if (isClosed) return undefined;
      const held = new Map<string, FreePlace>();
      for (const { deliveryId, channel } of deliveries) {
        const free = queueOf(channel).hold();
        if (free) held.set(deliveryId, free);
      }
      const claim = new ClaimAhead(deps.newId(), held);
      if (held.size === deliveries.length) return claim;
      claim.takeBack();
      return undefined;
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

/** Default for the maximum sends in flight to one provider, per process. */
const AT_ONCE = 256;

interface Wait {
  readonly delivery: DueDelivery;
  readonly ended: Promise<End>;
  /** Whether a channel has stalled for so long that waiting is pointless. */
  readonly isHopeless: boolean;
}

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
