import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Policy } from "../domain/entities/policy.ts";
import { DAY, HOUR, parseInstant } from "../domain/values/time.ts";
import { createIngest } from "../intake/ingest.ts";
import { createRuntime, type Runtime } from "../runtime/create-runtime.ts";
import { silentLog } from "../telemetry/log.ts";
import { policyOf } from "../testing/policy.ts";
import { engines, type Place } from "../testing/service.ts";
import type { Decider } from "./decide.ts";
import { createWorker } from "./worker.ts";

const HEAD = `
  timezone: UTC
  learning: {explore: thompson}
  channels: {box: {kind: file}}
  governance: {suppress: [{after: {outcome: ignored, times: 3, within: 30d}, for: 60d, scope: experience}]}`;
const MOMENTS = "m: {on: go, expires: 1d}, w: {on: wait, expires: 30d}";
const EXPERIENCES = [
  "id: plain\nserves: [m]\nchannels: {box: {text: Hello}}",
  "id: hopeful\nserves: [m]\nchannels: {box: {text: Buy}}\nsuccess: {signal: bought, within: 2d}",
  'id: later\nserves: [w]\neligibility: ["false"]\nchannels: {box: {text: Later}}',
];
const QUIET = policyOf(`${HEAD}\n  moments: {${MOMENTS}}`, EXPERIENCES);
const HEARD = policyOf(`${HEAD}\n  moments: {${MOMENTS}, quiet: {on: delivery.ignored, expires: 1d}}`, EXPERIENCES);
const STAGED = policyOf(
  `${HEAD}\n  moments: {${MOMENTS}}\n  stages: {fresh: {when: "count('bought', '30d') == 0"}, other: {}}`,
  EXPERIENCES,
);
const CLOCKED = policyOf(`${HEAD}\n  moments: {${MOMENTS}, morning: {on: clock.daily, expires: 1h, when: "false"}}`, EXPERIENCES);

const START = parseInstant("2026-06-01T15:00:00Z") ?? 0;

