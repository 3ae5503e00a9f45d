import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Json } from "../domain/values/json.ts";
import { enginesAt, type OperatedStore, openOperated } from "../testing/operated-store.ts";
import { policyOf } from "../testing/policy.ts";
import { engines, openTestService, type Place, type TestService } from "../testing/service.ts";
import { inShort } from "../testing/tell.ts";

const SETTINGS = `
  channels: {box: {kind: file, address: none}, mail: {kind: file, address: none}}
  learning: {explore: none}
  moments: {m: {on: go, expires: 30d}, n: {on: also, expires: 30d}, gone: {absent: {signal: bought, for: 9d}, expires: 1d}}
  promises: {callback: {opens: call.me, due: 2d, owner: sales}}
  governance:
    caps: [{id: weekly, max: 2, window: 7d}]
    consent: {box: opt_out, mail: opt_out}
`;
const EXPERIENCES = ["id: hello", "id: other\nserves: [n]\nchannels: {mail: {text: Hi}}", "id: missed\nserves: [gone]"];
const POLICY = policyOf(`${SETTINGS}\n  record: {mergeFrom: [test]}\n`, EXPERIENCES);
const OLGA = { by: "olga" };

const T = (time: string): string => `2026-06-${time}:00Z`;
const MERGE = (time: string, subject: string, into: Json) => [T(time), "customer.merged", { subject, into }] as const;

