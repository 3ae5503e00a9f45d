import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import type { OpenChannel } from "../channels/channel.ts";
import type { KeptDelivery, Settled, Store, Taken } from "../store/store.ts";
import { noTracing } from "../telemetry/trace.ts";
import { policyOf } from "../testing/policy.ts";
import { fixedCatalogue } from "./catalogue.ts";
import { createSendQueues } from "./send-queues.ts";

const delivery = (deliveryId: string, channel = "box"): KeptDelivery => ({
  ...{ deliveryId, channel, decisionId: "n", customerId: "c", runId: "r", experienceId: "e", status: "reserved" },
  ...{ at: 0, expiresAt: 1, frozen: {}, facts: {}, keeps: [] },
});

/** Channels that answer on the test's command, and a store that records its calls. */
function opened({
  atOnce = 2,
  patienceMs,
  claim,
  gatherMs = 0,
}: {
  atOnce?: number;
  patienceMs?: number;
  claim?: () => void;
  gatherMs?: number;
} = {}) {
  const answers = new Map<string, (error?: Error) => void>();
  const claimed: string[][] = [];
  const settled: Settled[][] = [];
  const givenBack: string[] = [];
  const from: string[][] = [];
  const channel: OpenChannel = {
    atOnce,
    send: ({ deliveryId }) => new Promise((resolve, reject) => answers.set(deliveryId, (error) => (error ? reject(error) : resolve({})))),
  };
  const deliveries = {
    claim: async (ids: readonly string[], _name: string, _now: number, others: readonly string[]): Promise<Taken> => {
      claim?.();
      claimed.push([...ids]);
      from.push([...others]);
      return { going: new Set(ids), cancelled: new Map(), paused: new Set() };
    },
    settle: async (some: readonly Settled[]) => void settled.push([...some]),
    releaseClaim: async (name: string) => void givenBack.push(name),
    promisesDue: async () => [],
  };
  const store = { deliveries } as unknown as Store; // The outbox uses nothing else of it.
  const outbox = createSendQueues(
    {
      ...{ store, now: () => 0, newId: () => "a claim" },
      catalogue: fixedCatalogue({
        ...{ policy: policyOf("moments: {m: {on: go, expires: 1d}}"), tracing: noTracing, now: () => 0 },
        channels: new Map(["box", "other"].map((name) => [name, channel])),
      }),
    },
    { patienceMs, gatherMs },
  );
  const answer = async (id: string, error?: Error): Promise<void> => {
    answers.get(id)?.(error);
    for (let n = 0; n < 5; n++) await turn();
  };
  return { outbox, answers, claimed, from, settled, givenBack, answer };
}

const soon = async (): Promise<void> => {
  for (let n = 0; n < 5; n++) await turn();
};

test("no more are claimed than a channel sends at once; the next when one has been answered", async () => {
  const { outbox, claimed, answer } = opened();
  const sent = outbox.send(["a", "b", "c"].map((id) => delivery(id)));
  await soon();
  expect(claimed).toEqual([["a", "b"]]);
  await answer("a");
  expect(claimed).toEqual([["a", "b"], ["c"]]);
  await answer("b");
  await answer("c");
  expect(await sent).toEqual(["a", "b", "c"].map((key) => ({ key, status: "done" })));
});

test("results are committed while others are still in flight", async () => {
  const { outbox, settled, answer } = opened();
  void outbox.send(["a", "b"].map((id) => delivery(id)));
  await soon();
  await answer("a");
  expect(settled.flat().map(({ deliveryId, status }) => [deliveryId, status])).toEqual([["a", "sent"]]);
});

test("what its commit has claimed begins in the place that it holds, and is not claimed again", async () => {
  const { outbox, claimed, answers, settled, answer } = opened();
  const claim = outbox.hold([delivery("a"), delivery("b")]) ?? expect.fail("no place");
  expect([claim.name, [...claim.deliveryIds()]]).toEqual(["a claim", ["a", "b"]]);
  // All places are held: nothing else is claimed, and nothing more is held.
  const other = outbox.send([delivery("c")]);
  await soon();
  expect([claimed, outbox.hold([delivery("d")])]).toEqual([[], undefined]);
  const sent = outbox.send(["a", "b"].map((id) => ({ ...delivery(id), claim })));
  await soon();
  expect([[...answers.keys()], claimed]).toEqual([["a", "b"], []]);
  await answer("a");
  expect(claimed).toEqual([["c"]]);
  for (const id of ["b", "c"]) await answer(id);
  expect((await Promise.all([sent, other])).flat().map(({ key, status }) => [key, status])).toEqual([
    ["a", "done"],
    ["b", "done"],
    ["c", "done"],
  ]);
  expect(settled.flat()).toHaveLength(3);
});

