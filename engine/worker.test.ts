import { setTimeout as pause, setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { customerOf } from "../domain/entities/wake.ts";
import type { NextWake, Store } from "../store/store.ts";
import { type Log, silentLog } from "../telemetry/log.ts";
import type { Decider } from "./decide.ts";
import { createWorker } from "./worker.ts";

/** A worker with batches of one customer each, and its customers in flight. */
function working(
  customers: readonly string[],
  {
    concurrency,
    decide,
    endResponses = async () => new Set(),
    log = silentLog,
  }: { concurrency: number; decide: () => Promise<void>; endResponses?: Decider["endResponses"]; log?: Log },
) {
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
    endResponses,
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
    ...{ now: () => 0, newId: () => "w", log, concurrency },
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

test("where waits for responses cannot be ended at once, their wakes are decided, and the log says why unless it is an outage", async () => {
  const warned = async (error: Error): Promise<readonly unknown[]> => {
    const lines: unknown[] = [];
    const log = { ...silentLog, warn: (...line: unknown[]) => void lines.push(line) };
    const decide = async () => {};
    const { worker, begun } = working(["a"], { ...{ concurrency: 1, decide, log }, endResponses: () => Promise.reject(error) });
    worker.start();
    await until(() => begun.length === 1);
    await worker.stop();
    return lines;
  };
  const message = "waits for responses could not be ended at once; their wakes are decided";
  expect(await warned(Object.assign(new Error("no such column"), { code: "42703" }))).toEqual([
    [message, { wakes: 1, error: "Error", code: "42703" }],
  ]);
  expect(await warned(Object.assign(new Error("full"), { code: "53100" }))).toEqual([]);
});
