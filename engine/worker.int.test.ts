import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { customerOf } from "../domain/entities/wake.ts";
import { HOUR, MINUTE, SECOND } from "../domain/values/time.ts";
import { createIngest } from "../intake/ingest.ts";
import { createVacuum } from "../operations/vacuum.ts";
import { createRuntime, type Runtime } from "../runtime/create-runtime.ts";
import { silentLog } from "../telemetry/log.ts";
import { policyOf } from "../testing/policy.ts";
import { engines, type Place } from "../testing/service.ts";
import type { Decider } from "./decide.ts";
import { createReconciler } from "./reconcile.ts";
import { createWorker } from "./worker.ts";

const policy = policyOf("moments: {m: {on: go, expires: 30d}}");

describe.each(engines)("on $name", (engine) => {
  let place: Place | undefined;
  let opened: Runtime | undefined;
  let clock = 0;
  const now = (): number => Date.now() + clock;
  const on = (): Runtime => {
    if (!opened) throw new Error("the runtime is not open");
    return opened;
  };
  const rows = async (sql: string) => (await on().store.database.pool.query(sql)).rows;

  beforeAll(async () => {
    place = await engine.place();
    const { databaseUrl, redisUrl } = place;
    const where = { ...(databaseUrl === undefined ? {} : { databaseUrl }), ...(redisUrl === undefined ? {} : { redisUrl }) };
    opened = await createRuntime({ policy, live: true, now, standIn: () => {}, ...where });
  });
  beforeEach(async () => {
    clock = 0;
    await on().store.clear();
  });
  afterAll(async () => {
    await opened?.close();
    await place?.remove();
  });

  const signals = (...customers: readonly string[]) =>
    createIngest({ inbox: on().store.inbox, now, channels: {}, onAccepted: () => {} }).take(
      customers.map((subject) => ({ ok: true, event: { specversion: "1.0", id: randomUUID(), source: "test", type: "go", subject } })),
    );
  const workerWith = (decider: Decider = on().decider, tries = 3) =>
    createWorker({ store: on().store, decider, now, newId: randomUUID, log: silentLog, concurrency: 1, tries });
  const failingFor = (customerId: string, error: Error): Decider => ({
    ...on().decider,
    async decide(wakes, options) {
      if (wakes.some(({ wake }) => customerOf(wake) === customerId)) throw error;
      return on().decider.decide(wakes, options);
    },
  });
  const isFree = () => rows("update lanes set until = clock_timestamp() - interval '1 second'");

  test("a poison signal does not block others, is retried, and becomes a dead letter with its reason", async () => {
    await signals("good", "bad", "fine");
    const worker = workerWith(failingFor("bad", new TypeError("no such thing")));
    await worker.drain();
    expect(await rows("select customer_id from signals order by 1")).toEqual([{ customer_id: "fine" }, { customer_id: "good" }]);
    expect(await rows("select error->>'name' as name, dead_at is null as waits from inbox")).toEqual([{ name: "TypeError", waits: true }]);
    for (let attempt = 2; attempt <= 3; attempt++) {
      await isFree();
      await worker.drain();
    }
    expect((await on().store.dead.list({})).rows).toMatchObject([{ customerId: "bad", tries: 3 }]);
    await signals("bad");
    await isFree();
    await workerWith().drain();
    expect(await rows("select count(*)::int as n from signals where customer_id = 'bad'")).toEqual([{ n: 1 }]);
    const { rows: dead } = await on().store.dead.list({});
    const entry = { at: now(), by: "olga", action: "dead.revived", target: "x", details: {} };
    expect(await on().store.dead.revive(dead, () => entry)).toHaveLength(1);
    await workerWith().drain();
    expect(await rows("select count(*)::int as n from signals where customer_id = 'bad'")).toEqual([{ n: 2 }]);
  });

  test("a lost connection costs a signal no attempt", async () => {
    await signals("bad");
    await workerWith(failingFor("bad", Object.assign(new Error("gone"), { code: "57P01" })), 1).drain();
    expect(await rows("select attempts, dead_at from inbox")).toEqual([{ attempts: 0, dead_at: null }]);
  });

  test("a poison timer becomes a dead letter too", async () => {
    await signals("tim");
    await workerWith().drain();
    await rows(
      "insert into timers (customer_id, key, name, due) values ('tim', 'judge', 'review', now() - interval '1 minute') on conflict (customer_id, key) do update set due = excluded.due",
    );
    const worker = workerWith(failingFor("tim", new Error("never")), 2);
    for (let attempt = 0; attempt < 2; attempt++) {
      await worker.drain();
      await isFree();
    }
    expect(await rows("select attempts, dead_at is not null as dead from failed_timers")).toEqual([{ attempts: 2, dead: true }]);
    expect(await rows("select key from timers where key = 'judge'")).toEqual([]);
  });

  test("a leased customer cannot be claimed until the lease expires", async () => {
    await signals("ann", "ann");
    const { leases } = on().store;
    const claim = async (owner: string) => (await leases.claim({ owner, leaseMs: 60_000, now: now(), limit: 10 })).customerIds;
    expect([await claim("a"), await claim("b")]).toEqual([["ann"], []]);
    await leases.release(["ann"], "b");
    expect(await claim("b")).toEqual([]);
    await leases.renew(["ann"], "a", -1);
    expect(await claim("b")).toEqual(["ann"]);
  });

  test("a claim first ends leases of its owner, whose customers it may claim at once", async () => {
    await signals("ann", "ben", "ann");
    const claim = async (owner: string, ended: readonly string[] = []) =>
      [...(await on().store.leases.claim({ owner, leaseMs: 60_000, now: now(), limit: 10, ended })).customerIds].sort();
    expect(await claim("a")).toEqual(["ann", "ben"]);
    expect(await claim("b", ["ann"])).toEqual([]);
    expect(await claim("a", ["ann"])).toEqual(["ann"]);
  });

  test("a decided signal that comes again is a duplicate, and waits for nobody", async () => {
    const { inbox } = on().store;
    const ingest = createIngest({ inbox, now, channels: {}, onAccepted: () => {} });
    const take = (...ids: readonly string[]) =>
      ingest.take(ids.map((id) => ({ ok: true, event: { specversion: "1.0", id, source: "test", type: "go", subject: "ann" } })));
    await take("once");
    await workerWith().drain();
    expect(await take("once", "new", "new")).toMatchObject({ accepted: 1, duplicates: 2 });
    expect(await inbox.backlog(10)).toBe(1);
  });

  test("a claim reads the next wakes of its customers", async () => {
    await signals("ann", "ben", "ann");
    const { customerIds, next } = await on().store.leases.claim({ owner: "a", leaseMs: 60_000, now: now(), limit: 10 });
    expect([...customerIds].sort()).toEqual(["ann", "ben"]);
    const again = await on().store.leases.next(["ann", "ben"], now());
    expect(again.map(({ customerId, signal }) => [customerId, signal?.attempts])).toEqual([
      ["ann", 0],
      ["ben", 0],
    ]);
    const byCustomer = (wakes: typeof next) => [...wakes].sort((a, b) => (a.customerId < b.customerId ? -1 : 1));
    expect(byCustomer(next)).toEqual(byCustomer(again));
  });

  test.runIf(engine.name === "PostgreSQL and Redis")(
    "a claim leaves a customer who was leased and released since it began: her wake may be decided",
    async () => {
      await signals("ann");
      const { pool } = on().store.database;
      const other = await pool.connect();
      await other.query("begin");
      await other.query("insert into lanes (customer_id, owner, until) values ('ann', 'b', clock_timestamp())");
      const claim = () => on().store.leases.claim({ owner: "a", leaseMs: 60_000, now: now(), limit: 10 });
      const claiming = claim();
      const waits = "select count(*)::int as n from pg_stat_activity where wait_event_type = 'Lock' and query like '%by_signal%'";
      while ((await rows(waits))[0]?.n === 0) await new Promise((resolve) => setImmediate(resolve));
      await other.query("update lanes set until = clock_timestamp(), since = clock_timestamp() where customer_id = 'ann'");
      await other.query("commit");
      other.release();
      expect((await claiming).customerIds).toEqual([]);
      expect((await claim()).customerIds).toEqual(["ann"]);
    },
  );

  test("B11: a lease from before the database's clock went back does not block a claim", async () => {
    await signals("ann");
    const { leases } = on().store;
    const claim = async (owner: string) => (await leases.claim({ owner, leaseMs: 60_000, now: now(), limit: 10 })).customerIds;
    await rows(
      "insert into lanes (customer_id, owner, until, since) values ('ann', 'gone', now() + interval '61 minutes', now() + interval '1 hour')",
    );
    expect([await claim("a"), await claim("b")]).toEqual([["ann"], []]);
  });

  test("two workers share the customers, and each customer's signals are decided in the order of their arrival", async () => {
    const customers = Array.from({ length: 30 }, (_, n) => `c-${n}`);
    await signals(...customers, ...customers, ...customers);
    const seen: { customerId: string; seq: number; began: number; ended: number }[] = [];
    const watching: Decider = {
      ...on().decider,
      async decide(wakes, options) {
        const began = performance.now();
        const done = await on().decider.decide(wakes, options);
        for (const { signal } of done)
          if (signal) seen.push({ customerId: signal.customerId, seq: signal.seq, began, ended: performance.now() });
        return done;
      },
    };
    await Promise.all([workerWith(watching).drain(), workerWith(watching).drain()]);
    await workerWith(watching).drain();
    expect(seen).toHaveLength(90);
    for (const customerId of customers) {
      const own = seen.filter((one) => one.customerId === customerId);
      expect(own.map(({ seq }) => seq)).toEqual(own.map(({ seq }) => seq).sort((a, b) => a - b));
      for (const [index, { began }] of own.entries()) expect(began).toBeGreaterThanOrEqual(own[index - 1]?.ended ?? 0);
    }
  });

  test("B11: deliveries stranded before the clock went back an hour are carried out", async () => {
    await signals("left");
    await workerWith().drain();
    await rows("update deliveries set status = 'reserved', settled_at = null");
    clock = -HOUR;
    await createReconciler({ catalogue: on().catalogue, decider: on().decider, log: silentLog }).look();
    expect(await rows("select status from deliveries")).toEqual([{ status: "sent" }]);
  });

  test("the vacuum removes expired leases and keeps current ones", async () => {
    await rows("insert into lanes values ('old', 'x', now() - interval '2 hours'), ('new', 'x', now() + interval '1 minute')");
    await createVacuum({ store: on().store, log: silentLog }).run();
    expect(await rows("select customer_id from lanes")).toEqual([{ customer_id: "new" }]);
  });

  test("a dead process's reserved deliveries are carried out, and its sends in flight become uncertain", async () => {
    await signals("left", "cut", "held");
    await workerWith().drain();
    await rows("update deliveries set status = 'reserved', settled_at = null where customer_id in ('left', 'held')");
    await rows(`update deliveries set status = 'sending', claimed_at = now(), settled_at = null where customer_id = 'cut'`);
    await rows(
      "insert into lanes values ('held', 'somebody', now() + interval '1 hour') on conflict (customer_id) do update set until = excluded.until",
    );
    const reconciler = createReconciler({ catalogue: on().catalogue, decider: on().decider, log: silentLog });
    const statuses = () => rows("select customer_id, status from deliveries order by 1");
    await reconciler.look();
    expect(await statuses()).toMatchObject([{ status: "sending" }, { status: "reserved" }, { status: "reserved" }]);
    clock = 11 * SECOND;
    await reconciler.look();
    expect(await statuses()).toMatchObject([{ status: "sending" }, { status: "reserved" }, { status: "sent" }]);
    clock = 2 * MINUTE;
    await reconciler.look();
    expect(await statuses()).toMatchObject([{ status: "uncertain" }, { status: "reserved" }, { status: "sent" }]);
  });
});
