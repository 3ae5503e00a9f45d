import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { seededRandom } from "../../domain/values/random.ts";
import { createDeliveries } from "../deliveries.ts";
import type { Database, Pool, PoolClient, Queryable } from "../engines/database.ts";
import { transaction } from "../engines/database.ts";
import { migrate } from "../migrations/migrate.ts";
import { createStore, type Store } from "../store.ts";
import { aCommit, aDelivery, aNewCustomer, load, NOON, reserve, revoked } from "./examples.contract.ts";

const ROUNDS = { embedded: 30, postgres: 200 } as const;

/** The contract of both engines below the store: isolated transactions, concurrent migrations, locks. */
export function databaseContract(store: () => Store): void {
  const database = (): Database => store().database;

  test("fifty concurrent transactions are isolated and do not deadlock", async () => {
    await store().commit([], { counter: 0 });
    const inside = new Set<number>();
    let most = 0;
    const add = (n: number) =>
      transaction(database().pool, async (db) => {
        await db.query("select 1");
        inside.add(n);
        most = Math.max(most, inside.size);
        const { rows } = await db.query<{ value: number }>("select value from settings where name = 'counter' for update");
        await sleep(n % 3);
        await db.query("update settings set value = to_jsonb($1::int) where name = 'counter'", [(rows[0]?.value ?? Number.NaN) + 1]);
        inside.delete(n);
      });
    await Promise.all(Array.from({ length: 50 }, (_, n) => add(n)));
    expect(await store().setting("counter")).toBe(50);
    // The embedded engine has a single session, which a transaction holds exclusively.
    if (database().kind === "embedded") expect(most).toBe(1);
    else expect(most).toBeGreaterThan(1);
  });

  test("an unflushed commit is visible at once, and the next commit on the same connection is flushed again", async () => {
    const { pool } = database();
    const settings = async () =>
      (await pool.query<{ value: string }>("select current_setting('synchronous_commit') as value")).rows[0]?.value;
    const usual = await settings();
    const seen = await transaction(pool, async (db) => (await db.query("select current_setting('synchronous_commit') as value")).rows, {
      flush: false,
    });
    await store().commit([aCommit(aNewCustomer("c-1"), [revoked("email", 1)])], {}, { flush: false });
    await store().leases.claim({ owner: "me", leaseMs: 1_000, now: NOON, limit: 1 });
    await store().leases.release(["c-1"], "me");
    expect([usual, seen]).toEqual(["on", [{ value: "off" }]]);
    expect((await load(store(), "c-1")).version).toBe(1);
    expect(await Promise.all(Array.from({ length: 12 }, settings))).toEqual(Array.from({ length: 12 }, () => usual));
  });

  test("an instant of any year is read as the number that it was written from, and the server writes that into its statements", async () => {
    const { pool } = database();
    const random = seededRandom("instants");
    const [first, last] = [Date.parse("0001-01-01T00:00:00.000Z"), Date.parse("9999-12-31T23:59:59.999Z")];
    const instants = [first, -1, 0, 1, NOON, last, ...Array.from({ length: 500 }, () => Math.floor(first + random() * (last - first)))];
    const { rows } = await pool.query<{ at: number }>(
      "select to_ms(x.at) as at from unnest($1::timestamptz[]) with ordinality x (at, n) order by n",
      [instants.map((at) => new Date(at).toISOString())],
    );
    expect(rows.map(({ at }) => at)).toEqual(instants);
    expect((await pool.query("select to_ms('infinity') as ends, to_ms('-infinity') as began, to_ms(null) as never")).rows).toEqual([
      { ends: Infinity, began: -Infinity, never: null },
    ]);
    const plan = await pool.query<{ "QUERY PLAN": string }>("explain verbose select to_ms(at) from outcomes");
    expect(plan.rows.map((row) => row["QUERY PLAN"]).join()).not.toContain("to_ms");
  });

  test("a transaction that throws is rolled back and releases its connection", async () => {
    for (let n = 0; n < 30; n++) {
      const failing = transaction(database().pool, async (db) => {
        await db.query("insert into settings (name, value) values ('half', '1')");
        if (n % 2 === 0) throw new Error("on purpose");
        await db.query("select * from there_is_no_such_table");
      });
      await expect(failing).rejects.toThrow(n % 2 === 0 ? "on purpose" : "there_is_no_such_table");
    }
    expect(await store().setting("half")).toBeUndefined();
  });

  test("a transaction is atomic whatever its first statement: none, a failing one, or several in one text", async () => {
    const { pool } = database();
    await transaction(pool, async () => {});
    await transaction(pool, (db) => db.query("select 1 / $1::int", [0])).catch(() => {});
    const leaving = await pool.connect();
    await leaving.query("begin");
    leaving.release();
    const undone = transaction(pool, async (db) => {
      await db.query("insert into settings (name, value) values ('one', '1'); insert into settings (name, value) values ('two', '2')");
      throw new Error("on purpose");
    });
    await expect(undone).rejects.toThrow("on purpose");
    const { rows } = await pool.query("insert into settings (name, value) values ('three', '3') returning name");
    const kept = await pool.query<{ name: string }>("select name from settings where name in ('one', 'two', 'three')");
    expect([rows, kept.rows, kept.rowCount]).toEqual([[{ name: "three" }], [{ name: "three" }], 1]);
  });

  test("a connection released in the middle of a transaction is rolled back before its next use", async () => {
    const client = await database().pool.connect();
    await client.query("begin");
    await client.query("insert into settings (name, value) values ('half', '1')");
    client.release(true);
    expect(await store().setting("half")).toBeUndefined();
    await store().commit([], { whole: 1 });
    expect(await store().setting("whole")).toBe(1);
  });

  test("concurrent migrations are applied once", async () => {
    const { pool } = database();
    try {
      await Promise.all([1, 2, 3].map(() => migrate(database(), "met")));
      const { rows } = await pool.query<{ number: number }>('select number from "met".migrations');
      expect(rows.length).toBeGreaterThan(0);
      expect(new Set(rows.map(({ number }) => number)).size).toBe(rows.length);
    } finally {
      await pool.query('drop schema if exists "met" cascade');
    }
  });

  test("a store migrated by a newer version is refused and left unchanged", async () => {
    const { pool } = database();
    try {
      await migrate(database(), "newer");
      await pool.query(`insert into "newer".migrations (number, name) values (9999, 'from-the-future')`);
      await expect(migrate(database(), "newer")).rejects.toMatchObject({
        code: "STORE_TOO_NEW",
        message: expect.stringMatching(/migration 9999, this version knows up to \d+/),
      });
    } finally {
      await pool.query('drop schema if exists "newer" cascade');
    }
  });

  test("no send begins after the revocation of its consent is written", async () => {
    const random = seededRandom("consent");
    const rounds = ROUNDS[database().kind];
    const outcomes = { went: 0, cancelled: 0 };
    for (let n = 0; n < rounds; n++) {
      const deliveryId = `m-${n}`;
      await reserve(store(), aDelivery(deliveryId));
      const times = await raceOnce(store(), deliveryId, [random() * 4, random() * 4]);
      outcomes[times.went ? "went" : "cancelled"]++;
      // The revocation locked the record only after the claim had committed.
      if (times.went) expect(times.revoking).toBeGreaterThanOrEqual(times.claimed);
      await store().deliveries.settle([{ deliveryId, status: "sent", at: 0 }]);
      expect((await store().deliveries.claim([deliveryId], "again", 0)).going.size).toBe(0);
    }
    // Both outcomes must have occurred, or nothing was tested.
    expect(outcomes.went).toBeGreaterThan(rounds / 20);
    expect(outcomes.cancelled).toBeGreaterThan(rounds / 20);
  });
}

