import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { openDatabase } from "../runtime/open-store.ts";
import { testsEmbedded } from "../testing/test-files.ts";
import { storeContract } from "./contracts/store.contract.ts";
import { transaction } from "./engines/database.ts";
import { createStore } from "./store.ts";

const now = () => Date.now();
const newId = () => randomUUID();
const databaseUrl = process.env.DATABASE_URL;

describe.runIf(testsEmbedded)("embedded, in memory", () =>
  storeContract({ open: () => openDatabase({ now, newId }), outlivesClosing: false }),
);

describe.runIf(testsEmbedded)("embedded, in a folder", () => {
  const dataDir = mkdtempSync(join(tmpdir(), "sentient-store-"));
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }));
  storeContract({ open: () => openDatabase({ dataDir, now, newId }), outlivesClosing: true });
});

describe.runIf(databaseUrl)("on a PostgreSQL server", () => {
  const open = () => openDatabase({ ...(databaseUrl ? { databaseUrl } : {}), temporary: true, now, newId });
  storeContract({ open, outlivesClosing: false });

  test("a connection lost in the middle of a transaction rolls back that transaction only", async () => {
    const store = createStore(await open());
    try {
      const lost = transaction(store.database.pool, async (db) => {
        await db.query("insert into settings (name, value) values ('half', '1')");
        const { rows } = await db.query<{ pid: number }>("select pg_backend_pid() as pid");
        await store.database.pool.query("select pg_terminate_backend($1)", [rows[0]?.pid]);
        await db.query("select 1");
      });
      await expect(lost).rejects.toThrow(/terminat|closed|Connection/i);
      expect(await store.setting("half")).toBeUndefined();
      expect((await store.commit([], { whole: 1 })).committed.size).toBe(0);
      expect(await store.setting("whole")).toBe(1);
    } finally {
      await store.close();
    }
  });

  test("closing a temporary store drops its schemas", async () => {
    const database = await open();
    const schemas = [database.queueSchema, database.queueSchema.replace(/_queue$/, "")];
    await database.close();
    const left = await openDatabase({ ...(databaseUrl ? { databaseUrl } : {}), temporary: true, now, newId });
    try {
      const { rows } = await left.pool.query("select 1 from pg_namespace where nspname = any($1::text[])", [schemas]);
      expect(rows).toEqual([]);
    } finally {
      await left.close();
    }
  });
});
