import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { AskAnswer } from "../../domain/entities/ask.ts";
import { HOUR, MINUTE } from "../../domain/values/time.ts";
import { importCustomers, readCustomerText } from "../../intake/import-customers.ts";
import { createRuntime, type Runtime } from "../../runtime/create-runtime.ts";
import { silentLog } from "../../telemetry/log.ts";
import { at } from "../../testing/builders.ts";
import { policyOf } from "../../testing/policy.ts";
import { type Answered, type AskComing, AskDesk } from "./ask-desk.ts";
import { readAsk } from "./new-ask.ts";

const policy = policyOf(
  `
  timezone: UTC
  channels: {web: {kind: pull, places: [hero, banner]}, tool: {kind: pull, hold: 10m}, kiosk: {kind: pull}}
  moments: {basket: {on: basket.left, expires: 7d}}
  learning: {explore: none}
  `,
  [
    "id: welcome\nserves: [asking]\nchannels: {web: {content: {headline: 'Hello from {{ ask.context.page }}'}}}",
    "id: told\nserves: [asking]\nchannels: {kiosk: {content: {say: Hello}, variants: {long: {content: {say: Good day}, locales: {de: {content: {say: Guten Tag}}}}, short: {}}}}",
    "id: basket\nserves: [basket]\nvalue: 9\nchannels: {web: {content: {headline: Your basket}}, tool: {content: {subject: Your basket}}}",
  ],
);

const NOON = at("2026-06-02T12:00:00Z");
let runtime: Runtime;
let desk: AskDesk;
let clock = NOON;
beforeAll(async () => {
  runtime = await createRuntime({ policy, live: true, now: () => clock, standIn: () => {} });
  const { store, decider } = runtime;
  desk = new AskDesk({ store, decider, now: () => clock, newId: randomUUID, log: silentLog });
});
beforeEach(async () => {
  clock = NOON;
  await runtime.store.clear();
});
afterAll(() => runtime.close());

interface Given {
  readonly id?: string;
  readonly channel?: string;
  readonly places?: readonly string[];
}

/** An ask as a server takes it. */
function coming(customerId: string, { id = randomUUID(), channel = "web", places = ["hero", "banner"] }: Given = {}): AskComing {
  const read = readAsk({ customer: customerId, channel, places: [...places], context: { page: "home" } });
  return { read, source: "ask:site", id, customerId, at: clock };
}

const ask = (customerId: string, given: Given = {}): Promise<Answered> => desk.enter(coming(customerId, given)).answered;

/** Another process leases a customer for an hour. */
async function holdElsewhere(customerId: string): Promise<void> {
  const lease = { owner: "another", leaseMs: HOUR, now: clock };
  const {
    asks: [held],
  } = await runtime.store.asks.open([{ source: "another", id: randomUUID(), customerId }], lease);
  expect(held).toMatchObject({ isLeased: true });
}

async function answerTo(customerId: string, given: Given = {}): Promise<AskAnswer> {
  const answered = await ask(customerId, given);
  if (answered.outcome !== "answered") throw new Error(answered.outcome);
  // Until the lease is given back.
  await desk.settled();
  return answered.answer;
}

const rows = async (sql: string) => (await runtime.store.database.pool.query(sql)).rows;

test("one decision a place, in the order asked, together in one transaction; an experience is given at most once an answer", async () => {
  const answer = await answerTo("c-1", { places: ["banner", "hero"] });
  expect(answer).toMatchObject({
    customerId: "c-1",
    decidedAt: "2026-06-02T12:00:00Z",
    late: false,
    places: {
      banner: { action: "deliver", experienceId: "welcome", content: { headline: "Hello from home" }, again: false, probability: 1 },
      hero: { action: "silence", again: false },
    },
  });
  expect(Object.keys(answer.places)).toEqual(["banner", "hero"]);
  expect(await rows("select record->'wake'->>'place' as place, action from decisions order by seq")).toEqual([
    { place: "banner", action: "deliver" },
    { place: "hero", action: "silence" },
  ]);
  expect(await rows("select status, content, asked->>'place' as place from deliveries")).toEqual([
    { status: "sent", content: { headline: "Hello from home" }, place: "banner" },
  ]);
  expect(await rows("select type, source from signals")).toEqual([{ type: "sentient.ask", source: "ask:site" }]);
});