// --- internal ---

interface RaceTimes {
  readonly went: boolean;
  /** The database's clock right before the claim's commit, and right after the revocation has locked the record. */
  readonly claimed: number;
  readonly revoking: number;
}

async function raceOnce(store: Store, deliveryId: string, [beforeClaim, beforeRevoking]: [number, number]): Promise<RaceTimes> {
  const customer = await load(store, `c-${deliveryId}`);
  const times = { claimed: 0, revoking: 0 };
  const { pool } = store.database;
  const claiming = createDeliveries(
    observed(pool, async (text, run, clock) => {
      if (text !== "commit") return run();
      // Gives the other transaction time to interfere if the lock does not block it.
      await sleep(1);
      times.claimed = await clock();
      return run();
    }),
  );
  const revoking = createStore({
    ...store.database,
    pool: observed(pool, async (text, run, clock) => {
      const result = await run();
      if (/update customers/.test(text)) times.revoking = await clock();
      return result;
    }),
  });
  const [taken] = await Promise.all([
    sleep(beforeClaim).then(() => claiming.claim([deliveryId], "me", 0)),
    sleep(beforeRevoking).then(() => revoking.commit([aCommit(customer, [revoked("email", 1)])])),
  ]);
  return { went: taken.going.has(deliveryId), ...times };
}

type Observe = (text: string, run: () => Promise<never>, clock: () => Promise<number>) => Promise<never>;

/** Wraps the pool: every statement of a transaction goes through `observe`. */
function observed(pool: Pool, observe: Observe): Pool {
  const watched = Object.create(pool) as Pool;
  watched.connect = async () => {
    const client = await pool.connect();
    const clock = async () => {
      const { rows } = await client.query<{ at: number }>("select extract(epoch from clock_timestamp())::float8 as at");
      return rows[0]?.at ?? Number.NaN;
    };
    const query: Queryable["query"] = (text, params) => observe(text, () => client.query(text, params) as Promise<never>, clock);
    const release = (destroy?: boolean) => client.release(destroy);
    // One by one: what is sent as one transaction cannot be observed within it.
    return Object.assign(Object.create(client) as PoolClient, { query, release, together: undefined });
  };
  return watched;
}
