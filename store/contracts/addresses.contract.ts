import { expect, test } from "vitest";
import type { Change } from "../../domain/entities/change.ts";
import type { Identity } from "../../domain/entities/customer.ts";
import { transaction } from "../engines/database.ts";
import { migrate, readMigrations } from "../migrations/migrate.ts";
import type { Store } from "../store.ts";
import { aCommit, aDelivery, aNewCustomer, delivering, load, NOON, statusOf, write } from "./examples.contract.ts";

const phone = (value: string, more: Partial<Identity> = {}): Change => ({
  type: "identity_added",
  identity: { type: "phone", value, source: "crm", at: NOON, seq: 1, place: 1, owned: true, ...more },
});
const trait = (type: string, value: string | number | null, seq = 1): Change => ({
  type: "claims_set",
  claims: { [type]: { crm: { value, at: NOON, seq } } },
});
const refused = (form: string, at = NOON): Change => ({
  type: "address_refused",
  refusal: { type: "phone", form, channel: "sms", status: "revoked", at, source: "channel/sms", seq: 7 },
});
const granted = (at: number): Change => ({
  type: "consent_set",
  consent: { channel: "sms", status: "granted", at, source: "web", seq: 1 },
});

/** The store's rules for addresses: their holders in any spelling, and opt-outs from them. */
export function addressesContract(store: () => Store): void {
  const held = async (): Promise<string[]> =>
    (
      await store().database.pool.query<{ one: string }>(
        "select customer_id || ' ' || type || ' ' || form as one from addresses order by 1",
      )
    ).rows.map(({ one }) => one);
  const smsOf = async (...ids: string[]) => Promise.all(ids.map(async (id) => (await load(store(), id)).consents.sms?.status ?? "none"));

  test("F2: an identity resolves to its customer in any spelling; one that is only a trait resolves to its oldest holder", async () => {
    await write(store(), "c-1", [phone("+1 (555) 555-0101")]);
    await write(store(), "c-2", [trait("phone", "+1 555–555–0102")]);
    await write(store(), "c-3", [trait("phone", 15555550102)]);
    const { owners, holders } = await store().customers.byIdentity([
      { type: "phone", value: "+15555550101" },
      { type: "phone", value: "tel:+1-555-555-0102" },
      { type: "phone", value: "   " },
    ]);
    expect([...owners]).toEqual([["phone\n15555550101", "c-1"]]);
    expect([...holders]).toEqual([
      ["phone\n15555550101", "c-1"],
      ["phone\n15555550102", "c-2"],
    ]);
  });

  test("an address is held as long as an identity or a trait names it", async () => {
    const before = await write(store(), "c-1", [phone("+1 555 555 0101"), trait("email", "Ann@x.example ")]);
    expect(await held()).toEqual(["c-1 email ann@x.example", "c-1 phone 15555550101"]);
    await store().commit([aCommit(before, [trait("email", "new@x.example", 2)])]);
    expect(await held()).toEqual(["c-1 email new@x.example", "c-1 phone 15555550101"]);
    await store().commit([aCommit(await load(store(), "c-1"), [trait("email", null, 3)])]);
    expect(await held()).toEqual(["c-1 phone 15555550101"]);
  });

  test("several spellings are one identity of a customer, the latest one", async () => {
    await write(store(), "c-1", [phone("+1 555 555 0101")]);
    const after = await write(store(), "c-1", [phone("+15555550101", { at: NOON + 1, seq: 2, place: 0 })]);
    expect(after.identities).toEqual([
      { type: "phone", value: "+15555550101", source: "crm", at: NOON + 1, seq: 2, place: 0, owned: true },
    ]);
  });

  test("F2: an opt-out from an address applies to all current and future holders", async () => {
    await write(store(), "c-1", [phone("+1 (555) 555-0101")]);
    await write(store(), "c-2", [trait("phone", "+1 555 555 0101"), granted(NOON - 1)]);
    await write(store(), "c-3", [trait("phone", "+1 555 555 0101"), granted(NOON + 1)]);
    await write(store(), "c-4", [phone("+1 555 555 0102")]);
    const versions = (await load(store(), "c-2")).version;
    await write(store(), "c-9", [refused("15555550101")]);
    expect(await smsOf("c-1", "c-2", "c-3", "c-4")).toEqual(["revoked", "revoked", "granted", "none"]);
    expect((await load(store(), "c-2")).version).toBe(versions + 1);
    await write(store(), "c-5", [phone("+15555550101", { owned: false })]);
    await write(store(), "c-6", [trait("phone", 15555550101), granted(NOON - 1)]);
    await write(store(), "c-7", [trait("phone", "tel:+1-555-555-0101"), granted(NOON + 1)]);
    expect(await smsOf("c-5", "c-6", "c-7")).toEqual(["revoked", "revoked", "granted"]);
  });

  test("a decision from before an opt-out by address is not written", async () => {
    const before = await write(store(), "c-1", [phone("+1 (555) 555-0101")]);
    await write(store(), "c-9", [refused("15555550101")]);
    const { committed } = await store().commit([aCommit(before, [delivering("c-1", aDelivery("m-1", { channel: "sms" }))])]);
    expect([...committed]).toEqual([]);
  });

  test("F2: the recheck before sending finds an opt-out that the customer's record lacks, and records it", async () => {
    const { pool } = store().database;
    await store().commit([aCommit(aNewCustomer("c-1"), [phone("+15555550101"), delivering("c-1", aDelivery("m-1", { channel: "sms" }))])]);
    // The result of two concurrent transactions that did not see each other.
    await pool.query(
      `insert into opted_out_addresses (type, form, channel, status, at, source, seq) values ('phone', '15555550101', 'sms', 'revoked', now(), 'channel/sms', 1)`,
    );
    expect((await store().deliveries.claim(["m-1"], "me", NOON)).going.size).toBe(0);
    expect(await statusOf(store(), "m-1")).toMatchObject({ status: "cancelled", reason: "consent_revoked" });
    expect(await smsOf("c-1")).toEqual(["revoked"]);
  });

  test("F2: existing stores are converted to the comparison form; of two owners the older one keeps the identity, which the audit states", async () => {
    const { pool } = store().database;
    const schema = `old_${store().database.kind}_${Math.trunc(performance.now() * 1000)}`;
    const old = readMigrations().filter(({ number }) => number < 15);
    await migrate(store().database, schema, { migrations: old });
    const ask = <Row>(sql: string) =>
      transaction(pool, async (db) => {
        await db.query(`set local search_path = "${schema}"`);
        return (await db.query<Row>(sql)).rows;
      });
    await ask(OLD_ROWS);
    await migrate(store().database, schema);
    expect(await ask("select customer_id as c, type, value, form, owned from identities order by customer_id, type, form")).toEqual([
      { c: "elder", type: "email", value: "ANN@x.example", form: "ann@x.example", owned: true },
      { c: "elder", type: "phone", value: "+1 (555) 555-0101", form: "15555550101", owned: true },
      { c: "elder", type: "user", value: " U-1", form: " U-1", owned: true },
      { c: "stranger", type: "phone", value: "+15555550101", form: "15555550101", owned: false },
      { c: "younger", type: "email", value: "ann@x.example ", form: "ann@x.example", owned: false },
    ]);
    expect(await ask("select actor, action, target, customer_id, details from audit order by target")).toEqual(
      [
        ["stranger", "phone"],
        ["younger", "email"],
      ].map(([id, type]) => ({ actor: "sentient", action: "identity.shared", target: id, customer_id: id, details: { types: [type] } })),
    );
    expect(await ask("select value, form from inbox_identities")).toEqual([{ value: "Bea@x.example", form: "bea@x.example" }]);
    expect(await ask("select customer_id as c, value, reason from gone_addresses order by 1, 2")).toEqual([
      { c: "elder", value: "+15555550199", reason: "first" },
    ]);
    expect(await ask("select customer_id || ' ' || type || ' ' || form as one from addresses order by 1")).toEqual(
      [
        "elder email ann@x.example",
        "elder phone 15555550101",
        "only-traits email old@x.example",
        "only-traits phone 15555550101",
        "stranger phone 15555550101",
        "younger email ann@x.example",
      ].map((one) => ({ one })),
    );
    // An earlier opt-out from an unknown address applies to its holders.
    expect(await ask("select customer_id || ' ' || channel || ' ' || status as one from consents order by 1")).toEqual(
      ["elder sms revoked", "only-traits sms revoked", "stranger sms revoked", "younger email granted"].map((one) => ({ one })),
    );
    expect(await ask("select opened_by from moments order by moment_id")).toEqual([{ opened_by: "\na\\nb\nc" }, { opened_by: "web\ns-1" }]);
    expect(await ask("select opened_by from promises")).toEqual([{ opened_by: ["web\ns-1", "\na\\nb\nc"] }]);
    await pool.query(`drop schema "${schema}" cascade`);
  });
}

