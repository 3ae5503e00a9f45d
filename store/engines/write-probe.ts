import { type Pool, transaction } from "./database.ts";

/**
 * Writes something small and commits it; rejects with what the database says where that cannot be done. A sort that does not fit into its memory
 * needs room on the disk each time, which a row that takes the place of its predecessor does not.
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

// Who writes it at this moment has found out as well, and is not waited for.
const WRITE = `
with held as (select name from settings where name = 'write_probe' for update skip locked), again as (
  update settings s set value = to_jsonb(clock_timestamp()) from held where s.name = held.name
)
insert into settings (name, value) select 'write_probe', to_jsonb(clock_timestamp())
 where not exists (select 1 from settings where name = 'write_probe') on conflict (name) do nothing`;