test("the answer is durable: a repeated ask of the same key writes nothing, and its answer is kept", async () => {
  const answer = await answerTo("c-1", { id: "a-1" });
  expect(await ask("c-1", { id: "a-1" })).toMatchObject({ outcome: "repeated", known: { answer } });
  expect(await runtime.store.asks.find({ source: "ask:site", id: "a-1" })).toMatchObject({ customerId: "c-1", late: false, answer });
  expect(await rows("select count(*)::int as n from decisions")).toEqual([{ n: 2 }]);
});

test("asking again within half an hour gives the same delivery with its content; after that, a new one", async () => {
  const first = (await answerTo("c-1", { places: ["hero"] })).places.hero;
  clock += 29 * MINUTE;
  const { decisionId: _another, ...again } = (await answerTo("c-1", { places: ["hero"] })).places.hero ?? {};
  expect(again).toMatchObject({ action: "deliver", deliveryId: first?.deliveryId, again: true, content: first?.content, probability: 1 });
  clock += 1 * MINUTE;
  expect((await answerTo("c-1", { places: ["hero"] })).places.hero).toMatchObject({ action: "deliver", again: false });
  expect(await rows("select count(*)::int as n from deliveries")).toEqual([{ n: 2 }]);
});

test("late: who commits first wins, and an ask that is late is never decided", async () => {
  const signal = (id: string) => ({
    ...{ seq: 900, source: "ask:site", id, type: "sentient.ask", customerId: "c-1", time: clock, receivedAt: clock, bodyHash: "h" },
    event: { specversion: "1.0", id, source: "ask:site", type: "sentient.ask", subject: "c-1", data: { customer: "c-1", channel: "web" } },
  });
  expect(await runtime.store.asks.markLate([{ signal: signal("l-1"), channel: "web" }])).toEqual([true]);
  expect(await ask("c-1", { id: "l-1" })).toMatchObject({ outcome: "repeated", known: { late: true } });
  expect(await rows("select event->'late' as late from signals")).toEqual([{ late: true }]);
  expect(await rows("select count(*)::int as n from decisions")).toEqual([{ n: 0 }]);
  await answerTo("c-1", { id: "l-2" });
  expect(await runtime.store.asks.markLate([{ signal: signal("l-2"), channel: "web" }])).toEqual([false]);
});

test("a customer whom another process holds is waited for; what came before the ask is decided first; a held delivery is handed over by nobody", async () => {
  const { store } = runtime;
  await holdElsewhere("c-1");
  const waiting = answerTo("c-1", { places: ["hero"] });
  await store.leases.release(["c-1"], "another");
  expect((await waiting).places.hero).toMatchObject({ experienceId: "welcome" });
  const event = { specversion: "1.0", id: "s-1", source: "shop", type: "basket.left", subject: "c-1", data: {} };
  const arrival = { customerId: "c-1", identities: [], time: clock, receivedAt: clock, bodyHash: "b", event };
  await store.inbox.accept([{ source: "shop", id: "s-1", type: "basket.left", ...arrival }]);
  const { main } = (await answerTo("c-1", { channel: "tool", places: ["main"] })).places;
  expect(main).toMatchObject({ action: "deliver", experienceId: "basket", holdUntil: "2026-06-02T12:10:00Z" });
  const held = await rows("select status, settled_at from deliveries where channel = 'tool'");
  expect(held).toEqual([{ status: "reserved", settled_at: null }]);
  clock += HOUR;
  const claim = { owner: "me", leaseMs: 1_000, limit: 10, now: clock, reservedBefore: clock };
  expect([await store.deliveries.open(), await store.leases.claimStranded(claim)]).toEqual([[], []]);
  expect((await store.deliveries.claim([main?.deliveryId ?? ""], "x", clock)).going.size).toBe(0);
  expect(await rows("select status, settled_at from deliveries where channel = 'tool'")).toEqual(held);
});

