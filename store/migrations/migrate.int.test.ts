import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { HOUR } from "../../domain/values/time.ts";
import { policyOf } from "../../testing/policy.ts";
import { engines, openTestService, type Place, type TestService } from "../../testing/service.ts";
import { migrate } from "./migrate.ts";

const policy = policyOf("channels: {email: {kind: file}}\nmoments: {m: {on: go, expires: 30d}}", [
  "serves: [m]\nchannels: {email: {text: Hello}}",
]);

describe.each(engines)("a store from before the consent migration, on $name", (engine) => {
  let place: Place | undefined;
  let running: TestService | undefined;
  const on = (): TestService => {
    if (!running) throw new Error("the service is not open");
    return running;
  };
  beforeAll(async () => {
    place = await engine.place();
    running = await openTestService(policy, place, { concurrency: 0 });
  });
  afterAll(async () => {
    await running?.close();
    await place?.remove();
  });
  beforeEach(() => on().service.store.clear());

  const migrateAgain = async () => {
    const [{ schema } = { schema: "" }] = await on().rows<{ schema: string }>("select current_schema() as schema");
    await on().rows("delete from migrations where number = 14");
    await migrate(on().service.store.database, schema);
  };
  const customer = (id: string, { claims = {}, seen = {}, openings = {} } = {}) =>
    on().rows(
      "insert into customers (customer_id, origin, created_at, claims, seen, openings) values ($1, $2::jsonb, now(), $3::jsonb, $4::jsonb, $5::jsonb)",
      [id, JSON.stringify({ kind: "import", at: 0 }), ...[claims, seen, openings].map((one) => JSON.stringify(one))],
    );

  test("W5: an open moment gets the type of the signal that opened it; one that a timer opened keeps none", async () => {
    const [{ schema } = { schema: "" }] = await on().rows<{ schema: string }>("select current_schema() as schema");
    await customer("ann");
    await on().rows("alter table moments drop column opened_on");
    await on().rows(
      `insert into signals (seq, source, id, type, customer_id, time, received_at, event, body_hash)
       values (1, 'web', 's-1', 'message.received', 'ann', now(), now(), '{}', '')`,
    );
    await on().rows(
      `insert into moments (moment_id, customer_id, name, opened_at, expires_at, urgency, data, opened_by, opened_seq, confidence, decided_by) values
       ('m-1', 'ann', 'a', now(), now(), 1, '{}', E'web\\ns-1', 1, 1, 'rule'), ('m-2', 'ann', 'b', now(), now(), 1, '{}', E'clock.daily\\nnoon', 1, 1, 'rule')`,
    );
    await on().rows("delete from migrations where name = 'what-opened-a-moment'");
    await migrate(on().service.store.database, schema);
    expect(await on().rows("select moment_id as id, opened_on from moments order by 1")).toEqual([
      { id: "m-1", opened_on: "message.received" },
      { id: "m-2", opened_on: "" },
    ]);
  });

  test("F1: entries dated in the future count as of now, and the others are unchanged", async () => {
    const past = Date.UTC(2026, 0, 1);
    const ahead = Date.UTC(2099, 0, 1);
    const claim = (at: number) => ({ value: { at: ahead }, at, seq: 0 });
    await customer("ann", {
      claims: { city: { import: claim(ahead), crm: claim(past) } },
      seen: { go: { at: ahead, seq: 1, count: 2 }, came: { at: past, seq: 1, count: 1 } },
      openings: { m: ahead, other: past },
    });
    await on().rows(
      "insert into consents (customer_id, channel, status, at, source, seq) values ('ann', 'email', 'granted', '2099-01-01Z', 'crm', 0)",
    );
    await on().rows(
      "insert into identities (customer_id, type, value, form, source, at, owned) values ('ann', 'crm', '1', '1', 'crm', '2099-01-01Z', true)",
    );
    await on().rows("insert into touches (touch_id, customer_id, at, kind, channel) values ('t', 'ann', '2099-01-01Z', 'call', 'call')");
    await on().rows(
      `insert into inbox (seq, source, id, type, customer_id, time, received_at, event, body_hash)
       values (nextval('arrivals'), 'web', '1', 'go', 'ann', now() + interval '20 hours', now() - interval '1 hour', '{}', '')`,
    );
    await migrateAgain();
    const { claims, seen, openings } =
      (await on().rows<Record<string, Record<string, never>>>("select claims, seen, openings from customers"))[0] ?? {};
    const now = expect.closeTo(Date.now(), -5);
    expect(claims).toEqual({ city: { import: claim(now as never), crm: claim(past) } });
    expect(seen).toEqual({ go: { at: now, seq: 1, count: 2 }, came: { at: past, seq: 1, count: 1 } });
    expect(openings).toEqual({ m: now, other: past });
    for (const table of ["consents", "identities", "touches"])
      expect([table, await on().rows(`select at <= now() as "isPast" from ${table}`)]).toEqual([table, [{ isPast: true }]]);
    expect(await on().rows("select time = received_at as arrived from inbox")).toEqual([{ arrived: true }]);
  });

  test("F1: for a store filled by a replay, now is the time of that replay", async () => {
    const clock = Date.now() + 24 * HOUR;
    await on().service.store.commit([], { replay_clock: clock });
    await customer("ann");
    for (const [channel, at] of [
      ["email", clock - HOUR],
      ["sms", clock + HOUR],
    ] as const)
      await on().rows(
        "insert into consents (customer_id, channel, status, at, source, seq) values ('ann', $1, 'granted', $2::timestamptz, 'crm', 0)",
        [channel, new Date(at).toISOString()],
      );
    await migrateAgain();
    expect(await on().rows("select channel, ms(at) as at from consents order by channel")).toEqual([
      { channel: "email", at: clock - HOUR },
      { channel: "sms", at: clock },
    ]);
  });

  test("F10: consents stored under other spellings are found, and the newest of several wins", async () => {
    await customer("ann");
    await customer("bob");
    for (const [id, channel, status, day, seq] of [
      ["ann", "Email", "revoked", 2, 2],
      ["ann", "email", "granted", 1, 1],
      ["ann", " WhatsApp ", "denied", 1, 3],
      ["bob", "EMAIL", "revoked", 1, 4],
      ["bob", "email", "granted", 2, 5],
    ] as const)
      await on().rows(
        "insert into consents (customer_id, channel, status, at, source, seq) values ($1, $2, $3, $4::timestamptz, 'web', $5)",
        [id, channel, status, `2026-01-0${day}T00:00:00Z`, seq],
      );
    await migrateAgain();
    expect(await on().rows("select customer_id as id, channel, status from consents order by 1, 2")).toEqual([
      { id: "ann", channel: "email", status: "revoked" },
      { id: "ann", channel: "whatsapp", status: "denied" },
      { id: "bob", channel: "email", status: "granted" },
    ]);
  });

  test("F10: denials and revocations accepted without an effect take effect, unless the customer has granted since", async () => {
    await customer("ann");
    for (const [seq, day, data] of [
      [1, 2, { channel: "Email", status: "Revoked" }],
      [2, 2, { status: "denied" }],
      [3, 2, { channel: "sms", status: "REVOKED" }],
      [4, 2, { channel: "email", status: "unsubscribed" }],
      [5, 2, { channel: "push", status: "Granted" }],
    ] as const)
      await on().rows(
        `insert into signals (seq, source, id, type, customer_id, time, received_at, event, body_hash)
         values ($1, 'web', $2, 'customer.consent', 'ann', $3::timestamptz, $3::timestamptz, $4::jsonb, '')`,
        [seq, String(seq), `2026-01-0${day}T00:00:00Z`, JSON.stringify({ data })],
      );
    await on().rows(
      "insert into consents (customer_id, channel, status, at, source, seq) values ('ann', 'sms', 'granted', '2026-01-03Z', 'web', 6)",
    );
    await migrateAgain();
    expect(await on().rows("select channel, status from consents order by 1")).toEqual([
      { channel: "*", status: "denied" },
      { channel: "email", status: "revoked" },
      { channel: "sms", status: "granted" },
    ]);
  });
});
