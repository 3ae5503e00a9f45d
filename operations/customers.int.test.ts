import { beforeEach, describe, expect, test } from "vitest";
import { enginesAt, useOperated } from "../testing/operated-store.ts";
import { policyOf } from "../testing/policy.ts";

const POLICY = policyOf(
  `
  channels:
    mail: {kind: file, address: email}
    text: {kind: file, address: phone}
    desk: {kind: human, queue: showroom}
  moments: {m: {on: go, expires: 2d}, d: {on: call.me, expires: 2d}}
  `,
  [
    `
    id: greet
    channels: {mail: {subject: "Hello {{ customer.name }}", body: Hi}, text: {text: Hi}}
    action: {tool: update_traits, input: {traits: {greeted: "yes"}}}
    `,
    `
    id: call
    serves: [d]
    channels: {desk: {summary: "Call {{ customer.name }}"}}
    `,
  ],
);

const OLGA = { by: "olga" };
const GO = ["2026-06-01T15:00:00Z", "go"] as const;
const ADA = { id: "c-1", traits: { name: "Adalinda", phone: "+1 (555) 0001" }, identities: [{ type: "email", value: "Ada@Example.org" }] };

/** Tables without personal data. A new table either has a customer_id or is listed here. */
const IMPERSONAL = [
  "ask_counts",
  "bundles",
  "canaries",
  "console_sessions",
  "erased_addresses",
  "erasures",
  "example_vectors",
  "experience_totals",
  "learned",
  "migration_steps",
  "migrations",
  "pauses",
  "processes",
  "proposals",
  "publications",
  "rehearsals",
  "settings",
  "versions",
];

/** Keyed by address: exported and erased with the customers who have it. */
const BY_ADDRESS = ["opted_out_addresses"];

