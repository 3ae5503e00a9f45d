import type { Agent, ExecutorContext, ToolCall } from "../agents/agent.ts";
import { experienceOf, type Policy } from "../domain/entities/policy.ts";

/** The context with the tools that an agent declares: calling another one throws, and nothing is called. */
export function withToolsOf(agent: Agent, context: ExecutorContext): ExecutorContext {
  const refuse = (tool: string): never => {
    throw new Error(`${agent.name} may not call ${tool}; its tools are: ${agent.tools.join(", ") || "none"}`);
  };
  return {
    ...context,
    call: async (tool, input) => (agent.tools.includes(tool.name) ? context.call(tool, input) : refuse(tool.name)),
    dispatch: async (calls) => {
      for (const call of calls) if (!mayCall(agent, call, context.policy)) refuse(call.tool);
      return context.dispatch(calls);
    },
  };
}

// --- internal ---

/** `*` stands for what the delivery's experience names as its action, and for nothing else. */
const mayCall = ({ tools }: Agent, { tool, delivery }: ToolCall, policy: Policy): boolean =>
  tools.includes(tool) || (tools.includes("*") && experienceOf(policy, delivery.experienceId)?.action?.tool === tool);
