import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";
import { backOff, isOutage } from "../health/outage.ts";
import { classifyFailure } from "../store/engines/failures.ts";
import type { KeptDelivery, Settled } from "../store/store.ts";
import { keepPromises } from "./keep-promises.ts";
import type { ToolDeps } from "./tool-deps.ts";

export type SettlingDeps = Pick<ToolDeps, "store" | "policy">;

/** Writes down what came of hand-overs: each as soon as it is known, those that come meanwhile together. */
export interface Settling {
  /** Resolves when it is written. A store that is away is waited for: what is known must not become uncertain. */
  settle(delivery: KeptDelivery, settled: Settled): Promise<void>;
}

export interface Gathering {
  /** Whether more answers are on their way, for which those that are there wait. */
  readonly isMoreComing: () => boolean;
  /** How long they wait at most; 0: until those that are there are read. */
  readonly gatherMs?: number | undefined;
}

export function createSettling(deps: SettlingDeps, { isMoreComing, gatherMs = GATHER_MS }: Gathering): Settling {
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
    // What ends in the same turn goes along.
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
    settle: (delivery, settled) =>
      new Promise((resolve, reject) => {
        waiting.push({ delivery, settled, resolve, reject });
        if (!isWriting) void run();
        else if (!isMoreComing()) goOn();
      }),
  };
}

/**
 * Does something again for as long as the store refuses, however long. What is refused without trouble of the store is tried some times more where
 * a database has spoken: nobody knows every code.
 */
export async function insistently<T>(work: () => Promise<T>): Promise<T> {
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
 * Answers of one batch come within some milliseconds of each other. The embedded engine keeps the process from reading while it
 * works: without this wait every answer would be written by itself, before the next is read. Messages have gone out by then; only
 * what their customers are woken by next waits.
 */
const GATHER_MS = 25;

/** About a minute. */
const TRIES = 10;

interface Entry {
  readonly delivery: KeptDelivery;
  readonly settled: Settled;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

async function write(group: readonly Entry[], deps: SettlingDeps): Promise<void> {
  try {
    await insistently(() => deps.store.deliveries.settle(group.map(({ settled }) => settled)));
    await keepPromises(
      group.filter(({ settled }) => settled.status === "sent").map(({ delivery }) => delivery),
      deps,
    );
    for (const { resolve } of group) resolve();
  } catch (error) {
    // One that cannot be written must not keep the others from it: what is known must not become uncertain.
    if (group.length > 1) for (const one of group) await write([one], deps);
    else for (const { reject } of group) reject(error);
  }
}
