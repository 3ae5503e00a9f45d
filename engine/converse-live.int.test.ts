import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { z } from "zod";
import type { Json } from "../domain/values/json.ts";
import { readSignalLines } from "../intake/read-signals.ts";
import { createScriptedModel } from "../models/scripted.ts";
import { createRuntime } from "../runtime/create-runtime.ts";
import { at } from "../testing/builders.ts";
import { openOperated } from "../testing/operated-store.ts";
import { policyOf } from "../testing/policy.ts";
import { call, NORTHWIND, say } from "../testing/talk.ts";
import { defineTool } from "../tools/tool.ts";
import { runStream } from "./run-stream.ts";

const MESSAGE = { specversion: "1.0", id: "s-1", source: "test", type: "message.received", subject: "c-1", time: "2026-06-02T15:00:00Z" };
const linesOf = (event: object) => readSignalLines(Readable.from([JSON.stringify(event)]));

const asked: unknown[] = [];
const findOrder = defineTool({
  name: "find_order",
  description: "Looks up an order.",
  effect: "read",
  asks: ["orderId"],
  input: z.strictObject({ customerId: z.string(), orderId: z.string() }),
  output: z.object({ arrives: z.string() }),
  run: async (input) => {
    asked.push(input);
    return { arrives: "2026-06-05" };
  },
});

const SHOP = policyOf(
  "moments: {message: {on: message.received, expires: 2d}}\nchannels: {box: {kind: file}}\ngovernance: {consent: {box: opt_out}}",
  [
    `
    id: answer
    serves: [message]
    transactional: true
    channels: {box: {text: A colleague answers soon.}}
    converse:
      brief: We say when orders arrive.
      tools: {find_order: {with: {customerId: "{{ customer.id }}"}, asks: {orderId: its number}}}
    `,
  ],
  { tools: [findOrder] },
);

test("an order is looked up with the author's fixed inputs and the customer's text, and one message is sent", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "converse-"));
  const model = createScriptedModel([call("find_order", { orderId: "a-17" }), say("It arrives on 5 June.")]);
  const now = () => at("2026-06-02T15:00:00Z");
  const runtime = await createRuntime({ policy: SHOP, live: true, dataDir, now, model: () => model, tools: [findOrder] });
  try {
    const { store, decider } = runtime;
    const event = { ...MESSAGE, data: { channel: "box", text: "Where is A-17?" } };
    await runStream(linesOf(event), { store, decider, until: at("2026-06-02T15:01:00Z"), onDecision: () => {} });
    expect(asked).toEqual([{ customerId: "c-1", orderId: "a-17" }]);
    const { rows } = await store.database.pool.query("select status, attempts, recorded, content->>'text' as text from deliveries");
    const text = "I am the automated assistant of Test.\n\nIt arrives on 5 June.";
    expect(rows).toEqual([{ status: "sent", attempts: 1, recorded: false, text }]);
    const outbox = await readFile(join(dataDir, "outbox.jsonl"), "utf8");
    expect(outbox.trim().split("\n")).toEqual([expect.stringContaining("It arrives on 5 June.")]);
    expect(model.unspent()).toEqual([]);
  } finally {
    await runtime.close();
    await rm(dataDir, { recursive: true, force: true });
  }
});

const { DATABASE_URL } = process.env;

test.skipIf(!DATABASE_URL)("a takeover being committed while an answer is sent stops the answer", async () => {
  const answer: Json = { calls: [], say: "The roof rack costs 200." };
  let takeOver = async (): Promise<void> => {};
  const scripted = createScriptedModel([{ prompt: "converse", says: answer }]);
  const talk = await openOperated(NORTHWIND, { databaseUrl: DATABASE_URL ?? "" }, () => ({
    name: "scripted",
    async ask(question) {
      await takeOver();
      return scripted.ask(question);
    },
  }));
  try {
    await talk.customers({ id: "c-1", traits: { firstName: "Dana" } });
    await talk.play([["2026-06-02T14:00:00Z", "store.entered"]], "2026-06-02T14:01:00Z");
    const client = await talk.runtime.store.database.pool.connect();
    let written: Promise<void> = Promise.resolve();
    takeOver = async () => {
      await client.query("begin");
      await client.query("update customers set version = version + 1 where customer_id = 'c-1'");
      await client.query("update tasks set state = 'claimed', claimed_by = 'Kim'");
      written = (async () => {
        // Commits once the delivery waits for it.
        for (;;) {
          const rows = await talk.rows("select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%from customers c%'");
          if (rows.length > 0) break;
        }
        await client.query("commit");
      })();
    };
    await talk.play([["2026-06-02T15:00:00Z", "message.received", { channel: "chat", text: "Hello" }]], "2026-06-02T15:01:00Z");
    await written;
    client.release();
    const [delivery] = await talk.rows("select status, reason from deliveries where experience_id = 'answer'");
    expect(delivery).toEqual({ status: "cancelled", reason: "human_takeover" });
  } finally {
    await talk.runtime.close();
  }
});