test("places are held for all or for none, and a place that is given back goes to who waits for it", async () => {
  const { outbox, claimed } = opened();
  expect(outbox.hold([delivery("a"), delivery("b"), delivery("c")])).toBeUndefined();
  const claim = outbox.hold([delivery("a"), delivery("x", "other")]) ?? expect.fail("no place");
  void outbox.send([delivery("d"), delivery("e")]);
  await soon();
  expect(claimed).toEqual([["d"]]);
  // Others wait for a place by now.
  expect(outbox.hold([delivery("f")])).toBeUndefined();
  claim.takeBack();
  await soon();
  expect(claimed).toEqual([["d"], ["e"]]);
});

test("what was taken back before it began keeps its slot, and is not sent", async () => {
  const { outbox, answers } = opened();
  const claim = outbox.hold([delivery("a")]) ?? expect.fail("no place");
  const sent = outbox.send([{ ...delivery("a"), claim }]);
  expect(claim.takeBack()).toEqual(["a"]);
  expect(await sent).toEqual([{ key: "a", status: "waiting" }]);
  expect(answers.size).toBe(0);
});

test("a closed queue holds no place, and leaves what was claimed to who takes it back", async () => {
  const { outbox, answers } = opened();
  const claim = outbox.hold([delivery("a")]) ?? expect.fail("no place");
  await outbox.close();
  expect(await outbox.send([{ ...delivery("a"), claim }])).toEqual([{ key: "a", status: "waiting" }]);
  expect([outbox.hold([delivery("b")]), answers.size, claim.takeBack()]).toEqual([undefined, 0, ["a"]]);
});

test("a claim of another process is taken over when there is a place", async () => {
  const { outbox, from, answer } = opened();
  const sent = outbox.send([{ ...delivery("a"), claim: { name: "theirs" } }, delivery("b")]);
  await soon();
  expect(from).toEqual([["theirs"]]);
  for (const id of ["a", "b"]) await answer(id);
  await sent;
});

test("a hanging channel delays neither other channels nor its callers", async () => {
  const { outbox, claimed, answer } = opened({ patienceMs: 1 });
  const sent = await outbox.send([delivery("a"), delivery("b"), delivery("c"), delivery("x", "other")]);
  expect(sent.map(({ status }) => status)).toEqual(["waiting", "waiting", "waiting", "waiting"]);
  await soon();
  expect(claimed).toContainEqual(["x"]);
  expect(outbox.congestion()).toEqual({ deliveryIds: ["c"], channels: [] });
  await answer("a");
  expect(outbox.congestion().deliveryIds).toEqual([]);
});

test("a delivery handed in twice is sent once", async () => {
  const { outbox, claimed, answer } = opened();
  const both = Promise.all([outbox.send([delivery("a")]), outbox.send([delivery("a")])]);
  await soon();
  await answer("a");
  expect(await both).toEqual([[{ key: "a", status: "done" }], [{ key: "a", status: "done" }]]);
  expect(claimed).toEqual([["a"]]);
});

test("a channel queue accepts a fixed number, and reports it; the rest stays in the record", async () => {
  const { outbox } = opened({ patienceMs: 1 });
  const many = Array.from({ length: 1_010 }, (_, n) => delivery(`d-${n}`));
  await outbox.send(many.slice(0, 1_000));
  await outbox.send(many.slice(1_000));
  const { deliveryIds, channels } = outbox.congestion();
  expect([deliveryIds.length, channels]).toEqual([1_000, ["box"]]);
});

test("a failed claim is released, and reported to the caller", async () => {
  const { outbox, givenBack, answers } = opened({
    claim: () => {
      throw new Error("the connection went away");
    },
  });
  await expect(outbox.send([delivery("a")])).rejects.toThrow("the connection went away");
  expect([givenBack, answers.size]).toEqual([["a claim"], 0]);
});

test("on shutdown waiting deliveries are left and those in flight are awaited", async () => {
  const { outbox, answer, settled } = opened();
  const sent = outbox.send(["a", "b", "c"].map((id) => delivery(id)));
  await soon();
  const closed = outbox.close();
  await answer("a");
  await answer("b", new Error("no"));
  await closed;
  expect((await sent).map(({ status }) => status)).toEqual(["done", "uncertain", "waiting"]);
  expect(settled.flat()).toHaveLength(2);
  expect(await outbox.send([delivery("d")])).toEqual([{ key: "d", status: "waiting" }]);
});

test("results that arrive while others are in flight are committed together, with the last of them", async () => {
  const { outbox, settled, answer } = opened({ gatherMs: 60_000 });
  const sent = outbox.send(["a", "b"].map((id) => delivery(id)));
  await soon();
  await answer("a");
  expect(settled).toEqual([]);
  await answer("b");
  expect(settled.map((group) => group.map(({ deliveryId }) => deliveryId))).toEqual([["a", "b"]]);
  await sent;
});
