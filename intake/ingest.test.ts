import { expect, test, vi } from "vitest";
import { SentientError } from "../domain/errors.ts";
import { DAY, HOUR, SECOND } from "../domain/values/time.ts";
import type { Arrival, Inbox, Reception } from "../store/store.ts";
import { NOW } from "../testing/builders.ts";
import { policyOf } from "../testing/policy.ts";
import { createIngest } from "./ingest.ts";

const reading = (id: string, more: object = {}) => ({
  ok: true as const,
  event: { specversion: "1.0" as const, id, source: "web", type: "go", subject: "c-1", ...more },
});

/** An inbox in memory, one transaction at a time, that fails as `failsOn` says. */
function anInbox(waiting = 0, failsOn: (ids: readonly string[]) => Error | undefined = () => undefined) {
  const transactions: string[][] = [];
  const arrivals: Arrival[] = [];
  const inbox = {
    async accept(some: readonly Arrival[]): Promise<Reception[]> {
      const ids = some.map(({ id }) => id);
      transactions.push(ids);
      await Promise.resolve();
      const failure = failsOn(ids);
      if (failure) throw failure;
      arrivals.push(...some);
      return some.map(() => "accepted");
    },
    backlog: async () => waiting,
  } as unknown as Inbox; // ingest uses no other member
  return { inbox, transactions, arrivals };
}

const CHANNELS = policyOf("channels: {sms: {kind: file}, Email: {kind: file}, desk: {kind: human}}", []).channels;

const ingestOf = (inbox: Inbox, onAccepted: (count: number) => void = () => {}) =>
  createIngest({ inbox, now: () => NOW, channels: CHANNELS, onAccepted, maxWaiting: 10 });

test("concurrent requests share one transaction, and each gets the result of its own signals", async () => {
  const { inbox, transactions } = anInbox();
  const told: number[] = [];
  const ingest = ingestOf(inbox, (count) => told.push(count));
  const results = await Promise.all([
    ingest.take([reading("a")]),
    ingest.take([reading("b"), { ok: false, problem: "broken" }]),
    ingest.take([]),
  ]);
  expect(results).toEqual([
    { accepted: 1, duplicates: 0, rejected: [] },
    { accepted: 1, duplicates: 0, rejected: [{ index: 1, code: "BAD_INPUT", error: "broken" }] },
    { accepted: 0, duplicates: 0, rejected: [] },
  ]);
  expect([transactions, told]).toEqual([[["a", "b"]], [2]]);
});

test("paced: requests soon after a transaction share the next one, and a request after a quiet interval does not wait", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "performance"] });
  try {
    const { inbox, transactions } = anInbox();
    const ingest = createIngest({ inbox, now: () => NOW, channels: CHANNELS, onAccepted: () => {}, paceMs: 10 });
    await ingest.take([reading("a")]);
    const b = ingest.take([reading("b")]);
    await vi.advanceTimersByTimeAsync(9);
    const c = ingest.take([reading("c")]);
    expect(transactions).toEqual([["a"]]);
    await vi.advanceTimersByTimeAsync(1);
    await Promise.all([b, c]);
    await vi.advanceTimersByTimeAsync(10);
    await ingest.take([reading("d")]);
    expect(transactions).toEqual([["a"], ["b", "c"], ["d"]]);
  } finally {
    vi.useRealTimers();
  }
});

test("a request with a signal that cannot be written fails alone", async () => {
  const { inbox, transactions } = anInbox(0, (ids) =>
    ids.includes("bad") ? Object.assign(new Error("no"), { code: "22P05" }) : undefined,
  );
  const ingest = ingestOf(inbox);
  const results = await Promise.allSettled([ingest.take([reading("a")]), ingest.take([reading("bad")]), ingest.take([reading("b")])]);
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(transactions).toEqual([["a", "bad", "b"], ["a"], ["bad"], ["b"]]);
});