describe.each(enginesAt(process.env.DATABASE_URL))("merging in a replay on %s", (_engine, options) => {
  let opened: OperatedStore;
  beforeAll(async () => {
    opened = await openOperated(POLICY, options);
  });
  afterAll(() => opened.runtime.close());
  beforeEach(() => opened.runtime.store.clear());

  const customer = async (id: string) => {
    const found = (await opened.runtime.store.customers.load([id], POLICY, Date.parse(T("02T00:00")))).get(id);
    if (!found) throw new Error(`${id} is not known`);
    return found;
  };
  const merges = async () =>
    (
      await opened.rows(
        "select customer_id, step->>'merge' as merge from runs, jsonb_array_elements(steps) step where step ? 'merge' order by run_id",
      )
    ).map(({ customer_id, merge }) => `${customer_id}: ${merge}`);

  test("touches of both count against one cap from then on, and later signals and identities of one belong to the other", async () => {
    await opened.customers({ id: "a", identities: [{ type: "email", value: "a@example.org" }] }, { id: "b" });
    const decisions = await opened.play([
      [T("01T15:00"), "go", { subject: "a" }],
      [T("01T15:01"), "go", { subject: "b" }],
      MERGE("01T15:02", "a", "b"),
      [T("01T15:03"), "go", { subject: "a" }],
      [T("01T15:03"), "also", { subject: "b" }],
    ]);
    expect(decisions.map((one) => `${one.customerId} ${inShort(one)}`)).toEqual([
      "a 06-01 15:00 deliver hello@box",
      "b 06-01 15:01 deliver hello@box",
      "b 06-01 15:03 defer hello@box until 06-08 15:00: cap_reached",
      // Another moment has been opened since.
      "b 06-01 15:03 defer hello@box until 06-08 15:00: cap_reached",
    ]);
    expect([...(await opened.runtime.store.customers.byIdentity([{ type: "email", value: "a@example.org" }])).owners.values()]).toEqual([
      "b",
    ]);
    expect(await customer("a")).toEqual(await customer("b"));
    expect((await customer("a")).absorbed?.ids).toEqual(["a"]);
    expect(await opened.rows("select customer_id from signals where type = 'also' or seq = 4")).toEqual([
      { customer_id: "b" },
      { customer_id: "b" },
    ]);
  });

  test("a customer kept back under one id is judged at once under the other", async () => {
    await opened.customers({ id: "a", consents: [{ channel: "box", status: "denied" }] }, { id: "b" });
    const decisions = await opened.play([
      [T("01T15:00"), "go", { subject: "b" }],
      [T("01T15:01"), "also", { subject: "a" }],
      [T("01T15:02"), "go", { subject: "a" }],
      MERGE("01T15:03", "a", "b"),
    ]);
    expect(decisions.map((one) => `${one.customerId} ${inShort(one)}`)).toEqual([
      "b 06-01 15:00 deliver hello@box",
      "a 06-01 15:01 deliver other@mail",
      "a 06-01 15:02 silence: consent_revoked",
      "b 06-01 15:03 silence: consent_revoked",
    ]);
    expect(decisions.at(-1)?.wake).toMatchObject({ kind: "timer", name: "merge" });
    expect(await opened.rows("select distinct customer_id from timers where customer_id <> 'b'")).toEqual([]);
    expect(await opened.rows("select lapsed_code from decisions where customer_id = 'a' and action = 'silence'")).toEqual([
      { lapsed_code: "moment_expired" },
    ]);
  });

  test("promises, cases and timers continue under the other id", async () => {
    await opened.play([
      [T("01T15:00"), "call.me", { subject: "a" }],
      [T("01T15:00"), "bought", { subject: "a" }],
      [T("01T15:01"), "case.opened", { subject: "a", caseId: "k-1" }],
      [T("01T15:02"), "case.opened", { subject: "b", caseId: "k-2" }],
      MERGE("01T16:00", "a", "b"),
    ]);
    expect(await customer("b")).toMatchObject({
      openCases: ["k-1", "k-2"],
      promises: [{ name: "callback" }],
      seen: { bought: { count: 1 } },
    });
    const decisions = await opened.play(
      [
        [T("01T17:00"), "case.closed", { subject: "b", caseId: "k-1" }],
        [T("01T17:00"), "promise.kept", { subject: "b", promise: "callback" }],
        [T("02T15:00"), "bought", { subject: "b" }],
      ],
      T("12T00:00"),
    );
    expect(await customer("b")).toMatchObject({ openCases: ["k-2"], promises: [], seen: { bought: { count: 2 } } });
    expect(decisions.map((one) => `${one.customerId} ${inShort(one)}`)).toEqual(["b 06-11 15:00 deliver missed@box"]);
  });

  test("a merge is refused with a reason in the run, and a second one changes nothing", async () => {
    await opened.play([
      MERGE("01T15:00", "a", "b"),
      MERGE("01T15:01", "a", "b"),
      MERGE("01T15:02", "b", "a"),
      MERGE("01T15:03", "c", "c"),
      MERGE("01T15:04", "c", 7),
    ]);
    expect((await merges()).sort()).toEqual(
      [
        "a: merged into b",
        "b: nothing to do: a is b already",
        "b: nothing to do: b is b already",
        "c: nothing to do: c is c already",
        "c: refused: data.into names no customer",
      ].sort(),
    );
    expect(await opened.rows("select customer_id, into_id, root_id from links")).toEqual([
      { customer_id: "a", into_id: "b", root_id: "b" },
    ]);
  });

  test("a merge from a source that is not authorised is refused", async () => {
    await using runtime = await openOther("record: {mergeFrom: [crm]}");
    await runtime.play([MERGE("01T15:00", "a", "b")]);
    expect(await runtime.rows("select step->>'merge' as merge from runs, jsonb_array_elements(steps) step where step ? 'merge'")).toEqual([
      { merge: "refused: test is not in record.mergeFrom" },
    ]);
    expect(await runtime.rows("select 1 from links")).toEqual([]);
    expect(await runtime.rows("select customer_id from signals")).toEqual([{ customer_id: "a" }]);
  });

  async function openOther(record: string): Promise<OperatedStore & AsyncDisposable> {
    const other = await openOperated(policyOf(`${SETTINGS}\n  ${record}\n`, EXPERIENCES), options);
    return { ...other, [Symbol.asyncDispose]: () => other.runtime.close() };
  }

  test("chains are followed, whatever the order of their links", async () => {
    await opened.play([
      [T("01T15:00"), "customer.updated", { subject: "a", traits: { name: "Ann" } }],
      [T("01T15:00"), "customer.updated", { subject: "b", traits: { city: "Bonn" } }],
      MERGE("01T15:01", "b", "c"),
      MERGE("01T15:02", "a", "b"),
      MERGE("01T15:03", "c", "d"),
      [T("01T15:04"), "customer.updated", { subject: "a", traits: { name: "Anna" } }],
    ]);
    const whole = await customer("a");
    expect(whole).toMatchObject({ customerId: "d", absorbed: { ids: ["a", "b", "c"] } });
    expect(Object.entries(whole.claims).map(([path, { test: word }]) => [path, word?.value])).toEqual([
      ["name", "Anna"],
      ["city", "Bonn"],
    ]);
    await opened.operations.customers.split({ id: "c" }, OLGA);
    expect(await customer("d")).toMatchObject({ claims: { name: { test: { value: "Anna" } } } });
    expect((await customer("d")).claims.city).toBeUndefined();
    expect(await customer("a")).toMatchObject({
      customerId: "c",
      absorbed: { ids: ["a", "b"] },
      claims: { name: { test: { value: "Ann" } } },
    });
  });

  test("a split restores both, and signals since the merge stay with the surviving customer", async () => {
    await opened.customers(
      {
        id: "a",
        traits: { name: "Ann" },
        identities: [{ type: "email", value: "a@example.org" }],
        consents: [{ channel: "mail", status: "denied" }],
      },
      { id: "b", traits: { name: "Bea" }, consents: [{ channel: "mail", status: "granted" }] },
    );
    await opened.play([
      [T("01T15:00"), "go", { subject: "a" }],
      [T("01T15:00"), "call.me", { subject: "a" }],
      [T("01T15:00"), "bought", { subject: "b" }],
      [T("01T15:00"), "bought", { subject: "b" }],
    ]);
    const before = [await customer("a"), await customer("b")];
    await opened.play([
      MERGE("01T16:00", "a", "b"),
      [
        T("01T17:00"),
        "customer.updated",
        { subject: "a", traits: { city: "Bonn" }, identities: [{ type: "email", value: "a@example.org" }] },
      ],
      [T("01T17:00"), "bought", { subject: "b" }],
    ]);
    expect(await customer("b")).toMatchObject({
      consents: { mail: { status: "denied" } },
      touches: [{}],
      promises: [{}],
      seen: { bought: { count: 3 } },
    });
    const outcome = await opened.operations.customers.split({ id: "a" }, OLGA);
    expect(outcome).toMatchObject({ customerId: "a", from: "b", wakes: ["a", "b"] });
    await opened.judge(outcome);
    const after = [await customer("a"), await customer("b")];
    const lasting = ({ claims, consents, identities, promises, touches, deliveries, timers }: (typeof after)[number]) => ({
      ...{ claims, consents, identities, promises, touches, deliveries, timers: Object.keys(timers).sort() },
    });
    expect(after.map(lasting)[0]).toEqual(before.map(lasting)[0]);
    expect(after[1]?.consents).toEqual(before[1]?.consents);
    expect(after[1]).toMatchObject({ claims: { name: {}, city: {} }, touches: [], promises: [], seen: { bought: { count: 3 } } });
    expect(await opened.rows("select action, target, actor from audit where action = 'customer.split'")).toEqual([
      { action: "customer.split", target: "a", actor: "olga" },
    ]);
    await expect(opened.operations.customers.split({ id: "a" }, OLGA)).rejects.toThrow(/nothing to split/);
    expect((await opened.play([[T("02T15:00"), "go", { subject: "a" }]])).map(({ customerId }) => customerId)).toEqual(["a"]);
  });

  test("an import of a merged customer updates the surviving one, and stays in its own record", async () => {
    await opened.customers({ id: "a", traits: { name: "Ann" } }, { id: "b", traits: { city: "Bonn" } });
    await opened.play([MERGE("01T15:00", "a", "b")]);
    const email = [{ type: "email", value: "a@example.org" }];
    await opened.customers(
      { id: "a", traits: { name: "Anna" }, identities: email, consents: [{ channel: "mail", status: "denied" }] },
      { id: "b", traits: { city: "Bonn", age: 40 }, identities: email },
    );
    const whole = await customer("b");
    expect(
      Object.entries(whole.claims)
        .map(([path, { import: word }]) => `${path} ${word?.value}`)
        .sort(),
    ).toEqual(["age 40", "city Bonn", "name Anna"]);
    expect(whole).toMatchObject({ consents: { mail: { status: "denied" } }, identities: [{ value: "a@example.org", owned: true }] });
    expect(await opened.rows("select customer_id from timers where customer_id = 'a'")).toEqual([]);
    expect(await opened.rows("select claims->'name' is null as without from customers where customer_id = 'b'")).toEqual([
      { without: true },
    ]);
    await opened.operations.customers.split({ id: "a" }, OLGA);
    expect(await customer("a")).toMatchObject({ claims: { name: { import: { value: "Anna" } } } });
  });

  test("a customer is exported and erased under all merged ids", async () => {
    await opened.play([[T("01T15:00"), "go", { subject: "a" }], [T("01T15:00"), "go", { subject: "b" }], MERGE("01T15:01", "a", "b")]);
    const { alsoKnownAs, tables } = await opened.operations.customers.export({ id: "b" }, OLGA);
    expect([alsoKnownAs, tables.signals?.length, tables.links?.length]).toEqual([["a"], 3, 1]);
    expect(await opened.operations.customers.erase({ id: "a" }, OLGA)).toMatchObject({
      alsoKnownAs: ["b"],
      removed: { customers: 2, links: 1 },
    });
    expect(await opened.rows("select customer_id from customers union all select customer_id from signals")).toEqual([]);
  });

  test("the same stream gives the same decisions, whatever the batch size", async () => {
    const stream = [
      ...["a", "b", "c", "d"].flatMap(
        (subject) =>
          [
            [T("01T15:00"), "go", { subject }],
            [T("01T15:00"), "bought", { subject }],
          ] as const,
      ),
      MERGE("01T15:00", "a", "b"),
      [T("01T15:00"), "also", { subject: "a" }],
      [T("01T15:00"), "also", { subject: "b" }],
      MERGE("01T15:00", "c", "d"),
      ...["a", "b", "c", "d"].map((subject) => [T("01T15:01"), "also", { subject }] as const),
    ] as const;
    const whole = await opened.play(stream, T("20T00:00"));
    await opened.runtime.store.clear();
    await using single = await openOther("record: {mergeFrom: [test]}");
    const parts = [];
    for (const line of stream) parts.push(...(await single.play([line], line[0])));
    parts.push(...(await single.play([], T("20T00:00"))));
    expect(parts.map((one) => `${one.customerId} ${inShort(one)}`)).toEqual(whole.map((one) => `${one.customerId} ${inShort(one)}`));
    expect(whole.length).toBeGreaterThan(5);
  });
});