describe.each(enginesAt(process.env.DATABASE_URL))("a customer on %s", (_engine, options) => {
  const opened = useOperated(POLICY, options, [ADA, { id: "c-2", traits: { name: "Bea", email: "bea@example.org" } }]);
  beforeEach(async () => {
    await opened.play([
      GO,
      ["2026-06-01T15:00:00Z", "go", { subject: "c-2" }],
      ["2026-06-01T15:01:00Z", "call.me"],
      ["2026-06-01T15:02:00Z", "case.opened", { caseId: "k-1" }],
      ["2026-06-01T15:03:00Z", "message.received", { channel: "mail", text: "my secret" }],
      ["2026-06-01T15:04:00Z", "customer.consent", { channel: "text", status: "revoked" }],
    ]);
    const [task] = await opened.operations.tasks.list({ limit: 1 });
    await opened.operations.tasks.done({ id: task?.taskId ?? "", contacted: "call" }, OLGA);
  });

  const tables = async (where: string) =>
    (
      await opened.rows(
        `select t.table_name as name from information_schema.tables t where t.table_schema = current_schema() and t.table_type = 'BASE TABLE' and ${where} order by 1`,
      )
    ).map(({ name }) => String(name));
  const HAS_PERSON = `exists (select 1 from information_schema.columns c
    where c.table_schema = t.table_schema and c.table_name = t.table_name and c.column_name = 'customer_id')`;

  /** The whole store as text, except the hashes that outlive an erasure. */
  const everything = async (): Promise<string> => {
    const all = await Promise.all((await tables("true")).map((name) => opened.rows(`select to_jsonb(t) as row from "${name}" t`)));
    return JSON.stringify(all);
  };
  const consents = async (id: string) => {
    const rows = await opened.rows(`select channel, status from consents where customer_id = '${id}' order by channel`);
    return rows.map(({ channel, status }) => `${channel} ${status}`);
  };

  test("every table of the store either has a customer_id or is listed as holding no personal data", async () => {
    expect(await tables(`not ${HAS_PERSON}`)).toEqual([...IMPERSONAL, ...BY_ADDRESS].sort());
  });

  test("F2: messages from a customer's address are exported, and erased unless another customer has that address", async () => {
    await opened.play([
      ["2026-06-01T15:05:00Z", "customer.consent", { channel: "text", status: "revoked", phone: "+1 555 0001" }],
      ["2026-06-01T15:06:00Z", "customer.updated", { subject: "c-2", traits: { phone: "+1-555-0001" } }],
      ["2026-06-01T15:07:00Z", "customer.consent", { channel: "text", status: "revoked", email: " ADA@example.org" }],
    ]);
    const kept = async () => (await opened.rows("select type, form from opted_out_addresses order by 1")).map(({ form }) => form);
    expect(await kept()).toEqual(["ada@example.org", "15550001"]);
    expect(await consents("c-2")).toEqual(["text revoked"]);
    const { tables: exported } = await opened.operations.customers.export({ id: "c-1" }, OLGA);
    expect(exported.opted_out_addresses).toMatchObject([{ form: "ada@example.org" }, { form: "15550001" }]);
    await opened.operations.customers.erase({ id: "c-1" }, OLGA);
    expect(await kept()).toEqual(["15550001"]);
    await opened.operations.customers.erase({ id: "c-2" }, OLGA);
    expect(await kept()).toEqual([]);
  });

  test("an export contains every table's rows about the customer, and none about others", async () => {
    const document = await opened.operations.customers.export({ id: "c-1" }, OLGA);
    expect(Object.keys(document.tables)).toEqual((await tables(HAS_PERSON)).filter((name) => name !== "customers"));
    expect(document).toMatchObject({
      customerId: "c-1",
      record: { customer_id: "c-1", claims: { name: { import: { value: "Adalinda" } } } },
      tables: {
        identities: [{ value: "Ada@Example.org" }],
        consents: [{ channel: "text", status: "revoked" }],
        tool_calls: [{ tool: "update_traits" }],
        tasks: [{ state: "done", summary: "Call Adalinda" }],
        audit: [{ actor: "olga", action: "task.done" }],
      },
    });
    for (const name of ["signals", "moments", "decisions", "deliveries", "touches", "promises", "runs", "timers", "cases"])
      expect(document.tables[name]?.length, name).toBeGreaterThan(0);
    const text = JSON.stringify(document);
    expect(text).toContain("my secret");
    expect(text).not.toContain("c-2");
    expect(await opened.operations.audit.list({ limit: 1 })).toMatchObject([{ action: "customer.exported", target: "c-1", by: "olga" }]);
  });

  test("erasure leaves no row and no word of the customer, and all others unchanged", async () => {
    const before = await opened.operations.customers.export({ id: "c-2" }, OLGA);
    const erasure = await opened.operations.customers.erase({ id: "c-1" }, OLGA);
    expect(erasure.removed).toMatchObject({ customers: 1, signals: 6, deliveries: 2, identities: 1 });
    for (const name of await tables(HAS_PERSON))
      expect(await opened.rows(`select 1 from "${name}" where customer_id = 'c-1'`), name).toEqual([]);
    const left = await everything();
    for (const word of ['"c-1"', "Adalinda", "ada@example.org", "(555) 0001", "my secret"])
      expect(left.toLowerCase(), word).not.toContain(word.toLowerCase());
    const after = await opened.operations.customers.export({ id: "c-2" }, OLGA);
    expect({ ...after.tables, audit: [] }).toEqual({ ...before.tables, audit: [] });
  });

  test("an erased customer is reported with time and author, and cannot be erased or exported again", async () => {
    await opened.operations.customers.erase({ id: "c-1" }, OLGA);
    const told = { code: "NOT_FOUND", message: expect.stringContaining("was erased by olga at 2026-06-01T15:00:00Z") };
    await expect(opened.operations.customers.erase({ id: "c-1" }, OLGA)).rejects.toMatchObject(told);
    await expect(opened.operations.customers.export({ id: "c-1" }, OLGA)).rejects.toMatchObject(told);
    await expect(opened.operations.customers.export({ id: "c-9" }, OLGA)).rejects.toMatchObject({
      message: expect.stringContaining("no customer c-9"),
    });
  });

  test("an erased customer imported under another id gets no message, whatever consent the file claims and however the address is written", async () => {
    await opened.operations.customers.erase({ id: "c-1" }, OLGA);
    const consents_ = [
      { channel: "mail", status: "granted" },
      { channel: "text", status: "granted" },
    ];
    await opened.customers({ id: "n-1", traits: { name: "Ada", email: " ada@example.ORG " }, consents: consents_ });
    await opened.customers({
      id: "n-2",
      traits: { name: "Ada" },
      identities: [{ type: "phone", value: "+15550001" }],
      consents: consents_,
    });
    await opened.customers({ id: "n-3", traits: { name: "Cy", email: "cy@example.org" }, consents: consents_ });
    expect(await consents("n-1")).toEqual(["mail denied", "text denied"]);
    expect(await consents("n-2")).toEqual(["mail denied", "text denied"]);
    expect(await consents("n-3")).toEqual(["mail granted", "text granted"]);
    const decisions = await opened.play([
      ["2026-06-02T15:00:00Z", "go", { subject: "n-1" }],
      ["2026-06-02T15:00:00Z", "go", { subject: "n-3" }],
    ]);
    expect(decisions.map(({ customerId, action }) => `${customerId} ${action}`)).toEqual(["n-1 silence", "n-3 deliver"]);
  });

  test("an erased customer who returns by a signal gets no message until they consent again", async () => {
    await opened.operations.customers.erase({ id: "c-1" }, OLGA);
    await opened.play([
      ["2026-06-02T15:00:00Z", "customer.updated", { subject: "n-1", identities: [{ type: "email", value: "ada@example.org" }] }],
    ]);
    expect(await consents("n-1")).toEqual(["mail denied", "text denied"]);
    await opened.play([["2026-06-02T16:00:00Z", "customer.consent", { subject: "n-1", channel: "mail", status: "granted" }]]);
    await opened.customers({ id: "n-1", traits: { name: "Ada", email: "ada@example.org" } });
    expect(await consents("n-1")).toEqual(["mail granted", "text denied"]);
    expect(await opened.play([["2026-06-02T17:00:00Z", "go", { subject: "n-1" }]])).toMatchObject([{ action: "deliver", channel: "mail" }]);
  });

  test("a customer with a delivery in flight is erased all the same, and no later receipt restores anything", async () => {
    const { store } = opened.runtime;
    await store.database.pool.query(
      "update deliveries set status = 'reserved', settled_at = null where customer_id = 'c-1' and channel = 'mail'",
    );
    const ids = (await store.deliveries.open()).map(({ deliveryId }) => deliveryId);
    await store.deliveries.claim(ids, "me", Date.UTC(2026, 5, 1, 15));
    await opened.operations.customers.erase({ id: "c-1" }, OLGA);
    await store.deliveries.settle(ids.map((deliveryId) => ({ deliveryId, status: "sent", at: Date.UTC(2026, 5, 1, 15) })));
    expect(await opened.rows("select 1 from deliveries where customer_id = 'c-1'")).toEqual([]);
    expect(await store.deliveries.claim(ids, "me", Date.UTC(2026, 5, 1, 15))).toMatchObject({ going: new Set() });
  });
});
