import type { ConversationContext, ToolCall } from "../agents/agent.ts";
import { callTool } from "../delivery/call-tool.ts";
import { changeCustomer } from "../delivery/change-customer.ts";
import { type ToolDeps, timedOut } from "../delivery/tool-deps.ts";
import type { CallResult } from "../domain/entities/call-outcome.ts";
import type { Json } from "../domain/values/json.ts";

/** Dependencies of the conversation graph, from the store and the tools of this process. */
export function conversationContext(deps: ToolDeps): ConversationContext {
  const { store, policy, tools } = deps;
  const { conversations, customers, deliveries, links } = store;
  return {
    linesOf: (customerId, upTo) => conversations.lines({ customerId, upTo }),
    customerAt: async (customerId, at) => (await customers.load([customerId], policy, at)).get(customerId),
    isTakenOver: async (customerId) => (await conversations.takenOver([customerId])).has(customerId),
    toolNamed: (name) => tools.get(name),
    lookUp: (call) => lookUp(call, deps),
    lastCall: async (customerId, since, beginning) => conversations.lastCall((await links.group(customerId)).map(beginning), since),
    async change({ customerId, at }, changesFor) {
      await changeCustomer(customerId, deps, at, changesFor);
    },
    keepOpen: (deliveryId) => conversations.keepOpen(deliveryId),
    keepActions: (actions) => deliveries.keepActions(actions),
  };
}

// --- internal ---

/** Runs a read tool in this process, within its timeout; a run that is not live does not call it. */
async function lookUp({ tool: name, input, key }: ToolCall, { tools, live, request, tracing }: ToolDeps): Promise<CallResult> {
  const tool = tools.get(name);
  if (tool?.effect !== "read") return { key, status: "failed", code: "BAD_CONFIG" };
  if (!live) return { key, status: "done", output: {} };
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), tool.timeoutMs);
  try {
    const given = { signal: abort.signal, idempotencyKey: key, request };
    const output = await Promise.race([callTool(tool as never, input, given, tracing), timedOut(abort.signal, name, tool.timeoutMs)]);
    return { key, status: "done", output: { result: output as Json } };
  } catch {
    return { key, status: "failed", code: "TOOL_FAILED" };
  } finally {
    clearTimeout(timer);
  }
}
