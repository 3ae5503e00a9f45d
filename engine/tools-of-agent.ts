import type { Agent, ExecutorContext, ToolCall } from "../agents/agent.ts";
import { makerOf, type Policy } from "../domain/entities/policy.ts";

/** Restricts a context to the tools that an agent declares; a call of any other tool throws before it starts. */
export function withToolsOf(agent: Agent, context: ExecutorContext): ExecutorContext {
  const refuse = (tool: string): never => {
    throw new Error(`${agent.name} may not call ${tool}; its tools are: ${agent.tools.join(", ") || "none"}`);
  };
  const mayCall = (call: ToolCall): boolean => mayCallFor(agent, call, context.policyFor);
  return {
    ...context,
    call: async (tool, input) => (agent.tools.includes(tool.name) ? context.call(tool, input) : refuse(tool.name)),
    dispatch: async (calls) => {
      for (const call of calls) if (!mayCall(call)) refuse(call.tool);
      return context.dispatch(calls);
    },
    conversations: {
      ...context.conversations,
      lookUp: async (call) => (mayCall(call) ? context.conversations.lookUp(call) : refuse(call.tool)),
    },
  };
}

// --- internal ---

type PolicyFor = ExecutorContext["policyFor"];

/** `*` stands for the tools that the delivery's experience names, as its action or for its conversation. */
const mayCallFor = ({ tools }: Agent, { tool, delivery }: ToolCall, policyFor: PolicyFor): boolean =>
  tools.includes(tool) || (tools.includes("*") && namedBy(policyFor(delivery.customerId, delivery.at), delivery).includes(tool));

function namedBy(policy: Policy, delivery: ToolCall["delivery"]): readonly string[] {
  const { action, converse } = makerOf(policy, delivery) ?? {};
  return [...(action ? [action.tool] : []), ...(converse?.tools.map(({ tool }) => tool) ?? [])];
}
