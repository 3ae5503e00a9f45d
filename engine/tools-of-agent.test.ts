import { expect, test } from "vitest";
import { type Agent, defineAgent, type ExecutorContext, type ToolCall } from "../agents/agent.ts";
import { channelExecutor } from "../agents/channel-executor.ts";
import { contentGenerator } from "../agents/content-generator.ts";
import { conversationalist } from "../agents/conversationalist.ts";
import { eligibilityJudge } from "../agents/eligibility-judge.ts";
import { signalInterpreter } from "../agents/signal-interpreter.ts";
import { policyOf } from "../testing/policy.ts";
import { getCustomer } from "../tools/get-customer.ts";
import { tools } from "../tools/index.ts";
import { withToolsOf } from "./tools-of-agent.ts";

const policy = policyOf(
  "",
  [
    "action: {tool: open_case, input: {subject: help}}",
    "id: talk\ntransactional: true\nconverse: {brief: Help., tools: {own: {tool: find_order}, offer: {tool: issue_offer, with: {percent: 5, validFor: 1d}}}}",
  ],
  { tools: ["find_order"] },
);

/** A context that records the requested tools. */
function noting() {
  const called: string[] = [];
  const context = {
    policy,
    policyFor: () => policy,
    call: async (tool: { name: string }) => void called.push(tool.name),
    dispatch: async (calls: readonly ToolCall[]) => {
      called.push(...calls.map(({ tool }) => tool));
      return [];
    },
    conversations: { lookUp: async ({ tool }: ToolCall) => void called.push(tool) },
  } as unknown as ExecutorContext;
  return { called, context };
}

const agent = (...tools: readonly string[]) => defineAgent({ name: "helper", purpose: "Helps.", tools, steps: {} });
const callOf = (tool: string, experienceId = "e") => ({ tool, key: "k", input: {}, delivery: { experienceId } }) as unknown as ToolCall;

test.each<[string, readonly string[], string, boolean]>([
  ["one that it declares", ["send_message"], "send_message", true],
  ["one that it does not declare", ["send_message"], "open_case", false],
  ["the action of the experience, under *", ["*"], "open_case", true],
  ["another tool, under *", ["*"], "http_request", false],
  ["any, without tools", [], "send_message", false],
])("Agent.tools: dispatching %s", async (_what, tools, tool, isAllowed) => {
  const { called, context } = noting();
  const dispatched = withToolsOf(agent(...tools), context).dispatch([callOf(tool)]);
  if (isAllowed) await dispatched;
  else await expect(dispatched).rejects.toThrow(`helper may not call ${tool}`);
  expect(called).toEqual(isAllowed ? [tool] : []);
});

test.each([
  ["declared", [getCustomer.name], true],
  ["not declared", [], false],
])("Agent.tools: a tool that reads and is %s", async (_what, tools, isAllowed) => {
  const { called, context } = noting();
  const read = withToolsOf(agent(...tools), context).call(getCustomer, { customerId: "c-1" });
  if (isAllowed) await read;
  else await expect(read).rejects.toThrow("helper may not call get_customer; its tools are: none");
  expect(called).toEqual(isAllowed ? ["get_customer"] : []);
});

test.each<[string, readonly string[], string, boolean]>([
  ["a tool that the experience gives its conversation, under *", ["*"], "find_order", true],
  ["another tool, under *", ["*"], "find_price", false],
  ["any, without tools", [], "find_order", false],
])("Agent.tools: looking up with %s", async (_what, tools, tool, isAllowed) => {
  const { called, context } = noting();
  const looked = withToolsOf(agent(...tools), context).conversations.lookUp(callOf(tool, "talk"));
  if (isAllowed) await looked;
  else await expect(looked).rejects.toThrow(`helper may not call ${tool}`);
  expect(called).toEqual(isAllowed ? [tool] : []);
});

test.each<[Agent, string, readonly string[]]>([
  [signalInterpreter, "e", ["get_customer"]],
  [eligibilityJudge, "e", []],
  [contentGenerator, "e", []],
  [channelExecutor, "e", ["send_message", "open_case"]],
  [conversationalist, "talk", ["find_order", "issue_offer"]],
])("Agent.tools: the tools permitted to $name, out of all tools", async (one, experienceId, allowed) => {
  const { called, context } = noting();
  const within = withToolsOf(one, context);
  for (const tool of [...tools.map(({ name }) => name), "find_order"]) await within.dispatch([callOf(tool, experienceId)]).catch(() => {});
  expect(called.sort()).toEqual([...allowed].sort());
  const reads = within.call(getCustomer, { customerId: "c-1" });
  if (one === signalInterpreter) await reads;
  else await expect(reads).rejects.toThrow(`${one.name} may not call get_customer`);
});
