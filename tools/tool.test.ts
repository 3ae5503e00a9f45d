import { expect, test } from "vitest";
import { z } from "zod";
import { ANSWER_ACTIONS } from "../domain/entities/ask.ts";
import type { JsonObject } from "../domain/values/json.ts";
import { actionTools, tools } from "./index.ts";
import { toolContract } from "./tool.contract.ts";
import { defineTool } from "./tool.ts";

/** An input that each tool of the product takes, and what it gives back for it. */
const examples: Readonly<Record<string, { readonly input?: JsonObject; readonly output?: JsonObject }>> = {
  get_customer: { input: { customerId: "c-1" } },
  http_request: { input: { url: "https://crm.example/", headers: { "x-a": "b" }, body: {} }, output: { status: 200, body: {} } },
  issue_offer: {
    input: { percent: 10, validFor: "3d" },
    output: { code: "X", expiresAt: "2026-06-04T15:00:00Z", percent: 10, includes: [] },
  },
  open_case: { input: { subject: "help", queue: "service" }, output: { caseId: "c_1" } },
  open_promise: {
    input: { name: "call_back", due: "1d", owner: "sales" },
    output: { promiseId: "p_1", due: "2026-06-02T15:00:00Z" },
  },
  send_message: { output: { providerId: "sm-1" } },
  update_traits: { input: { traits: { size: "M" } }, output: { updated: ["size"] } },
};

for (const tool of tools) toolContract({ tool, ...examples[tool.name] });

test("each tool of the product has an example here", () => {
  expect(Object.keys(examples)).toEqual(tools.map(({ name }) => name));
});

test("the action of an experience may be a tool that changes the record or acts outside, and no other", () => {
  expect(actionTools).toEqual(["http_request", "issue_offer", "open_case", "open_promise", "update_traits"]);
});

test("what an answer may do are the tools that change the record", () => {
  const onRecord = tools.flatMap(({ name, effect }) => (effect === "record" ? [name] : []));
  expect([...ANSWER_ACTIONS].sort()).toEqual(onRecord);
});

test("declarations of the product's tools: fields for customers, no question first, other customers beside it, a case", () => {
  const declared = tools.map(({ name, asks, confirm, staysWithCustomer, opensCase }) => [
    name,
    asks,
    confirm,
    staysWithCustomer,
    opensCase,
  ]);
  expect(declared).toEqual([
    ["get_customer", undefined, undefined, undefined, undefined],
    ["http_request", ["body."], undefined, true, undefined],
    ["issue_offer", [], false, true, undefined],
    ["open_case", ["subject"], false, true, true],
    ["open_promise", [], false, undefined, undefined],
    ["send_message", undefined, undefined, undefined, undefined],
    ["update_traits", ["traits."], undefined, true, undefined],
  ]);
});

test("a tool that acts outside times out after 15 seconds unless it declares otherwise", () => {
  const about = { description: "Ping it.", input: z.strictObject({}), output: z.object({}), run: async () => ({}) };
  expect(defineTool({ name: "ping_it", effect: "read", ...about }).timeoutMs).toBe(15_000);
  expect(defineTool({ name: "ping_it", effect: "read", timeoutMs: 50, ...about }).timeoutMs).toBe(50);
});

test("a tool that acts outside does not compile without an idempotencyKey", () => {
  const about = { name: "ping_it", description: "Ping it.", input: z.strictObject({}), output: z.object({}), run: async () => ({}) };
  // @ts-expect-error Property 'idempotencyKey' is missing
  defineTool({ effect: "write", ...about });
});
