import { expect, test } from "vitest";
import { DAY, iso } from "../../domain/values/time.ts";
import { createStories } from "../reading/stories.ts";
import type { Store } from "../store.ts";
import { counting } from "./counting.contract.ts";
import { NOON, write } from "./examples.contract.ts";

/** The contract of the rows that a customer's story is made of. */
export function storiesContract(store: () => Store): void {
  const sql = (text: string) => store().database.pool.query(text);
  const ids = ["c-1"];
  /** Signals of many types, among them one that came most of all lately, and touches of deliveries beside a visit. */
  async function fill(types: number, each: number): Promise<void> {
    await write(store(), "c-1", []);
    await sql(`insert into signals (seq, source, id, type, customer_id, time, received_at, event, body_hash)
               select n, 'web', 's-' || n, 't-' || n % ${types}, 'c-1', '${iso(NOON)}'::timestamptz + n / 2 * interval '1 second', now(), '{}', 'h' from generate_series(1, ${types * each}) n`);
    await sql(`insert into signals (seq, source, id, type, customer_id, time, received_at, event, body_hash)
               select 900000 + n, 'web', 'b-' || n, 'busy', 'c-1', '${iso(NOON + DAY)}'::timestamptz + n * interval '1 minute', now(), '{}', 'h' from generate_series(1, 60) n`);
    await sql(`insert into touches (touch_id, customer_id, at, kind, channel)
               select 'd-' || n, 'c-1', '${iso(NOON)}'::timestamptz + n * interval '1 second', 'delivery', 'box' from generate_series(1, 5000) n`);
    await sql(`insert into touches (touch_id, customer_id, at, kind, channel) values ('v-1', 'c-1', '${iso(NOON)}', 'visit', 'visit')`);
    await sql("analyze");
  }

  test("a story of many types of signals, and of many deliveries, reads a bounded number of rows and misses none", async () => {
    await fill(100, 200);
    const { db, read } = counting(store().database.pool);
    const stories = createStories(db);
    const page = await stories.rows({ ids, limit: 100 });
    expect(Math.max(read(), 5_000)).toBe(5_000);
    const { rows: wanted } = await store().database.pool.query<{ id: string }>(
      "select source || ' ' || id as id from signals where customer_id = 'c-1' order by time desc, seq desc limit 100",
    );
    const idsOf = (rows: typeof page.rows) => rows.map(({ row }) => `${row.source} ${row.signal_id}`);
    expect(idsOf(page.rows).toReversed()).toEqual(wanted.map(({ id }) => id));
    const [first] = page.rows;
    const next = await stories.rows({ ids, limit: 100, before: first && { at: first.at, source: first.source, id: first.id } });
    const { rows: following } = await store().database.pool.query<{ id: string }>(
      "select source || ' ' || id as id from signals where customer_id = 'c-1' order by time desc, seq desc limit 100 offset 100",
    );
    expect(idsOf(next.rows).toReversed()).toEqual(following.map(({ id }) => id));
    const visits = await stories.rows({ ids, limit: 100, to: NOON });
    expect(visits.rows.map(({ source, id }) => `${source} ${id}`)).toContain("touches v-1");
  });
}
