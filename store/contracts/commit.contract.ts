import { expect, test } from "vitest";
import type { Change, NewDelivery } from "../../domain/entities/change.ts";
import type { Customer } from "../../domain/entities/customer.ts";
import { seededRandom } from "../../domain/values/random.ts";
import { DAY } from "../../domain/values/time.ts";
import type { Database, PoolClient } from "../engines/database.ts";
import { createStore, type Store } from "../store.ts";
import {
  aCommit,
  aDelivery,
  aNewCustomer,
  aSignal,
  countOf,
  delivering,
  inInbox,
  load,
  NOON,
  POLICY,
  reserve,
  statusOf,
  write,
} from "./examples.contract.ts";

const consented = {
  type: "consent_set",
  consent: { channel: "sms", status: "granted", at: NOON, source: "web", seq: 1 },
} as const satisfies Change;
const limited = (deliveryId: string, total: number) => aDelivery(deliveryId, { total });

/** A database that tells what a connection is sent, and when it has answered. */
function watched(database: Database, told: string[]): Database {
  const connect = async (): Promise<PoolClient> => {
    const client = await database.pool.connect();
    const query = ((text: string, params?: readonly unknown[]) => {
      told.push(text);
      return client.query(text, params).finally(() => told.push("answered"));
    }) as PoolClient["query"];
    const release = (broken?: boolean) => client.release(broken);
    return Object.assign(Object.create(client) as PoolClient, { query, release, together: undefined });
  };
  return { ...database, pool: Object.assign(Object.create(database.pool), { connect }) };
}

