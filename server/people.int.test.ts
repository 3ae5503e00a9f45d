import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { StoryView, TouchView } from "../operations/people/views.ts";
import { policyOf } from "../testing/policy.ts";
import { engines, OPERATOR_KEY, openTestService, type Place, type TestService } from "../testing/service.ts";

const policy = policyOf(
  `
  departments: [sales]
  channels: {box: {kind: file}, desk: {kind: human, queue: showroom}}
  moments: {v: {on: human.touch, when: 'signal.data.kind == "visit" && signal.data.department == "sales"', expires: 2h}}
  `,
  ['id: welcome\nserves: [v]\ndepartment: sales\nchannels: {desk: {summary: "{{ customer.name }} is here"}}'],
);

describe.each(engines)("people over HTTP on $name", (engine) => {
  let place: Place | undefined;
  let running: TestService | undefined;
  const on = (): TestService => {
    if (!running) throw new Error("the service is not open");
    return running;
  };
  beforeAll(async () => {
    place = await engine.place();
    running = await openTestService(policy, place);
    await on().post("/v1/customers", JSON.stringify({ id: "c-dana", traits: { name: "Dana Reyes" } }));
  });
  afterAll(async () => {
    await running?.close();
    await place?.remove();
  });

  const touch = async (body: object) => {
    const response = await on().post("/v1/customers/c-dana/touches", body as never);
    return { status: response.status, body: await response.json() };
  };

  test("a visit goes the way of every signal: it is decided, and the task is there; the same key again records nothing", async () => {
    const visit = { kind: "visit", department: "sales", key: "desk-0001", by: "gus", note: "about her lease" };
    const first = await touch(visit);
    expect(first.status).toBe(200);
    expect(TouchView.parse(first.body)).toMatchObject({ changed: true, by: "gus", signal: { source: "sentient", id: "touch desk-0001" } });
    await on().settled();
    expect(await on().decisions("c-dana")).toMatchObject([{ wake: { kind: "signal", type: "human.touch" }, experienceId: "welcome" }]);
    expect((await on().get<{ tasks: unknown[] }>("/v1/tasks")).tasks).toMatchObject([{ queue: "showroom", summary: "Dana Reyes is here" }]);
    expect(await touch(visit)).toMatchObject({ status: 200, body: { changed: false } });
    expect(await touch({ ...visit, kind: "call" })).toMatchObject({ status: 409 });
    await on().settled();
    expect(await on().rows("select kind from touches where kind <> 'delivery'")).toEqual([{ kind: "visit" }]);
    const { items } = StoryView.parse(await on().get("/v1/customers/c-dana/story"));
    expect(items.filter(({ lane }) => lane === "people").map(({ kind, title, by, text }) => [kind, title, by, text])).toContainEqual([
      "touch",
      "visit",
      "gus",
      "about her lease",
    ]);
  });

  test("a touch whose audit entry cannot be written is not recorded either", async () => {
    const visit = { kind: "call", key: "desk-0002", by: "gus" };
    await on().rows("alter table audit add constraint no_touch check (action <> 'customer.touched') not valid");
    try {
      expect((await touch(visit)).status).toBeGreaterThanOrEqual(500);
    } finally {
      await on().rows("alter table audit drop constraint no_touch");
    }
    await on().settled();
    expect(
      await on().rows("select id from inbox where id = 'touch desk-0002' union all select id from signals where id = 'touch desk-0002'"),
    ).toEqual([]);
    expect(await touch(visit)).toMatchObject({ status: 200, body: { changed: true } });
    await on().settled();
    expect(await on().rows("select action from audit where details ->> 'signal' = 'touch desk-0002'")).toEqual([
      { action: "customer.touched" },
    ]);
  });

  test.each([
    [{ kind: "wave" }, 400],
    [{ kind: "visit", department: "garden" }, 400],
    [{ kind: "visit", key: "short" }, 400],
  ])("a touch of %j answers %i", async (body, status) => {
    expect((await touch(body)).status).toBe(status);
  });

  test.each([
    ["/v1/customers/c-dana/story?cursor=made.up", 400],
    ["/v1/customers/c-dana/story?limit=201", 400],
    ["/v1/customers/c-dana/story?from=yesterday", 400],
    ["/v1/customers/c-nobody/story", 404],
    ["/v1/customers/c-nobody/contacts", 404],
    ["/v1/customers/c-nobody/conversation", 404],
    ["/v1/customers/c-nobody/holdings", 404],
    ["/v1/customers?flag=rich", 400],
    ["/v1/search?q=%20", 400],
    ["/v1/search", 400],
  ])("%s answers %i", async (path, status) => {
    const { status: answered } = await on().app.request(path, { headers: { authorization: `Bearer ${OPERATOR_KEY}` } });
    expect(answered).toBe(status);
  });
});
