import type { EventEmitter } from "node:events";
import { describe, expect, test } from "vitest";
import { atOnce, type Pool, type PoolClient, type Statement } from "./database.ts";
import { openPostgres } from "./postgres.ts";

const { DATABASE_URL: url } = process.env;

/** A pool of one connection, whose messages from the server are counted by name. */
async function aPool() {
  const database = await openPostgres({ url: url ?? "", connections: 1 });
  const counts = new Map<string, number>();
  const client = (await database.pool.connect()) as PoolClient & { readonly connection: EventEmitter };
  for (const name of ["readyForQuery", "rowDescription", "parseComplete"])
    client.connection.on(name, () => counts.set(name, (counts.get(name) ?? 0) + 1));
  await client.query("create temporary table things (id text primary key, n bigint, at timestamptz, more jsonb)");
  client.release();
  const during = async <T>(work: () => Promise<T>): Promise<{ result: T; messages: Record<string, number> }> => {
    counts.clear();
    const result = await work();
    return { result, messages: Object.fromEntries(counts) };
  };
  return { pool: database.pool, during, [Symbol.asyncDispose]: () => database.close() };
}

const ADD = "insert into things select x.* from jsonb_to_recordset($1::jsonb) as x(id text, n bigint, at timestamptz, more jsonb)";
const OF = "select * from things where id = any($1) order by id";
const ALL = "select id from things where id <> $1";
const AT = "2026-01-02T03:04:05.678Z";
const adding = (id: string): Statement => [ADD, [JSON.stringify([{ id, n: 5, at: AT, more: { a: null } }])]];
const idsIn = async (pool: Pool): Promise<unknown[]> => (await pool.query(ALL, ["none"])).rows.map((row) => row.id);

describe.runIf(url)("on a PostgreSQL server", () => {
  test("a statement's columns are asked for once on a connection, and its rows stay the same", async () => {
    await using one = await aPool();
    await one.pool.query(...adding("a"));
    await one.pool.query("insert into things (id) values ($1)", ["b"]);
    const first = await one.during(() => one.pool.query(OF, [["a", "b", "c"]]));
    const again = await one.during(() => one.pool.query(OF, [["a", "b", "c"]]));
    expect(again.result.rows).toEqual([
      { id: "a", n: 5, at: new Date(AT), more: { a: null } },
      { id: "b", n: null, at: null, more: null },
    ]);
    expect([again.result.rows, again.result.rowCount]).toEqual([first.result.rows, first.result.rowCount]);
    expect([first.messages, again.messages]).toEqual([{ readyForQuery: 1, rowDescription: 1, parseComplete: 1 }, { readyForQuery: 1 }]);
    expect(await one.pool.query(OF, [["nobody"]])).toMatchObject({ rows: [], rowCount: 0 });
    expect(await one.pool.query("update things set n = 1 where n is not null and id <> $1", ["b"])).toMatchObject({ rowCount: 1 });
    expect(await one.pool.query("update things set n = 1 where n is not null and id <> $1", ["b"])).toMatchObject({ rowCount: 1 });
  });

  test("statements that a connection knows are one transaction with one message to end it", async () => {
    await using one = await aPool();
    const both = (id: string) => one.during(() => atOnce(one.pool, [adding(id), [OF, [[id]]]], { flush: false }));
    await both("a");
    const { result, messages } = await both("b");
    expect(result).toMatchObject({ rows: [{ id: "b", n: 5, at: new Date(AT) }], rowCount: 1 });
    expect(messages).toEqual({ readyForQuery: 1 });
    // Without a flush it is for that transaction alone.
    expect((await one.pool.query("show synchronous_commit")).rows).toEqual([{ synchronous_commit: "on" }]);
    const settings: Statement = ["select current_setting($1) as setting", ["synchronous_commit"]];
    await one.pool.query(...settings);
    expect((await atOnce(one.pool, [adding("c"), settings], { flush: false })).rows).toEqual([{ setting: "off" }]);
    expect((await atOnce(one.pool, [adding("d"), settings])).rows).toEqual([{ setting: "on" }]);
  });

  test("the first that fails takes all back, with its own error, and the connection goes on", async () => {
    await using one = await aPool();
    const divide: Statement = ["select 1 / $1::int as n", [1]];
    await atOnce(one.pool, [adding("a"), divide, [OF, [["a"]]]]);
    const failing = atOnce(one.pool, [adding("b"), ["select 1 / $1::int as n", [0]], adding("a")]);
    await expect(failing).rejects.toMatchObject({ code: "22012" });
    await expect(atOnce(one.pool, [adding("c"), adding("a")])).rejects.toMatchObject({ code: "23505" });
    expect(await idsIn(one.pool)).toEqual(["a"]);
    const { messages } = await one.during(() => atOnce(one.pool, [adding("d"), divide]));
    expect([messages, await idsIn(one.pool)]).toEqual([{ readyForQuery: 1 }, ["a", "d"]]);
  });

  test("a connection that ends rejects what was sent on it, and is not used again", async () => {
    await using one = await aPool();
    const sleep: Statement = ["select pg_sleep($1::float8)", [0]];
    const die: Statement = ["select pg_terminate_backend($1::int)", [0]];
    await atOnce(one.pool, [sleep, die]);
    const { rows } = await one.pool.query<{ pid: number }>("select pg_backend_pid() as pid");
    await expect(atOnce(one.pool, [sleep, [die[0], [rows[0]?.pid]]])).rejects.toThrow();
    expect((await one.pool.query("select 1 as n")).rows).toEqual([{ n: 1 }]);
  });
});
