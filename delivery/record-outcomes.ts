import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";
import { announcedStatuses } from "../domain/record/delivery-events.ts";
import { backOff, isOutage } from "../health/outage.ts";
import { classifyFailure } from "../store/engines/failures.ts";
import type { KeptDelivery, Settled } from "../store/store.ts";
import type { Catalogue } from "./catalogue.ts";
import { keepPromises } from "./keep-promises.ts";
import type { ToolDeps } from "./tool-deps.ts";

interface Deps extends Pick<ToolDeps, "store"> {
  readonly catalogue: Pick<Catalogue<Pick<ToolDeps, "policy">>, "current">;
}

/** Records outcomes of messages: each as soon as it is known, batched with those that arrive meanwhile. */
export interface OutcomeRecorder {
  /** Resolves when it is written. Waits through outages of the store: a known outcome must not become uncertain. */
  record(delivery: KeptDelivery, settled: Settled): Promise<void>;
}

export interface GatheringOptions {
  /** Whether more answers are expected; those received wait for them. */
  readonly isMoreComing: () => boolean;
  /** Maximum wait in milliseconds; 0: until the received answers are read. */
  readonly gatherMs?: number | undefined;
}

export function createOutcomeRecorder(deps: Deps, { isMoreComing, gatherMs = GATHER_MS }: GatheringOptions): OutcomeRecorder {
  let waiting: Entry[] = [];
  let isWriting = false;
  let goOn: () => void = () => {};
  const gather = async (): Promise<void> => {
    if (gatherMs > 0 && isMoreComing()) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, gatherMs);
        goOn = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    // Includes outcomes of the same turn of the event loop.
    await turn();
  };
  const run = async (): Promise<void> => {
    isWriting = true;
    while (waiting.length > 0) {
      await gather();
      const group = waiting;
      waiting = [];
      await write(group, deps);
    }
    isWriting = false;
  };
  return {
    record: (delivery, settled) =>
      new Promise((resolve, reject) => {
        waiting.push({ delivery, settled, resolve, reject });
        if (!isWriting) void run();
        else if (!isMoreComing()) goOn();
      }),
  };
}

/**
 * Retries a write through outages of the store, without limit. Other errors of a database are retried a few times, since no
 * list of its transient codes is complete.
 */
export async function retryWrite<T>(work: () => Promise<T>): Promise<T> {
  for (let refusals = 1; ; refusals++) {
    try {
      return await work();
    } catch (error) {
      if (!isOutage(error) && (classifyFailure(error) !== "either" || refusals === TRIES)) throw error;
      await sleep(backOff(refusals));
    }
  }
}

// --- internal ---

/**
 * Answers of one batch arrive within some milliseconds of each other. The embedded engine blocks the event loop while it works:
 * without this wait every answer would be written by itself, before the next is read. The messages are already sent by then;
 * only the wakes that follow are delayed.
 */
const GATHER_MS = 25;

/** About a minute with back-off. */
const TRIES = 10;

interface Entry {
  readonly delivery: KeptDelivery;
  readonly settled: Settled;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

async function write(group: readonly Entry[], deps: Deps): Promise<void> {
  try {
    const settled = group.map((one) => one.settled);
    const { policy } = deps.catalogue.current();
    await retryWrite(() => deps.store.deliveries.settle(settled, announcedStatuses(policy)));
    // An unknown outcome may have been made certain by a receipt that came before it.
    await keepPromises(
      group.filter((one) => one.settled.status !== "failed").map(({ delivery }) => delivery),
      { store: deps.store, policy },
    );
    for (const { resolve } of group) resolve();
  } catch (error) {
    // A poisoned outcome must not block the others of its group: a known outcome must not become uncertain.
    if (group.length > 1) for (const one of group) await write([one], deps);
    else for (const { reject } of group) reject(error);
  }
}