describe.each(engines.filter(({ name }) => name !== "PostgreSQL"))("the end of the time for a response, $name", (engine) => {
  let place: Place | undefined;
  let opened: Runtime | undefined;
  let clock = START;
  const now = (): number => clock;

  const on = (): Runtime => opened ?? expect.fail("the runtime is not open");
  const open = async (policy: Policy): Promise<void> => {
    const { databaseUrl, redisUrl } = place ?? expect.fail("there is no place");
    const where = { ...(databaseUrl === undefined ? {} : { databaseUrl }), ...(redisUrl === undefined ? {} : { redisUrl }) };
    opened = await createRuntime({ policy, live: true, now, ...where });
    await opened.store.clear();
  };
  beforeAll(async () => {
    place = await engine.place();
  });
  afterAll(async () => {
    await place?.remove();
  });

  async function send(...signals: readonly (readonly [customerId: string, type: string, data?: object])[]): Promise<void> {
    const { inbox } = on().store;
    const ingest = createIngest({ inbox, now, channels: {}, onAccepted: () => {} });
    for (const [subject, type, data] of signals) {
      const event = {
        specversion: "1.0" as const,
        id: `${subject}-${type}-${clock}`,
        source: "test",
        type,
        subject,
        ...(data ? { data } : {}),
      };
      await ingest.take([{ ok: true, event: event as never }]);
    }
  }

  /** Decides what waits; returns the customers whose wakes the graph decided. */
  async function drain(change: Partial<Decider> = {}): Promise<string[]> {
    const { store, decider } = on();
    const decided: string[] = [];
    const watched: Decider = {
      ...decider,
      decide: async (wakes, options) => {
        decided.push(
          ...wakes.map(({ wake }) =>
            wake.kind === "signal" ? wake.signal.customerId : wake.kind === "timer" ? `${wake.customerId} ${wake.name.split(":")[0]}` : "",
          ),
        );
        return decider.decide(wakes, options);
      },
      ...change,
    };
    const worker = createWorker({ store, decider: watched, now, newId: randomUUID, log: silentLog, concurrency: 1 });
    await worker.drain();
    await store.database.pool.query("delete from lanes");
    await worker.drain();
    await store.database.pool.query("delete from lanes");
    return decided;
  }

  const rows = async (sql: string): Promise<readonly unknown[]> => (await on().store.database.pool.query(sql)).rows;
  /** Everything that the end of a response may change. */
  const state = async () => ({
    outcomes: await rows(
      "select delivery_id, customer_id, kind, experience_id, channel, department, ms(at) as at, reward from outcomes order by 1, 3",
    ),
    learned: await rows("select experience_id, channel, variant, state from learned order by 1, 2, 3"),
    taught: await rows("select delivery_id, taught, status from deliveries order by 1"),
    timers: await rows("select customer_id, key, ms(due) as due from timers order by 1, 2"),
    customers: await rows("select customer_id, version::int as version, claims, openings, standing, stage from customers order by 1"),
    runs: await rows("select run_id, wake from runs order by 1"),
    decisions: await rows("select decision_id from decisions order by 1"),
  });

  async function played(policy: Policy, change: Partial<Decider> = {}) {
    clock = START;
    await open(policy);
    try {
      await send(["c-1", "go"], ["c-2", "go"], ["c-3", "go"], ["c-4", "go"]);
      await drain();
      clock += HOUR;
      await send(["c-2", "delivery.opened", await deliveryOf("c-2")], ["c-3", "delivery.clicked", await deliveryOf("c-3")]);
      await drain();
      // Something of hers is open: the end is a wake of hers.
      await send(["c-4", "wait"]);
      await drain();
      clock += 8 * DAY;
      const decided = await drain(change);
      return { decided: [...new Set(decided)].sort(), state: await state() };
    } finally {
      await on().close();
      opened = undefined;
    }
  }
  const deliveryOf = async (customerId: string): Promise<object> =>
    (await rows(`select delivery_id as "deliveryId" from deliveries where customer_id = '${customerId}'`))[0] as object;

  test("comes to the same as a wake, for whom nothing is open, and is none", async () => {
    const quick = await played(QUIET);
    const whole = await played(QUIET, { endResponses: async () => new Set() });
    expect(quick.state).toEqual(whole.state);
    expect(quick.state.outcomes).toEqual(expect.arrayContaining([expect.objectContaining({ customer_id: "c-1", kind: "ignored" })]));
    expect(quick.state.learned.length).toBeGreaterThan(0);
    expect(quick.decided.filter((wake) => !wake.startsWith("c-4"))).toEqual([]);
    expect(whole.decided).toEqual(expect.arrayContaining(["c-1 response", "c-4 response"]));
  });

  // What follows rests on the policy and the record, not on the engine.
  const once = test.runIf(engine.name === "embedded");

  once("is a wake where a rule hears of it, a stage may change, or a daily clock is missing", async () => {
    for (const policy of [HEARD, STAGED]) expect((await played(policy)).decided).toEqual(expect.arrayContaining(["c-1 response"]));
    const quick = await played(CLOCKED);
    expect(quick.decided).not.toContain("c-1 response");
    const missing = await played(CLOCKED, {
      endResponses: async (wakes) => {
        await on().store.database.pool.query("delete from timers where key = 'clock.daily'");
        return on().decider.endResponses(wakes);
      },
    });
    expect(missing.decided).toContain("c-1 response");
  });

  once("is decided where the store fails to write it, and once where the customer changes meanwhile", async () => {
    const failed = await played(QUIET, { endResponses: async () => Promise.reject(new Error("the store is gone")) });
    expect(failed.decided).toContain("c-1 response");
    expect(failed.state.outcomes).toEqual((await played(QUIET)).state.outcomes);
    const changed = await played(QUIET, {
      endResponses: async (wakes) => {
        const { timers } = on().store;
        const { quietResponseEnds } = timers;
        Object.assign(timers, {
          quietResponseEnds: async (...given: Parameters<typeof quietResponseEnds>) => {
            const ends = await quietResponseEnds(...given);
            await on().store.database.pool.query("update customers set version = version + 1");
            return ends;
          },
        });
        try {
          return await on().decider.endResponses(wakes);
        } finally {
          Object.assign(timers, { quietResponseEnds });
        }
      },
    });
    expect(changed.decided).toContain("c-1 response");
    expect(changed.state.outcomes).toEqual(failed.state.outcomes);
  });
});