/** The contract of commits: atomic, with a version check, and with the slots they take. */
export function commitContract(store: () => Store): void {
  test("a commit whose customer has changed is not written at all; the others are", async () => {
    await write(store(), "c-1", [consented]);
    await write(store(), "c-2", [consented]);
    const stale = await load(store(), "c-1");
    const fresh = await load(store(), "c-2");
    await write(store(), "c-1", [{ type: "timer_set", key: "judge", timer: { name: "review", due: NOON } }]);
    const { committed } = await store().commit([
      aCommit(stale, [delivering("c-1", aDelivery("m-1"))], { signal: aSignal("c-1", 1) }),
      aCommit(fresh, [delivering("c-2", aDelivery("m-2"))], { signal: aSignal("c-2", 2) }),
    ]);
    expect([...committed]).toEqual(["c-2"]);
    const left = await Promise.all(
      ["signals", "runs", "decisions", "deliveries", "touches"].map((table) => countOf(store(), table, "customer_id = 'c-1'")),
    );
    expect(left).toEqual([0, 0, 0, 0, 0]);
    expect((await load(store(), "c-1")).version).toBe(2);
    expect((await load(store(), "c-2")).version).toBe(2);
  });

  test("commits of decisions are written by statements that wait for no result, in one transaction", async () => {
    await write(store(), "c-1", [consented]);
    const before = await load(store(), "c-1");
    const commits = [
      aCommit(before, [consented, delivering("c-1", aDelivery("m-1"))], { signal: aSignal("c-1", 1) }),
      aCommit(aNewCustomer("c-2"), [consented, delivering("c-2", aDelivery("m-2"))], { signal: aSignal("c-2", 2) }),
    ];
    const told: string[] = [];
    const { committed } = await createStore(watched(store().database, told)).commit(commits, {}, { flush: false });
    expect(committed).toEqual(new Set(["c-1", "c-2"]));
    // Sent before anything was answered.
    expect(told.slice(0, told.indexOf("answered")).map((text) => text.trim().slice(0, 13))).toEqual([
      "begin; set lo",
      "with inserted",
      "with changed ",
      "with kept_sig",
      "insert into c",
      "commit",
    ]);
    expect(await Promise.all(["signals", "runs", "decisions", "deliveries", "touches"].map((table) => countOf(store(), table)))).toEqual([
      2, 2, 2, 2, 2,
    ]);
    expect((await load(store(), "c-1")).version).toBe(2);
  });

  test("a signal that waits in the inbox is kept as it stands there, beside one that never waited", async () => {
    const waiting = await inInbox(store(), aSignal("c-1", 7, { time: NOON - DAY, event: { id: "s-7", data: { a: "\u00e9\n", n: 1.5 } } }));
    const columns = "seq, source, id, type, customer_id, time, received_at, event, body_hash";
    const read = async (table: string) => (await store().database.pool.query(`select ${columns} from ${table} where seq = 7`)).rows;
    const waited = await read("inbox");
    const commits = [
      aCommit(aNewCustomer("c-1"), [delivering("c-1", aDelivery("m-1"))], { signal: waiting }),
      aCommit(aNewCustomer("c-2"), [delivering("c-2", aDelivery("m-2"))], { signal: aSignal("c-2", 8) }),
    ];
    expect((await store().commit(commits, {}, { flush: false })).committed.size).toBe(2);
    expect([waited.length, await read("signals"), await countOf(store(), "inbox")]).toEqual([1, waited, 0]);
    expect(await countOf(store(), "signals")).toBe(2);
  });

  test("decisions are kept in the order of their batch, each record as it was decided", async () => {
    const commits = Array.from({ length: 40 }, (_, n) => {
      const change = delivering(`c-${n}`, aDelivery(`m-${n}`)) as Extract<Change, { type: "decided" }>;
      const decision = { ...change.decision, reasons: [{ code: "eligible", detail: `\n${n}\u2028"\\` }] } as typeof change.decision;
      return aCommit(aNewCustomer(`c-${n}`), [{ ...change, decision }], { signal: aSignal(`c-${n}`, n) });
    });
    await store().commit(commits);
    const { rows } = await store().database.pool.query<{ record: unknown }>("select record from decisions order by seq");
    expect(rows.map(({ record }) => record)).toEqual(commits.map(({ changes: [one] }) => one?.type === "decided" && one.decision));
  });

  test("a signal that left the inbox meanwhile takes its batch back", async () => {
    const waiting = { ...aSignal("c-1", 7), isWaiting: true as const };
    const commits = [
      aCommit(aNewCustomer("c-1"), [delivering("c-1", aDelivery("m-1"))], { signal: waiting }),
      aCommit(aNewCustomer("c-2"), [delivering("c-2", aDelivery("m-2"))], { signal: aSignal("c-2", 8) }),
    ];
    expect(await store().commit(commits)).toEqual({ committed: new Set(), isRepeated: true });
    expect([await countOf(store(), "customers"), await countOf(store(), "signals"), await countOf(store(), "deliveries")]).toEqual([
      0, 0, 0,
    ]);
  });

  test("of two concurrent commits that create the same customer one is refused", async () => {
    const results = await Promise.all(
      [1, 2].map((seq) => store().commit([aCommit(aNewCustomer("c-1"), [consented], { signal: aSignal("c-1", seq) })])),
    );
    expect(results.map(({ committed }) => committed.size).sort()).toEqual([0, 1]);
    expect(await countOf(store(), "signals")).toBe(1);
  });

  test("an ask that was answered as late while it was written takes its batch back", async () => {
    const ask = { source: "site", id: "a-1", customerId: "c-1", channel: "web", at: NOON, bodyHash: "h", isLate: false, gave: false };
    const commit = (isOver: () => boolean) =>
      store().commit([aCommit(aNewCustomer("c-1"), [consented], { ask: { ...ask, isOver } }), aCommit(aNewCustomer("c-2"), [consented])]);
    expect(await commit(() => true)).toEqual({ committed: new Set(), isRepeated: true });
    expect([await countOf(store(), "customers"), await countOf(store(), "asks")]).toEqual([0, 0]);
    expect((await commit(() => false)).committed.size).toBe(2);
    expect(await countOf(store(), "asks")).toBe(1);
  });

  test("answers to asks are written together; one whose customer has changed is not, and one that was written before takes its batch back", async () => {
    const ask = { source: "site", channel: "web", at: NOON, bodyHash: "h", isLate: false, gave: true };
    const answer = (customer: Customer, id: string) => {
      const { customerId } = customer;
      const reserved = delivering(customerId, aDelivery(`m-${id}`));
      return aCommit(customer, [reserved], { signal: aSignal(customerId, Number(id)), ask: { ...ask, id, customerId } });
    };
    await write(store(), "c-1", [consented]);
    const stale = await load(store(), "c-1");
    const asked: string[] = [];
    const began = await store().commit([
      answer(stale, "1"),
      { ...answer(aNewCustomer("c-2"), "2"), ask: { ...ask, id: "2", customerId: "c-2", onCommit: () => asked.push("2") } },
    ]);
    expect([began, asked]).toEqual([{ committed: new Set(["c-1", "c-2"]) }, ["2"]]);
    expect([await countOf(store(), "asks"), await countOf(store(), "decisions"), await countOf(store(), "signals")]).toEqual([2, 2, 2]);
    expect([(await load(store(), "c-1")).version, (await load(store(), "c-2")).version]).toEqual([2, 1]);
    expect((await store().commit([answer(stale, "3"), answer(await load(store(), "c-2"), "4")])).committed).toEqual(new Set(["c-2"]));
    expect([await countOf(store(), "asks"), await countOf(store(), "deliveries")]).toEqual([3, 3]);
    const again = [answer(await load(store(), "c-1"), "4"), answer(aNewCustomer("c-3"), "5")];
    expect(await store().commit(again)).toEqual({ committed: new Set(), isRepeated: true });
    expect([await countOf(store(), "customers"), await countOf(store(), "asks")]).toEqual([2, 3]);
  });

  test("leases end with what is written, and with nothing else", async () => {
    const held = { owner: "me", customerIds: ["c-1"] };
    const ask = { source: "site", customerId: "c-1", channel: "web", at: NOON, bodyHash: "h", isLate: false, gave: false };
    const lease = async (id: string): Promise<boolean | undefined> => {
      const opened = await store().asks.open([{ source: "site", id, customerId: "c-1" }], { owner: "me", leaseMs: DAY, now: NOON });
      return opened.asks[0]?.isLeased;
    };
    const commitOf = (before: Customer, id: string, changes: readonly Change[]) =>
      store().commit([aCommit(before, changes, { signal: aSignal("c-1", Number(id)), ask: { ...ask, id } })], {}, { held });
    const timer: Change = { type: "timer_set", key: "judge", timer: { name: "review", due: NOON } };
    expect(await lease("1")).toBe(true);
    // An answer in one statement, and one that also writes a consent.
    expect((await commitOf(aNewCustomer("c-1"), "1", [timer])).committed.size).toBe(1);
    expect(await lease("2")).toBe(true);
    expect((await commitOf(aNewCustomer("c-1"), "2", [timer])).committed.size).toBe(0);
    expect(await lease("2")).toBe(false);
    expect((await commitOf(await load(store(), "c-1"), "2", [consented])).committed.size).toBe(1);
    expect(await lease("3")).toBe(true);
  });

  test("a failure in the middle of a batch rolls it back, its settings included", async () => {
    await write(store(), "c-1", [consented], { signal: aSignal("c-1", 1) });
    const repeated = aCommit(aNewCustomer("c-2"), [consented], { signal: aSignal("c-2", 1) });
    await expect(store().commit([repeated], { replay_clock: NOON })).rejects.toThrow();
    expect(await countOf(store(), "customers", "customer_id = 'c-2'")).toBe(0);
    expect(await store().setting("replay_clock")).toBeUndefined();
  });

  test("settings are written with the commits and read back", async () => {
    await store().commit([], { replay_clock: NOON, other: { a: [1] } });
    await store().commit([], { replay_clock: NOON + 1 });
    expect(await store().setting("replay_clock")).toBe(NOON + 1);
    expect(await store().setting("other")).toEqual({ a: [1] });
    expect(await store().setting("none")).toBeUndefined();
  });

  test("a limit in total holds under concurrent commits", async () => {
    await store().totals(["lease-options"]);
    const results = await Promise.all(
      Array.from({ length: 12 }, (_, n) => store().commit([aCommit(aNewCustomer(`c-${n}`), [delivering(`c-${n}`, limited(`m-${n}`, 5))])])),
    );
    expect(results.filter(({ committed }) => committed.size === 1)).toHaveLength(5);
    expect(results.filter(({ exhausted }) => exhausted?.includes("lease-options"))).toHaveLength(7);
    expect(await countOf(store(), "deliveries")).toBe(5);
    expect(await countOf(store(), "customers")).toBe(5);
    expect(await store().totals(["lease-options"])).toEqual(new Map([["lease-options", 5]]));
  });

  test("a batch that needs more slots than are left writes nothing", async () => {
    await store().totals(["lease-options"]);
    const cases = [1, 2].map((n) => aCommit(aNewCustomer(`c-${n}`), [delivering(`c-${n}`, limited(`m-${n}`, 1))]));
    expect((await store().commit(cases)).exhausted).toEqual(["lease-options"]);
    expect(await countOf(store(), "customers")).toBe(0);
  });

  test("slots are counted in total also without a limit in the policy", async () => {
    await store().totals(["lease-options"]);
    await reserve(store(), aDelivery("m-1"), aDelivery("m-2"), aDelivery("m-3", { total: 9 }));
    expect(await store().totals(["lease-options"])).toEqual(new Map([["lease-options", 3]]));
  });

  test("the total of an experience is counted from the ledger on first use", async () => {
    await reserve(store(), aDelivery("m-1"), aDelivery("m-2"), aDelivery("m-3", { experienceId: "other" }));
    await store().deliveries.fail("m-1", "no", NOON);
    expect(await store().totals(["lease-options", "none"])).toEqual(
      new Map([
        ["lease-options", 1],
        ["none", 0],
      ]),
    );
  });

  test("a delivery that leaves the ledger twice frees its slot and its touch once", async () => {
    await store().totals(["lease-options"]);
    await write(store(), "c-1", [delivering("c-1", limited("m-1", 5)), delivering("c-1", limited("m-2", 5))]);
    await store().deliveries.sendLocally(["m-1"], { recorded: true, tasks: [], now: NOON });
    const bounced: Change = { type: "delivery_moved", deliveryId: "m-1", to: "bounced", at: NOON };
    await write(store(), "c-1", [bounced]);
    await write(store(), "c-1", [bounced]);
    expect(await store().totals(["lease-options"])).toEqual(new Map([["lease-options", 1]]));
    expect((await load(store(), "c-1")).touches.map(({ touchId }) => touchId)).toEqual(["m-2"]);
  });

  test("a delivery in flight is not cancelled", async () => {
    await reserve(store(), aDelivery("m-1"));
    const before = await load(store(), "c-m-1");
    await store().deliveries.claim(["m-1"], "me", NOON);
    await store().commit([aCommit(before, [{ type: "delivery_moved", deliveryId: "m-1", to: "cancelled", reason: "goal_met", at: NOON }])]);
    expect(await statusOf(store(), "m-1")).toEqual({ status: "sending", reason: null });
    expect((await load(store(), "c-m-1")).touches).toHaveLength(1);
  });

  const claiming = (...ids: readonly string[]) => ({ claim: { name: "me", at: NOON, deliveryIds: new Set(ids) } });
  const first = (id: string, more: Parameters<typeof aDelivery>[1] = {}, changes: readonly Change[] = []) =>
    aCommit(aNewCustomer(`c-${id}`), [...changes, delivering(`c-${id}`, aDelivery(id, more))]);

  test("deliveries are claimed by the commit that reserves them: those that the claim names", async () => {
    expect((await store().commit([first("m-1"), first("m-2")], {}, claiming("m-1"))).isClaimed).toBe(true);
    const isClaimed = "status = 'sending' and claim = 'me' and claimed_at is not null and attempts = 1";
    expect(await countOf(store(), "deliveries", `delivery_id = 'm-1' and ${isClaimed}`)).toBe(1);
    expect(await statusOf(store(), "m-2")).toEqual({ status: "reserved", reason: null });
    await store().deliveries.settle([{ deliveryId: "m-1", status: "sent", at: NOON }]);
    expect(await statusOf(store(), "m-1")).toEqual({ status: "sent", reason: null });
  });

  const entry = { at: NOON, by: "ann", action: "paused", target: "x", details: {} };
  const refused = `insert into opted_out_addresses (type, form, channel, status, at, source, seq) values ('email', 'ada@example.org', 'email', 'revoked', now(), 'x', 1)`;
  const address: Change = {
    type: "identity_added",
    identity: { type: "email", value: "ada@example.org", source: "crm", at: NOON, seq: 1, place: 1, owned: true },
  };
  test.each<[string, () => Promise<unknown>, Partial<NewDelivery>]>([
    ["a pause of its channel", () => store().operations.pause({ scope: "channel", name: "email" }, entry), {}],
    ["a pause of its department", () => store().operations.pause({ scope: "department", name: "sales" }, entry), {}],
    ["an opt-out of its address", () => store().database.pool.query(refused), {}],
    ["a moment that has ended", async () => {}, { expiresAt: NOON }],
  ])("%s keeps a delivery from being claimed by its commit; it is reserved", async (_what, hold, more) => {
    await write(store(), "c-m-1", [address]);
    const before = await load(store(), "c-m-1");
    await hold();
    const commits = [aCommit(before, [delivering("c-m-1", aDelivery("m-1", more))]), first("m-2")];
    expect(await store().commit(commits, {}, claiming("m-1", "m-2"))).toEqual({ committed: new Set(["c-m-1", "c-m-2"]) });
    for (const id of ["m-1", "m-2"]) expect(await statusOf(store(), id)).toEqual({ status: "reserved", reason: null });
    expect(await countOf(store(), "deliveries", "claim is null and attempts = 0")).toBe(2);
  });

  test.each<[string, Change]>([
    ["consent", { ...consented, consent: { ...consented.consent, channel: "email" } }],
    ["an address", address],
  ])("a commit that changes %s claims nothing, as that is written after its deliveries", async (_what, change) => {
    expect((await store().commit([first("m-1", {}, [change])], {}, claiming("m-1"))).isClaimed).toBeUndefined();
    expect((await statusOf(store(), "m-1")).status).toBe("reserved");
  });

  test("an identity resolves to its first owner; another customer keeps it as an address", async () => {
    const identity = { type: "email", value: "a@example.org", source: "crm", at: NOON, seq: 1, place: 1 };
    await write(store(), "c-1", [{ type: "identity_added", identity: { ...identity, owned: true } }]);
    await write(store(), "c-2", [{ type: "identity_added", identity: { ...identity, owned: false } }]);
    const found = await store().customers.byIdentity([identity, { type: "phone", value: "1" }]);
    expect(found.owners).toEqual(new Map([["email\na@example.org", "c-1"]]));
    expect((await load(store(), "c-2")).identities).toEqual([{ ...identity, owned: false }]);
  });

  test("of several changes to one channel or identity in a batch the last one wins", async () => {
    const consent = { channel: "sms", status: "granted", at: NOON, source: "crm", seq: 1 } as const;
    const identity = { type: "email", value: "a@example.org", source: "crm", at: NOON, seq: 1, place: 1, owned: true };
    const customer = await write(store(), "c-1", [
      { type: "consent_set", consent },
      { type: "consent_set", consent: { ...consent, status: "revoked", at: NOON + 1 } },
      { type: "identity_added", identity },
      { type: "identity_added", identity: { ...identity, source: "web" } },
    ]);
    expect(customer.consents.sms?.status).toBe("revoked");
    expect(customer.identities).toEqual([{ ...identity, source: "web" }]);
  });

  test("the hash of a customer's import line is stored", async () => {
    await write(store(), "c-1", [], { importHash: "h1" });
    await write(store(), "c-2", []);
    await write(store(), "c-1", [consented]);
    expect(await store().customers.importHashes(["c-1", "c-2", "c-3"])).toEqual(new Map([["c-1", "h1"]]));
  });

  test("fifty concurrent batches that share customers in different orders are all written, without a deadlock", async () => {
    const random = seededRandom("orders");
    const ids = ["c-1", "c-2", "c-3", "c-4"];
    for (const id of ids) await write(store(), id, [consented]);
    const one = async (n: number) => {
      const open = new Set(ids);
      while (open.size > 0) {
        const loaded = await store().customers.load([...open], POLICY, NOON);
        const cases = [...loaded.values()]
          .sort(() => random() - 0.5)
          .map((before) => aCommit(before, [{ type: "timer_set", key: `n${n}`, timer: { name: "n", due: NOON + n } }]));
        for (const id of (await store().commit(cases)).committed) open.delete(id);
      }
    };
    await Promise.all(Array.from({ length: 50 }, (_, n) => one(n)));
    for (const id of ids) {
      const { version, timers } = await load(store(), id);
      expect(version).toBe(51);
      expect(Object.keys(timers)).toHaveLength(50);
    }
  });

  test("the changes of a tool call are written once", async () => {
    await write(store(), "c-1", [consented]);
    const call = { key: "m-1:action", output: { ok: true }, at: NOON };
    await store().calls.plan([{ key: call.key, tool: "t", customerId: "c-1", runId: "r", deliveryId: "m-1", input: {}, at: NOON }]);
    const opens: Change = { type: "case_opened", caseId: "k-1", at: NOON, data: {} };
    const first = await store().commit([aCommit(await load(store(), "c-1"), [opens], { call })]);
    expect([...first.committed]).toEqual(["c-1"]);
    const again = await store().commit([aCommit(await load(store(), "c-1"), [{ ...opens, caseId: "k-2" }], { call })]);
    expect(again).toEqual({ committed: new Set(), isRepeated: true });
    const { openCases, version } = await load(store(), "c-1");
    expect({ openCases, version }).toEqual({ openCases: ["k-1"], version: 2 });
    expect(await store().calls.get([call.key])).toMatchObject([{ status: "done", output: { ok: true } }]);
  });

  test("the promises of a delivery are due once it is sent, and are written once", async () => {
    const makes = { promiseId: "p-2", name: "callback", owner: "sales", openedAt: NOON, due: NOON + DAY, openedBy: ["d"], overdue: false };
    await reserve(store(), aDelivery("m-1", { keeps: ["p-1"], makes }), aDelivery("m-2"), aDelivery("m-3", { keeps: ["p-1"] }));
    expect(await store().deliveries.promisesDue()).toEqual([]);
    await store().deliveries.sendLocally(["m-1", "m-2"], { recorded: true, tasks: [], now: NOON + 1 });
    await store().deliveries.claim(["m-3"], "me", NOON);
    await store().deliveries.settle([{ deliveryId: "m-3", status: "uncertain", at: NOON }]);
    const due = { deliveryId: "m-1", customerId: "c-m-1", keeps: ["p-1"], makes, at: NOON + 1 };
    expect(await store().deliveries.promisesDue()).toEqual([due]);
    expect(await store().deliveries.promisesDue(["m-2"])).toEqual([]);
    const keep = async () => store().commit([aCommit(await load(store(), "c-m-1"), [], { promisesOf: "m-1" })]);
    expect((await keep()).committed.size).toBe(1);
    expect((await keep()).isRepeated).toBe(true);
    expect(await store().deliveries.promisesDue()).toEqual([]);
  });
}
