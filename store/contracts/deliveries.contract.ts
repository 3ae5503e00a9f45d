import { describe, expect, test } from "vitest";
import type { Change, NewTask } from "../../domain/entities/change.ts";
import { handOverTimer } from "../../domain/record/delivery-events.ts";
import { DAY, HOUR } from "../../domain/values/time.ts";
import { createDeliveries } from "../deliveries.ts";
import type { Pool } from "../engines/database.ts";
import type { Store } from "../store.ts";
import { explained, type Plan, rowsOf, stepsOf } from "./counting.contract.ts";
import {
  aCommit,
  aDelivery,
  aNewCustomer,
  countOf,
  delivering,
  load,
  NOON,
  reserve,
  revoked,
  statusOf,
  write,
} from "./examples.contract.ts";

const task = (deliveryId: string): NewTask => ({
  taskId: `t-${deliveryId}`,
  queue: "showroom",
  summary: "call",
  due: NOON + DAY,
  at: NOON,
  facts: {},
  deliveryId,
});

/** The contract of deliveries: sent at most once, and only while the send is still permitted. */
export function deliveriesContract(store: () => Store): void {
  const here = (ids: readonly string[], now = NOON, tasks: readonly NewTask[] = []) =>
    store().deliveries.sendLocally(ids, { recorded: true, tasks, now });

  test("of ten concurrent claims of a delivery one succeeds", async () => {
    await reserve(store(), aDelivery("m-1"));
    const taken = await Promise.all(Array.from({ length: 10 }, (_, n) => store().deliveries.claim(["m-1"], `claim ${n}`, NOON)));
    expect(taken.filter(({ going }) => going.has("m-1"))).toHaveLength(1);
    expect(await countOf(store(), "deliveries", "attempts = 1 and status = 'sending'")).toBe(1);
  });

  test("a claim that another process has taken over is taken over once, and releasing it returns what it still has", async () => {
    await reserve(store(), aDelivery("m-1"), aDelivery("m-2"), aDelivery("m-3"));
    await store().deliveries.claim(["m-1", "m-2"], "theirs", NOON);
    expect((await store().deliveries.claim(["m-1"], "mine", NOON)).going.size).toBe(0);
    const again = ["mine", "another"].map((claim) => store().deliveries.claim(["m-1", "m-3"], claim, NOON, ["theirs"]));
    const taken = (await Promise.all(again)).map(({ going }) => [...going].sort());
    expect(taken.toSorted((a, b) => a.length - b.length)).toEqual([[], ["m-1", "m-3"]]);
    await store().deliveries.releaseClaim("theirs", ["m-1", "m-2"]);
    const open = await store().deliveries.open();
    expect(open.map(({ deliveryId, status }) => [deliveryId, status])).toEqual([
      ["m-1", "sending"],
      ["m-2", "reserved"],
      ["m-3", "sending"],
    ]);
    expect(await countOf(store(), "deliveries", "attempts = case when delivery_id = 'm-2' then 0 else 1 end")).toBe(3);
  });

  test("a claimed delivery is settled once, with the provider's id", async () => {
    await reserve(store(), aDelivery("m-1"));
    await store().deliveries.settle([{ deliveryId: "m-1", status: "sent", at: NOON }]);
    expect(await statusOf(store(), "m-1")).toEqual({ status: "reserved", reason: null });
    await store().deliveries.claim(["m-1"], "me", NOON);
    await store().deliveries.settle([{ deliveryId: "m-1", status: "sent", providerId: "p", at: NOON }]);
    await store().deliveries.settle([{ deliveryId: "m-1", status: "failed", reason: "late", at: NOON }]);
    expect(await statusOf(store(), "m-1")).toEqual({ status: "sent", reason: null });
    expect(await countOf(store(), "deliveries", "provider_id = 'p'")).toBe(1);
    expect(await store().deliveries.open()).toEqual([]);
  });

  test("a failed delivery frees its touch and its slot in total, at any step", async () => {
    await store().totals(["lease-options"]);
    await reserve(store(), aDelivery("m-1", { total: 9 }), aDelivery("m-2", { total: 9 }), aDelivery("m-3", { total: 9 }));
    await store().deliveries.fail("m-1", "action failed", NOON);
    await store().deliveries.claim(["m-2", "m-3"], "me", NOON);
    await store().deliveries.settle([
      { deliveryId: "m-2", status: "failed", reason: "refused", at: NOON },
      { deliveryId: "m-3", status: "uncertain", reason: "no answer", at: NOON },
    ]);
    expect(await statusOf(store(), "m-1")).toEqual({ status: "failed", reason: "action failed" });
    expect(await statusOf(store(), "m-2")).toEqual({ status: "failed", reason: "refused" });
    const touches = await Promise.all(["m-1", "m-2", "m-3"].map(async (id) => (await load(store(), `c-${id}`)).touches.length));
    expect(touches).toEqual([0, 0, 1]);
    expect(await store().totals(["lease-options"])).toEqual(new Map([["lease-options", 1]]));
  });

  test("of two outcomes of one delivery in one call the first counts", async () => {
    await reserve(store(), aDelivery("m-1"));
    await store().deliveries.claim(["m-1"], "me", NOON);
    await store().deliveries.settle([
      { deliveryId: "m-1", status: "sent", providerId: "p", at: NOON },
      { deliveryId: "m-1", status: "failed", reason: "late", at: NOON },
    ]);
    expect(await statusOf(store(), "m-1")).toEqual({ status: "sent", reason: null });
  });

  test("recording what became of deliveries looks at rows in proportion to them, and locks them in the order of their ids", async () => {
    const [few, many] = [8, 64];
    const ids = Array.from({ length: few + many }, (_, n) => `m-${n}`);
    await store().commit(ids.map((id) => aCommit(aNewCustomer(`c-${id}`), [delivering(`c-${id}`, aDelivery(id))])));
    const cancelled = (some: readonly string[]) => some.map((deliveryId) => ({ deliveryId, reason: "moment_expired" }));
    const settled = (some: readonly string[]) =>
      some.map((deliveryId) => ({ deliveryId, status: "sent", providerId: "p", at: NOON }) as const);
    const ways = [
      (of: readonly string[], { deliveries }: Explaining) => deliveries.cancel(cancelled(of)),
      (of: readonly string[], { deliveries }: Explaining) => deliveries.settle(settled(of)),
      (of: readonly string[], { deliveries }: Explaining) => deliveries.settle(settled(of), ["sent"]),
    ];
    for (const [n, way] of ways.entries()) {
      // Each statement is undone after it is explained, so every way begins with the same rows.
      const explaining = onlyExplained(store());
      if (n === 1) await store().deliveries.claim(ids, "me", NOON);
      await way(ids.slice(0, few), explaining);
      await way(ids.slice(few).toReversed(), explaining);
      const [plan, larger] = explaining.plans as readonly [Plan, Plan];
      expect(lookedAt(larger)).toBeGreaterThan(many);
      expect(lookedAt(larger)).toBeLessThanOrEqual((many / few) * lookedAt(plan));
      expect(stepsOf(larger).flatMap((step) => (step["Node Type"] === "LockRows" ? orderOf(step) : []))).toEqual(["delivery_id"]);
    }
  });

  test("W2: a message that failed, or whose outcome is unknown, keeps no promise", async () => {
    const keeps = ["p-1"];
    await reserve(store(), aDelivery("m-1", { keeps }), aDelivery("m-2", { keeps }), aDelivery("m-3", { keeps }));
    await store().deliveries.claim(["m-1", "m-2", "m-3"], "me", NOON);
    await store().deliveries.settle([
      { deliveryId: "m-1", status: "failed", reason: "refused", at: NOON },
      { deliveryId: "m-2", status: "uncertain", reason: "no answer", at: NOON },
      { deliveryId: "m-3", status: "sent", at: NOON },
    ]);
    expect((await store().deliveries.promisesDue()).map(({ deliveryId }) => deliveryId)).toEqual(["m-3"]);
  });

  describe.each(["delivered", "bounced", "sent"] as const)("W18: a receipt that says %s", (to) => {
    const moved = [{ type: "delivery_moved", deliveryId: "m-1", to, at: NOON + 1 } as const];
    const due = async () => (await store().deliveries.promisesDue()).map(({ deliveryId, keeps }) => [deliveryId, keeps]);

    test("before the send is settled records its promises, once, and the settling adds the provider's id", async () => {
      await reserve(store(), aDelivery("m-1", { keeps: ["p-1"] }));
      await store().deliveries.claim(["m-1"], "me", NOON);
      await write(store(), "c-m-1", moved);
      expect(await due()).toEqual([["m-1", ["p-1"]]]);
      await store().deliveries.settle([{ deliveryId: "m-1", status: "sent", providerId: "p", at: NOON }], ["sent"]);
      expect(await statusOf(store(), "m-1")).toEqual({ status: to, reason: null });
      expect(await countOf(store(), "deliveries", "provider_id = 'p'")).toBe(1);
      expect(await countOf(store(), "timers", "key = 'delivery.sent:m-1'")).toBe(0);
      await write(store(), "c-m-1", [], { promisesOf: "m-1" });
      await store().deliveries.settle([{ deliveryId: "m-1", status: "failed", reason: "late", providerId: "q", at: NOON }], ["failed"]);
      await write(store(), "c-m-1", moved);
      expect(await due()).toEqual([]);
      expect(await countOf(store(), "deliveries", `status = '${to}' and provider_id = 'p'`)).toBe(1);
    });

    test("while the send is settled is recorded with it, in either order", async () => {
      const ids = Array.from({ length: 12 }, (_, n) => `m-${n}`);
      await reserve(store(), ...ids.map((id) => aDelivery(id, { keeps: ["p-1"] })));
      await store().deliveries.claim(ids, "me", NOON);
      const settled = (deliveryId: string) => ({ deliveryId, status: "sent", providerId: "p", at: NOON }) as const;
      const receive = (deliveryId: string) => {
        const key = handOverTimer("sent", deliveryId);
        const timer: Change = { type: "timer_set", key, timer: { name: key, due: NOON + 1 } };
        return write(store(), `c-${deliveryId}`, [{ type: "delivery_moved", deliveryId, to, at: NOON + 1 }, timer]);
      };
      await Promise.all([...ids.map(receive), ...ids.map((id) => store().deliveries.settle([settled(id)], ["sent"]))]);
      expect(await countOf(store(), "deliveries", `status = '${to}' and promises_due and provider_id = 'p'`)).toBe(ids.length);
      expect(await countOf(store(), "timers", "key like 'delivery.sent:%'")).toBe(ids.length);
    });

    test("after it leaves promises as they are; after an unknown outcome it records them; after a failure never", async () => {
      await reserve(store(), ...["m-1", "m-2", "m-3"].map((id) => aDelivery(id, { keeps: ["p-1"] })));
      await store().deliveries.claim(["m-1", "m-2", "m-3"], "me", NOON);
      await store().deliveries.settle([
        { deliveryId: "m-1", status: "sent", at: NOON },
        { deliveryId: "m-2", status: "uncertain", reason: "no answer", at: NOON },
        { deliveryId: "m-3", status: "failed", reason: "refused", at: NOON },
      ]);
      await write(store(), "c-m-1", [], { promisesOf: "m-1" });
      for (const deliveryId of ["m-1", "m-2", "m-3"])
        await write(store(), `c-${deliveryId}`, [{ type: "delivery_moved", deliveryId, to, at: NOON + 1 }]);
      expect(await due()).toEqual([["m-2", ["p-1"]]]);
    });
  });

  test("F6: contents sent to the writer of a message are found by the answered delivery and by the address", async () => {
    const identity = { type: "email", value: "ada@example.org" };
    await reserve(store(), aDelivery("m-1"), aDelivery("m-2"), aDelivery("m-3", { at: NOON + 1 }));
    await store().deliveries.claim(["m-1", "m-3"], "me", NOON);
    const said = { subject: "Hello", body: "<p>Shall we?</p>" };
    await store().deliveries.keepContents([{ deliveryId: "m-1", content: said }]);
    await store().deliveries.settle([{ deliveryId: "m-1", status: "sent", providerId: "p-1", at: NOON }]);
    await write(store(), "c-m-1", [
      { type: "identity_added", identity: { ...identity, at: NOON, seq: 1, place: 1, source: "web", owned: true } },
    ]);
    const find = (deliveries: readonly string[], identities = [identity]) => store().inbox.contentsSentTo({ deliveries, identities }, 20);
    expect(await find([])).toEqual([said]);
    expect(await find(["p-1"], [])).toEqual([said]);
    expect(await find(["m-1"], [])).toEqual([said]);
    expect(await find(["m-2", "none"], [{ type: "email", value: "bob@example.org" }])).toEqual([]);
    expect(await store().inbox.contentsSentTo({ deliveries: ["p-1"], identities: [identity] }, 0)).toEqual([]);
  });

  test("a failure reported after the send changes nothing", async () => {
    await reserve(store(), aDelivery("m-1"));
    await here(["m-1"]);
    await store().deliveries.fail("m-1", "late", NOON);
    expect(await statusOf(store(), "m-1")).toEqual({ status: "sent", reason: null });
  });

  test("consent revoked between decision and send cancels the delivery and frees its slot", async () => {
    await store().totals(["lease-options"]);
    await reserve(store(), aDelivery("m-1", { total: 9 }), aDelivery("m-2"), aDelivery("m-3"));
    await write(store(), "c-m-1", [revoked("email", 1)]);
    await write(store(), "c-m-2", [revoked("sms", 2)]);
    await write(store(), "c-m-3", [
      { type: "consent_set", consent: { channel: "email", status: "denied", at: NOON, source: "web", seq: 3 } },
    ]);
    const { going, cancelled } = await store().deliveries.claim(["m-1", "m-2", "m-3"], "me", NOON);
    expect([...going]).toEqual(["m-2"]);
    expect(cancelled).toEqual(
      new Map([
        ["m-1", "consent_revoked"],
        ["m-3", "consent_revoked"],
      ]),
    );
    expect(await statusOf(store(), "m-1")).toEqual({ status: "cancelled", reason: "consent_revoked" });
    expect((await load(store(), "c-m-1")).touches).toEqual([]);
    expect(await store().totals(["lease-options"])).toEqual(new Map([["lease-options", 1]]));
  });

  test("a delivery is cancelled from the instant at which its moment expires", async () => {
    await reserve(store(), aDelivery("m-1", { expiresAt: NOON + 1 }), aDelivery("m-2", { expiresAt: NOON + 2 }));
    const { going, cancelled } = await here(["m-1", "m-2"], NOON + 1);
    expect([...going]).toEqual(["m-2"]);
    expect(cancelled).toEqual(new Map([["m-1", "moment_expired"]]));
  });

  test("a replay sends at the time of each decision", async () => {
    await reserve(store(), aDelivery("m-1", { at: NOON + HOUR, keeps: ["p"] }));
    await store().deliveries.sendLocally(["m-1"], { recorded: true, tasks: [], now: undefined });
    expect(await store().deliveries.promisesDue()).toMatchObject([{ deliveryId: "m-1", at: NOON + HOUR }]);
  });

  test("a task is created with its delivery, once", async () => {
    await reserve(store(), aDelivery("m-1", { isTouch: false }), aDelivery("m-2", { expiresAt: NOON }));
    await here(["m-1", "m-2"], NOON, [task("m-1"), task("m-2")]);
    await here(["m-1", "m-2"], NOON, [task("m-1"), task("m-2")]);
    expect(await store().read.tasks({ limit: 10 })).toMatchObject([{ taskId: "t-m-1", customerId: "c-m-1", state: "open" }]);
    expect((await load(store(), "c-m-1")).touches).toEqual([]);
  });

  test("a delivery in flight when its process ended is uncertain and keeps its slot", async () => {
    await reserve(store(), aDelivery("m-1"), aDelivery("m-2"), aDelivery("m-3"));
    await store().deliveries.claim(["m-1"], "gone", NOON);
    await store().deliveries.claim(["m-2"], "alive", NOON + HOUR);
    expect(await store().deliveries.abandon({ takenBefore: NOON + 1, now: NOON + HOUR })).toEqual(["m-1"]);
    expect(await store().deliveries.abandon({ now: NOON + HOUR })).toEqual(["m-2"]);
    expect((await statusOf(store(), "m-1")).status).toBe("uncertain");
    expect((await statusOf(store(), "m-3")).status).toBe("reserved");
    expect((await load(store(), "c-m-1")).touches).toHaveLength(1);
    expect((await store().deliveries.open()).map(({ deliveryId }) => deliveryId)).toEqual(["m-3"]);
  });

  test("an open delivery is loaded with everything that its execution needs", async () => {
    const delivery = aDelivery("m-1", { keeps: ["p-1"], variant: "story", locale: "pt-BR" });
    await reserve(store(), delivery);
    await store().deliveries.keepContents([{ deliveryId: "m-1", content: { text: "Hello" } }]);
    await store().deliveries.keepActions([{ deliveryId: "m-1", action: { code: "X" } }]);
    const { deliveryId, experienceId, channel, variant, locale, to, at, expiresAt, frozen, facts, keeps } = delivery;
    expect(await store().deliveries.open(["m-1", "m-9"])).toEqual([
      {
        ...{ deliveryId, experienceId, channel, variant, locale, to, at, expiresAt, frozen, facts, keeps },
        ...{ decisionId: "d-m-1", customerId: "c-m-1", runId: expect.any(String), status: "reserved" },
        ...{ content: { text: "Hello" }, action: { code: "X" } },
      },
    ]);
  });
}

interface Explaining {
  readonly deliveries: Store["deliveries"];
  readonly plans: readonly Plan[];
}

/** Deliveries of a store whose statements are run, explained and undone. */
function onlyExplained({ database }: Store): Explaining {
  const plans: Plan[] = [];
  const pool: Pick<Pool, "query"> = {
    async query(text: string, params?: readonly unknown[]) {
      const db = await database.pool.connect();
      try {
        await db.query("begin");
        plans.push(...(await explained(db, text, params)));
        await db.query("rollback");
      } finally {
        db.release();
      }
      return { rows: [], rowCount: 0 };
    },
  };
  return { deliveries: createDeliveries(pool as Pool), plans };
}

/** Rows that all steps of a plan returned or discarded. */
const lookedAt = (plan: Plan): number => stepsOf(plan).reduce((sum, step) => sum + rowsOf(step), 0);

/** What the rows that a step takes are sorted by. */
const orderOf = ({ Plans = [] }: Plan): string[] =>
  Plans.flatMap((plan) => plan["Sort Key"] ?? (plan["Index Name"] === "deliveries_pkey" ? ["delivery_id"] : [])).map(
    (key) => key.split(".").at(-1) ?? key,
  );
