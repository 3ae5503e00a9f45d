import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDatabase } from "../runtime/open-store.ts";
import type { Database } from "../store/engines/database.ts";
import { testsEmbedded } from "../testing/test-files.ts";
import type { QueuePlace } from "./backend.ts";
import { openQueue } from "./bullmq.ts";
import { callTools, defineJob, type Hint } from "./jobs.ts";
import { aHint, queueContract } from "./queue.contract.ts";
import type { Queue } from "./queue.ts";

const now = () => Date.now();
const newId = () => randomUUID();
const { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl } = process.env;

const opening =
  (place: () => QueuePlace) =>
  ({ alone }: { alone: boolean }) =>
    openQueue({ place: place(), newId, alone, onTrouble: () => {} });

/** A database for the current suite. */
function databaseFor(options: { databaseUrl?: string; temporary?: boolean }): () => Database {
  let database: Database | undefined;
  beforeAll(async () => {
    database = await openDatabase({ ...options, now, newId });
  });
  afterAll(async () => database?.close());
  return () => {
    if (!database) throw new Error("the database is not open");
    return database;
  };
}

describe.runIf(testsEmbedded)("in the embedded PostgreSQL", () => {
  const database = databaseFor({});
  queueContract({ open: opening(() => ({ kind: "pool", pool: database().pool })) });
});

describe.runIf(databaseUrl)("on a PostgreSQL server", () => {
  const database = databaseFor({ databaseUrl: databaseUrl ?? "", temporary: true });
  const name = `queue-test-${newId()}`;
  const url = new URL(databaseUrl ?? "postgres://none");
  url.searchParams.set("application_name", name);
  queueContract({
    open: opening(() => ({ kind: "postgres", url: url.toString(), schema: database().queueSchema })),
    async cut() {
      const { rowCount } = await database().pool.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1 or application_name like $2",
        [name, "%:test-%"],
      );
      return rowCount;
    },
  });
});

describe.runIf(redisUrl)("on Redis", () => {
  const prefix = `sentient-test-${randomUUID()}`;
  const place = (): QueuePlace => ({ kind: "redis", url: redisUrl ?? "", prefix, temporary: false });
  const withRedis = async <T>(work: (redis: Redis) => Promise<T>): Promise<T> => {
    const redis = new Redis(redisUrl ?? "");
    try {
      return await work(redis);
    } finally {
      redis.disconnect();
    }
  };
  afterAll(async () => {
    await withRedis(async (redis) => {
      const keys = await redis.keys(`${prefix}*`);
      if (keys.length > 0) await redis.del(...keys);
    });
  });
  queueContract({
    open: opening(place),
    cut: () => withRedis(async (redis) => Number(await redis.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"))),
  });

  const open = opening(place);
  const hearing = async (hint: Hint, queue: Queue): Promise<{ times: number }> => {
    const heard = { times: 0 };
    await queue.subscribe(hint, () => heard.times++);
    await expect.poll(() => heard.times, { timeout: 15_000, interval: 5 }).toBe(1);
    return heard;
  };

  test("a hint is heard by every process, and is no job", async () => {
    const hint = aHint();
    const [telling, one, two] = [await open({ alone: false }), await open({ alone: false }), await open({ alone: false })];
    const heard = [await hearing(hint, one), await hearing(hint, two)];
    await telling.publish(hint);
    await expect.poll(() => heard, { timeout: 15_000, interval: 5 }).toEqual([{ times: 2 }, { times: 2 }]);
    expect(await withRedis((redis) => redis.exists(`${prefix}:${hint.name}:id`, `${prefix}:${hint.name}:events`))).toBe(0);
    for (const queue of [telling, one, two]) await queue.close();
  });

  test("a process that has lost its connection hears hints again, and looks once for what it missed", async () => {
    const hint = aHint();
    const [telling, one] = [await open({ alone: false }), await open({ alone: false })];
    const heard = await hearing(hint, one);
    await withRedis((redis) => redis.call("CLIENT", "KILL", "TYPE", "pubsub"));
    await expect.poll(() => heard.times, { timeout: 15_000, interval: 5 }).toBe(2);
    await telling.publish(hint);
    await expect.poll(() => heard.times, { timeout: 15_000, interval: 5 }).toBe(3);
    for (const queue of [telling, one]) await queue.close();
  });

  test("where the server keeps channels from a user, that is said once, and jobs carry the hints", async () => {
    const hint = aHint();
    const user = `test-${randomUUID()}`;
    await withRedis((redis) => redis.call("ACL", "SETUSER", user, "on", ">secret", "~*", "+@all", "resetchannels"));
    const url = new URL(redisUrl ?? "");
    Object.assign(url, { username: user, password: "secret" });
    const refused: unknown[] = [];
    const openAsUser = () =>
      openQueue({
        ...{ place: { ...place(), url: url.toString() } as QueuePlace, newId, alone: false, onTrouble: () => {} },
        onRefused: (error) => refused.push(error),
      });
    const [telling, one] = [await openAsUser(), await openAsUser()];
    let heard = 0;
    await one.subscribe(hint, () => heard++);
    await telling.publish(hint);
    await telling.publish(hint);
    await expect.poll(() => heard, { timeout: 15_000, interval: 5 }).toBe(2);
    expect(refused).toEqual(
      Array(2).fill(expect.objectContaining({ code: "BAD_CONFIG", message: expect.stringContaining("ACL SETUSER") })),
    );
    for (const queue of [telling, one]) await queue.close();
    await withRedis((redis) => redis.call("ACL", "DELUSER", user));
  });

  test("a job that the process which waits for it has run is not kept, one that another has run is", async () => {
    const job = defineJob({ ...callTools, name: `test-kept-${randomUUID()}` });
    const calls = [{ tool: "t", key: "k" }];
    const kept = () => withRedis((redis) => redis.zcard(`${prefix}:${job.name}:completed`));
    const [asking, working] = [await open({ alone: false }), await open({ alone: false })];
    await working.work(job, async () => ({ outcomes: [] }));
    await working.ask(job, { calls }, { timeoutMs: 10_000 });
    await expect.poll(() => working.backlog(job), { timeout: 15_000, interval: 5 }).toBe(0);
    expect(await kept()).toBe(0);
    await asking.ask(job, { calls }, { timeoutMs: 10_000 });
    await expect.poll(kept, { timeout: 15_000, interval: 5 }).toBe(1);
    for (const queue of [asking, working]) await queue.close();
  });

  test("closing a temporary queue deletes its keys", async () => {
    const own = `sentient-test-${randomUUID()}`;
    const queue = await openQueue({
      place: { ...place(), prefix: own, temporary: true } as QueuePlace,
      newId,
      alone: true,
      onTrouble: () => {},
    });
    await queue.work(callTools, async () => ({ outcomes: [] }));
    await queue.ask(callTools, { calls: [{ tool: "t", key: "k" }] }, { timeoutMs: 10_000 });
    expect(await withRedis((redis) => redis.keys(`${own}*`))).not.toEqual([]);
    await queue.close();
    expect(await withRedis((redis) => redis.keys(`${own}*`))).toEqual([]);
  });
});

test("an unreachable Redis fails at once, with an error that names it", async () => {
  const place: QueuePlace = { kind: "redis", url: "redis://127.0.0.1:1", prefix: "x", temporary: false };
  await expect(openQueue({ place, newId, alone: true, onTrouble: () => {} })).rejects.toMatchObject({
    code: "QUEUE_FAILED",
    message: expect.stringMatching(/Redis at 127\.0\.0\.1:1 cannot be reached: .*ECONNREFUSED.*; check REDIS_URL/),
  });
});
