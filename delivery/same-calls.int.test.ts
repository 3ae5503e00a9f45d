import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { DAY, MINUTE } from "../domain/values/time.ts";
import { createReconciler } from "../engine/reconcile.ts";
import { recoverOnStart } from "../engine/recover.ts";
import { createWorker } from "../engine/worker.ts";
import { createIngest } from "../intake/ingest.ts";
import { createRuntime, type Runtime } from "../runtime/create-runtime.ts";
import { silentLog } from "../telemetry/log.ts";
import { policyOf } from "../testing/policy.ts";
import { engines, type Place } from "../testing/service.ts";
import { defineTool } from "../tools/tool.ts";

const experience = (tool: string) =>
  `id: ${tool}\nserves: [m]\neligibility: [customer.wants == '${tool}']\nchannels: {box: {text: 'slot {{ action.slot }}'}}\naction: {tool: ${tool}, input: {day: '{{ customer.day }}'}}`;
const policy = policyOf("moments: {m: {on: go, expires: 30d}}", ["book", "book_own"].map(experience), { tools: ["book", "book_own"] });

/** The workshop, which accepts every booking, except on days that start with "bad". */
function workshop() {
  const calls: { readonly tool: string; readonly day: string; readonly key: string }[] = [];
  const bad = new Set<string>();
  const meanwhile = { run: async (): Promise<void> => {} };
  const tool = (name: string, idempotencyKey: (input: { day: string }, call: { customerId: string }) => string) =>
    defineTool({
      name,
      description: "Book a slot in the workshop.",
      effect: "write",
      input: z.strictObject({ day: z.string() }),
      output: z.object({ slot: z.string() }),
      idempotencyKey,
      async run({ day }: { day: string }, deps: { readonly idempotencyKey: string }) {
        calls.push({ tool: name, day, key: deps.idempotencyKey });
        // Gives concurrent calls every chance to interleave.
        for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
        await meanwhile.run();
        if (bad.has(day)) throw new Error("the workshop is closed");
        return { slot: `${day}/${calls.length}` };
      },
    });
  const tools = [tool("book", ({ day }) => day), tool("book_own", ({ day }, { customerId }) => `${customerId} ${day}`)];
  return { calls, bad, meanwhile, tools };
}

