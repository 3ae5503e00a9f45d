import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DAY, HOUR, iso, MINUTE } from "../domain/values/time.ts";
import { codesOf } from "../testing/codes.ts";
import { policyOf } from "../testing/policy.ts";
import { engines, openTestService, type Place, type TestService } from "../testing/service.ts";

const policy = policyOf(
  `
  channels: {email: {kind: file, address: none}, sms: {kind: file, address: none}}
  learning: {explore: none}
  governance: {consent: {email: opt_in, sms: opt_out}, caps: [{id: hourly, channel: sms, max: 1, window: 1h}]}
  moments:
    m: {on: go, expires: 30d}
    again: {on: again, expires: 2h, once: 1d}
    quiet: {on: quiet, when: "count('page.viewed', '1h') == 0", expires: 1d}
  promises: {call: {opens: call.me, due: 1h, owner: service}}
  `,
  ['serves: [m]\nchannels: {email: {text: "{{ customer.city }}"}}', "id: texted\nserves: [again, quiet]\nchannels: {sms: {text: Hello}}"],
);

describe.each(engines)("signals dated ahead, on $name", (engine) => {
  let place: Place | undefined;
  let running: TestService | undefined;
  let passed = 0;
  const now = () => Date.now() + passed;
  const on = (): TestService => {
    if (!running) throw new Error("the service is not open");
    return running;
  };
  beforeAll(async () => {
    place = await engine.place();
    running = await openTestService(policy, place, { now });
  });
  afterAll(async () => {
    await running?.close();
    await place?.remove();
  });

  const ahead = (ms = 20 * HOUR) => ({ time: iso(now() + ms) });
  const send = async (type: string, id: string, data: Record<string, never> | object = {}, more: { time?: string } = {}) => {
    await on().signal(type, id, data as never, more);
    await on().settled();
  };
  const lastOf = async (id: string) => (await on().decisions(id)).at(-1);

  test.each([20 * HOUR, DAY - MINUTE, 1_000])("F1: a consent granted %d ms ahead is revoked by a later signal", async (ms) => {
    const id = `consent-${ms}`;
    await send("customer.consent", id, { channel: "email", status: "granted" }, ahead(ms));
    await send("customer.consent", id, { channel: "email", status: "revoked" });
    await send("customer.updated", id, { traits: { city: "Ulm" } });
    await send("go", id);
    expect(codesOf(await lastOf(id))).toEqual(["consent_revoked"]);
  });

  test("F1: a trait dated ahead does not hide later updates", async () => {
    await send("customer.consent", "trait", { channel: "email", status: "granted" });
    await send("customer.updated", "trait", { traits: { city: "Bonn" } }, ahead());
    await send("customer.updated", "trait", { traits: { city: "Ulm" } });
    await send("go", "trait");
    expect((await lastOf("trait"))?.deliveries[0]?.content).toEqual({ text: "Ulm" });
  });

  test("F1: identities, traits, touches and promises date from the arrival, and the given time stays in the event", async () => {
    const told = ahead();
    await send("human.touch", "dated", { kind: "call", identities: [{ type: "email", value: "dated@x.example" }] }, told);
    await send("call.me", "dated", {}, told);
    const [row] = await on().rows(
      `select bool_and(s.time <= s.received_at) as signals, bool_and(s.event->>'time' = $1) as told, (select bool_and(at <= now()) from identities where customer_id = 'dated') as identities,
              (select bool_and(at <= now()) from touches where customer_id = 'dated') as touches, (select bool_and(opened_at <= now()) from promises where customer_id = 'dated') as promises
         from signals s where customer_id = 'dated'`,
      [told.time],
    );
    expect(row).toEqual({ signals: true, told: true, identities: true, touches: true, promises: true });
    const { seen } = (await on().service.store.customers.load(["dated"], policy, now())).get("dated") ?? expect.fail("dated is known");
    expect(Object.values(seen).every(({ at }) => at <= now())).toBe(true);
  });

  test("F1: a moment opens at the arrival of its signal, and once counts from then", async () => {
    await send("again", "once", {}, ahead());
    const [moment] = await on().rows<{ at: boolean; open: boolean }>(
      "select opened_at <= now() as at, expires_at < now() + interval '3 hours' as open from moments where customer_id = 'once'",
    );
    expect(moment).toEqual({ at: true, open: true });
  });

  test("F1: counts in a window go by arrival", async () => {
    await send("page.viewed", "counted", {}, ahead());
    passed += 2 * HOUR;
    await send("quiet", "counted");
    expect((await lastOf("counted"))?.action).toBe("deliver");
  });

  test("F1: more than a day ahead is still refused", async () => {
    await expect(on().signal("go", "far", {}, ahead(DAY + HOUR))).rejects.toThrow("more than 24 hours ahead");
  });

  test("friction: a device three days ahead is accepted if its client sends sentAt, and its retry is a duplicate", async () => {
    const wrong = (ms: number) => iso(now() + 3 * DAY + ms);
    const message = { type: "track", event: "go", userId: "device", messageId: "m", timestamp: wrong(-HOUR) };
    expect((await on().post("/v1/batch", { batch: [message] })).status).toBe(400);
    const context = { timezone: "Europe/Berlin", locale: "de-DE" };
    const answers = await Promise.all(
      [0, MINUTE].map(async (later) => (await on().post("/v1/batch", { batch: [message], sentAt: wrong(later), context })).json()),
    );
    expect(answers).toMatchObject([{ accepted: 1 }, { duplicates: 1 }]);
    await on().post("/v1/track", { ...message, messageId: "alone", sentAt: wrong(0) });
    await on().settled();
    const times = await on().rows<{ told: number; time: number }>(
      "select ms((event->>'time')::timestamptz) as told, ms(time) as time from signals where customer_id = 'device'",
    );
    for (const { told, time } of times) expect([told - now() > DAY, Math.abs(now() - HOUR - time) < MINUTE]).toEqual([true, true]);
    expect(times).toHaveLength(2);
    const { claims } = (await on().service.store.customers.load(["device"], policy, now())).get("device") ?? expect.fail("she is known");
    expect([claims.timezone?.segment?.value, claims.locale?.segment?.value]).toEqual(["Europe/Berlin", "de-DE"]);
  });

  test.each([
    ["the line", { at: "2099-01-01T00:00:00Z", consents: [{ channel: "email", status: "granted" }] }],
    ["the consent", { consents: [{ channel: "email", status: "granted", at: "2099-01-01T00:00:00Z" }] }],
  ])("F1: an import that dates %s in 2099 counts from today", async (what, line) => {
    const id = `import ${what}`;
    const record = { id, traits: { city: "Bonn" }, identities: [{ type: "crm", value: id }], ...line };
    const response = await on().app.request("/v1/customers", {
      method: "POST",
      headers: { authorization: "Bearer operator-key-of-a-test", "content-type": "application/x-ndjson" },
      body: JSON.stringify(record),
    });
    expect(await response.json()).toMatchObject({ imported: 1, problems: [] });
    await send("customer.consent", id, { channel: "email", status: "revoked" });
    await send("customer.updated", id, { traits: { city: "Ulm" } });
    await send("go", id);
    expect(codesOf(await lastOf(id))).toEqual(["consent_revoked"]);
    const { claims, identities } = (await on().service.store.customers.load([id], policy, now())).get(id) ?? expect.fail("she is known");
    expect([claims.city?.import?.at, identities[0]?.at].every((at) => at !== undefined && at <= now())).toBe(true);
  });
});
