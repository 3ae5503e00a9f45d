import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { DeadView } from "../operations/operation.ts";
import { policyOf } from "../testing/policy.ts";
import { engines, openTestService, type Place, type TestService, until } from "../testing/service.ts";

const policy = policyOf(
  `
  moments: {m: {on: go, expires: 30d}}
  promises: {callback: {opens: call.me, due: 1h, owner: sales}}
  `,
  [],
);

describe.each(engines)("dead letters on $name", (engine) => {
  let place: Place | undefined;
  let running: TestService | undefined;
  const on = (): TestService => {
    if (!running) throw new Error("the service is not open");
    return running;
  };
  beforeAll(async () => {
    place = await engine.place();
    running = await openTestService(policy, place);
    await on().rows(
      "create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no room for %', new.customer_id using errcode = '22P02'; end $$",
    );
  });
  afterEach(async () => {
    await on().rows("drop trigger if exists refuse on customers");
    await on().service.operations.dead.discard({ all: true }, { by: "the end of a test" });
  });
  afterAll(async () => {
    await running?.close();
    await place?.remove();
  });

  /** From now on every write that concerns these customers fails. */
  const refuse = (beginning: string) =>
    on().rows(
      `create trigger refuse before insert or update on customers for each row when (new.customer_id like '${beginning}%') execute function refuse()`,
    );
  const relent = () => on().rows("drop trigger refuse on customers");
  const list = async (query = ""): Promise<readonly DeadView[]> => (await on().get<{ dead: DeadView[] }>(`/v1/dead${query}`)).dead;
  /** Waits until there are this many dead letters, without the back-off between their attempts. */
  async function givenUp(count: number): Promise<readonly DeadView[]> {
    await until(async () => {
      await on().rows(
        "update lanes set until = clock_timestamp() where until > clock_timestamp() and until < clock_timestamp() + interval '12 seconds'",
      );
      on().service.nudge();
      return (await list()).length === count;
    }, `${count} dead letters`);
    return list();
  }
  const event = (id: string, subject: string, type = "go", data = {}) => ({ specversion: "1.0", id, source: "web", type, subject, data });
  const post = async (path: string, body: object) => {
    const response = await on().post(path, body as never);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const auditOf = async (customer: string) => (await on().get<{ audit: { action: string }[] }>(`/v1/audit?customer=${customer}`)).audit;

  test("B1: a dead-lettered signal is listed with its reason, is revived as if new, and is decided", async () => {
    await refuse("sig-");
    await on().signal("go", "sig-1", {}, { id: "1" });
    const [letter] = await givenUp(1);
    expect(letter).toEqual({
      ...{ id: expect.stringMatching(/^x_[0-9a-f]{24}$/), kind: "signal", customerId: "sig-1", type: "go", source: "web", signalId: "1" },
      ...{ code: "22P02", message: "no room for sig-1", tries: 5, since: expect.stringMatching(/Z$/) },
    });
    expect(
      [await list("?code=22P02"), await list("?customer=sig-1"), await list("?code=XX000"), await list("?customer=others")].map(
        (one) => one.length,
      ),
    ).toEqual([1, 1, 0, 0]);
    await relent();
    const revived = await post("/v1/dead/revive", { ids: [letter?.id], by: "olga", note: "mended" });
    expect(revived).toEqual({ status: 200, body: { changed: true, revived: [letter] } });
    await on().settled();
    expect(await on().rows("select id from signals where customer_id = 'sig-1'")).toEqual([{ id: "1" }]);
    expect(await list()).toEqual([]);
    expect(await auditOf("sig-1")).toMatchObject([
      {
        by: "olga",
        action: "dead.revived",
        target: letter?.id,
        customerId: "sig-1",
        details: { code: "22P02", type: "go", note: "mended" },
      },
    ]);
    expect(await post("/v1/dead/revive", { ids: [letter?.id] })).toMatchObject({ status: 404, body: { code: "NOT_FOUND" } });
  });

  test("B1: a dead-lettered timer gets its time back, and the overdue promise its task", async () => {
    await on().signal("call.me", "tim-1");
    await on().settled();
    await on().rows("update timers set due = clock_timestamp() - interval '1 minute' where customer_id = 'tim-1' and key like 'promise%'");
    const [promise] = await on().rows("select key, name from timers where customer_id = 'tim-1' and due < clock_timestamp()");
    expect(promise).toBeDefined();
    await refuse("tim-");
    const [letter] = await givenUp(1);
    expect(letter).toMatchObject({
      kind: "timer",
      customerId: "tim-1",
      timer: promise?.name,
      due: expect.stringMatching(/Z$/),
      code: "22P02",
      tries: 5,
    });
    expect(await on().rows("select 1 from timers where customer_id = 'tim-1' and due < clock_timestamp()")).toEqual([]);
    await relent();
    expect(await post("/v1/dead/revive", { all: true, by: "olga" })).toMatchObject({
      status: 200,
      body: { changed: true, revived: [{ id: letter?.id }] },
    });
    await on().settled();
    expect(await on().rows("select state from tasks where customer_id = 'tim-1'")).toEqual([{ state: "open" }]);
  });

  test("B1: a discarded signal is not retried, and stays a duplicate, or a conflict with another body", async () => {
    await refuse("dis-");
    const first = event("d-1", "dis-1", "go", { identities: [{ type: "email", value: "dis@example.org" }] });
    expect((await post("/v1/signals", first)).status).toBe(202);
    const [letter] = await givenUp(1);
    await relent();
    expect(await post("/v1/dead/discard", { ids: [letter?.id.slice(0, 12)], by: "olga" })).toMatchObject({
      status: 200,
      body: { changed: true, discarded: [letter] },
    });
    expect(await list()).toEqual([]);
    expect(await post("/v1/signals", first)).toMatchObject({ status: 202, body: { accepted: 0, duplicates: 1 } });
    expect(await post("/v1/signals", event("d-1", "dis-1", "go", { other: 1 }))).toMatchObject({
      status: 400,
      body: { rejected: [{ code: "CONFLICT" }] },
    });
    await on().settled();
    expect(await on().rows("select 1 from signals where customer_id = 'dis-1'")).toEqual([]);
    // Identities that only it contained are free for other customers.
    expect(await on().rows("select 1 from inbox_identities where value = 'dis@example.org'")).toEqual([]);
    expect(await auditOf("dis-1")).toMatchObject([{ action: "dead.discarded", target: letter?.id }]);
  });

  test("B1: several are revived or discarded by their code, or all of them", async () => {
    await refuse("many-");
    for (let n = 0; n < 4; n++) await on().signal("go", `many-${n}`, {}, { id: `many-${n}` });
    await givenUp(4);
    await on().rows(`update inbox set error = jsonb_set(error, '{code}', '"P0001"') where id in ('many-0', 'many-1')`);
    await relent();
    expect(await post("/v1/dead/discard", { code: "P0001" })).toMatchObject({
      body: { changed: true, discarded: [{ code: "P0001" }, { code: "P0001" }] },
    });
    expect(await post("/v1/dead/revive", { code: "ZZZZZ" })).toMatchObject({ status: 200, body: { changed: false, revived: [] } });
    expect(await post("/v1/dead/revive", { code: "22P02", all: true })).toMatchObject({
      body: { revived: [{ code: "22P02" }, { code: "22P02" }] },
    });
    await on().settled();
    expect(await on().rows("select id from signals where customer_id like 'many-%' order by 1")).toEqual([
      { id: "many-2" },
      { id: "many-3" },
    ]);
  });

  test.each([
    [{}, 400],
    [{ ids: [] }, 400],
    [{ ids: ["x_nothing"] }, 404],
    [{ ids: ["x_"], all: true }, 400],
    [{ ids: "all" }, 400],
    [{ all: "true" }, 400],
  ])("an empty or ambiguous selection changes nothing: %j", async (body, status) => {
    for (const path of ["/v1/dead/revive", "/v1/dead/discard"]) expect((await post(path, body)).status).toBe(status);
  });

  test("B13: after an erasure no audit entry keeps an id of the customer", async () => {
    await refuse("her-");
    await on().signal("go", "her-1", {}, { id: "her-signal-1" });
    await on().signal("go", "her-1", {}, { id: "her-signal-2" });
    const [letter] = await givenUp(2);
    await relent();
    await post("/v1/dead/revive", { ids: [letter?.id], by: "olga" });
    await on().settled();
    await post("/v1/dead/discard", { all: true, by: "olga" });
    expect((await auditOf("her-1")).map(({ action }) => action)).toEqual(["dead.revived", "dead.discarded"]);
    expect((await post("/v1/customers/her-1/erase", { by: "olga" })).status).toBe(200);
    const left = JSON.stringify(
      await on().rows(
        "select to_jsonb(a) as line from audit a union all select to_jsonb(i) from inbox i union all select to_jsonb(f) from failed_timers f",
      ),
    );
    for (const word of ["her-1", "her-signal-1", "her-signal-2", letter?.id ?? ""]) expect(left).not.toContain(word);
  });
});
