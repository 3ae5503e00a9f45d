import { randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { DAY, MINUTE, SECOND } from "../domain/values/time.ts";
import { createReconciler } from "../engine/reconcile.ts";
import { runStream } from "../engine/run-stream.ts";
import { createWorker } from "../engine/worker.ts";
import { createIngest } from "../intake/ingest.ts";
import { readSignalLines } from "../intake/read-signals.ts";
import { createOperations } from "../operations/operations.ts";
import { openQueue } from "../queue/bullmq.ts";
import { callTools } from "../queue/jobs.ts";
import { createRuntime, queuePlace, type Runtime } from "../runtime/create-runtime.ts";
import { silentLog } from "../telemetry/log.ts";
import { policyOf } from "../testing/policy.ts";
import { describeOn, engines, type Place, sharedEngines } from "../testing/service.ts";
import { defineTool } from "../tools/tool.ts";
import { workCalls } from "./call-tool.ts";

const policy = policyOf(
  `
  moments: {m: {on: go, expires: 1d, closes: [over]}}
  channels: {box: {kind: file}, notes: {kind: file}}
  `,
  [
    "id: case\nserves: [m]\neligibility: [customer.wants == 'case']\nchannels: {box: {text: 'case {{ action.caseId }}'}}\naction: {tool: open_case, input: {subject: help}}",
    "id: book\nserves: [m]\neligibility: [customer.wants == 'book']\nchannels: {box: {text: 'slot {{ action.slot }}'}}\naction: {tool: book, input: {}}\nsuccess: {signal: done, within: 9d}",
    "id: offer\nserves: [m]\neligibility: [\"!(customer.wants in ['case', 'book'])\"]\nchannels: {box: {text: 'only {{ action.price }}'}}\naction: {tool: issue_offer, input: {listPrice: '{{ customer.wants }}', percent: 25, floor: 20, validFor: 3h}}",
  ],
  { tools: ["book"] },
);

/** A store with its runtime, whose clock can be moved. */
interface Opened {
  readonly runtime: Runtime;
  readonly booked: string[];
  clock: number;
  signal(type: string, customerId: string, wants?: string): Promise<void>;
  drain(): Promise<void>;
  reconcile(): Promise<void>;
  rows(sql: string): Promise<Record<string, unknown>[]>;
}

async function open({ databaseUrl, redisUrl }: Place): Promise<Opened> {
  const booked: string[] = [];
  const book = defineTool({
    name: "book",
    description: "Book a slot.",
    effect: "write",
    input: z.strictObject({}),
    output: z.object({ slot: z.string() }),
    idempotencyKey: (_input, { key }) => key,
    run: async (_input: object, { idempotencyKey }: { readonly idempotencyKey: string }) => {
      booked.push(idempotencyKey);
      return { slot: `s${booked.length}` };
    },
  });
  const opened = { clock: 0, booked } as Opened & { runtime: Runtime };
  const now = (): number => Date.now() + opened.clock;
  const where = { ...(databaseUrl === undefined ? {} : { databaseUrl }), ...(redisUrl === undefined ? {} : { redisUrl }) };
  const runtime = await createRuntime({ policy, live: true, now, standIn: () => {}, tools: [book], onWallClock: true, ...where });
  const { store, decider } = runtime;
  const ingest = createIngest({ inbox: store.inbox, now, onAccepted: () => {} });
  return Object.assign(opened, {
    runtime,
    signal: async (type: string, subject: string, wants?: string) => {
      const data = wants === undefined ? {} : { traits: { wants } };
      await ingest.take([{ ok: true, event: { specversion: "1.0", id: randomUUID(), source: "test", type, subject, data } }]);
    },
    drain: () => createWorker({ store, decider, now, newId: randomUUID, log: silentLog, concurrency: 1 }).drain(),
    reconcile: () => createReconciler({ catalogue: runtime.catalogue, decider, log: silentLog }).look(),
    rows: async (sql: string) => (await store.database.pool.query(sql)).rows,
  });
}

const DELIVERIES = "select customer_id as who, status, reason, content->>'text' as text from deliveries order by 1";
const CALLS = "select customer_id as who, tool, status from tool_calls order by 1";
/** The state after a process crashed between the decision and the action. */
const CUT_BEFORE_ACTION = [
  "update deliveries set status = 'reserved', settled_at = null, reason = null, content = null, recorded = false",
  "update touches set counted = true",
  "delete from tool_calls",
  "update lanes set until = clock_timestamp() - interval '1 second'",
];

describe.each(engines)("on $name", (engine) => {
  let place: Place;
  let on: Opened;
  beforeEach(async () => {
    place = await engine.place();
    on = await open(place);
  });
  afterEach(async () => {
    await on.runtime.close();
    await place.remove();
  });
  const pass = async (ms: number): Promise<void> => {
    on.clock = ms;
  };
  const cutBeforeAction = async () => {
    for (const sql of CUT_BEFORE_ACTION) await on.rows(sql);
    on.booked.length = 0;
  };

  test("an unfinished action of a stopped process is done first, and its message is sent with the result", async () => {
    await on.signal("go", "ann", "book");
    await on.drain();
    await cutBeforeAction();
    on.clock = MINUTE;
    await on.reconcile();
    expect(on.booked).toHaveLength(1);
    expect(await on.rows(DELIVERIES)).toMatchObject([{ status: "sent", text: "slot s1" }]);
  });

  test.each([
    ["19.99", { status: "failed", reason: "action failed: BAD_INPUT", text: null }, 0],
    ["20.01", { status: "sent", text: "only 20" }, 1],
  ])("W4: a floor of 20 with a list price of %s", async (listPrice, delivery, offers) => {
    await on.signal("go", "ann", listPrice);
    await on.drain();
    expect(await on.rows(DELIVERIES)).toMatchObject([delivery]);
    expect(await on.rows("select code from offers")).toHaveLength(offers);
    const errors = await on.rows("select error->>'message' as message from tool_calls where status = 'failed'");
    expect(errors).toEqual(
      offers > 0
        ? []
        : [
            {
              message:
                "issue_offer was called with an input it does not take: floor: expected at most listPrice, 19.99: raised to the floor, the offer would cost more than without it",
            },
          ],
    );
  });

  test.each([
    ["expired at expiresAt", () => pass(DAY + MINUTE), "moment_expired"],
    ["was closed", () => on.signal("over", "ann"), "moment_expired"],
    ["has met its goal", () => on.signal("done", "ann"), "goal_met"],
  ] as const)("expired moments: after an outage the action does not run for a moment that %s", async (_what, ends, reason) => {
    await on.signal("go", "ann", "book");
    await on.drain();
    await cutBeforeAction();
    await ends();
    on.clock += 11 * SECOND;
    await on.drain();
    await on.rows("update lanes set until = clock_timestamp() - interval '1 second'");
    await on.reconcile();
    await on.reconcile();
    expect(on.booked).toEqual([]);
    expect(await on.rows(DELIVERIES)).toMatchObject([{ status: "cancelled", reason, text: null }]);
    expect(await on.rows("select counted from touches")).toEqual([{ counted: false }]);
  });

  test.each(["case", "book"])("expired moments: a call planned in time and processed too late does nothing (%s)", async (wants) => {
    await on.signal("go", "ann", wants);
    await on.drain();
    for (const sql of CUT_BEFORE_ACTION.slice(0, 2)) await on.rows(sql);
    await on.rows("delete from cases");
    await on.rows("update tool_calls set status = 'planned', output = null");
    on.booked.length = 0;
    on.clock = 2 * DAY;
    const [{ call_key: key, tool } = {}] = await on.rows("select call_key, tool from tool_calls");
    const outcomes = await workCalls([{ key: String(key), tool: String(tool) }], on.runtime.deps);
    expect(outcomes).toMatchObject([{ status: "cancelled", code: "moment_expired" }]);
    expect([on.booked, await on.rows("select * from cases")]).toEqual([[], []]);
    expect(await on.rows(DELIVERIES)).toMatchObject([{ status: "cancelled", reason: "moment_expired" }]);
    expect(await on.rows(CALLS)).toMatchObject([{ status: "cancelled" }]);
  });

  test.each(["case", "book"])("expired moments: a recorded stream run live after its moments are over does nothing (%s)", async (wants) => {
    const { store, decider } = on.runtime;
    const event = { specversion: "1.0", id: "s-1", source: "test", type: "go", subject: "ann", data: { traits: { wants } } };
    const lines = readSignalLines(Readable.from(JSON.stringify({ ...event, time: "2026-01-05T15:00:00Z" })));
    await runStream(lines, { store, decider, onDecision: () => {} });
    expect([on.booked, await on.rows("select * from cases")]).toEqual([[], []]);
    expect(await on.rows(DELIVERIES)).toMatchObject([{ status: "cancelled", reason: "moment_expired" }]);
    expect(await on.rows(CALLS)).toMatchObject([{ status: "cancelled" }]);
  });

  test.each(["signal-interpreter", "eligibility-judge"])(
    "pause --agent: wakes wait while %s is paused, and a revocation is accepted",
    async (name) => {
      const operations = createOperations({ store: on.runtime.store, policy, now: Date.now });
      await operations.pauses.pause({ target: { scope: "agent", name } }, { by: "olga" });
      await on.signal("go", "ann", "case");
      await on.rows("insert into timers (customer_id, key, name, due) select customer_id, 'x', 'x', now() from customers");
      await on.drain();
      expect(
        await on.rows("select (select count(*) from inbox)::int as waiting, (select count(*) from decisions)::int as decided"),
      ).toEqual([{ waiting: 1, decided: 0 }]);
      await operations.pauses.resume({ target: { scope: "agent", name } }, { by: "olga" });
      await on.drain();
      expect(await on.rows(DELIVERIES)).toMatchObject([{ status: "sent" }]);
    },
  );

  test.each([
    ["the channel-executor", { scope: "agent", name: "channel-executor" }],
    ["the content-generator", { scope: "agent", name: "content-generator" }],
    ["everything", { scope: "all" }],
    ["its channel", { scope: "channel", name: "box" }],
  ] as const)("pause --agent: after an outage no action runs while %s is paused, and both are done afterwards", async (_what, target) => {
    await on.signal("go", "ann", "book");
    await on.drain();
    await cutBeforeAction();
    const { pauses } = createOperations({ store: on.runtime.store, policy, now: Date.now });
    await pauses.pause({ target }, { by: "olga" });
    on.clock = MINUTE;
    await on.reconcile();
    const open = await on.runtime.store.deliveries.open();
    await on.runtime.decider.resume(open);
    expect([on.booked, await on.rows(DELIVERIES)]).toMatchObject([[], [{ status: "reserved" }]]);
    await pauses.resume({ target }, { by: "olga" });
    await on.rows("update lanes set until = clock_timestamp() - interval '1 second'");
    await on.reconcile();
    expect([on.booked.length, await on.rows(DELIVERIES)]).toMatchObject([1, [{ status: "sent" }]]);
  });

  test("B6: a send requested before the action is done waits for it", async () => {
    await on.signal("go", "ann", "book");
    await on.signal("go", "ben", "case");
    await on.drain();
    for (const sql of CUT_BEFORE_ACTION) await on.rows(sql);
    await on.rows('update deliveries set content = \'{"text": "slot s1"}\'');
    const ids = (await on.rows("select delivery_id from deliveries")).map(({ delivery_id }) => String(delivery_id));
    const outcomes = await workCalls(
      ids.map((key) => ({ key, tool: "send_message" })),
      on.runtime.deps,
    );
    expect(outcomes.map(({ status }) => status)).toEqual(["waiting", "waiting"]);
    expect(await on.rows(DELIVERIES)).toMatchObject([{ status: "reserved" }, { status: "reserved" }]);
  });
});

describeOn(sharedEngines, "with a stranger at the same queue, on $name", (engine) => {
  test.each([
    ["says nothing of what it took", () => []],
    ["says that all is done", (calls: readonly { key: string }[]) => calls.map(({ key }) => ({ key, status: "done" as const }))],
  ])("B6: no message is sent without its action if a worker of another store %s", async (_what, answer) => {
    const place = await engine.place();
    const on = await open(place);
    const { remove: _remove, ...where } = place;
    const stranger = await openQueue({
      place: await queuePlace(where, on.runtime.store, { newId: randomUUID, now: Date.now }),
      newId: randomUUID,
      alone: false,
      onTrouble: () => {},
    });
    try {
      await stranger.work(callTools, async ({ calls }) => ({ outcomes: answer(calls) }));
      const people = Array.from({ length: 40 }, (_, n) => `p${n}`);
      for (const [n, id] of people.entries()) {
        await on.signal("go", id, n % 2 === 0 ? "book" : "case");
        if (n % 10 === 9) await on.drain();
      }
      await stranger.close();
      const early =
        "select 1 from deliveries d where d.status <> 'reserved' and not exists (select 1 from tool_calls c where c.delivery_id = d.delivery_id and c.status = 'done')";
      expect(await on.rows(early)).toEqual([]);
      on.clock = MINUTE;
      await on.rows("update lanes set until = clock_timestamp() - interval '1 second'");
      await on.reconcile();
      expect(await on.rows(early)).toEqual([]);
      expect(await on.rows("select status, count(*)::int as n from deliveries group by 1")).toEqual([{ status: "sent", n: 40 }]);
      expect(await on.rows("select 1 from deliveries where content->>'text' !~ '(slot s|case c_)'")).toEqual([]);
    } finally {
      await stranger.close();
      await on.runtime.close();
      await place.remove();
    }
  });
});
