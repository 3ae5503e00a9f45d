import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { HOUR, MINUTE } from "../domain/values/time.ts";
import { type RegisteredProcess, registerProcess } from "../engine/process-registry.ts";
import { createReconciler } from "../engine/reconcile.ts";
import { createWorker } from "../engine/worker.ts";
import { createIngest } from "../intake/ingest.ts";
import { type Log, silentLog } from "../telemetry/log.ts";
import { policyOf } from "../testing/policy.ts";
import { describeOn, type Place, sharedEngines } from "../testing/service.ts";
import { defineTool } from "../tools/tool.ts";
import { createRuntime, type Runtime } from "./create-runtime.ts";

const OLD = policyOf("channels: {box: {kind: file}}\nmoments: {m: {on: go, expires: 30d}}", ["channels: {box: {text: Hello}}"]);
const NEW = policyOf(
  `
  channels: {box: {kind: file}, news: {kind: file}}
  moments: {m: {on: go, expires: 30d}, n: {on: [fresh, go], expires: 30d}}
  `,
  [
    "id: e\nserves: [m]\nchannels: {box: {text: Hello}}",
    "id: on-news\nserves: [n]\nvalue: 100\neligibility: [customer.wants == 'news']\nchannels: {news: {text: News}}",
    "id: booked\nserves: [n]\nvalue: 100\neligibility: [customer.wants == 'book']\nchannels: {box: {text: 'slot {{ action.slot }}'}}\naction: {tool: book, input: {}}",
  ],
  { tools: ["book"] },
);
const book = defineTool({
  name: "book",
  description: "Book a slot.",
  effect: "write",
  input: z.strictObject({}),
  output: z.object({ slot: z.string() }),
  idempotencyKey: (_input, { key }) => key,
  run: async () => ({ slot: "s1" }),
});

interface Process {
  readonly runtime: Runtime;
  readonly registered: RegisteredProcess;
  drain(): Promise<void>;
  reconcile(log?: Log): Promise<void>;
}

