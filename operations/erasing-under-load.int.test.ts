import { setTimeout } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import type { ServiceOptions } from "../runtime/service.ts";
import { TABLES_OF_PEOPLE } from "../store/reading/operations-people.ts";
import { orphansIn } from "../testing/orphans.ts";
import { policyOf } from "../testing/policy.ts";
import { type Engine, engines, openTestService, type Place, type TestService, until } from "../testing/service.ts";

const policy = policyOf(
  "channels: {box: {kind: file}}\nmoments: {m: {on: go, expires: 30d}}\ngovernance: {caps: [{id: daily, max: 3, window: 24h}]}",
  ["serves: [m]\nchannels: {box: {text: Hello}}"],
);

const OLGA = { by: "olga" };

let opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.reverse()) await close();
  opened = [];
});

async function placeOn(engine: Engine): Promise<Place> {
  const place = await engine.place();
  opened.push(() => place.remove());
  return place;
}

async function serviceAt(place: Place, more: Partial<ServiceOptions> = {}): Promise<TestService> {
  const running = await openTestService(policy, place, more);
  opened.push(() => running.close());
  return running;
}

/** Tables with personal data; leases of a worker expire within an hour. */
async function tablesWith(ids: readonly string[], { rows }: TestService): Promise<string[]> {
  const tables = (await rows<{ name: string }>(TABLES_OF_PEOPLE)).filter(({ name }) => name !== "lanes");
  const found = await Promise.all(
    tables.map(async ({ name }) => ({ name, held: await rows(`select 1 from "${name}" where customer_id = any($1::text[])`, [ids]) })),
  );
  return found.filter(({ held }) => held.length > 0).map(({ name }) => name);
}

describe.each(engines)("erasure while signals are decided, on $name", (engine) => {
  test("leaves no row of the customers, known before or not", async () => {
    const place = await placeOn(engine);
    const running = await serviceAt(place, { concurrency: 2 });
    if (engine.name !== "embedded") await serviceAt(place, { concurrency: 2 });
    const ids = Array.from({ length: 60 }, (_, n) => `c-${n}`);
    const one = (id: string, n: number) => running.signal("go", id, { identities: [{ type: "email", value: `${id}-${n}@example.org` }] });
    await Promise.all(ids.slice(0, 20).map((id) => one(id, 0)));
    await running.settled();
    const erased = ids.map(async (id, n) => {
      await Promise.all([one(id, 1), one(id, 2), one(id, 3)]);
      // Erasures begin while batches of others are at every stage of processing.
      await setTimeout(n * 5);
      await running.service.operations.customers.erase({ id }, OLGA);
    });
    await Promise.all([...erased, one("stays", 1), one("stays", 2), one("stays", 3)]);
    await running.settled();
    expect(await tablesWith(ids, running)).toEqual([]);
    expect(await orphansIn(running.rows)).toEqual([]);
    expect(await running.decisions("stays")).toHaveLength(3);
  });
});

describe.each(engines.filter(({ name }) => name === "PostgreSQL"))(
  "erasure between two statements of another transaction, on $name",
  (engine) => {
    /** Locks a table against all writers. */
    async function holding(table: string, { service }: TestService) {
      const client = await service.store.database.pool.connect();
      await client.query("begin");
      await client.query(`lock table ${table} in exclusive mode`);
      const [{ pid } = { pid: 0 }] = (await client.query<{ pid: number }>("select pg_backend_pid() as pid")).rows;
      return {
        pid,
        async letGo() {
          await client.query("rollback");
          client.release();
        },
      };
    }
    const waitingFor = async (pid: number, { rows }: TestService): Promise<number[]> =>
      (await rows<{ pid: number }>("select pid from pg_stat_activity where $1::int = any(pg_blocking_pids(pid))", [pid])).map(
        (row) => row.pid,
      );
    /** The transactions blocked by the lock, once there are any. */
    async function waiterOf(pid: number, running: TestService): Promise<number> {
      await until(async () => (await waitingFor(pid, running)).length > 0, "somebody who waits");
      return (await waitingFor(pid, running))[0] ?? 0;
    }
    /** Resolves when the work is done, or blocked by a transaction. */
    async function isDoneOrWaits(work: Promise<unknown>, pid: number, running: TestService): Promise<void> {
      let isDone = false;
      const done = work.finally(() => {
        isDone = true;
      });
      done.catch(() => {});
      await until(async () => isDone || (await waitingFor(pid, running)).length > 0, "the work or who holds it up");
    }

    test("that writes the first record of a customer leaves nothing behind", async () => {
      const running = await serviceAt(await placeOn(engine));
      const held = await holding("identities", running);
      await running.signal("go", "new", { identities: [{ type: "email", value: "new@example.org" }] });
      const worker = await waiterOf(held.pid, running);
      const erasing = running.service.operations.customers.erase({ id: "new" }, OLGA);
      await until(
        async () => (await waitingFor(held.pid, running)).length + (await waitingFor(worker, running)).length > 1,
        "the erasure to wait",
      );
      await held.letGo();
      await erasing;
      await running.settled();
      expect(await tablesWith(["new"], running)).toEqual([]);
      expect(await orphansIn(running.rows)).toEqual([]);
    });

    test("that wakes customers kept back by a pause leaves no timer", async () => {
      const running = await serviceAt(await placeOn(engine));
      const { operations } = running.service;
      await operations.pauses.pause({ target: { scope: "all" } }, OLGA);
      await running.signal("go", "kept");
      await running.settled();
      const held = await holding("erasures", running);
      const erasing = operations.customers.erase({ id: "kept" }, OLGA);
      const eraser = await waiterOf(held.pid, running);
      const resuming = operations.pauses.resume({ target: { scope: "all" } }, OLGA);
      await isDoneOrWaits(resuming, eraser, running);
      await held.letGo();
      await Promise.all([erasing, resuming]);
      expect(await tablesWith(["kept"], running)).toEqual([]);
      expect(await orphansIn(running.rows)).toEqual([]);
    });

    test("that moves a merged customer's signals leaves none", async () => {
      const running = await serviceAt(await placeOn(engine), { concurrency: 0 });
      const { store } = running.service;
      await running.rows("insert into customers (customer_id, origin, created_at) values ('one', '{}', now()), ('other', '{}', now())");
      await running.rows(
        `insert into links (customer_id, into_id, root_id, at, source, signal_id, before) values ('one', 'other', 'other', now(), 'test', 's', '{}')`,
      );
      await running.rows("insert into timers (customer_id, key, name, due) values ('one', 'judge', 'review', now() - interval '1 minute')");
      const held = await holding("erasures", running);
      const erasing = store.people.erase("other", { at: Date.now(), by: "olga", customerHash: "h", addressHashes: [], addresses: [] });
      const eraser = await waiterOf(held.pid, running);
      const looking = store.leases.next(["one"], Date.now());
      await isDoneOrWaits(looking, eraser, running);
      await held.letGo();
      await Promise.all([erasing, looking]);
      expect(await tablesWith(["other"], running)).toEqual([]);
      expect(await orphansIn(running.rows)).toEqual([]);
    });
  },
);