const OLD_ROWS = `
insert into customers (customer_id, origin, claims, created_at) values
  ('elder', '{}', '{}', '2026-01-01'), ('younger', '{}', '{}', '2026-02-01'), ('stranger', '{}', '{}', '2026-03-01'),
  ('only-traits', '{}', '{"phone": {"crm": {"value": "+1 555-555-0101", "at": 1, "seq": 1}}, "email": {"crm": {"value": "old@x.example", "at": 1, "seq": 1},
    "web": {"value": null, "at": 2, "seq": 2}}, "name": {"crm": {"value": "Ann", "at": 1, "seq": 1}}}', '2026-03-01');
insert into identities (customer_id, type, value, source, at, owned) values
  ('elder', 'email', 'Ann@x.example', 'crm', '2026-01-01', true), ('elder', 'email', 'ANN@x.example', 'crm', '2026-01-02', false),
  ('elder', 'phone', '+1 (555) 555-0101', 'crm', '2026-01-01', true), ('elder', 'user', ' U-1', 'crm', '2026-01-01', true),
  ('elder', 'phone', '  ', 'crm', '2026-01-01', true),
  ('younger', 'email', 'ann@x.example ', 'crm', '2026-01-01', true), ('stranger', 'phone', '+15555550101', 'sms', '2026-03-01', true);
insert into consents (customer_id, channel, status, at, source, seq) values
  ('stranger', 'sms', 'revoked', '2026-03-02', 'channel/sms', 9), ('younger', 'email', 'granted', '2026-03-02', 'web', 9);
insert into gone_addresses (customer_id, type, value, at, source, reason) values
  ('elder', 'phone', '+1 555 555 0199', '2026-01-01', 'channel/sms', 'first'), ('elder', 'phone', '+1 (555) 555 0199', '2026-01-02', 'channel/sms', 'second'),
  ('elder', 'email', 'ann@x.example ', '2026-01-01', 'channel/email', 'the address is not a mail address');
insert into inbox (seq, source, id, type, customer_id, time, received_at, event, body_hash) values
  (5, 'web', 'a', 't', 'bea', now(), now(), '{}', ''), (6, 'web', 'b', 't', 'bea2', now(), now(), '{}', '');
insert into inbox_identities (type, value, customer_id, seq) values ('email', 'Bea@x.example', 'bea', 5), ('email', 'bea@x.example', 'bea2', 6);
insert into signals (seq, source, id, type, customer_id, time, received_at, event, body_hash) values
  (1, E'a\\nb', 'c', 't', 'elder', now(), now(), '{}', ''), (2, 'web', 's-1', 't', 'elder', now(), now(), '{}', '');
insert into moments (moment_id, customer_id, name, opened_at, expires_at, urgency, data, opened_by, opened_seq, confidence, decided_by) values
  ('m-1', 'elder', 'a', now(), now(), 1, '{}', E'a\\nb\\nc', 1, 1, 'rule'), ('m-2', 'elder', 'b', now(), now(), 1, '{}', E'web\\ns-1', 1, 1, 'rule');
insert into promises (promise_id, customer_id, name, owner, opened_at, due, opened_by) values
  ('p-1', 'elder', 'reply', 'us', now(), now(), '["web\\ns-1", "a\\nb\\nc"]');
`;
