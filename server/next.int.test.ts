import { createHmac } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AskAnswer } from "../domain/entities/ask.ts";
import type { Json, JsonObject } from "../domain/values/json.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../domain/values/time.ts";
import { policyOf } from "../testing/policy.ts";
import { engines, openTestService, PLAIN_KEY, type Place, SITE, SITE_SECRET, type TestService, until } from "../testing/service.ts";

const policy = policyOf(
  `
  timezone: UTC
  channels: {box: {kind: file}, web: {kind: pull, places: [hero, banner]}, tool: {kind: pull, hold: 10m}}
  moments: {basket: {on: basket.left, expires: 7d}}
  learning: {explore: none}
  `,
  [
    "id: welcome\nserves: [asking]\nchannels: {web: {content: {headline: 'Hello from {{ ask.context.page | default: \"here\" }}'}}}",
    "id: mail\nserves: [asking]\nchannels: {tool: {content: {subject: Hello}}}",
    "id: basket\nserves: [basket]\nvalue: 9\nchannels: {web: {content: {headline: Your basket}}}",
  ],
);
const [PAGE = ""] = SITE.origins;
const at = new Date();
let clock = 0;

describe.each(engines)("POST /v1/next on $name", (engine) => {
  let place: Place;
  let running: TestService;
  beforeAll(async () => {
    place = await engine.place();
    running = await openTestService(policy, place, { now: () => Date.now() + clock });
  });
  afterAll(async () => {
    await running?.close();
    await place?.remove();
  });

  const rows = (sql: string, ...params: unknown[]) => running.rows(sql, params);
  /** Takes the lease of a customer, once the last answer has given it back. */
  const holdBy = (owner: string, id: string) =>
    until(async () => {
      const lease = { owner, leaseMs: MINUTE, now: Date.now() };
      const {
        asks: [held],
      } = await running.service.store.asks.open([{ source: owner, id: owner, customerId: id }], lease);
      return held?.isLeased === true;
    }, "the lease");
  const asked = (id: string) => rows("select late, answer is not null as answered from asks where id = $1", id);
  async function next(body: Json | string, headers: Readonly<Record<string, string>> = {}) {
    const response = await running.post("/v1/next", body, headers);
    const answer = (await response.json()) as AskAnswer & { code?: string; detail?: string };
    return { status: response.status, ...answer };
  }
  const bySite = (body: JsonObject, origin = PAGE) => next(body, { authorization: `Bearer ${SITE.key}`, origin });

  test("answers one decision a place, in the order asked, and what was answered is durable", async () => {
    const { status, ...answer } = await next({
      id: "n-1",
      customer: "c-1",
      channel: "web",
      places: ["banner", "hero"],
      context: { page: "home" },
      within: "2s",
    });
    expect([status, answer]).toEqual([
      200,
      {
        customerId: "c-1",
        decidedAt: expect.stringMatching(/Z$/),
        late: false,
        places: {
          banner: expect.objectContaining({
            action: "deliver",
            experienceId: "welcome",
            content: { headline: "Hello from home" },
            again: false,
            probability: 1,
          }),
          hero: expect.objectContaining({ action: "silence", again: false, reasons: [expect.objectContaining({ code: "given" })] }),
        },
      },
    ]);
    expect(Object.keys(answer.places)).toEqual(["banner", "hero"]);
    const [gave, silent] = [answer.places.banner?.decisionId ?? "", answer.places.hero?.decisionId ?? ""];
    const { runs } = await running.get<{ runs: { runId: string }[] }>("/v1/runs?customer=c-1");
    const decisions = expect.arrayContaining([
      { decisionId: gave, action: "deliver", experienceId: "welcome" },
      { decisionId: silent, action: "silence" },
    ]);
    expect(runs).toEqual([expect.objectContaining({ decisionId: gave, action: "deliver", decisions })]);
    expect(await running.get(`/v1/runs/${runs[0]?.runId}`)).toMatchObject({ decisionId: gave, decisions });
    for (const id of [gave, silent])
      expect(await running.get(`/v1/decisions/${id}/explanation`)).toMatchObject({ headline: expect.stringContaining("c-1") });
    expect(await asked("n-1")).toEqual([{ late: false, answered: true }]);
    expect(await rows("select type, id from signals where customer_id = 'c-1'")).toEqual([{ type: "sentient.ask", id: "n-1" }]);
  });

  test("signals that came before the ask are decided first, each in its order", async () => {
    await running.signal("basket.left", "c-order");
    const { places } = await next({ customer: "c-order", channel: "web", places: ["hero"], within: "2s" });
    expect(places.hero).toMatchObject({ action: "deliver", experienceId: "basket" });
  });

  test("the same id of the same key gets the same answer and reserves nothing; with another body, or a day later, it is 409", async () => {
    const body = { id: "same", customer: "c-same", channel: "web", places: ["hero"], within: "2s" };
    const first = await next(body);
    const [again, ...together] = [await next(body), ...(await Promise.all([next(body), next(body)]))];
    expect([again, ...together]).toEqual([first, first, first]);
    expect(await rows("select count(*)::int as n from deliveries where customer_id = 'c-same'")).toEqual([{ n: 1 }]);
    expect(await next({ ...body, places: ["banner"] })).toMatchObject({ status: 409, code: "CONFLICT" });
    expect((await bySite({ ...body, customer: "c-same", token: tokenFor("c-same") })).places.hero).toMatchObject({ again: true });
    clock = DAY;
    try {
      const { status, detail } = await next(body);
      expect([status, detail]).toEqual([409, expect.stringContaining("more than 24 hours ago")]);
    } finally {
      clock = 0;
    }
  });

  test("two at once: one customer gets a thing once, and two asks with the same id are one", async () => {
    const one = { customer: "c-twice", channel: "web", places: ["hero"], within: "2s" };
    const answers = await Promise.all([next(one), next(one), next({ ...one, id: "twice" }), next({ ...one, id: "twice" })]);
    expect(answers.map(({ status, late }) => [status, late])).toEqual(answers.map(() => [200, false]));
    expect(new Set(answers.map(({ places }) => places.hero?.deliveryId)).size).toBe(1);
    expect(answers.filter(({ places }) => places.hero?.again === false).length).toBeLessThanOrEqual(2);
    expect(await rows("select count(*)::int as n from deliveries where customer_id = 'c-twice'")).toEqual([{ n: 1 }]);
  });

  test("an unknown customer is created as by a signal; with create: false it is 404", async () => {
    const identities = [{ type: "email", value: "new@example.com" }];
    expect(await next({ identities, channel: "web", create: false })).toMatchObject({ status: 404, code: "NOT_FOUND" });
    expect(await next({ customer: "c-none", channel: "web", create: false })).toMatchObject({ status: 404, code: "NOT_FOUND" });
    const first = await next({ identities, channel: "web" });
    expect(first.status).toBe(200);
    expect(await next({ identities, channel: "web", create: false })).toMatchObject({ status: 200, customerId: first.customerId });
    expect(await rows("select type, value from identities where customer_id = $1", first.customerId)).toEqual(identities);
  });

  test("an ask for a merged customer is one for the surviving one", async () => {
    for (const id of ["m-1", "m-2"]) await next({ customer: id, channel: "web" });
    await running.post("/v1/customers/m-1/merge", { into: "m-2" });
    await running.settled();
    expect(await next({ customer: "m-1", channel: "web" })).toMatchObject({ status: 200, customerId: "m-2" });
  });

  test.each<readonly [string, Json | string, number, string]>([
    ["an unknown channel", { customer: "c-1", channel: "mobile" }, 404, "channel: mobile"],
    ["a channel that is not asked", { customer: "c-1", channel: "box" }, 404, "channel: box"],
    ["an unknown place", { customer: "c-1", channel: "web", places: ["hero", "footer"] }, 404, "footer"],
    ["an unknown experience", { customer: "c-1", channel: "web", experience: "none" }, 404, "none"],
    ["no channel", { customer: "c-1" }, 400, "channel"],
    ["nobody", { channel: "web" }, 400, "customer or identities"],
    [
      "a customer and identities",
      { customer: "c-1", identities: [{ type: "a", value: "b" }], channel: "web" },
      400,
      "customer or identities",
    ],
    ["an unknown key", { customer: "c-1", channel: "web", palces: ["hero"] }, 400, "palces"],
    ["a token without a site key", { customer: "c-1", channel: "web", token: "x" }, 400, "token"],
    ["a place twice", { customer: "c-1", channel: "web", places: ["hero", "hero"] }, 400, "places"],
    ["more than two seconds", { customer: "c-1", channel: "web", within: "3s" }, 400, "within"],
    ["no time", { customer: "c-1", channel: "web", within: "0ms" }, 400, "within"],
    ["a context of 9 KB", { customer: "c-1", channel: "web", context: { x: "x".repeat(9 * 1024) } }, 400, "context"],
    ["a context of 65 levels", deep(65), 400, "levels"],
    ["a body of thousands of levels", deep(5_000), 400, "nested"],
    ["a body of 40 KB", { customer: "c-1", channel: "web", context: { x: "x".repeat(40 * 1024) } }, 413, ""],
    ["a list", [], 400, "expected an object"],
    ["no JSON", "{", 400, ""],
  ])("%s is refused with a code, and nothing of it is kept", async (_what, body, status, detail) => {
    const answer = await next(body);
    expect([answer.status, answer.code]).toEqual([status, expect.any(String)]);
    expect(answer.detail).toContain(detail);
  });

  test("a context of 64 levels is taken", async () => {
    expect(await next(deep(64))).toMatchObject({ status: 200 });
  });

  test("a plain write key may not ask", async () => {
    const { status, detail } = await next({ customer: "c-1", channel: "web" }, { authorization: `Bearer ${PLAIN_KEY}` });
    expect([status, detail]).toEqual([403, expect.stringContaining("+ask")]);
  });

  test("what is not decided in time is answered late with nothing in it, stays in the record, and is never decided", async () => {
    const { store } = running.service;
    await next({ customer: "c-late", channel: "web" });
    await holdBy("another process", "c-late");
    const body = { id: "late", customer: "c-late", channel: "web", within: "50ms" };
    const late = await next(body);
    expect(late).toMatchObject({ status: 200, customerId: "c-late", late: true, places: {} });
    await store.leases.release(["c-late"], "another process");
    expect(await asked("late")).toEqual([{ late: true, answered: false }]);
    expect(await next(body)).toEqual(late);
    expect(await rows("select event->'late' as late from signals where id = 'late'")).toEqual([{ late: true }]);
    expect(await rows("select count(*)::int as n from decisions where record->'wake'->>'askId' = 'late'")).toEqual([{ n: 0 }]);
    expect((await next({ customer: "c-late", channel: "web", places: ["hero"] })).late).toBe(false);
  });

  test("an answer whose commit began in time is waited for: it is not answered as late and kept as given", async () => {
    await next({ customer: "c-slow", channel: "web", within: "2s" });
    // Constraints that are looked at by the commit itself.
    await rows("create function sentient.slow() returns trigger language plpgsql as 'begin perform pg_sleep(0.9); return null; end'");
    await rows(
      "create constraint trigger slow after insert on asks deferrable initially deferred for each row execute function sentient.slow()",
    );
    try {
      const { late, places } = await next({ id: "slow", customer: "c-slow", channel: "web", places: ["hero"], within: "700ms" });
      expect([late, places.hero?.action, await asked("slow")]).toEqual([false, "deliver", [{ late: false, answered: true }]]);
    } finally {
      await rows("drop trigger slow on asks");
      await rows("drop function sentient.slow");
    }
  });

  test("a lease that ends in time is waited for", async () => {
    const { leases } = running.service.store;
    await next({ customer: "c-held", channel: "web" });
    await holdBy("another process", "c-held");
    const answer = next({ customer: "c-held", channel: "web", within: "2s" });
    await leases.release(["c-held"], "another process");
    expect(await answer).toMatchObject({ status: 200, late: false });
  });

  test("metrics tell how many were asked, late and given again, and how long it took", async () => {
    const text = await (await running.app.request("/metrics")).text();
    for (const line of [
      /^sentient_asks_total\{late="no"\} [1-9]/m,
      /^sentient_asks_total\{late="yes"\} [1-9]/m,
      /^sentient_ask_places_total\{result="again"\} [1-9]/m,
      /^sentient_ask_places_total\{result="given"\} [1-9]/m,
      /^sentient_ask_seconds_count [1-9]/m,
    ])
      expect(text).toMatch(line);
  });

  test("a hold that a tool confirms when it is over is told in the metrics, and in the audit", async () => {
    const { deliveryId } = (await next({ customer: "c-tool", channel: "tool", within: "2s" })).places.main ?? {};
    clock = 11 * MINUTE;
    try {
      for (const _twice of [1, 2]) await running.signal("delivery.sent", "c-tool", { deliveryId: deliveryId ?? "" });
      await running.settled();
    } finally {
      clock = 0;
    }
    const text = await (await running.app.request("/metrics")).text();
    expect(text).toMatch(/^sentient_holds_confirmed_late_total 1$/m);
    expect(await rows("select target from audit where action = 'hold.confirmed_late'")).toEqual([{ target: deliveryId }]);
  });

  test("an ask for an erased person is one for somebody unknown: nothing of before is given again", async () => {
    const body = { id: "erased", customer: "c-erased", channel: "web", places: ["hero"], within: "2s" };
    expect((await next(body)).places.hero).toMatchObject({ action: "deliver" });
    expect((await running.post("/v1/customers/c-erased/erase", { by: "olga" })).status).toBe(200);
    expect(await next({ ...body, id: "erased-2", create: false })).toMatchObject({ status: 404, code: "NOT_FOUND" });
    expect(await rows("select source from asks where customer_id = 'c-erased'")).toEqual([]);
    expect((await next(body)).places.hero).toMatchObject({ action: "deliver", again: false });
    expect(await rows("select count(*)::int as n from deliveries where customer_id = 'c-erased'")).toEqual([{ n: 1 }]);
  });

  describe("by a site key", () => {
    const VISITOR = [{ type: "anonymous_id", value: "a-1" }];
    test("for a visitor by an anonymous id, and for a customer by a token", async () => {
      const visitor = await bySite({ identities: VISITOR, channel: "web", places: ["hero"] });
      expect(visitor).toMatchObject({ status: 200, late: false });
      expect(await bySite({ identities: VISITOR, channel: "web", places: ["hero"] })).toMatchObject({
        customerId: visitor.customerId,
        places: { hero: { again: true, deliveryId: visitor.places.hero?.deliveryId } },
      });
      expect(await bySite({ channel: "web", token: tokenFor("c-1") })).toMatchObject({ status: 200, customerId: "c-1" });
      expect(await bySite({ identities: VISITOR, channel: "web", token: tokenFor("c-1") })).toMatchObject({ customerId: "c-1" });
    });

    test.each<readonly [string, () => JsonObject, number, string]>([
      ["a customer without a token", () => ({ customer: "c-1" }), 403, "anonymous_id"],
      ["another customer than the token names", () => ({ customer: "c-2", token: tokenFor("c-1") }), 403, "another customer"],
      [
        "identities that are not anonymous",
        () => ({ identities: [...VISITOR, { type: "email", value: "a@example.com" }] }),
        403,
        "anonymous_id",
      ],
      ["an anonymous id of a known customer", () => ({ identities: [{ type: "anonymous_id", value: "a-known" }] }), 403, "token"],
      ["an expired token", () => ({ token: tokenFor("c-1", -SECOND) }), 401, "expired"],
      ["a token for too long", () => ({ token: tokenFor("c-1", 2 * HOUR) }), 401, "an hour"],
      ["a forged token", () => ({ token: tokenFor("c-1", MINUTE, "x".repeat(32)) }), 401, "signature"],
      ["what is no token", () => ({ token: 1 }), 400, "token"],
      ["nobody", () => ({}), 400, "customer or identities"],
    ])("%s is refused with a code", async (_what, body, status, detail) => {
      await running.signal("seen", "c-known", { identities: [{ type: "anonymous_id", value: "a-known" }] });
      const answer = await bySite({ channel: "web", ...body() });
      expect([answer.status, answer.detail]).toEqual([status, expect.stringContaining(detail)]);
    });

    test("from a foreign page it is refused", async () => {
      expect(await bySite({ identities: VISITOR, channel: "web" }, "https://evil.example")).toMatchObject({
        status: 403,
        code: "FORBIDDEN",
      });
    });
  });
});

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
function tokenFor(sub: string, aheadMs = 10 * MINUTE, secret = SITE_SECRET): string {
  const text = `${part({ alg: "HS256" })}.${part({ sub, exp: Math.floor((at.getTime() + aheadMs) / SECOND) })}`;
  return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
}

/** An ask whose context has so many levels. */
function deep(levels: number): string {
  const inner = `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
  return `{"customer": "c-deep", "channel": "web", "context": ${inner}}`;
}
