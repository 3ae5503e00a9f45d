import { createHmac } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HOUR } from "../domain/values/time.ts";
import { policyOf } from "../testing/policy.ts";
import { engines, openTestService, type Place, type TestService, until } from "../testing/service.ts";

const policy = policyOf("channels: {box: {kind: file}}\nmoments: {m: {on: go, expires: 30d}}", [
  "serves: [m]\nchannels: {box: {text: Hello}}",
]);

const MOST = 5;

/** Signals of one customer, each with its own address. */
const signalsOf = (subject: string, count: number) =>
  Array.from({ length: count }, (_, n) => ({
    ...{ specversion: "1.0", id: `${subject}-${n}`, source: "web", type: "go", subject },
    data: { identities: [{ type: "email", value: `${subject}-${n}@example.org` }] },
  }));

describe.each(engines)("when the backlog exceeds its limit, on $name", (engine) => {
  let place: Place | undefined;
  let running: TestService | undefined;
  let ahead = 0;
  const on = (): TestService => {
    if (!running) throw new Error("the service is not open");
    return running;
  };
  beforeAll(async () => {
    place = await engine.place();
    running = await openTestService(policy, place, { maxWaiting: MOST, now: () => Date.now() + ahead });
  });
  afterAll(async () => {
    await running?.close();
    await place?.remove();
  });

  /** The backlog is counted periodically: from here on a count is due. */
  const later = () => {
    ahead += 1_000;
  };
  /** Holds the customer's lease, so that their signals stay pending. */
  const holdLane = (id: string) =>
    on().rows("insert into lanes (customer_id, owner, until) values ($1, 'a test', clock_timestamp() + interval '1 hour')", [id]);
  const release = async (id: string) => {
    await on().rows("delete from lanes where customer_id = $1", [id]);
    on().service.nudge();
    await on().settled();
  };
  const waiting = async (id: string) =>
    (await on().rows("select id from inbox where customer_id = $1 order by seq", [id])).map((row) => row.id);
  const answered = async (response: Response) => ({
    status: response.status,
    retryAfter: response.headers.get("retry-after"),
    type: response.headers.get("content-type"),
    body: await response.json(),
  });
  const refusal = {
    status: 429,
    retryAfter: "5",
    type: "application/problem+json",
    body: { type: "urn:sentient:error:OVERLOADED", status: 429, code: "OVERLOADED", detail: expect.stringContaining("try again later") },
  };

  test("requests are refused with a Retry-After, nothing of them is kept, and they are accepted once the backlog is processed", async () => {
    await holdLane("ann");
    expect((await on().post("/v1/signals", signalsOf("ann", MOST))).status).toBe(202);
    const late = signalsOf("late", 3);
    const track = { type: "track", event: "go", userId: "late", messageId: "segment-1" };
    for (const [path, body] of [
      ["/v1/signals", late],
      ["/v1/signals", late[0]],
      ["/v1/track", track],
      ["/v1/batch", { batch: [track] }],
    ] as const)
      expect([path, await answered(await on().post(path, body as never))]).toMatchObject([path, refusal]);
    expect(await waiting("ann")).toHaveLength(MOST);
    for (const table of ["inbox", "inbox_identities", "customers", "signals", "identities"])
      expect([table, await on().rows(`select 1 from ${table} where customer_id = 'late'`)]).toEqual([table, []]);

    await release("ann");
    later();
    expect(await answered(await on().post("/v1/signals", late))).toMatchObject({ status: 202, body: { accepted: 3, duplicates: 0 } });
    await on().settled();
    expect((await on().rows("select id from signals where customer_id = 'late' order by seq")).map(({ id }) => id)).toEqual(
      late.map(({ id }) => id),
    );
    expect(await on().decisions("ann")).toHaveLength(MOST);
  });

  test("B11: after the clock was set back an hour with no backlog, requests are accepted", async () => {
    later();
    await holdLane("cleo");
    expect((await on().post("/v1/signals", signalsOf("cleo", MOST))).status).toBe(202);
    expect((await on().post("/v1/signals", signalsOf("dora", 1))).status).toBe(429);
    ahead -= HOUR;
    await release("cleo");
    expect((await on().post("/v1/signals", signalsOf("dora", 1))).status).toBe(202);
    await on().settled();
    expect(await on().decisions("dora")).toHaveLength(1);
  });

  test("of fifty concurrent requests no more are accepted than the limit", async () => {
    later();
    await holdLane("bob");
    const statuses = await Promise.all(signalsOf("bob", 50).map(async (one) => (await on().post("/v1/signals", one)).status));
    expect(statuses.filter((status) => status === 202)).toHaveLength(MOST);
    expect(statuses.filter((status) => status === 429)).toHaveLength(50 - MOST);
    expect(await waiting("bob")).toHaveLength(MOST);
    await release("bob");
  });
});

