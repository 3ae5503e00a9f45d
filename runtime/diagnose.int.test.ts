import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { LogFields } from "../telemetry/log.ts";
import { type FakeRedis, openFakeRedis } from "../testing/providers/fake-redis.ts";
import { diagnose, findingOnUpgrade } from "./diagnose.ts";
import { openStore } from "./open-store.ts";
import { checkRedis } from "./service.ts";

let redis: FakeRedis | undefined;
afterEach(() => redis?.close());

const queueWith = async (policy: string | undefined) => {
  redis = await openFakeRedis(policy);
  return (await diagnose({ dataDir: tmpdir(), redisUrl: redis.url })).find(({ what }) => what === "queue");
};

test("a Redis that evicts keys is reported, with its policy and the fix", async () => {
  expect(await queueWith("allkeys-lru")).toEqual({
    what: "queue",
    state: "bad",
    detail: "Redis 7.2.4 drops keys when memory is short (maxmemory-policy allkeys-lru); set it to noeviction",
  });
});

test("a Redis that evicts nothing is fine, and an undisclosed policy is reported so", async () => {
  expect(await queueWith("noeviction")).toMatchObject({ state: "good", detail: "Redis 7.2.4" });
  await redis?.close();
  expect(await queueWith(undefined)).toMatchObject({ state: "good", detail: expect.stringContaining("it must be noeviction") });
});

test("a service that starts on a Redis that evicts keys logs it, with the fix", async () => {
  redis = await openFakeRedis("volatile-ttl");
  const told: [string, LogFields | undefined][] = [];
  const log = { info: () => {}, warn: (message: string, fields?: LogFields) => void told.push([message, fields]), error: () => {} };
  await checkRedis(redis.url, log);
  expect(told).toEqual([["Redis drops keys when memory is short; set its maxmemory-policy to noeviction", { policy: "volatile-ttl" }]]);
});

test("unreachable servers are named, with the variable to check", async () => {
  const findings = await diagnose({
    dataDir: tmpdir(),
    databaseUrl: "postgres://nobody:secret@127.0.0.1:1/none",
    redisUrl: "redis://127.0.0.1:1",
  });
  expect(findings.map(({ state }) => state)).toEqual(["bad", "bad"]);
  expect(findings[0]?.detail).toMatch(/PostgreSQL at postgres:\/\/nobody@127\.0\.0\.1:1\/none cannot be reached: .*; check DATABASE_URL/);
  expect(findings[1]?.detail).toMatch(/Redis at 127\.0\.0\.1:1 cannot be reached: .*; check REDIS_URL/);
  expect(JSON.stringify(findings)).not.toContain("secret");
});

test("an identity claimed by two customers is reported with the one who has it as an address, and a folder that is not in force; a store without is silent", async () => {
  const dataDir = join(mkdtempSync(join(tmpdir(), "sentient-diagnose-")), "data");
  const told = async () => (await diagnose({ dataDir })).find(({ what }) => what === "identities");
  expect(await told()).toBeUndefined();
  const store = await openStore({ dataDir, now: Date.now });
  const { pool } = store.database;
  await pool.query("insert into customers (customer_id, origin, created_at) values ('c-1', '{}', now()), ('c-2', '{}', now())");
  await pool.query(
    `insert into identities (customer_id, type, value, form, source, at, owned)
     values ('c-1', 'phone', '+15550001', '15550001', 'crm', now(), true), ('c-2', 'phone', '+1 555 0001', '15550001', 'crm', now(), false)`,
  );
  await store.versions.publish(
    { policyVersion: "a".repeat(64), at: 0, by: "ann", from: "a folder", files: {} },
    { at: 0, by: "ann", action: "published", target: "a", details: {} },
    () => true,
  );
  await store.close();
  const version = async (folder: string) => (await diagnose({ dataDir, folder })).find(({ what }) => what === "version in force");
  expect(await version("a".repeat(64))).toEqual({
    what: "version in force",
    state: "good",
    detail: "aaaaaaaaaaaa since 1970-01-01T00:00:00Z, by ann",
  });
  const older = await openStore({ dataDir, now: Date.now });
  await older.database.pool.query("delete from migrations where number > 46");
  await older.close();
  // Looking changes nothing: it is said each time.
  for (const _ of [1, 2])
    expect((await diagnose({ dataDir })).find(({ what }) => what === "upgrade")).toMatchObject({
      state: "absent",
      detail: expect.stringMatching(
        /^from migration 46 to \d+ in \d+ steps?: less than a minute, and less than 1 MB of disk; the next process/,
      ),
    });
  expect(await version("b".repeat(64))).toMatchObject({ state: "absent", detail: expect.stringContaining("the folder is bbbbbbbbbbbb") });
  expect(await told()).toMatchObject({ state: "absent", detail: expect.stringContaining("1 identity belongs to another customer") });
  expect((await told())?.detail).toContain("c-2 (phone)");
  rmSync(join(dataDir, ".."), { recursive: true, force: true });
});

test("an upgrade that needs more disk than is free is a failure that says so", () => {
  const upgrade = { from: 44, to: 47, steps: 15, ms: 5_400_000, bytes: 3 * 1024 ** 3, later: 1, alone: [] };
  expect(findingOnUpgrade(upgrade, 2 ** 30)).toEqual({
    what: "upgrade",
    state: "bad",
    detail:
      "from migration 44 to 47 in 15 steps: from 30 min to 1.5 h, and 3.0 GB of disk, of which 1.0 GB is free; the next process that opens the store " +
      "does it; cut off, it goes on where it ended; 1 step waits until no process of the version before runs: the version after this one does it",
  });
  expect(findingOnUpgrade(upgrade, 4 * 1024 ** 3).state).toBe("absent");
});

test("what of an upgrade cannot be parted is said with its time, and what the last one has left for later, by itself too", () => {
  const alone = [{ migration: 25, table: "deliveries", why: "the table is written again", ms: 120_000, bytes: 1 }];
  const upgrade = { from: 24, to: 47, steps: 40, ms: 300_000, bytes: 1, later: 2, alone };
  expect(findingOnUpgrade(upgrade).detail).toContain(
    "; nobody else reads or writes deliveries meanwhile (migration 25, from 40 s to 2 min): the table is written again; 2 steps wait until",
  );
  expect(findingOnUpgrade({ ...upgrade, from: 47, steps: 0, alone: [] })).toEqual({
    what: "upgrade",
    state: "good",
    detail: "2 steps wait until no process of the version before runs: the version after this one does them",
  });
});
