import { afterEach, expect, test } from "vitest";
import type { TestService } from "../../testing/service.ts";
import { fill, openDecided } from "./filled-store.ts";

let on: TestService | undefined;
afterEach(() => on?.close());

/** Reads that consoles repeat, and how many rows of tables each may read however large the store is. */
const READS: readonly (readonly [path: string, most: number])[] = [
  ["/v1/decisions?view=line&limit=100", 400],
  ["/v1/decisions?view=line&limit=100&customer=c-1", 400],
  ["/v1/customers/c-1/story?limit=100", 1_500],
  ["/v1/customers/c-1/contacts", 1_000],
  ["/v1/deliveries?limit=100", 2_000],
  ["/v1/tasks", 300],
  ["/v1/pauses", 100],
];

async function rowsRead({ rows, get }: TestService, path: string): Promise<number> {
  const total = async (): Promise<number> => {
    await rows("select pg_stat_force_next_flush()");
    await rows("select pg_stat_clear_snapshot()");
    const [one] = await rows<{ n: number }>("select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::float8 as n from pg_stat_user_tables");
    return one?.n ?? 0;
  };
  // The first time plans and keeps things.
  await get(path);
  const before = await total();
  await get(path);
  return (await total()) - before;
}

test("what consoles ask for reads a bounded number of rows, with tenfold decisions as many as before", async () => {
  on = await openDecided(3);
  await fill(on, 2_000, 10);
  const few = new Map<string, number>();
  for (const [path] of READS) few.set(path, await rowsRead(on, path));
  await on.rows("delete from deliveries where delivery_id like 'delivery-%'");
  await on.rows("delete from touches where touch_id like 'delivery-%'");
  await on.rows("delete from decisions where decision_id like 'copy-%'");
  await on.rows("vacuum");
  await fill(on, 20_000, 100);
  const seen: string[] = [];
  for (const [path, most] of READS) {
    const read = await rowsRead(on, path);
    if (process.env.BENCH_VERBOSE) process.stdout.write(`${path}: ${few.get(path)} rows of 2,000, ${read} of 20,000\n`);
    if (read > most) seen.push(`${path}: ${read} rows, expected at most ${most}`);
    if (read > (few.get(path) ?? 0) * 1.5 + 200) seen.push(`${path}: ${read} rows, ${few.get(path)} with a tenth of the decisions`);
  }
  expect(seen).toEqual([]);
});