test("an unavailable database fails all requests at once, without a retry of each", async () => {
  const { inbox, transactions } = anInbox(0, () => Object.assign(new Error("gone"), { code: "57P01" }));
  const ingest = ingestOf(inbox);
  const results = await Promise.allSettled([ingest.take([reading("a")]), ingest.take([reading("b")])]);
  for (const result of results) expect(result).toMatchObject({ status: "rejected", reason: { code: "STORE_FAILED" } });
  expect(transactions).toHaveLength(1);
});

test("back-pressure: above the limit of undecided signals a request is refused with a retry delay", async () => {
  const { inbox, transactions } = anInbox(10);
  const refusal = await ingestOf(inbox)
    .take([reading("a")])
    .catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(SentientError);
  expect(refusal).toMatchObject({ code: "OVERLOADED", details: { retryAfterSeconds: 5 } });
  expect(transactions).toEqual([]);
});

test.each(["backlog", "accept"] as const)(
  "while the database does not answer %s, a bounded number of signals waits in memory, and is written once it does",
  async (call) => {
    const { inbox, arrivals } = anInbox();
    let answer = (): void => {};
    const away = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const slow = { ...inbox, [call]: (given: never) => away.then((): Promise<unknown> => inbox[call](given)) } as Inbox;
    const ingest = createIngest({ inbox: slow, now: () => NOW, channels: CHANNELS, onAccepted: () => {} });
    const request = (n: number) => Array.from({ length: 500 }, (_, m) => reading(`${n}-${m}`));
    const waiting = Array.from({ length: 20 }, (_, n) => ingest.take(request(n)));
    await expect(ingest.take([reading("late")])).rejects.toMatchObject({ code: "OVERLOADED" });
    answer();
    await Promise.all(waiting);
    await expect(ingest.take([reading("later")])).resolves.toMatchObject({ accepted: 1 });
    expect(arrivals).toHaveLength(10_001);
  },
);

test("back-pressure: concurrent requests together stay within the limit", async () => {
  const { inbox, arrivals } = anInbox();
  const ingest = ingestOf(inbox);
  const results = await Promise.allSettled(Array.from({ length: 15 }, (_, n) => ingest.take([reading(`${n}`)])));
  expect(results.map(({ status }) => status)).toEqual([...Array(10).fill("fulfilled"), ...Array(5).fill("rejected")]);
  expect(arrivals).toHaveLength(10);
});

test("a signal without a time takes its time of arrival, and one dated far ahead is refused", async () => {
  const { inbox, arrivals } = anInbox();
  const ahead = new Date(NOW + DAY + 1).toISOString();
  const result = await ingestOf(inbox).take([reading("now"), reading("ahead", { time: ahead })]);
  expect(result.rejected).toMatchObject([{ index: 1, error: `time: ${ahead} is more than 24 hours ahead` }]);
  expect(arrivals).toMatchObject([{ id: "now", time: NOW, receivedAt: NOW }]);
});

test("asks and changes of a stage are not sent; the rest of the batch is accepted", async () => {
  const { inbox, arrivals } = anInbox();
  const result = await ingestOf(inbox).take([
    reading("ask", { type: "sentient.ask", data: { customer: "c-1", channel: "web" } }),
    reading("stage", { type: "stage.changed", data: { to: "active" } }),
    reading("own", { type: "constructor" }),
  ]);
  expect(result).toEqual({
    ...{ accepted: 1, duplicates: 0 },
    rejected: [
      {
        ...{ index: 0, code: "BAD_INPUT" },
        error: "type: sentient.ask is not sent, because its answer is waited for; ask with POST /v1/next",
      },
      {
        index: 1,
        code: "BAD_INPUT",
        error: "type: stage.changed is not sent; a stage follows from the record by the conditions in stages",
      },
    ],
  });
  expect(arrivals.map(({ id }) => id)).toEqual(["own"]);
});

