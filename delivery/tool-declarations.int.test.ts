import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import type { ToolDeclaration } from "../domain/entities/tool-declaration.ts";
import { createWorker } from "../engine/worker.ts";
import { createIngest } from "../intake/ingest.ts";
import { createRuntime, type Runtime } from "../runtime/create-runtime.ts";
import { silentLog } from "../telemetry/log.ts";
import { policyOf } from "../testing/policy.ts";
import { getCustomer } from "../tools/get-customer.ts";
import { sendMessage } from "../tools/send-message.ts";
import { type AnyTool, defineTool } from "../tools/tool.ts";
import { workCalls } from "./call-tool.ts";

const remind = (name: string, declared: ToolDeclaration) =>
  defineTool({
    ...declared,
    name,
    description: "Remind a human.",
    effect: "record",
    input: z.strictObject({}),
    output: z.object({}),
    apply: (_input, { now, key }) => ({
      changes: [{ type: "timer_set", key: `remind:${key}`, timer: { name: "remind", due: now + 1000 } }],
      output: {},
    }),
  });
const tools: readonly AnyTool[] = [remind("remind_beside", { staysWithCustomer: true }), remind("remind_alone", {})];

let runtime: Runtime;
beforeEach(async () => {
  runtime = await createRuntime({ policy: policyOf(""), live: true, now: Date.now, standIn: () => {}, tools });
  const { store, decider } = runtime;
  const event = { specversion: "1.0", id: "s-1", source: "test", type: "seen", subject: "ann" } as const;
  await createIngest({ inbox: store.inbox, now: Date.now, onAccepted: () => {} }).take([{ ok: true, event }]);
  await createWorker({ store, decider, now: Date.now, newId: randomUUID, log: silentLog, concurrency: 1 }).drain();
});
afterEach(() => runtime.close());

/** The outcome of a planned call, as executed by a worker of the queue. */
async function called(tool: string, version?: string) {
  const call = { key: `k:${tool}`, tool, customerId: "ann", runId: "r", deliveryId: "m", input: {}, at: Date.now() };
  await runtime.store.calls.plan([call]);
  const [outcome] = await workCalls([{ tool, key: call.key, ...(version === undefined ? {} : { version }) }], runtime.deps);
  const timers = await runtime.store.database.pool.query("select 1 from timers where name = 'remind'");
  return { ...outcome, timers: timers.rows.length };
}

test("staysWithCustomer: a declaring tool that sets a timer has failed, and nothing of it is written", async () => {
  expect(await called("remind_beside")).toMatchObject({ status: "failed", code: "TOOL_FAILED", timers: 0 });
});

test("staysWithCustomer: a tool that does not declare it may set a timer", async () => {
  expect(await called("remind_alone")).toMatchObject({ status: "done", timers: 1 });
});

test("a read-only tool is no action", async () => {
  expect(await called(getCustomer.name)).toMatchObject({
    status: "failed",
    code: "BAD_CONFIG",
    message: "get_customer cannot be an action: its effect is read",
  });
});

test("a call of a tool that the version in force no longer has is cancelled; one that another version has is left to the process that planned it", async () => {
  expect(await called("gone", runtime.deps.policy.version)).toMatchObject({ status: "cancelled", code: "not_applicable" });
  expect(await called("newer", "another version")).toMatchObject({ status: "waiting" });
  expect(await runtime.store.calls.get(["k:gone", "k:newer"])).toMatchObject([{ status: "cancelled" }, { status: "planned" }]);
});

test("send: the row of a message is its delivery; a row of a call named send_message is never looked up", async () => {
  expect(await called(sendMessage.name)).toMatchObject({ key: "k:send_message", status: "done" });
  expect(await runtime.store.calls.get(["k:send_message"])).toMatchObject([{ status: "planned" }]);
});