describe.each(engines)("on $name", (engine) => {
  let place: Place;
  let shop: ReturnType<typeof workshop>;
  let runtime: Runtime;
  let clock = 0;
  const now = (): number => Date.now() + clock;
  const opened = (): Promise<Runtime> => {
    const { remove: _remove, ...where } = place;
    return createRuntime({ policy, live: true, now, standIn: () => {}, tools: shop.tools, onWallClock: true, ...where });
  };
  beforeEach(async () => {
    clock = 0;
    place = await engine.place();
    shop = workshop();
    runtime = await opened();
  });
  afterEach(async () => {
    await runtime.close();
    await place.remove();
  });

  const go = async (wants: string, day: string, ...people: readonly string[]) =>
    createIngest({ inbox: runtime.store.inbox, now, onAccepted: () => {} }).take(
      people.map((subject) => ({
        ok: true,
        event: { specversion: "1.0", id: randomUUID(), source: "test", type: "go", subject, data: { traits: { wants, day } } },
      })),
    );
  const drain = (on: Runtime = runtime) =>
    createWorker({ store: on.store, decider: on.decider, now, newId: randomUUID, log: silentLog, concurrency: 1 }).drain();
  const rows = async (sql: string) => (await runtime.store.database.pool.query(sql)).rows;
  const texts = async () =>
    (await rows("select content->>'text' as text, status from deliveries order by 1")) as { text: string; status: string }[];

  test("idempotencyKey: the same day is booked once, for twenty customers concurrently and one later, and all get the one slot", async () => {
    await go("book", "monday", ...Array.from({ length: 20 }, (_, n) => `c-${n}`));
    await drain();
    await go("book", "monday", "late");
    await go("book", "tuesday", "other");
    await drain();
    expect(shop.calls.map(({ day }) => day)).toEqual(["monday", "tuesday"]);
    expect(new Set((await texts()).map(({ text }) => text))).toEqual(new Set(["slot monday/1", "slot tuesday/2"]));
    expect(await rows("select status, count(*)::int as n from tool_calls group by 1")).toEqual([{ status: "done", n: 22 }]);
  });

  test("idempotencyKey: a key per customer acts once for each, and the same key of another tool is another", async () => {
    await go("book_own", "monday", "a", "b");
    await drain();
    await go("book_own", "monday", "a");
    await go("book", "a monday", "c");
    await drain();
    expect(shop.calls.map(({ tool, day }) => `${tool} ${day}`).sort()).toEqual(["book a monday", "book_own monday", "book_own monday"]);
    expect(await texts()).toHaveLength(4);
  });

  test("idempotencyKey: a failed call was not done, and the next may do it, under the same key", async () => {
    shop.bad.add("monday");
    await go("book", "monday", "a");
    await drain();
    shop.bad.clear();
    await go("book", "monday", "b");
    await drain();
    expect(shop.calls).toHaveLength(2);
    expect(shop.calls[0]?.key).toBe(shop.calls[1]?.key);
    expect(await rows("select status, reason from deliveries order by 1")).toEqual([
      { status: "failed", reason: "action failed: TOOL_FAILED" },
      { status: "sent", reason: null },
    ]);
  });

  test("expired moments: a call that waited for the same call until its own moment was over does nothing", async () => {
    shop.bad.add("monday");
    // The first call is at work until the second one has been told to wait for it.
    const { start } = runtime.deps.store.calls;
    let isWaiting = (): void => {};
    const waiting = new Promise<void>((resolve) => {
      isWaiting = resolve;
    });
    runtime.deps.store.calls.start = async (...given) => {
      const started = await start(...given);
      if (typeof started === "object" && started.status === "running") isWaiting();
      return started;
    };
    shop.meanwhile.run = async () => {
      await waiting;
      clock = 31 * DAY;
    };
    await go("book", "monday", "a", "b");
    await drain();
    expect(shop.calls).toHaveLength(1);
    await rows("update lanes set until = clock_timestamp() - interval '1 second'");
    await createReconciler({ catalogue: runtime.catalogue, decider: runtime.decider, log: silentLog }).look();
    expect(shop.calls).toHaveLength(1);
    expect((await rows("select status, reason from deliveries order by 1")) as unknown).toEqual([
      { status: "cancelled", reason: "moment_expired" },
      { status: "failed", reason: "action failed: TOOL_FAILED" },
    ]);
  });

  test("idempotencyKey: an interrupted call is uncertain, and is not repeated", async () => {
    await go("book", "monday", "a");
    await drain();
    await rows("update tool_calls set status = 'running', output = null");
    await recoverOnStart(runtime.deps);
    await go("book", "monday", "b");
    await drain();
    expect(shop.calls).toHaveLength(1);
    expect(await rows("select status, reason from deliveries where customer_id = 'b'")).toMatchObject([
      { status: "failed", reason: expect.stringContaining("action uncertain") },
    ]);
  });

  test("idempotencyKey: a call that waits for one that never ends continues once that is settled", async () => {
    await go("book", "monday", "a");
    await drain();
    const [{ key } = {}] = await rows("select call_key as key from tool_calls");
    await rows("update deliveries set status = 'reserved', settled_at = null, content = null");
    await rows("update tool_calls set status = 'planned', output = null, effect_key = null");
    await runtime.store.calls.plan([{ key: "other", tool: "book", customerId: "a", runId: "r", deliveryId: "none", input: {}, at: now() }]);
    expect(await runtime.store.calls.start("other", "monday")).toBe("started");
    expect(await runtime.store.calls.start(String(key), "monday")).toMatchObject({ key: "other", status: "running" });
    await runtime.store.calls.settle({ key: "other", status: "done", output: { slot: "theirs" }, at: now() });
    clock = MINUTE;
    await rows("update lanes set until = clock_timestamp() - interval '1 second'");
    await createReconciler({ catalogue: runtime.catalogue, decider: runtime.decider, log: silentLog }).look();
    expect(shop.calls).toHaveLength(1);
    expect(await texts()).toMatchObject([{ status: "sent", text: "slot theirs" }]);
  });

  test.runIf(engine.name !== "embedded")("idempotencyKey: two concurrent processes book the same day once", async () => {
    const second = await opened();
    try {
      for (const day of ["a", "b", "c", "d"]) {
        await go("book", day, `${day}-1`, `${day}-2`, `${day}-3`, `${day}-4`);
        await Promise.all([drain(), drain(second)]);
      }
      expect(shop.calls.map(({ day }) => day)).toEqual(["a", "b", "c", "d"]);
      await expect.poll(async () => (await rows("select 1 from deliveries where status = 'sent'")).length, { timeout: 60_000 }).toBe(16);
    } finally {
      await second.close();
    }
  });
});
