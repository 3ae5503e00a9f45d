import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseInstant } from "../domain/values/time.ts";
import { createReconciler } from "../engine/reconcile.ts";
import { createWorker } from "../engine/worker.ts";
import { createIngest } from "../intake/ingest.ts";
import { createRuntime, type Runtime } from "../runtime/create-runtime.ts";
import { silentLog } from "../telemetry/log.ts";
import { policyOf } from "../testing/policy.ts";
import { engines, type Place } from "../testing/service.ts";
import { fixedCatalogue } from "./catalogue.ts";

const policy = policyOf(
  `
  timezone: UTC
  channels: {box: {kind: file}}
  moments: {m: {on: go, expires: 2d}, bill: {on: bill, expires: 2d}, short: {on: short, expires: 5h}}
  governance: {quietHours: [{channels: [box], from: "21:00", to: "08:00"}]}
  `,
  [
    "id: offer\nserves: [m]\nchannels: {box: {text: Hello}}",
    "id: bill\nserves: [bill]\ntransactional: true\nchannels: {box: {text: Your bill}}",
    "id: short\nserves: [short]\nchannels: {box: {text: Hurry}}",
  ],
);

describe.each(engines)("on $name", (engine) => {
  let place: Place | undefined;
  let opened: Runtime | undefined;
  let clock = 0;
  const on = (): Runtime => {
    if (!opened) throw new Error("the runtime is not open");
    return opened;
  };
  const now = (): number => clock;
  const rows = async (sql: string) => (await on().store.database.pool.query(sql)).rows;
  const look = () => createReconciler({ catalogue: on().catalogue, decider: on().decider, log: silentLog }).look();
  const itIs = (time: string): void => {
    clock = parseInstant(time) ?? 0;
  };

  beforeAll(async () => {
    place = await engine.place();
    const { databaseUrl, redisUrl } = place;
    const where = { ...(databaseUrl === undefined ? {} : { databaseUrl }), ...(redisUrl === undefined ? {} : { redisUrl }) };
    opened = await createRuntime({ policy, live: true, onWallClock: true, now, standIn: () => {}, ...where });
  });
  afterAll(async () => {
    await opened?.close();
    await place?.remove();
  });

  /** One decided delivery of each kind, in the state after a crash between reservation and sending. */
  async function leftBehind(...types: readonly string[]): Promise<void> {
    await on().store.clear();
    itIs("2026-06-01T20:00:00Z");
    await createIngest({ inbox: on().store.inbox, now, channels: {}, onAccepted: () => {} }).take(
      types.map((type) => ({ ok: true, event: { specversion: "1.0", id: randomUUID(), source: "test", type, subject: `of ${type}` } })),
    );
    const { store, decider } = on();
    await createWorker({ store, decider, now, newId: randomUUID, log: silentLog, concurrency: 1 }).drain();
    await rows("update deliveries set status = 'reserved', settled_at = null, claim = null, claimed_at = null");
    await rows("delete from lanes");
  }

  test("deliveries left behind by a crash are not sent during quiet hours, but at their end", async () => {
    await leftBehind("go");
    itIs("2026-06-01T23:00:00Z");
    await look();
    expect(await rows("select status, reason, ms(rest_until) as until from deliveries")).toEqual([
      { status: "reserved", reason: "quiet_hours", until: parseInstant("2026-06-02T08:00:00Z") },
    ]);
    itIs("2026-06-02T07:59:59Z");
    await look();
    expect(await rows("select status from deliveries")).toEqual([{ status: "reserved" }]);
    itIs("2026-06-02T08:00:00Z");
    await look();
    expect(await rows("select status, reason from deliveries")).toEqual([{ status: "sent", reason: null }]);
  });

  test("transactional messages are sent at once, and deliveries left behind during the day too", async () => {
    await leftBehind("bill");
    itIs("2026-06-01T23:00:00Z");
    await look();
    expect(await rows("select status from deliveries")).toEqual([{ status: "sent" }]);
    await leftBehind("go");
    itIs("2026-06-01T20:30:00Z");
    await look();
    expect(await rows("select status from deliveries")).toEqual([{ status: "sent" }]);
  });

  test("a deferred delivery is cancelled when its moment is over, and its slot is freed", async () => {
    await leftBehind("short");
    itIs("2026-06-01T23:00:00Z");
    await look();
    itIs("2026-06-02T08:00:00Z");
    await look();
    expect(await rows("select status, reason from deliveries")).toEqual([{ status: "cancelled", reason: "moment_expired" }]);
    expect(await rows("select counted from touches")).toEqual([{ counted: false }]);
  });

  test("a job that waited in the queue for hours respects quiet hours too", async () => {
    await leftBehind("go");
    itIs("2026-06-01T23:00:00Z");
    const { sendDeliveries } = await import("./send-deliveries.ts");
    const [delivery] = await on().store.deliveries.open();
    expect(await sendDeliveries([{ deliveryId: delivery?.deliveryId ?? "" }], on().deps)).toMatchObject([{ status: "waiting" }]);
  });

  test("deliveries that exceed a channel's capacity do not block the others", async () => {
    await leftBehind("go", "bill");
    itIs("2026-06-01T20:30:00Z");
    const full = { ...on().deps, sendQueues: { ...on().deps.sendQueues, congestion: () => ({ deliveryIds: [], channels: ["box"] }) } };
    await createReconciler({ catalogue: fixedCatalogue(full), decider: on().decider, log: silentLog }).look();
    expect(await rows("select distinct status from deliveries")).toEqual([{ status: "reserved" }]);
    await look();
    expect(await rows("select distinct status from deliveries")).toEqual([{ status: "sent" }]);
  });
});