test.each([
  ["customer.consent", { channel: "sms", status: "revoked" }, { channels: ["sms"], status: "revoked" }],
  ["customer.consent", { channel: "sms", status: "granted" }, { channels: ["sms"], status: "granted" }],
  ["delivery.unsubscribed", { deliveryId: "d-1" }, { status: "revoked", channels: ["sms", "email", "*"], deliveryId: "d-1" }],
  ["delivery.unsubscribed", { deliveryId: "d-1", channel: "SMS" }, { status: "revoked", channels: ["sms"], deliveryId: "d-1" }],
  ["delivery.complained", { deliveryId: "d-1" }, undefined],
])("consent in %s with %j: %j", async (type, data, consent) => {
  const { inbox, arrivals } = anInbox();
  await ingestOf(inbox).take([reading("a", { type, data })]);
  expect(arrivals[0]?.consent).toEqual(consent);
});

test.each([
  ["an hour", HOUR],
  ["a second", SECOND],
  ["a millisecond", 1],
  ["a day", DAY],
])("B11: after the clock was set back %s with no backlog, signals are accepted", async (_, ms) => {
  let waiting = 10;
  let clock = NOW;
  const inbox = { ...anInbox().inbox, backlog: async () => waiting };
  const ingest = createIngest({ inbox, now: () => clock, channels: CHANNELS, onAccepted: () => {}, maxWaiting: 10 });
  await expect(ingest.take([reading("a")])).rejects.toMatchObject({ code: "OVERLOADED" });
  waiting = 0;
  clock -= ms;
  expect(await ingest.take([reading("a")])).toMatchObject({ accepted: 1 });
});

const NO = { type: "customer.consent", data: { channel: "sms", status: "revoked" } };

test("B7: under back-pressure opt-outs are accepted, alone or among other signals, which are listed as refused", async () => {
  const { inbox, arrivals } = anInbox(10);
  const ingest = ingestOf(inbox);
  await expect(
    ingest.take([reading("no", NO), reading("left", { type: "delivery.unsubscribed", data: { channel: "sms" } })]),
  ).resolves.toEqual({
    ...{ accepted: 2, duplicates: 0, rejected: [] },
  });
  const mixed = await ingest.take([reading("a"), reading("other no", NO), reading("b")]).catch((error: unknown) => error);
  expect(mixed).toMatchObject({
    code: "OVERLOADED",
    details: {
      ...{ retryAfterSeconds: 5, accepted: 1 },
      rejected: [0, 2].map((index) => ({ index, code: "OVERLOADED", error: expect.stringContaining("try again later") })),
    },
  });
  expect(arrivals.map(({ id }) => id)).toEqual(["no", "left", "other no"]);
});

test("B7: opt-outs have a memory limit of their own", async () => {
  const { inbox, arrivals } = anInbox();
  let answer = (): void => {};
  const away = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const slow = { ...inbox, accept: (given: never) => away.then(() => inbox.accept(given)) } as Inbox;
  const ingest = createIngest({ inbox: slow, now: () => NOW, channels: CHANNELS, onAccepted: () => {} });
  const request = (n: number, more: object = {}) => Array.from({ length: 1_000 }, (_, m) => reading(`${n}-${m}`, more));
  const others = Array.from({ length: 10 }, (_, n) => ingest.take(request(n)));
  await new Promise((resolve) => setImmediate(resolve));
  await expect(ingest.take([reading("late")])).rejects.toMatchObject({ code: "OVERLOADED" });
  const noes = Array.from({ length: 20 }, (_, n) => ingest.take(request(100 + n, NO)));
  await expect(ingest.take([reading("one too many", NO)])).rejects.toMatchObject({ code: "OVERLOADED" });
  answer();
  await Promise.all([...others, ...noes]);
  expect(arrivals).toHaveLength(30_000);
  await expect(ingest.take([reading("later", NO)])).resolves.toMatchObject({ accepted: 1 });
});
