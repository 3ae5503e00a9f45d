import { expect, test } from "vitest";
import { defineAgent, type ExecutorContext, type ToolCall } from "../agents/agent.ts";
import { policyOf } from "../testing/policy.ts";
import { getCustomer } from "../tools/get-customer.ts";
import { withToolsOf } from "./tools-of-agent.ts";

const policy = policyOf("", ["action: {tool: open_case, input: {subject: help}}"]);

/** A context that notes which tools it was asked for. */
function noting() {
  const called: string[] = [];
  const context = {
    policy,
    call: async (tool: { name: string }) => void called.push(tool.name),
    dispatch: async (calls: readonly ToolCall[]) => {
      called.push(...calls.map(({ tool }) => tool));
      return [];
    },
  } as unknown as ExecutorContext;
  return { called, context };
}

const agent = (...tools: readonly string[]) => defineAgent({ name: "helper", purpose: "Helps.", tools, steps: {} });
const callOf = (tool: string) => ({ tool, key: "k", input: {}, delivery: { experienceId: "e" } }) as unknown as ToolCall;

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
