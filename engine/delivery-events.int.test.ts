import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { DAY, parseInstant } from "../domain/values/time.ts";
import { createIngest } from "../intake/ingest.ts";
import { createRuntime, type Runtime } from "../runtime/create-runtime.ts";
import { silentLog } from "../telemetry/log.ts";
import { type OperatedStore, openOperated } from "../testing/operated-store.ts";
import { policyOf } from "../testing/policy.ts";
import { startHttpProvider } from "../testing/providers/http-provider.ts";
import { engines, type Place } from "../testing/service.ts";
import { inShort } from "../testing/tell.ts";
import { createWorker } from "./worker.ts";

const about = (id: string) => `when: "signal.data.experienceId == '${id}' && signal.data.department == 'sales'"`;
const POLICY = (url: string) =>
  policyOf(
    `
  timezone: UTC
  departments: [sales]
  learning: {explore: none}
  channels: {box: {kind: file}, hook: {kind: webhook, url: "${url}", allowPrivate: true, secret: whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0}}
  governance: {consent: {hook: opt_out}}
  moments:
    m: {on: go, expires: 9d}
    h: {on: hook, expires: 9d}
    sent: {on: delivery.sent, expires: 1d, ${about("e")}}
    failed: {on: delivery.failed, expires: 1d, ${about("h")}}
    counted: {on: ask, expires: 1d, when: "count('delivery.sent', '30d') == 3 && count('delivery.failed', '30d') == 0 && count('delivery.ignored', '30d') == 2"}
    unlucky: {on: ask, expires: 1d, when: "count('delivery.failed', '30d') == 1 && count('delivery.sent', '30d') == 1"}
  `,
    [
      "id: e\nserves: [m]\ndepartment: sales\nchannels: {box: {text: Hello}}\nsuccess: {signal: bought, within: 2d}",
      "id: h\nserves: [h]\ndepartment: sales\nchannels: {hook: {payload: {text: Hello}}}",
      "id: after-sent\nserves: [sent]\nchannels: {box: {text: Did it arrive?}}\nsuccess: {signal: bought, within: 2d}",
      "id: after-failed\nserves: [failed]\nchannels: {box: {text: Another way}}",
      "id: counted\nserves: [counted]\nchannels: {box: {text: Counted}}",
      "id: unlucky\nserves: [unlucky]\nchannels: {box: {text: Unlucky}}",
    ],
  );

describe("W18: in a recorded stream", () => {
  let opened: OperatedStore | undefined;
  const on = (): OperatedStore => opened ?? expect.fail("the store is not open");
  beforeAll(async () => {
    opened = await openOperated(POLICY("https://example.com"));
  });
  beforeEach(() => on().runtime.store.clear());
  afterAll(() => opened?.runtime.close());
  const told = async (...given: Parameters<OperatedStore["play"]>) =>
    (await on().play(...given)).map((decision) => `${decision.customerId} ${inShort(decision)}`);

  test("W18: a message that was sent opens a moment once, before what comes later", async () => {
    const later = await told(
      [
        ["2026-06-01T15:00:00Z", "go"],
        ["2026-06-01T15:00:01Z", "go", { subject: "c-2" }],
        ["2026-06-01T15:00:01Z", "go", { subject: "c-3" }],
      ],
      "2026-06-01T16:00:00",
    );
    expect(later).toEqual([
      "c-1 06-01 15:00 deliver e@box",
      "c-1 06-01 15:00 deliver after-sent@box",
      "c-2 06-01 15:00:01 deliver e@box",
      "c-3 06-01 15:00:01 deliver e@box",
      "c-2 06-01 15:00:01 deliver after-sent@box",
      "c-3 06-01 15:00:01 deliver after-sent@box",
    ]);
    expect(await on().rows("select key from timers where key like 'delivery.%'")).toEqual([]);
  });

  test("W18: count() knows what was sent and what was ignored", async () => {
    const lines = await told([
      ["2026-06-01T15:00:00Z", "go"],
      ["2026-06-02T15:00:00Z", "ask"],
      ["2026-06-04T15:00:00Z", "hook"],
      ["2026-06-04T16:00:00Z", "delivery.sent", { deliveryId: "of another system" }],
      ["2026-06-04T17:00:00Z", "ask"],
    ]);
    // Two of ours and the one that we do not know; the third of ours counts as itself only once.
    expect(lines.slice(2)).toEqual(["c-1 06-04 15:00 deliver h@hook"]);
    await on().runtime.store.clear();
    const without = await told([
      ["2026-06-01T15:00:00Z", "go"],
      ["2026-06-04T15:00:00Z", "hook"],
      ["2026-06-04T17:00:00Z", "ask"],
    ]);
    expect(without.slice(2)).toEqual(["c-1 06-04 15:00 deliver h@hook", "c-1 06-04 17:00 deliver counted@box"]);
  });
});

describe.each(engines)("W18: on a server, $name", (engine) => {
  let place: Place | undefined;
  let opened: Runtime | undefined;
  let provider: Awaited<ReturnType<typeof startHttpProvider>> | undefined;
  let clock = parseInstant("2026-06-01T15:00:00Z") ?? 0;
  const now = (): number => clock;
  const on = (): Runtime => opened ?? expect.fail("the runtime is not open");

  beforeAll(async () => {
    place = await engine.place();
    provider = await startHttpProvider({ status: 200, body: "" });
    provider.behave("refuses");
    const { databaseUrl, redisUrl } = place;
    const where = { ...(databaseUrl === undefined ? {} : { databaseUrl }), ...(redisUrl === undefined ? {} : { redisUrl }) };
    opened = await createRuntime({ policy: POLICY(provider.url), live: true, now, ...where });
  });
  afterAll(async () => {
    await opened?.close();
    await provider?.close();
    await place?.remove();
  });

  async function decidedAfter(...types: readonly string[]): Promise<readonly unknown[]> {
    const { store, decider } = on();
    await store.clear();
    const ingest = createIngest({ inbox: store.inbox, now, channels: {}, onAccepted: () => {} });
    const worker = createWorker({ store, decider, now, newId: randomUUID, log: silentLog, concurrency: 1 });
    for (const type of types) {
      await ingest.take([{ ok: true, event: { specversion: "1.0", id: randomUUID(), source: "test", type, subject: "c-1" } }]);
      await worker.drain();
      await store.database.pool.query("delete from lanes");
      await worker.drain();
      clock += DAY;
    }
    const { rows } = await store.database.pool.query(
      "select experience_id, (select status from deliveries where decision_id = d.decision_id) as status, record->'wake'->>'name' ~ '^delivery[.](sent|failed):' as by_event from decisions d order by seq",
    );
    return rows.map(({ experience_id, status, by_event }) => [experience_id, status, by_event]);
  }

  test("W18: a message that was sent opens a moment, once", async () => {
    expect(await decidedAfter("go")).toEqual([
      ["e", "sent", null],
      ["after-sent", "sent", true],
    ]);
  });

  test("W18: one that its provider refused does, and is counted", async () => {
    expect(await decidedAfter("hook", "ask")).toEqual([
      ["h", "failed", null],
      ["after-failed", "sent", true],
      ["unlucky", "sent", null],
    ]);
  });
});
