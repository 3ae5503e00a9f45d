import { expect, test } from "vitest";
import type { Policy } from "../../domain/entities/policy.ts";
import { viewOf } from "../../domain/record/view.ts";
import { DAY, HOUR, type Instant, MINUTE } from "../../domain/values/time.ts";
import type { Pool } from "../engines/database.ts";
import { horizonOf, loadCustomers } from "../reading/load-customers.ts";
import type { Store, StoredSignal } from "../store.ts";
import { counting } from "./counting.contract.ts";
import { aCommit, aNewCustomer, aSignal, inInbox, load, NOON, POLICY, write } from "./examples.contract.ts";

/** The contract of counted signals: added up, and read in lots. */
export function countsContract(store: () => Store): void {
  const query = (sql: string, params: readonly unknown[] = []) => store().database.pool.query(sql, params);

  /** Loads her and counts the rows read from tables. */
  async function loading(policy: Policy, from: Instant, to = from) {
    const { pool } = store().database;
    const { db, read } = counting(pool);
    const reading = { query: db.query.bind(db), connect: () => pool.connect() } as unknown as Pool;
    const customer =
      (await loadCustomers(reading, ["c-1"], horizonOf(policy, from, { latest: to }))).get("c-1") ?? expect.fail("she is known");
    return { customer, rows: read() };
  }

  const SPANS = [HOUR, DAY, 7 * DAY, 300 * DAY];
  const COUNTED = { ...POLICY, experiences: [], counted: { "page.viewed": SPANS } } as unknown as Policy;

  /** Writes signals as an older version of the store would have: without adding anything up. */
  async function given(times: readonly Instant[]): Promise<void> {
    if (!(await store().customers.records(["c-1"])).has("c-1")) await write(store(), "c-1", []);
    await query(
      `insert into signals (seq, source, id, type, customer_id, time, received_at, event, body_hash)
       select (select count(*) from signals) + n, 'given', (select count(*) from signals) + n, 'page.viewed', 'c-1', at, at, '{}', ''
         from unnest($1::timestamptz[]) with ordinality x (at, n)`,
      [times.map((time) => new Date(time).toISOString())],
    );
  }
  const arrives = async (seq: number, more: Partial<StoredSignal>) => {
    const before = await load(store(), "c-1");
    const signal = aSignal("c-1", seq, more);
    await store().commit([aCommit(before, [], { signal: seq % 2 === 0 ? await inInbox(store(), signal) : signal })]);
  };
  const counted = async (policy: Policy, from: Instant, to = from): Promise<number[]> => {
    const { customer } = await loading(policy, from, to);
    const wake = { kind: "timer", customerId: "c-1", key: "k", name: "k", due: to } as const;
    const { scope } = viewOf(
      customer,
      { ...policy, record: { fields: {}, sources: [] }, stages: [], timezone: "UTC" } as unknown as Policy,
      wake,
      to,
    );
    return SPANS.map((span) => scope.count("page.viewed", span));
  };
  const oneByOne = async (now: Instant): Promise<number[]> => {
    const { rows } = await store().database.pool.query<{ at: number }>("select ms(time) as at from signals where type = 'page.viewed'");
    return SPANS.map((span) => rows.filter(({ at }) => now - at < span).length);
  };

  test("are as many as one by one, however late they arrive, and also where several share an instant", async () => {
    const steady = Array.from({ length: 700 }, (_, n) => NOON - n * 31 * MINUTE);
    await given([...steady, ...Array<number>(300).fill(NOON - 3 * DAY), NOON + HOUR]);
    for (const now of [NOON, NOON + 5, NOON + 2 * HOUR, NOON - 2 * DAY]) expect(await counted(COUNTED, now)).toEqual(await oneByOne(now));
    expect((await query("select 1 from signal_tallies")).rowCount).toBeGreaterThan(3);
    const late = [NOON - 3 * DAY, NOON - 3 * DAY - 1, NOON - 6 * HOUR, NOON - 400 * DAY, NOON - DAY, NOON + 1];
    for (const [n, time] of late.entries()) await arrives(2_000 + n, { time });
    await arrives(2_100, { time: NOON - DAY, type: "other" });
    for (const now of [NOON, NOON + HOUR, NOON + 3 * DAY]) expect(await counted(COUNTED, now)).toEqual(await oneByOne(now));
  });

  test("are as many at each instant between those of a batch", async () => {
    await given(Array.from({ length: 400 }, (_, n) => NOON - n * MINUTE));
    for (const later of [0, MINUTE, MINUTE + 1, 3 * HOUR]) {
      const now = NOON + later;
      expect(await counted(COUNTED, NOON, now)).toEqual(await oneByOne(now));
    }
  });

  test("are read in lots: of 6,000 no more rows than of 600", async () => {
    const rows = async (): Promise<number> => {
      await loading(COUNTED, NOON);
      return (await loading(COUNTED, NOON)).rows;
    };
    await given(Array.from({ length: 600 }, (_, n) => NOON - n * 7 * MINUTE));
    const few = await rows();
    await given(Array.from({ length: 5_400 }, (_, n) => NOON - (600 + n) * 7 * MINUTE));
    await query("delete from signal_tallies");
    const many = await rows();
    expect([few < 1_400, many < 1.3 * few], `${few} and ${many} rows`).toEqual([true, true]);
  });

  test("those of merged customers are added", async () => {
    await given(Array.from({ length: 300 }, (_, n) => NOON - n * MINUTE));
    const link = {
      customerId: "c-2",
      into: "c-1",
      root: "c-1",
      at: NOON,
      source: "crm",
      signalId: "s",
      before: { consents: {}, timers: {}, moved: {} },
    };
    await store().commit([aCommit(aNewCustomer("c-2"), [], { signal: aSignal("c-2", 5_000) })]);
    await write(store(), "c-2", [{ type: "merged", link }]);
    expect(await counted(COUNTED, NOON)).toEqual(await oneByOne(NOON));
  });
}
