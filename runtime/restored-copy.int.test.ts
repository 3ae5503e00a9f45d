import { randomUUID } from "node:crypto";
import { cpSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { storeName } from "../store/store-name.ts";
import { policyOf } from "../testing/policy.ts";
import { openTestService, type Place, type TestService, until } from "../testing/service.ts";
import { defineTool } from "../tools/tool.ts";
import { createRuntime, queuePlace, type Runtime } from "./create-runtime.ts";

const { DATABASE_URL = "", REDIS_URL = "", SENTIENT_COPY_MESSAGES = "100" } = process.env;

const policy = policyOf(
  "moments: {m: {on: go, expires: 30d}}",
  ["action: {tool: book, input: {}}\nchannels: {box: {text: 'slot {{ action.slot }}'}}"],
  {
    tools: ["book"],
  },
);

/** Books a slot, with the store as its text. */
const bookIn = (store: string) =>
  defineTool({
    name: "book",
    description: "Book a slot.",
    effect: "write",
    input: z.strictObject({}),
    output: z.object({ slot: z.string() }),
    idempotencyKey: (_input, { key }) => key,
    run: async (_input: object, { idempotencyKey }: { readonly idempotencyKey: string }) => ({ slot: `${store}/${idempotencyKey}` }),
  });

async function sql(statement: string, database = "postgres"): Promise<void> {
  const url = new URL(DATABASE_URL);
  url.pathname = `/${database}`;
  const client = new pg.Client(url.toString());
  await client.connect();
  await client.query(statement).finally(() => client.end());
}

const placeOf = (database: string, user?: string): Place & { databaseUrl: string; redisUrl: string } => {
  const url = new URL(DATABASE_URL);
  url.pathname = `/${database}`;
  if (user !== undefined) url.username = user;
  return { databaseUrl: url.toString(), redisUrl: REDIS_URL, remove: async () => {} };
};

const opened = (databaseUrl: string): Promise<Runtime> =>
  createRuntime({ policy, live: true, now: Date.now, standIn: () => {}, databaseUrl, redisUrl: REDIS_URL, tools: [bookIn("x")] });

/** The queue name of a store, as its runtime determines it. */
async function queueOf(databaseUrl: string): Promise<string> {
  await using runtime = await opened(databaseUrl);
  const place = await queuePlace({ databaseUrl, redisUrl: REDIS_URL }, runtime.store, { newId: randomUUID, now: Date.now });
  return place.kind === "redis" ? place.prefix : "";
}

async function auditOf(databaseUrl: string): Promise<string[]> {
  await using runtime = await opened(databaseUrl);
  return (await runtime.store.operations.audit({ limit: 9 })).map(({ action }) => action);
}

describe.runIf(DATABASE_URL && REDIS_URL)("a copy of a store beside the original on one Redis", () => {
  const made: string[] = [];
  const database = async (template?: string): Promise<string> => {
    const name = `sentient_copy_${randomUUID().replaceAll("-", "").slice(0, 12)}`;
    made.push(name);
    await sql(`create database ${name}${template === undefined ? "" : ` template ${template}`}`);
    return name;
  };
  afterEach(async () => {
    for (const name of made.splice(0)) await sql(`drop database if exists ${name} with (force)`);
  });

  test("B6: has its own queue from its first start on, records it in the audit, and keeps it", async () => {
    const original = await database();
    const first = await queueOf(placeOf(original).databaseUrl);
    const copy = await database(original);
    const second = await queueOf(placeOf(copy).databaseUrl);
    expect(second).not.toBe(first);
    expect([await queueOf(placeOf(original).databaseUrl), await queueOf(placeOf(copy).databaseUrl)]).toEqual([first, second]);
    expect([await auditOf(placeOf(original).databaseUrl), await auditOf(placeOf(copy).databaseUrl)]).toEqual([[], ["store.renamed"]]);
    await sql(`alter database ${original} rename to ${original}_r`);
    made.push(`${original}_r`);
    expect(await queueOf(placeOf(`${original}_r`).databaseUrl)).toBe(first);
  });

  test("B6: is distinguished although the server does not identify its cluster", async () => {
    const original = await database();
    const role = `${original}_role`;
    await sql(`create role ${role} login`);
    try {
      await sql(`grant all on database ${original} to ${role}`);
      await sql(
        "revoke execute on function pg_control_system() from public; revoke execute on function pg_current_wal_lsn() from public",
        original,
      );
      const first = await queueOf(placeOf(original, role).databaseUrl);
      const copy = await database(original);
      await sql(`grant all on database ${copy} to ${role}`);
      expect(await queueOf(placeOf(copy, role).databaseUrl)).not.toBe(first);
      expect(await queueOf(placeOf(original, role).databaseUrl)).toBe(first);
    } finally {
      for (const name of made.splice(0)) await sql(`drop database if exists ${name} with (force)`);
      await sql(`drop role ${role}`);
    }
  });

  test("B6: one that two processes open at once gets one name; a store from before that had only a name gets a new one", async () => {
    const original = await database();
    const first = await queueOf(placeOf(original).databaseUrl);
    const copy = await database(original);
    const { databaseUrl } = placeOf(copy);
    const both = await Promise.all([queueOf(databaseUrl), queueOf(databaseUrl), queueOf(databaseUrl)]);
    expect(new Set(both).size).toBe(1);
    await sql("delete from sentient.settings where name = 'queue.place'", original);
    expect(await queueOf(placeOf(original).databaseUrl)).not.toBe(first);
  });

  test(`B6: of ${SENTIENT_COPY_MESSAGES} messages none goes without its own action, and none is lost`, async () => {
    const each = Number(SENTIENT_COPY_MESSAGES) / 2;
    const original = await database();
    const open = (name: string, concurrency = 1): Promise<TestService> =>
      openTestService(policy, placeOf(name), { tools: [bookIn(name)], concurrency });
    const taking = await open(original, 0);
    for (let n = 0; n < each; n += 50) {
      const some = Array.from({ length: Math.min(50, each - n) }, (_, i) => ({
        ...{ specversion: "1.0", id: randomUUID(), source: "web", type: "go", subject: `c-${n + i}` },
      }));
      expect((await taking.post("/v1/signals", some)).status).toBe(202);
    }
    await taking.close();
    const copy = await database(original);
    const running = await Promise.all([open(original), open(copy)]);
    try {
      for (const [index, name] of [original, copy].entries()) {
        const service = running[index];
        if (!service) throw new Error("not open");
        await until(
          async () => (await service.rows("select 1 from deliveries where status = 'sent'")).length === each,
          "every message",
          300_000,
        );
        expect(
          await service.rows("select 1 from tool_calls where status <> 'done' or output->>'slot' is distinct from $1 || '/' || call_key", [
            name,
          ]),
        ).toEqual([]);
        expect(
          await service.rows(
            "select 1 from deliveries where content->>'text' is distinct from 'slot ' || $1 || '/' || delivery_id || ':action'",
            [name],
          ),
        ).toEqual([]);
        expect(service.outbox()).toHaveLength(each);
      }
    } finally {
      for (const service of running) await service.close();
    }
  });
});

test("B6: a copied data folder is distinguished, and one reopened in the same place is not", async () => {
  const dir = mkdtempSync(join(tmpdir(), "sentient-copy-"));
  const nameIn = async (dataDir: string): Promise<string> => {
    await using runtime = await createRuntime({ policy, live: true, now: Date.now, standIn: () => {}, dataDir, tools: [bookIn("x")] });
    return (await storeName(runtime.store.database, { newId: randomUUID, now: Date.now })).name;
  };
  try {
    const first = await nameIn(join(dir, "a"));
    expect(await nameIn(join(dir, "a"))).toBe(first);
    cpSync(join(dir, "a"), join(dir, "b"), { recursive: true });
    const second = await nameIn(join(dir, "b"));
    expect(second).not.toBe(first);
    // Another store in the place of the first does not inherit its queue.
    rmSync(join(dir, "a"), { recursive: true });
    renameSync(join(dir, "b"), join(dir, "a"));
    expect([first, second]).not.toContain(await nameIn(join(dir, "a")));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