describe.each(engines)("B7: opt-outs while everything else is refused, on $name", (engine) => {
  const OUTWARD = policyOf(
    `
    channels: {sms: {kind: twilio, accountSid: AC1, authToken: token, from: "+15550000000"}, box: {kind: file}}
    moments: {m: {on: go, expires: 30d}}
    `,
    ["serves: [m]\nchannels: {box: {text: Hello}}"],
  );

  test("B7: a revocation, STOP and one-click are accepted and apply at once; the rest of a batch is refused", async () => {
    const place = await engine.place();
    const running = await openTestService(OUTWARD, place, {
      ...{ maxWaiting: MOST, concurrency: 0, publicUrl: "https://care.example", standIn: () => {} },
    });
    try {
      expect((await running.post("/v1/signals", signalsOf("ann", MOST))).status).toBe(202);
      const no = (id: string, subject: string) => ({
        ...{ specversion: "1.0", id, source: "web", type: "customer.consent", subject, data: { channel: "BOX", status: "Revoked" } },
      });
      expect((await running.post("/v1/signals", signalsOf("late", 1)[0] as never)).status).toBe(429);
      expect((await running.post("/v1/signals", no("1", "revoked"))).status).toBe(202);
      const mixed = await running.post("/v1/signals", [...signalsOf("late", 2), no("2", "mixed")] as never);
      expect([mixed.status, mixed.headers.get("retry-after"), await mixed.json()]).toMatchObject([
        429,
        "5",
        { code: "OVERLOADED", accepted: 1, rejected: [{ index: 0 }, { index: 1 }] },
      ]);
      const segment = { type: "track", event: "customer.consent", userId: "segment", messageId: "m", properties: { status: "denied" } };
      expect((await running.post("/v1/batch", { batch: [segment] })).status).toBe(202);
      const { unsubscribeLinks } = await import("../intake/unsubscribing.ts");
      const linkOf = await unsubscribeLinks(running.service.store, "https://care.example");
      const link = linkOf({ customerId: "clicked", channel: "box", deliveryId: "d" });
      expect((await running.app.request(link, { method: "POST" })).status).toBe(200);
      const stop = { MessageSid: "SM1", From: "+15550000001", To: "+15550000000", Body: "STOP", SmsStatus: "received" };
      const url = "https://care.example/v1/webhooks/sms";
      const signed =
        url +
        Object.keys(stop)
          .sort()
          .map((name) => name + stop[name as keyof typeof stop])
          .join("");
      const texted = await running.app.request(url, {
        method: "POST",
        headers: {
          "content-type": "application/x-www-form-urlencoded",
          "x-twilio-signature": createHmac("sha1", "token").update(signed).digest("base64"),
        },
        body: new URLSearchParams(stop).toString(),
      });
      expect(texted.status).toBe(200);
      const standing = await running.rows(
        "select distinct case when customer_id in ('revoked', 'mixed', 'segment', 'clicked') then customer_id else 'texted' end as id from consents where status <> 'granted' order by 1",
      );
      expect(standing.map(({ id }) => id)).toEqual(["clicked", "mixed", "revoked", "segment", "texted"]);
      expect(await running.rows("select 1 from customers where customer_id = 'late'")).toEqual([]);
    } finally {
      await running.close();
      await place.remove();
    }
  });
});

describe.each(engines)("while the database does not answer, on $name", (engine) => {
  test("memory holds a bounded number: the others are refused at once, and those held are accepted when the database answers", async () => {
    const place = await engine.place();
    const running = await openTestService(policy, place, { concurrency: 0 });
    const client = await running.service.store.database.pool.connect();
    await client.query("begin");
    await client.query("lock table inbox in access exclusive mode");
    const statuses: number[] = [];
    const requests = Array.from({ length: 25 }, async (_, n) => {
      const { status } = await running.post("/v1/signals", signalsOf(`c-${n}`, 500));
      statuses.push(status);
    });
    await until(() => statuses.length === 5, "an answer to those who are too many");
    expect(statuses).toEqual([429, 429, 429, 429, 429]);
    await client.query("rollback");
    client.release();
    await Promise.all(requests);
    expect(statuses.slice(5)).toEqual(Array.from({ length: 20 }, () => 202));
    expect(await running.rows("select count(*)::int as n from inbox")).toEqual([{ n: 10_000 }]);
    await running.close();
    await place.remove();
  });
});
