import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DAY } from "../domain/values/time.ts";
import { policyOf } from "../testing/policy.ts";
import { engines, openTestService, type Place, type TestService, until } from "../testing/service.ts";

const policy = policyOf(
  `
  channels: {box: {kind: file}, mail: {kind: file, address: none}}
  moments:
    m: {on: go, expires: 30d}
    late: {on: wait, expires: 1d}
  governance:
    caps: [{id: weekly, max: 2, window: 7d}]
    consent: {box: opt_out}
  `,
  ["serves: [m]\nchannels: {box: {text: Hello}}"],
);

const event = (type: string, subject: string, more: object = {}) => ({
  specversion: "1.0",
  id: randomUUID(),
  source: "web",
  type,
  subject,
  ...more,
});

describe.each(engines)("on $name", (engine) => {
  let place: Place | undefined;
  let running: TestService | undefined;
  let clock = 0;
  const on = (): TestService => {
    if (!running) throw new Error("the service is not open");
    return running;
  };

  beforeAll(async () => {
    place = await engine.place();
    running = await openTestService(policy, place, { now: () => Date.now() + clock });
  });
  afterAll(async () => {
    await running?.close();
    await place?.remove();
  });

  test("a signal answered with 202 is decided, and its message is sent", async () => {
    const response = await on().post("/v1/signals", event("go", "ann"));
    expect([response.status, await response.json()]).toEqual([202, { accepted: 1, duplicates: 0, rejected: [] }]);
    await on().settled();
    const [decision] = await on().decisions("ann");
    expect(decision).toMatchObject({ action: "deliver", experienceId: "e", channel: "box", deliveries: [{ status: "sent" }] });
    expect(
      on()
        .outbox()
        .filter(({ customerId }) => customerId === "ann"),
    ).toHaveLength(1);
  });

  test("a repeated signal is a duplicate before and after it is decided, and with another body a conflict", async () => {
    const signal = event("go", "bob", { data: { n: 1 } });
    const batch = await on().post("/v1/signals", [signal, signal, { ...signal, data: { n: 2 } }]);
    expect(await batch.json()).toMatchObject({ accepted: 1, duplicates: 1, rejected: [{ index: 2, code: "CONFLICT" }] });
    await on().settled();
    const again = await on().post("/v1/signals", [signal]);
    expect([again.status, await again.json()]).toEqual([202, { accepted: 0, duplicates: 1, rejected: [] }]);
    const other = await on().post("/v1/signals", { ...signal, data: { n: 2 } });
    expect([other.status, await other.json()]).toMatchObject([400, { code: "BAD_INPUT", rejected: [{ index: 0, code: "CONFLICT" }] }]);
    expect(await on().decisions("bob")).toHaveLength(1);
  });

  test("signals of one customer are decided one at a time, and fifty concurrent ones exceed no cap", async () => {
    await Promise.all(Array.from({ length: 50 }, (_, n) => on().signal("go", "cap", { n })));
    await on().settled();
    expect(
      on()
        .outbox()
        .filter(({ customerId }) => customerId === "cap"),
    ).toHaveLength(2);
    const seqs = await on().rows<{ seq: number }>("select seq from signals where customer_id = 'cap' order by seq");
    expect(seqs).toHaveLength(50);
  });

  test("after a revocation is accepted nothing more is sent on that channel", async () => {
    const customers = Array.from({ length: 40 }, (_, n) => `rev-${n}`);
    const revokedAt = new Map<string, number>();
    await Promise.all(
      customers.map(async (customerId, n) => {
        await on().signal("go", customerId);
        await new Promise((resolve) => setTimeout(resolve, (n * 7) % 40));
        await on().signal("customer.consent", customerId, { channel: "box", status: "revoked" });
        revokedAt.set(customerId, Date.now() + clock);
      }),
    );
    await on().settled();
    const sent = await on().rows<{ customer_id: string; at: number }>(
      "select customer_id, ms(claimed_at) as at from deliveries where customer_id like 'rev-%' and status = 'sent'",
    );
    for (const { customer_id, at } of sent) expect(at).toBeLessThanOrEqual(revokedAt.get(customer_id) ?? 0);
    await Promise.all(customers.map((customerId) => on().signal("go", customerId, { again: true })));
    await on().settled();
    const after = await on().rows("select 1 from deliveries where customer_id like 'rev-%' and status = 'sent'");
    expect(after).toHaveLength(sent.length);
  });

  test("consent applies once the signal is accepted, also for an unknown customer", async () => {
    await on().signal("customer.consent", "early", { channel: "box", status: "denied" });
    const [consent] = await on().rows("select status from consents where customer_id = 'early'");
    expect(consent).toEqual({ status: "denied" });
    await on().signal("go", "early");
    await on().settled();
    expect(await on().decisions("early")).toMatchObject([{ action: "silence", reasons: [{ code: "consent_revoked" }] }]);
  });

  test("an identity belongs to the first customer with it, also before that signal is decided", async () => {
    const batch = [
      event("page.viewed", "known", { data: { identities: [{ type: "cookie", value: "k-1" }] } }),
      { ...event("go", "x", { data: { identities: [{ type: "cookie", value: "k-1" }] } }), subject: undefined },
      {
        ...event("go", "x", {
          data: {
            identities: [
              { type: "cookie", value: "k-2" },
              { type: "email", value: "a@b.example" },
            ],
          },
        }),
        subject: undefined,
      },
      { ...event("go", "x", { data: { identities: [{ type: "email", value: "a@b.example" }] } }), subject: undefined },
      event("go", "thief", { data: { identities: [{ type: "email", value: "a@b.example" }] } }),
    ];
    const response = await on().post("/v1/signals", JSON.parse(JSON.stringify(batch)));
    expect(response.status).toBe(202);
    await on().settled();
    const found = await on().rows<{ customer_id: string }>(
      "select customer_id from signals where event->'data' ? 'identities' order by seq",
    );
    const [first, second, third, fourth, thief] = found.map(({ customer_id }) => customer_id);
    expect([first, second, thief]).toEqual(["known", "known", "thief"]);
    expect(third).toMatch(/^c_/);
    expect(fourth).toBe(third);
    const owners = await on().rows("select customer_id from identities where value = 'a@b.example' and owned");
    expect(owners).toEqual([{ customer_id: third }]);
    expect(await on().rows("select * from inbox_identities")).toEqual([]);
  });

  test("one invalid event of a batch does not affect the others", async () => {
    const deep = `{"specversion":"1.0","id":"deep","source":"web","type":"go","subject":"bad","data":{"a":${"[".repeat(1_000)}${"]".repeat(1_000)}}}`;
    const nul = JSON.stringify(event("go", "bad", { data: { text: "\u0000" } }));
    const large = JSON.stringify(event("go", "bad", { data: { text: "x".repeat(33_000) } }));
    const ahead = JSON.stringify(event("go", "bad", { time: new Date(Date.now() + clock + 2 * DAY).toISOString() }));
    const good = JSON.stringify(event("noted", "good"));
    const response = await on().post("/v1/signals", `[${[deep, nul, good, large, ahead, "7"].join(",")}]`);
    const { accepted, rejected } = (await response.json()) as { accepted: number; rejected: { index: number; error: string }[] };
    expect([response.status, accepted, rejected.map(({ index }) => index)]).toEqual([202, 1, [0, 1, 3, 4, 5]]);
    for (const [place, part] of ["deeper than 64", "NUL", "at most 32768", "more than 24 hours ahead", "expected object"].entries())
      expect(rejected[place]?.error).toContain(part);
  });

  test("timers fire when they are due", async () => {
    await on().signal("wait", "tim");
    await on().settled();
    const open = "select name from moments where customer_id = 'tim' and ended is null";
    expect(await on().rows(open)).toEqual([{ name: "late" }]);
    clock = 2 * DAY;
    on().service.nudge();
    await until(async () => (await on().rows(open)).length === 0, "the end of the moment");
    expect(await on().rows("select ended from moments where customer_id = 'tim'")).toEqual([{ ended: "expired" }]);
  });
});
