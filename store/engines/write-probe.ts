import { type Pool, transaction } from "./database.ts";

/**
 * Commits a small write; rejects with the database's error. It also runs a sort that spills to disk: updating one row in place needs no
 * free disk space, so it alone would not detect a full disk.
 */
export async function probeWrite(pool: Pool): Promise<void> {
  await transaction(pool, async (db) => {
    await db.query("set local statement_timeout = '5s'");
    await db.query("set local work_mem = '64kB'");
    await db.query(NEEDS_ROOM);
    await db.query(WRITE);
  });
}

// --- internal ---

const NEEDS_ROOM =
  "select g from (select g, repeat(md5(g::text), 4) as filler from generate_series(1, 2000) g order by 2 offset 1999) spilled";

// Skips a locked row: another process is probing at this moment, and its result is as good.
const WRITE = `
with held as (select name from settings where name = 'write_probe' for update skip locked), again as (
  update settings s set value = to_jsonb(clock_timestamp()) from held where s.name = held.name
)
insert into settings (name, value) select 'write_probe', to_jsonb(clock_timestamp())
 where not exists (select 1 from settings where name = 'write_probe') on conflict (name) do nothing`;
