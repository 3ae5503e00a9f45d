import { readdirSync, readFileSync } from "node:fs";
import { PGlite } from "@electric-sql/pglite";
import { expect, test } from "vitest";
import { createPglitePool } from "../engines/pglite-pool.ts";
import { createDeadLetters } from "../inbox/dead-letters.ts";

const FOLDER = new URL("./", import.meta.url);
const MIGRATIONS = readdirSync(FOLDER)
  .filter((file) => file.endsWith(".sql"))
  .sort();
const THIS = "0013";
const textOf = (file: string): string => readFileSync(new URL(file, FOLDER), "utf8").replaceAll(":batch", "true");

const entry = { at: 0, by: "olga", action: "dead.revived", target: "x", details: {} };

test("B1, B13: an older store keeps its dead letters, can retry them, and loses the ids in its audit", async () => {
  const pglite = await PGlite.create();
  try {
    await pglite.exec("create schema sentient; set search_path = sentient");
    for (const file of MIGRATIONS.filter((one) => one < THIS)) await pglite.exec(textOf(file));
    await pglite.exec(`
      insert into customers (customer_id, origin, created_at) values ('tim', '{}', now());
      insert into inbox (seq, source, id, type, customer_id, time, received_at, event, body_hash, attempts, error, dead_at)
        values (1, 'web', 's-1', 'go', 'ann', now(), now(), '{}', 'h', 5, '{"name": "error", "message": "no"}', now());
      insert into failed_timers (customer_id, key, name, due, attempts, error, dead_at) values ('tim', 'daily', 'clock.daily', '2026-06-01T09:00:00Z', 5, '{"name": "error", "message": "no"}', now());
      insert into lanes (customer_id, owner, until) values ('ann', 'w', now());
      insert into audit (at, actor, action, target, details) values (now(), 'olga', 'revived', 'signals', '{"signals": [{"source": "web", "id": "s-her"}, {"source": "web", "id": "s-2"}], "note": "why"}'),
        (now(), 'olga', 'paused', 'all', '{}')`);
    for (const file of MIGRATIONS.filter((one) => one >= THIS)) await pglite.exec(textOf(file));
    const dead = createDeadLetters(createPglitePool(pglite));
    const { rows: letters } = await dead.list({});
    expect(letters).toHaveLength(2);
    expect(letters.find(({ timer }) => timer)).toMatchObject({
      customerId: "tim",
      code: "error",
      message: "no",
      tries: 5,
      timer: { name: "clock.daily" },
    });
    expect(letters.find(({ signal }) => signal)).toMatchObject({ customerId: "ann", signal: { source: "web", id: "s-1", type: "go" } });
    expect(await dead.revive(letters, () => entry)).toHaveLength(2);
    expect((await pglite.query("select key, ms(due) as due from timers")).rows).toEqual([
      { key: "daily", due: Date.parse("2026-06-01T09:00:00Z") },
    ]);
    expect((await pglite.query("select attempts, dead_at from inbox")).rows).toEqual([{ attempts: 0, dead_at: null }]);
    expect((await pglite.query("select details from audit where actor = 'olga' order by audit_id limit 2")).rows).toEqual([
      { details: { signals: 2, note: "why" } },
      { details: {} },
    ]);
  } finally {
    await pglite.close();
  }
});
