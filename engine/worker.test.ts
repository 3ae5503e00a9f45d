import { setTimeout as pause, setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { customerOf } from "../domain/entities/wake.ts";
import type { NextWake, Store } from "../store/store.ts";
import { silentLog } from "../telemetry/log.ts";
import type { Decider } from "./decide.ts";
import { createWorker } from "./worker.ts";

/** A worker with batches of one customer each, and its customers in flight. */
function working(customers: readonly string[], { concurrency, decide }: { concurrency: number; decide: () => Promise<void> }) {
  const left = [...customers];
  const begun: string[] = [];
  const under = new Set<string>();
  let most = 0;
  const leases = {
    claim: async () => {
      const customerIds = left.splice(0, 1);
      return { customerIds, next: customerIds.map((customerId): NextWake => ({ customerId, timer: { key: "t", name: "t", due: 0 } })) };
    },
    release: async () => {},
  };
  const decider: Pick<Decider, "decide" | "whyNot" | "endResponses"> = {
    endResponses: async () => new Set(),
    whyNot: () => undefined,
    async decide(wakes) {
      const ids = wakes.map(({ wake }) => customerOf(wake));
      begun.push(...ids);
      for (const id of ids) under.add(id);
      most = Math.max(most, under.size);
      await decide();
      for (const id of ids) under.delete(id);
      return wakes;
    },
  };
  const worker = createWorker({
    // The worker uses no other member of the store and the decider.
    ...{ store: { leases } as unknown as Store, decider: decider as Decider },
    ...{ now: () => 0, newId: () => "w", log: silentLog, concurrency },
  });
  return { worker, begun, most: () => most };
}

/** Answers all pending calls at once, as soon as there are `enough`. */
function answers(enough: number) {
  let waiting: (() => void)[] = [];
  return () =>
    new Promise<void>((resolve) => {
      waiting.push(resolve);
      if (waiting.length < enough) return;
      for (const answer of waiting) answer();
      waiting = [];
    });
}

/** Polls with pauses, so that the thread is idle unless a batch computes. */
const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await pause(5);
};

test("while a batch waits on I/O, others start beside it, up to the concurrency", async () => {
  // No call is answered before three are pending, so this ends only with three batches in flight.
  const { worker, begun, most } = working(["a", "b", "c", "d", "e", "f"], { concurrency: 3, decide: answers(3) });
  worker.start();
  await until(() => begun.length === 6);
  await worker.stop();
  expect(begun).toEqual(["a", "b", "c", "d", "e", "f"]);
  expect(most()).toBe(3);
});

test("a batch that computes has the thread to itself, however long it takes", async () => {
  const compute = async (): Promise<void> => {
    for (let slice = 0; slice < 20; slice++) {
      const end = performance.now() + 5;
      while (performance.now() < end);
      await turn();
    }
  };
  const { worker, begun, most } = working(["a", "b", "c"], { concurrency: 3, decide: compute });
  worker.start();
  await until(() => begun.length === 3);
  await worker.stop();
  expect(most()).toBe(1);
});