describeOn(sharedEngines, "two versions side by side on $name", (engine) => {
  let place: Place;
  let clock = 0;
  const now = (): number => Date.now() + clock;
  const open: Process[] = [];
  const start = async (policy: typeof OLD): Promise<Process> => {
    const { remove: _remove, ...where } = place;
    const tools = policy === NEW ? [book] : [];
    const runtime = await createRuntime({ policy, live: true, now, standIn: () => {}, tools, onWallClock: true, ...where });
    const { store, decider, deps } = runtime;
    const registered = await registerProcess({ ...deps, catalogue: runtime.catalogue }, silentLog);
    const made = {
      ...{ runtime, registered },
      drain: () =>
        createWorker({ store, decider, now, newId: randomUUID, log: silentLog, concurrency: 1, processId: registered.processId }).drain(),
      reconcile: (log: Log = silentLog) => createReconciler({ catalogue: runtime.catalogue, decider, log }).look(),
    };
    open.push(made);
    return made;
  };
  const leave = async (process: Process): Promise<void> => {
    await process.registered.stop();
    await process.runtime.close();
    open.splice(open.indexOf(process), 1);
  };
  let old: Process;
  let fresh: Process;
  beforeEach(async () => {
    clock = 0;
    place = await engine.place();
    old = await start(OLD);
    fresh = await start(NEW);
  });
  afterEach(async () => {
    for (const one of [...open]) await leave(one);
    await place.remove();
  });

  const rows = async (sql: string) => (await old.runtime.store.database.pool.query(sql)).rows;
  const signal = (type: string, subject: string, wants?: string) =>
    createIngest({ inbox: old.runtime.store.inbox, now, onAccepted: () => {} }).take([
      {
        ok: true,
        event: {
          specversion: "1.0",
          id: randomUUID(),
          source: "test",
          type,
          subject,
          data: wants === undefined ? {} : { traits: { wants } },
        },
      },
    ]);
  const isFree = () => rows("update lanes set until = clock_timestamp() - interval '1 second'");
  const DELIVERIES = "select customer_id as who, channel, status, reason, content->>'text' as text from deliveries order by 1";

  test("B10: messages on a channel and calls of a tool known only to the new version are all sent, whichever process takes their jobs", async () => {
    for (let n = 0; n < 30; n++) await signal("fresh", `p${n}`, n % 2 === 0 ? "news" : "book");
    // In small rounds, so that the old process gets its share of the jobs.
    for (let n = 0; n < 10; n++) {
      await fresh.drain();
      await signal("fresh", `q${n}`, n % 2 === 0 ? "news" : "book");
    }
    await fresh.drain();
    expect(await rows("select status, count(*)::int as n from deliveries group by 1")).toEqual([{ status: "sent", n: 40 }]);
    expect(await rows("select 1 from deliveries where content->>'text' not in ('News', 'slot s1')")).toEqual([]);
  });

  test("weak: an old worker skips signals of moments known only to the new version, and decides the others", async () => {
    await signal("fresh", "ann", "news");
    await signal("go", "ann");
    await signal("other", "ben");
    await old.drain();
    await old.drain();
    expect(await rows("select customer_id as who, type from inbox order by seq")).toEqual([
      { who: "ann", type: "fresh" },
      { who: "ann", type: "go" },
    ]);
    await fresh.drain();
    expect(await rows("select type from inbox")).toEqual([]);
    expect(await rows(DELIVERIES)).toMatchObject([{ who: "ann", channel: "news", status: "sent" }, { who: "ann" }]);
  });

  test("weak: a signal is skipped also if the old version uses its type for other moments, and so is a timer of an unknown moment", async () => {
    await signal("go", "ann");
    await signal("other", "ben");
    await old.drain();
    expect(await rows("select customer_id as who from inbox")).toEqual([{ who: "ann" }]);
    const heard = old.registered.processId;
    await rows(
      `update processes set knows = jsonb_set(knows, '{hears}', (knows->'hears') || '"absent:late\\nlate"'::jsonb) where process_id <> '${heard}'`,
    );
    await rows(
      "insert into timers (customer_id, key, name, due) values ('ben', 'absent:late', 'absent:late', now() - interval '1 minute')",
    );
    await isFree();
    await old.drain();
    expect(await rows("select key from timers where key = 'absent:late'")).toHaveLength(1);
    await fresh.drain();
    expect(await rows("select key from timers where key = 'absent:late'")).toHaveLength(0);
  });

  test.each([
    ["has left", () => leave(fresh)],
    [
      "has not been heard of for a while",
      () => rows(`update processes set seen_at = now() - interval '1 minute' where process_id = '${fresh.registered.processId}'`),
    ],
  ])("weak: nothing waits for a version that %s", async (_what, end) => {
    await signal("fresh", "ann", "news");
    await old.drain();
    expect(await rows("select 1 from inbox")).toHaveLength(1);
    await end();
    await old.drain();
    expect(await rows("select 1 from inbox")).toEqual([]);
  });

  test("weak: an old process that restarts does not become the newest version", async () => {
    await leave(old);
    old = await start(OLD);
    await signal("fresh", "ann", "news");
    await old.drain();
    expect(await rows("select 1 from inbox")).toHaveLength(1);
  });

  test("B10: deliveries left behind on a channel are sent only by a process that knows it", async () => {
    await signal("fresh", "ann", "news");
    await fresh.drain();
    await rows("update deliveries set status = 'reserved', settled_at = null");
    clock = MINUTE;
    await isFree();
    await old.reconcile();
    expect(await rows(DELIVERIES)).toMatchObject([{ status: "reserved" }]);
    await isFree();
    await fresh.reconcile();
    expect(await rows(DELIVERIES)).toMatchObject([{ status: "sent" }]);
  });

  test("B10: deliveries unknown to every living process are reported, wait for an hour, and are then cancelled", async () => {
    await signal("fresh", "ann", "news");
    await fresh.drain();
    await rows("update deliveries set status = 'reserved', settled_at = null");
    await leave(fresh);
    const told: unknown[] = [];
    const log: Log = { ...silentLog, warn: (what, fields) => void told.push([what, fields]) };
    clock = 2 * MINUTE;
    await old.reconcile(log);
    expect(told).toEqual([
      [
        "no process knows the channel or experience of waiting deliveries",
        { channels: ["news"], experiences: ["on-news"], waiting: 1, cancelled: 0 },
      ],
    ]);
    expect(await rows(DELIVERIES)).toMatchObject([{ status: "reserved" }]);
    clock = HOUR + 2 * MINUTE;
    await old.reconcile();
    expect(await rows(DELIVERIES)).toMatchObject([{ status: "cancelled", reason: "not_applicable" }]);
    expect(await rows("select counted from touches")).toEqual([{ counted: false }]);
  });
});
