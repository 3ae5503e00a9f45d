import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Policy } from "../domain/entities/policy.ts";
import { MINUTE, SECOND } from "../domain/values/time.ts";
import { openStore } from "../runtime/open-store.ts";
import type { Store } from "../store/store.ts";
import { silentLog } from "../telemetry/log.ts";
import { policyOf } from "../testing/policy.ts";
import { engines, type Place } from "../testing/service.ts";
import { createVersionSweeper } from "./version-sweep.ts";

const HELLO = ["id: e\nserves: [m]\nchannels: {box: {text: Hello}}"];
const WITH = policyOf("channels: {box: {kind: file}}\nmoments: {m: {on: go, expires: 30d}, gone: {on: went, expires: 30d}}", HELLO);
const WITHOUT = policyOf("channels: {box: {kind: file}}\nmoments: {m: {on: go, expires: 30d}}", HELLO);
const LISTENING = policyOf(
  "channels: {box: {kind: file}}\nmoments: {m: {on: go, expires: 30d}, quiet: {absent: {signal: visit, for: 30d}, expires: 7d}}",
  HELLO,
);
const MANY = 10_000;

describe.each(engines.filter(({ name }) => !name.includes("Redis")))("on $name", (engine) => {
  let place: Place;
  let store: Store;
  let clock = 0;
  const now = (): number => Date.now() + clock;
  beforeAll(async () => {
    place = await engine.place();
    store = await openStore({ now, ...(place.databaseUrl === undefined ? {} : { databaseUrl: place.databaseUrl }) });
  });
  afterEach(async () => {
    clock = 0;
    await store.clear();
  });
  afterAll(async () => {
    await store.close();
    await place.remove();
  });

  const rows = async (sql: string) => (await store.database.pool.query(sql)).rows;
  const publish = ({ version }: Policy) =>
    store.versions.publish(
      { policyVersion: version, files: {}, at: now(), by: "ann", from: "shop" },
      { at: now(), by: "ann", action: "published", target: version, details: {} },
      () => true,
    );
  const stepUnder = (policy: Policy | undefined) => createVersionSweeper({ store, policy: () => policy, now, log: silentLog }).step();
  const woken = async () => Number((await rows("select count(*)::int as n from timers where key = 'version'"))[0]?.n);
  const pass = (ms: number): void => {
    clock += ms;
  };
  const customers = async (many: number): Promise<void> => {
    await rows(
      `insert into customers (customer_id, origin, created_at, seen) select 'c' || lpad(n::text, 6, '0'), '{}', now(), case when n % 2 = 0 then '{"visit": {}}'::jsonb else '{}' end from generate_series(1, ${many}) n`,
    );
    await rows(
      `insert into moments (moment_id, customer_id, name, opened_at, expires_at, urgency, data, opened_by, opened_seq, confidence, decided_by)
       select 'm' || customer_id, customer_id, 'gone', now(), now() + interval '30 days', 0.5, '{}', 'x', 1, 1, 'rule' from customers`,
    );
  };

  test("a version that takes away a moment with ten thousand open ones, rolled back ten seconds later, has touched none of them", async () => {
    await customers(MANY);
    await publish(WITH);
    await stepUnder(WITH);
    await publish(WITHOUT);
    await stepUnder(WITHOUT);
    pass(10 * SECOND);
    await publish(WITH);
    for (let n = 0; n < 3; n++) await stepUnder(WITH);
    pass(60 * MINUTE);
    for (let n = 0; n < 60; n++) await stepUnder(WITH);
    expect(await woken()).toBe(0);
    expect(await rows("select value->'isDone' as done from settings where name = 'version_sweep'")).toEqual([{ done: true }]);
  });

  test("without a roll-back each is woken once, in small steps that go on after a kill, well within the hour", async () => {
    await customers(1_000);
    await publish(WITH);
    await publish(WITHOUT);
    await stepUnder(WITHOUT);
    pass(9 * MINUTE);
    await stepUnder(WITHOUT);
    expect(await woken()).toBe(0);
    pass(2 * MINUTE);
    const counts: number[] = [];
    // Each step is taken by a process of its own, as if the one before it was killed; two of them at once.
    for (let n = 0; n < 4; n++) {
      await Promise.all([stepUnder(WITHOUT), ...(n === 0 ? [stepUnder(WITHOUT)] : [])]);
      counts.push(await woken());
    }
    expect(counts).toEqual([400, 600, 800, 1_000]);
    await rows("delete from timers");
    for (let n = 0; n < 3; n++) await stepUnder(WITHOUT);
    expect(await woken()).toBe(0);
  });

  test("a process that decides by another version than the one in force, or cannot run it, wakes nobody", async () => {
    await customers(10);
    await publish(WITHOUT);
    for (const policy of [WITH, undefined]) {
      await stepUnder(policy);
      pass(60 * MINUTE);
      await stepUnder(policy);
    }
    expect(await woken()).toBe(0);
  });

  test("what has a channel or an experience that is gone wakes its customer; what is kept wakes nobody", async () => {
    await customers(4);
    await rows("delete from moments");
    await rows(`insert into approvals (approval_id, customer_id, decision_id, experience_id, moment_id, reason, asked_at, state) values
      ('a1', 'c000001', 'd', 'old', 'm', '', now(), 'pending'), ('a2', 'c000002', 'd', 'e', 'm', '', now(), 'pending')`);
    await rows(`update customers set standing = '{"experienceId": "old"}' where customer_id = 'c000003'`);
    await publish(WITHOUT);
    await stepUnder(WITHOUT);
    pass(11 * MINUTE);
    await stepUnder(WITHOUT);
    expect(await rows("select customer_id as who from timers order by 1")).toEqual([{ who: "c000001" }, { who: "c000003" }]);
  });

  test("an absence that is listened to anew wakes those who have its signal, once", async () => {
    await customers(10);
    await rows("delete from moments");
    const under = async (policy: Policy) => {
      await publish(policy);
      await stepUnder(policy);
      pass(11 * MINUTE);
      await stepUnder(policy);
      const now = await woken();
      await rows("delete from timers");
      return now;
    };
    expect(await under(WITHOUT)).toBe(0);
    expect(await under(LISTENING)).toBe(5);
    expect(await under({ ...LISTENING, version: "the same with another text" })).toBe(0);
    expect(await under(WITHOUT)).toBe(0);
  });
});