describe.each(engines)("merging in a service on $name", (engine) => {
  let place: Place | undefined;
  let running: TestService | undefined;
  const on = (): TestService => {
    if (!running) throw new Error("the service is not open");
    return running;
  };
  beforeAll(async () => {
    place = await engine.place();
    running = await openTestService(policyOf(`${SETTINGS}\n  record: {mergeFrom: [crm]}\n`, EXPERIENCES), place, { concurrency: 2 });
  });
  afterAll(async () => {
    await running?.close();
    await place?.remove();
  });

  const merge = (subject: string, into: string, source = "crm") => on().signal("customer.merged", subject, { into }, { source });
  const sentTo = (...ids: string[]) =>
    on()
      .outbox()
      .filter(({ customerId }) => ids.includes(customerId));

  test("with one touch left, signals of both at the same instant never both send", async () => {
    for (let round = 0; round < 10; round++) {
      const [a, b] = [`a${round}`, `b${round}`];
      await Promise.all([on().signal("human.touch", a), on().signal("customer.updated", b)]);
      await on().settled();
      await merge(a, b);
      await on().settled();
      await Promise.all([on().signal("go", a), on().signal("also", b), on().signal("go", b), on().signal("also", a)]);
      await on().settled();
      expect(sentTo(a, b)).toHaveLength(1);
    }
  });

  test("pending signals of a merged customer are decided for the surviving one, once each", async () => {
    const ids = Array.from({ length: 12 }, (_, n) => `w${n}`);
    await Promise.all(ids.flatMap((id) => [on().signal("bought", id), merge(id, "w"), on().signal("bought", id), on().signal("go", id)]));
    await on().settled();
    expect(await on().rows("select count(*)::int as n from links where root_id = 'w'")).toEqual([{ n: 12 }]);
    expect(await on().rows("select count(*)::int as n from signals where type = 'bought'")).toEqual([{ n: 24 }]);
    const whole = (await on().service.store.customers.load(["w"], on().service.policy, Date.now())).get("w");
    expect(whole?.seen.bought?.count).toBe(24);
    expect(whole?.touches.length).toBe((await on().rows("select 1 from touches where counted and customer_id like 'w%'")).length);
  });

  test("consent revoked under either id applies at once to both", async () => {
    await on().signal("customer.updated", "x");
    await on().signal("customer.updated", "y");
    await on().settled();
    await merge("x", "y");
    await on().settled();
    await on().signal("customer.consent", "x", { channel: "box", status: "revoked" });
    expect(await on().rows("select customer_id, status from consents where channel = 'box' and customer_id in ('x', 'y')")).toEqual([
      { customer_id: "y", status: "revoked" },
    ]);
    await on().signal("go", "y");
    await on().settled();
    expect(sentTo("x", "y")).toEqual([]);
    expect(await on().get(`/v1/customers/x`)).toMatchObject({ customerId: "y", alsoKnownAs: ["x"] });
    const response = await on().post("/v1/customers/x/split", { by: "olga" });
    expect([response.status, await response.json()]).toMatchObject([200, { customerId: "x", from: "y" }]);
    await on().signal("go", "x", {}, { id: randomUUID() });
    await on().settled();
    expect(sentTo("x")).toHaveLength(1);
  });

  test("an operator's merge needs no authorised source, happens once, is audited, and can be reverted", async () => {
    await Promise.all([on().signal("go", "m1"), on().signal("also", "m2")]);
    await on().settled();
    const post = async (path: string, body: Json) => {
      const response = await on().post(`/v1/customers/${path}`, body);
      return [response.status, await response.json()];
    };
    const note = { by: "olga", note: "same passport" };
    expect(await post("m1/merge", { ...note, into: "m2" })).toMatchObject([200, { customerId: "m1", into: "m2", changed: true }]);
    expect(await post("m1/merge", { ...note, into: "m2" })).toMatchObject([200, { into: "m2", changed: false }]);
    expect(await post("m2/merge", { ...note, into: "m1" })).toMatchObject([200, { into: "m2", changed: false }]);
    await on().settled();
    expect(await on().get("/v1/customers/m1")).toMatchObject({ customerId: "m2", alsoKnownAs: ["m1"] });
    expect(
      await on().rows("select source, type, event->'data' as data from signals where type = 'customer.merged' and customer_id = 'm1'"),
    ).toEqual([{ source: "sentient", type: "customer.merged", data: { into: "m2", by: "olga" } }]);
    await on().signal("go", "m1");
    await on().settled();
    // Touches of both count against one cap.
    expect(sentTo("m1", "m2")).toHaveLength(2);
    expect(await post("m1/split", { by: "olga" })).toMatchObject([200, { customerId: "m1", from: "m2", changed: true }]);
    expect((await on().get<{ audit: { action: string; by: string; details: Json }[] }>("/v1/audit?customer=m1")).audit).toMatchObject([
      { action: "customer.merged", by: "olga", details: { into: "m2", note: "same passport" } },
      { action: "customer.split", by: "olga" },
    ]);
    expect(await on().get("/v1/customers/m1")).toMatchObject({ customerId: "m1" });
  });

  test("a merge with an unknown customer, or with itself, is refused", async () => {
    await on().signal("bought", "known");
    await on().settled();
    const status = async (id: string, into: Json) => (await on().post(`/v1/customers/${id}/merge`, { into })).status;
    expect([
      await status("known", "nobody"),
      await status("nobody", "known"),
      await status("known", "known"),
      await status("known", 7),
    ]).toEqual([404, 404, 400, 400]);
  });

  test("two operators who merge the same customers concurrently do it once", async () => {
    await Promise.all([on().signal("bought", "t1"), on().signal("bought", "t2")]);
    await on().settled();
    const merges = await Promise.all(
      Array.from({ length: 4 }, (_, n) => on().post(`/v1/customers/t${(n % 2) + 1}/merge`, { into: n % 2 === 0 ? "t2" : "t1" })),
    );
    const changed = await Promise.all(merges.map(async (one) => ((await one.json()) as { changed: boolean }).changed));
    expect(changed.filter(Boolean)).toHaveLength(1);
    expect(await on().rows("select 1 from links where customer_id in ('t1', 't2')")).toHaveLength(1);
  });

  test("no other source can use the operators' name", async () => {
    const event = {
      specversion: "1.0",
      id: randomUUID(),
      source: "sentient",
      type: "customer.merged",
      subject: "f1",
      data: { into: "f2" },
    };
    const response = await on().post("/v1/signals", event);
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { code: "BAD_INPUT", detail: expect.stringContaining("sentient") },
    ]);
    await on().settled();
    expect(await on().rows("select 1 from links where customer_id = 'f1'")).toEqual([]);
  });

  test("a merge from a source that is not authorised is refused, and the run reports it", async () => {
    await merge("p", "q", "web");
    await on().settled();
    const [run] = await on().rows<{ steps: { merge?: string }[] }>("select steps from runs where customer_id = 'p'");
    expect(run?.steps.flatMap(({ merge: said }) => said ?? [])).toEqual(["refused: web is not in record.mergeFrom"]);
    expect(await on().rows("select 1 from links where customer_id = 'p'")).toEqual([]);
  });
});

test("a service whose workspace authorises no source accepts no merges", async () => {
  const service = await openTestService(policyOf(SETTINGS, EXPERIENCES), { remove: async () => {} });
  try {
    await service.signal("customer.merged", "a", { into: "b" });
    await service.settled();
    expect(
      await service.rows("select customer_id, step->>'merge' as merge from runs, jsonb_array_elements(steps) step where step ? 'merge'"),
    ).toEqual([{ customer_id: "a", merge: "refused: web is not in record.mergeFrom" }]);
  } finally {
    await service.close();
  }
});
