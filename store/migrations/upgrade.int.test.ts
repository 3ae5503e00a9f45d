import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDatabase } from "../../runtime/open-store.ts";
import { READS_TYPESCRIPT } from "../../testing/process.ts";
import { testsEmbedded } from "../../testing/test-files.ts";
import type { Database } from "../engines/database.ts";
import { transaction } from "../engines/database.ts";
import { openPostgres } from "../engines/postgres.ts";
import { buildProgress } from "./carry-out.ts";
import { estimateUpgrade } from "./estimate.ts";
import { lastMigration, type Migration, migrate, readMigrations } from "./migrate.ts";

const ROWS = 20_000;
const databaseUrl = process.env.DATABASE_URL;

/** The version before: what its stores look like, and what its processes say. */
const BEFORE = readMigrations().filter(({ number }) => number <= 44);
const filling = (rows: number) => `
insert into customers (customer_id, origin, created_at) select 'c-' || n, '{}', now() from generate_series(1, 200) n;
insert into deliveries (delivery_id, decision_id, customer_id, experience_id, channel, status, settled_at, reserved_at, moments, expires_at, facts, frozen)
select 'm-' || n, 'd-' || n, 'c-' || (n % 200 + 1), 'hello', 'email', 'sent', now(), now(), '[]', now(), '{}', '{}' from generate_series(1, ${rows}) n`;
const oldReserve = (id: string) => `
insert into deliveries (delivery_id, decision_id, customer_id, experience_id, channel, status, reserved_at, moments, expires_at, facts, frozen)
values ('${id}', '${id}', 'c-1', 'hello', 'email', 'reserved', now(), '[]', now(), '{}', '{}') on conflict (delivery_id) do nothing`;
const oldSettle = (id: string) =>
  `update deliveries set status = 'sent', settled_at = now() where delivery_id = '${id}' returning delivery_id`;

/** An upgrade with steps of every kind on a table that is full. */
const NEXT: Migration[] = [
  ...readMigrations().filter(({ number }) => number > 44),
  {
    number: 9000,
    name: "every-kind",
    sql: `
      alter table deliveries add column told text;
      create table tellings (delivery_id text primary key);
      -- batches of deliveries d by customer_id, delivery_id
      update deliveries d set told = coalesce(told, '') || 'once' where :batch;
      create index deliveries_told on deliveries (customer_id, told);
      -- contract: the version before writes it
      alter table deliveries drop column address;`,
  },
];
const ALL = [...BEFORE, ...NEXT];

const within = <Row>({ pool }: Database, schema: string, sql: string): Promise<Row[]> =>
  transaction(pool, async (db) => {
    await db.query(`set local search_path = "${schema}"`);
    return (await db.query<Row>(sql)).rows;
  });

async function olderStore(database: Database, schema: string, rows = ROWS): Promise<void> {
  await migrate(database, schema, { migrations: BEFORE });
  await within(database, schema, filling(rows));
}

/** What an upgraded store must be like, however often the upgrade was cut off. */
async function expectUpgraded(database: Database, schema: string, { rows }: { readonly rows: number }): Promise<void> {
  expect(await lastMigration(database.pool, schema)).toBe(9000);
  const told = await within(database, schema, "select told, count(*)::int as rows from deliveries group by told order by told");
  expect(told).toEqual(expect.arrayContaining([{ told: "once", rows }]));
  const sql =
    "select relname from pg_index join pg_class on oid = indexrelid where not indisvalid and relnamespace = current_schema()::regnamespace";
  expect(await within(database, schema, sql)).toEqual([]);
  const names =
    "select count(*)::int as n from pg_indexes where schemaname = current_schema() and indexname in ('deliveries_told', 'offers_good', 'outcomes_of_customer')";
  expect(await within(database, schema, names)).toEqual([{ n: 2 }]);
}

const columnsOf = (database: Database, schema: string) =>
  within<{ n: number }>(
    database,
    schema,
    "select count(*)::int as n from information_schema.columns where table_schema = current_schema() and table_name = 'deliveries' and column_name = 'address'",
  );

