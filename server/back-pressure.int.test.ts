import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HOUR } from "../domain/time.ts";
import { policyOf } from "../testing/policy.ts";
import { engines, openTestService, type Place, type TestService, until } from "../testing/service.ts";

const policy = policyOf("channels: {box: {kind: file}}\nmoments: {m: {on: go, expires: 30d}}", [
  "serves: [m]\nchannels: {box: {text: Hello}}",
]);

const MOST = 5;

/** Signals of one customer, each with an address of its own. */
const signalsOf = (subject: string, count: number) =>
  Array.from({ length: count }, (_, n) => ({
    ...{ specversion: "1.0", id: `${subject}-${n}`, source: "web", type: "go", subject },
    data: { identities: [{ type: "email", value: `${subject}-${n}@example.org` }] },
  }));

describe.each(engines)("when more waits than may, on $name", (engine) => {
  let place: Place | undefined;
  let running: TestService | undefined;
  let ahead = 0;
  const on = (): TestService => {
    if (!running) throw new Error("the service is not open");
    return running;
  };
  beforeAll(async () => {
    place = await engine.place();
    running = await openTestService(policy, place, { mostWaiting: MOST, now: () => Date.now() + ahead });
  });
  afterAll(async () => {
    await running?.close();
    await place?.remove();
  });

  /** What waits is counted anew now and then: from here on it is time to. */
  const later = () => {
    ahead += 1_000;
  };
  /** Nobody may decide what comes for her: it waits. */
  const holdLane = (id: string) =>
    on().rows("insert into lanes (customer_id, owner, until) values ($1, 'a test', clock_timestamp() + interval '1 hour')", [id]);
  const letGo = async (id: string) => {
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

  test("requests are refused with when to come again, nothing of them is kept, and they are taken once the backlog is worked off", async () => {
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

    await letGo("ann");
    later();
    expect(await answered(await on().post("/v1/signals", late))).toMatchObject({ status: 202, body: { accepted: 3, duplicates: 0 } });
    await on().settled();
    expect((await on().rows("select id from signals where customer_id = 'late' order by seq")).map(({ id }) => id)).toEqual(
      late.map(({ id }) => id),
    );
    expect(await on().decisions("ann")).toHaveLength(MOST);
  });

  test("B11: after the clock went back an hour with nothing waiting, requests are taken", async () => {
    later();
    await holdLane("cleo");
    expect((await on().post("/v1/signals", signalsOf("cleo", MOST))).status).toBe(202);
    expect((await on().post("/v1/signals", signalsOf("dora", 1))).status).toBe(429);
    ahead -= HOUR;
    await letGo("cleo");
    expect((await on().post("/v1/signals", signalsOf("dora", 1))).status).toBe(202);
    await on().settled();
    expect(await on().decisions("dora")).toHaveLength(1);
  });

  test("of fifty requests in the same instant no more are taken than may wait", async () => {
    later();
    await holdLane("bob");
    const statuses = await Promise.all(signalsOf("bob", 50).map(async (one) => (await on().post("/v1/signals", one)).status));
    expect(statuses.filter((status) => status === 202)).toHaveLength(MOST);
    expect(statuses.filter((status) => status === 429)).toHaveLength(50 - MOST);
    expect(await waiting("bob")).toHaveLength(MOST);
    await letGo("bob");
  });
});

describe.each(engines)("while the database does not answer, on $name", (engine) => {
  test("no more waits in memory than a bound: the others are refused at once, and those that wait are taken when it answers", async () => {
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