test("asks of one customer and of many are answered together, each once; one that is given up is not decided", async () => {
  const { store } = runtime;
  const answers = await Promise.all([...Array.from({ length: 40 }, (_, n) => ask(`c-${n}`)), ask("c-1"), ask("c-1")]);
  await desk.settled();
  expect(answers.map(({ outcome }) => outcome)).toEqual(answers.map(() => "answered"));
  expect(await rows("select count(*)::int as n from deliveries")).toEqual([{ n: 40 }]);
  await holdElsewhere("c-0");
  desk.enter(coming("c-0", { id: "given-up" })).giveUp();
  await store.leases.release(["c-0"], "another");
  await answerTo("c-0");
  expect(await store.asks.find({ source: "ask:site", id: "given-up" })).toBeUndefined();
});

test("an ask that is given up while it is being decided is not written; those beside it are answered", async () => {
  const { store, decider } = runtime;
  const giveUp: (() => void)[] = [];
  const answer: typeof decider.answer = (asks, ...more) => {
    for (const one of giveUp) one();
    return decider.answer(asks, ...more);
  };
  const beside = new AskDesk({ store, decider: { ...decider, answer }, now: () => clock, newId: randomUUID, log: silentLog });
  giveUp.push(beside.enter(coming("c-1")).giveUp);
  expect(await beside.enter(coming("c-2")).answered).toMatchObject({ outcome: "answered", answer: { customerId: "c-2" } });
  await beside.settled();
  expect(await rows("select customer_id from asks")).toEqual([{ customer_id: "c-2" }]);
  expect(await rows("select distinct customer_id from decisions")).toEqual([{ customer_id: "c-2" }]);
});

test("an answer ends the lease of its customer in the transaction that writes it", async () => {
  const { store, decider } = runtime;
  const leases = { ...store.leases, release: () => Promise.reject(new Error("the lease was not ended before")) };
  const beside = new AskDesk({ store: { ...store, leases }, decider, now: () => clock, newId: randomUUID, log: silentLog });
  expect(await beside.enter(coming("c-1")).answered).toMatchObject({ outcome: "answered" });
  expect(await rows("select customer_id from lanes where until > clock_timestamp()")).toEqual([]);
});

test("what came before an ask and cannot be decided makes it wait; the asks of others are answered", async () => {
  const { store } = runtime;
  const event = { specversion: "1.0", id: "s-2", source: "shop", type: "basket.left", subject: "c-1", data: {} };
  const arrival = { customerId: "c-1", identities: [], time: clock, receivedAt: clock, bodyHash: "b", event };
  await store.inbox.accept([{ source: "shop", id: "s-2", type: "basket.left", ...arrival }]);
  // A run that no statement can write.
  await runtime.store.database.pool.query(
    "alter table runs add constraint poison check (wake->>'signalId' is distinct from 's-2') not valid",
  );
  const blocked = ask("c-1", { channel: "tool", places: ["main"] });
  const other = await ask("c-2");
  expect(other).toMatchObject({ outcome: "answered" });
  await runtime.store.database.pool.query("alter table runs drop constraint poison");
  expect(await blocked).toMatchObject({ outcome: "answered", answer: { places: { main: { experienceId: "basket" } } } });
});

test("an answer says its variant and its locale, and its content is that, within the content of the place", async () => {
  const { store } = runtime;
  const pulled = async (customerId: string) => (await answerTo(customerId, { channel: "kiosk", places: ["main"] })).places.main;
  expect(await pulled("c-1")).toMatchObject({ variant: "long", locale: "default", content: { say: "Good day" } });
  await importCustomers(readCustomerText(JSON.stringify({ id: "c-2", traits: { locale: "de-AT" } })).lines, NOON, store, policy);
  expect(await pulled("c-2")).toMatchObject({ variant: "long", locale: "de", content: { say: "Guten Tag" } });
  expect(await pulled("c-2")).toMatchObject({ again: true, variant: "long", locale: "de", content: { say: "Guten Tag" } });
  expect(await rows("select customer_id, variant, locale from deliveries order by customer_id")).toEqual([
    { customer_id: "c-1", variant: "long", locale: "default" },
    { customer_id: "c-2", variant: "long", locale: "de" },
  ]);
  expect(await store.people.export("c-2")).toMatchObject({ deliveries: [{ variant: "long", locale: "de" }] });
});