/** A program that migrates a store and is killed by its own hand once it has kept its place in a backfill `kill` times. */
const program = `
import { migrate } from ${JSON.stringify(new URL("./migrate.ts", import.meta.url).href)};
import { openDatabase } from ${JSON.stringify(new URL("../../runtime/open-store.ts", import.meta.url).href)};
const { place, schema, migrations, kill } = JSON.parse(process.argv[1]);
const database = await openDatabase({ ...place, now: Date.now, newId: () => "x" });
let kept = 0;
const pool = Object.create(database.pool);
pool.connect = async () => {
  const client = await database.pool.connect();
  const query = client.query.bind(client);
  client.query = async (text, values) => {
    const result = await query(text, values);
    if (text.startsWith("update migration_steps set place")) kept++;
    if (text === "commit" && kept === kill) process.kill(process.pid, "SIGKILL");
    return result;
  };
  return client;
};
await migrate({ kind: database.kind, pool }, schema, { migrations });
await database.close();`;

async function migrateInAProcess(place: object, schema: string, kill: number): Promise<unknown> {
  const given = JSON.stringify({ place, schema, migrations: ALL, kill });
  const child = spawn(process.execPath, [...READS_TYPESCRIPT, "--input-type=module", "-e", program, given], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  const [code, signal] = await once(child, "exit");
  return signal ?? code;
}

describe.runIf(testsEmbedded)("a full store of the version before, on the embedded engine", () => {
  const dataDir = mkdtempSync(join(tmpdir(), "sentient-upgrade-"));
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

  test("killed in the middle of a backfill, the next start goes on where it ended; every part is done, and told", async () => {
    const place = { dataDir };
    const first = await openDatabase({ ...place, now: Date.now, newId: randomUUID });
    await olderStore(first, "older", ROWS / 2);
    await first.close();
    expect(await migrateInAProcess(place, "older", 3)).toBe("SIGKILL");
    const database = await openDatabase({ ...place, now: Date.now, newId: randomUUID });
    try {
      const [left] = await within<{ rows: number }>(
        database,
        "older",
        "select rows::int as rows from migration_steps where place is not null",
      );
      expect(left).toEqual({ rows: 6_000 });
      // Beforehand: what is left to do, by the sizes of the tables.
      expect(await estimateUpgrade(database, "older", ALL)).toMatchObject({
        from: readMigrations().at(-1)?.number,
        to: 9000,
        steps: 4,
        later: 0,
      });
      const told: string[] = [];
      await migrate(database, "older", { migrations: ALL, tell: (text) => told.push(text) });
      await expectUpgraded(database, "older", { rows: ROWS / 2 });
      expect(told[0]).toMatch(/^upgrading the store, step 2 of 4: rows of deliveries, 2000 at a time/);
      expect(told.at(-1)).toBe("the store is upgraded to migration 9000");
      // Nobody else works beside the embedded engine, so nothing waits.
      expect(await columnsOf(database, "older")).toEqual([{ n: 0 }]);
      expect(await within(database, "older", "select * from migration_steps")).toEqual([]);
    } finally {
      await database.close();
    }
  });
});

describe.runIf(databaseUrl)("a full store of the version before, on a PostgreSQL server", () => {
  const schema = `older_${randomUUID().replaceAll("-", "").slice(0, 12)}`;
  let database: Database;
  beforeAll(async () => {
    database = await openPostgres({ url: databaseUrl ?? "", schema, temporary: true });
    await olderStore(database, schema);
  });
  afterAll(() => database.close());

  const upgrading = (told: string[]) => migrate(database, schema, { migrations: ALL, tell: (text) => told.push(text) });
  /** The session that builds or drops an index of our table; others may do so for schemas of other tests. */
  const builder = async (): Promise<number> => {
    const sql = `select distinct pid from pg_locks where relation = to_regclass('${schema}.deliveries') and mode = 'ShareUpdateExclusiveLock' and granted`;
    const pids = async () => (await database.pool.query<{ pid: number }>(sql)).rows.map(({ pid }) => pid);
    await expect.poll(pids).toHaveLength(1);
    return (await pids())[0] ?? 0;
  };
  const asBefore = async (id: string): Promise<number> => {
    await database.pool.query(oldReserve(id));
    return (await database.pool.query(oldSettle(id))).rowCount;
  };

  test("beforehand, how long it takes and how much disk: by the rows of the tables, and nothing is changed", async () => {
    const before = await estimateUpgrade(database, schema, ALL);
    expect(before).toMatchObject({ from: 44, to: 9000, later: 1 });
    await database.pool.query(`analyze "${schema}".deliveries`);
    const { bytes, ms, steps } = await estimateUpgrade(database, schema, ALL);
    expect(steps).toBeGreaterThan(15);
    // A backfill writes the table once more, and four indexes have an entry for each row.
    const [sizes] = await within<{ whole: number }>(database, schema, "select pg_relation_size('deliveries')::float8 as whole");
    expect(bytes).toBeGreaterThan(sizes?.whole ?? 0);
    expect(bytes).toBeLessThan(3 * (sizes?.whole ?? 0));
    expect(ms).toBeGreaterThan(1_000);
    expect(await lastMigration(database.pool, schema)).toBe(44);
  });

  test("beside processes of that version: an index that was cut off is built again by who waited, and nobody else waits", async () => {
    const [first, second]: [string[], string[]] = [[], []];
    // A transaction of another session, which an index build has to wait for.
    const other = await database.pool.connect();
    await other.query("begin");
    await other.query(oldReserve("m-held"));
    const cutOff = upgrading(first).catch((error: unknown) => error);
    const pid = await builder();
    await expect.poll(() => buildProgress(database.pool, pid)).toMatch(/^waits for transactions that began before it, that of process \d+/);
    const waiting = upgrading(second);
    await expect
      .poll(() => second)
      .toEqual(["another process is upgrading the store (index deliveries_of_experience of deliveries); waiting for it"]);
    // Processes of the version before reserve and settle meanwhile, and start.
    expect(await asBefore("m-new")).toBe(1);
    await database.pool.query("select pg_terminate_backend($1)", [pid]);
    expect(await cutOff).toMatchObject({
      code: "STORE_FAILED",
      message: expect.stringMatching(
        /^upgrading the store failed at step 1 of \d+, index deliveries_of_experience of deliveries: .*start again to go on$/,
      ),
    });
    expect(await builder()).not.toBe(pid);
    expect(await asBefore("m-newer")).toBe(1);
    await other.query("commit");
    other.release();
    await waiting;
    expect(second).toContain("index deliveries_of_experience was left incomplete, and is built again");
    await expectUpgraded(database, schema, { rows: ROWS + 3 });
  });

  test("killed with SIGKILL in the middle of a backfill, it goes on where it ended", async () => {
    await within(
      database,
      schema,
      "delete from migrations where number = 9000; drop table tellings; alter table deliveries drop column told; drop index if exists deliveries_told",
    );
    expect(await migrateInAProcess({ databaseUrl }, schema, 3)).toBe("SIGKILL");
    const told: string[] = [];
    await upgrading(told);
    expect(told[0]).toMatch(/rows of deliveries, 2000 at a time/);
    await expectUpgraded(database, schema, { rows: ROWS + 3 });
  });

  test("what the version before would miss stays, until a version comes that knows of no such process", async () => {
    expect(await columnsOf(database, schema)).toEqual([{ n: 1 }]);
    await upgrading([]);
    expect(await columnsOf(database, schema)).toEqual([{ n: 1 }]);
    expect(await estimateUpgrade(database, schema, ALL)).toMatchObject({ from: 9000, to: 9000, steps: 0, later: 1 });
    const later = { number: 9001, name: "later", sql: "create table later (id text)" };
    expect(await estimateUpgrade(database, schema, [...ALL, later])).toMatchObject({ steps: 2, later: 0 });
    await migrate(database, schema, { migrations: [...ALL, later] });
    expect(await columnsOf(database, schema)).toEqual([{ n: 0 }]);
    expect(await within(database, schema, "select * from migration_steps")).toEqual([]);
  });

  test("a step that finds its table locked lets those behind it go first, and tries again", async () => {
    const other = await database.pool.connect();
    await other.query("begin; lock table customers in access share mode");
    const told: string[] = [];
    const step = { number: 9002, name: "locks", sql: "alter table customers add column more text" };
    const later = { number: 9001, name: "later", sql: "" };
    const done = migrate(database, schema, { migrations: [...ALL, later, step], tell: (text) => told.push(text) });
    await expect.poll(() => told.at(-1)).toMatch(/^step 1 of 1 waits: others hold locks on its tables; trying again in 1 s$/);
    expect(await database.pool.query("select 1 from customers limit 1")).toMatchObject({ rowCount: 1 });
    await other.query("commit");
    other.release();
    await done;
  });
});
