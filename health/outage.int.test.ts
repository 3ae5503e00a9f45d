import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { customerOf } from "../domain/entities/wake.ts";
import type { Decider } from "../engine/decide.ts";
import { createWorker } from "../engine/worker.ts";
import { createIngest } from "../intake/ingest.ts";
import { createRuntime, type Runtime } from "../runtime/create-runtime.ts";
import { createLog, silentLog } from "../telemetry/log.ts";
import { createMetrics } from "../telemetry/metrics.ts";
import { policyOf } from "../testing/policy.ts";
import { engines, type Place } from "../testing/service.ts";
import { createOutageMonitor } from "./outage.ts";

const policy = policyOf("moments: {m: {on: go, expires: 30d}}");

/** Error codes that a store may raise for any length of time; the last two are in no list. */
const CODES = [
  ...["40001", "40P01", "53100", "53200", "53300", "53400", "55006", "55P03", "57014", "57P03", "58030", "25006", "XX000", "XX001"],
  ...["HV000", "P0001"],
];

describe.each(engines)("on $name", (engine) => {
  let place: Place | undefined;
  let opened: Runtime | undefined;
  const on = (): Runtime => {
    if (!opened) throw new Error("the runtime is not open");
    return opened;
  };
  const rows = async (sql: string) => (await on().store.database.pool.query(sql)).rows;

  beforeAll(async () => {
    place = await engine.place();
    const { databaseUrl, redisUrl } = place;
    const where = { ...(databaseUrl === undefined ? {} : { databaseUrl }), ...(redisUrl === undefined ? {} : { redisUrl }) };
    opened = await createRuntime({ policy, live: true, now: Date.now, standIn: () => {}, ...where });
  });
  beforeEach(() => on().store.clear());
  afterEach(async () => {
    for (const table of ["signals", "decisions", "settings"]) await rows(`drop trigger if exists refuse on ${table}`);
  });
  afterAll(async () => {
    await opened?.close();
    await place?.remove();
  });

  /** Makes the database refuse writes to a table, all of them or where a condition holds. */
  async function refuse(code: string, table: string, when = "true"): Promise<void> {
    await rows(
      `create or replace function refuse() returns trigger language plpgsql as $$ begin raise exception 'no' using errcode = '${code}'; end $$`,
    );
    await rows(`create trigger refuse before insert or update on ${table} for each row when (${when}) execute function refuse()`);
  }
  const relent = (table: string) => rows(`drop trigger refuse on ${table}`);
  const signals = (...customers: readonly string[]) =>
    createIngest({ inbox: on().store.inbox, now: Date.now, onAccepted: () => {} }).take(
      customers.map((subject) => ({ ok: true, event: { specversion: "1.0", id: randomUUID(), source: "test", type: "go", subject } })),
    );
  const workerWith = (decider: Decider = on().decider, more: Partial<Parameters<typeof createWorker>[0]> = {}) =>
    createWorker({ store: on().store, decider, now: Date.now, newId: randomUUID, log: silentLog, concurrency: 1, tries: 2, ...more });
  /** Consecutive rounds of work, without the back-off between them. */
  async function rounds(count: number, worker = workerWith()): Promise<void> {
    for (let round = 0; round < count; round++) {
      await rows("update lanes set until = clock_timestamp() - interval '1 second'");
      await worker.drain();
    }
  }
  const decided = async () => (await rows("select customer_id as id from signals order by 1")).map(({ id }) => id);
  const dead = () => rows("select customer_id as id, attempts, error->>'code' as code from inbox where dead_at is not null order by 1");
  const failing = (isFailing: (customerId: string) => boolean, error: Error): Decider => ({
    ...on().decider,
    async decide(wakes, options) {
      if (wakes.some(({ wake }) => isFailing(customerOf(wake)))) throw error;
      return on().decider.decide(wakes, options);
    },
  });

  test.each(CODES)("B1: while every write fails with %s, no signal loses an attempt, and all are decided afterwards", async (code) => {
    await signals("a", "b", "c", "d", "e");
    await refuse(code, "signals");
    await rounds(6);
    expect(await rows("select distinct attempts, dead_at from inbox")).toEqual([{ attempts: 0, dead_at: null }]);
    await relent("signals");
    await rounds(1);
    expect(await decided()).toEqual(["a", "b", "c", "d", "e"]);
  });

  test.each(["55P03", "57014", "40001", "53100"])("B1: a timer that fails with %s is kept, however often", async (code) => {
    await signals("tim", "tom");
    await rounds(1);
    await rows(
      "insert into timers (customer_id, key, name, due) select c, 'daily', 'clock.daily', now() - interval '1 minute' from unnest(array['tim', 'tom']) c on conflict (customer_id, key) do update set due = excluded.due",
    );
    await rows(
      `create or replace function refuse() returns trigger language plpgsql as $$ begin raise exception 'no' using errcode = '${code}'; end $$`,
    );
    await rows("create trigger refuse before insert or update or delete on timers for each row execute function refuse()");
    await rounds(6);
    await rows("drop trigger refuse on timers");
    expect(await rows("select attempts from failed_timers")).toEqual([]);
    await rounds(2);
    expect(await rows("select 1 from timers where due < now()")).toEqual([]);
  });

  test("B1: an unknown error costs an attempt only while the store accepts writes", async () => {
    await signals("a");
    const worker = workerWith(failing(() => true, new Error("something new")));
    await refuse("P0001", "settings");
    await rounds(6, worker);
    expect(await rows("select attempts from inbox")).toEqual([{ attempts: 0 }]);
    await relent("settings");
    await rounds(2, worker);
    expect(await dead()).toMatchObject([{ id: "a", attempts: 2 }]);
  });

  test.each([
    ["P0001", "one customer", "new.customer_id = 'bad'", ["bad"], ["good", "fine"]],
    ["P0001", "one customer alone", "new.customer_id = 'bad'", ["bad"], []],
    ["22P02", "several customers alone", "new.customer_id like 'bad%'", ["bad-1", "bad-2", "bad-3"], []],
    ["P0001", "several customers among others", "new.customer_id like 'bad%'", ["bad-1", "bad-2"], ["good"]],
    ["23514", "one customer in a batch", "new.customer_id = 'bad'", ["bad"], ["a", "b", "c"]],
  ])("B1: %s on %s is a poison message, and ends as a dead letter", async (code, _, when, bad, good) => {
    await signals(...good, ...bad);
    await refuse(code, "signals", when);
    await rounds(3);
    expect(await decided()).toEqual([...good].sort());
    expect(await dead()).toEqual(bad.map((id) => ({ id, attempts: 2, code })));
  });

  test("B1: start and end of an outage are one log line each and a metric, not a line for each wake", async () => {
    const lines: string[] = [];
    let ticks = 0;
    const log = createLog((line) => lines.push(line), Date.now);
    const metrics = createMetrics();
    const worker = workerWith(on().decider, { log, outages: createOutageMonitor({ log, metrics, ticks: () => ticks }) });
    await signals(...Array.from({ length: 20 }, (_, n) => `c-${n}`));
    await refuse("53100", "signals");
    await rounds(5, worker);
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { level: "warn", message: expect.stringMatching(/^the store refuses/), code: "53100" },
    ]);
    expect(await metrics.text()).toMatch(/sentient_store_refusals_total\{code="53100"\} \d+/);
    await relent("signals");
    ticks += 20_000;
    await rounds(1, worker);
    expect(lines.map((line) => JSON.parse(line)).slice(1)).toMatchObject([{ level: "info", code: "53100", refusals: expect.any(Number) }]);
  });
});
