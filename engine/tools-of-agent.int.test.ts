import { afterAll, expect, test } from "vitest";
import type { Agent } from "../agents/agent.ts";
import { channelExecutor } from "../agents/channel-executor.ts";
import { conversationalist } from "../agents/conversationalist.ts";
import { signalInterpreter } from "../agents/signal-interpreter.ts";
import { call, calls, closeTalks, message, openTalk, say, tasks, until } from "../testing/talk.ts";

afterAll(closeTalks);

/** Removes an agent's tools while a function runs: agents are values, and the engine reads their declarations. */
async function without<T>(agent: Agent, run: () => Promise<T>): Promise<T> {
  const { tools } = agent;
  Object.assign(agent, { tools: [] });
  try {
    return await run();
  } finally {
    Object.assign(agent, { tools });
  }
}

const FLEET = [[message("15:00:00", "We want a fleet")], until("15:01:00")] as const;

test.each([
  [signalInterpreter, "get_customer"],
  [channelExecutor, "send_message"],
])("Agent.tools: the engine refuses tools that $name does not declare", async (agent, tool) => {
  const talk = await openTalk(say("Sales gets in touch."));
  const played = without<unknown>(agent, () => talk.play(...FLEET));
  await expect(played).rejects.toThrow(`${agent.name} may not call ${tool}; its tools are: none`);
});

test("Agent.tools: the conversationalist cannot call an undeclared tool, and a human gets the message", async () => {
  const talk = await openTalk(call("follow_up", { subject: "fleet" }));
  await without<unknown>(conversationalist, () => talk.play(...FLEET));
  expect(await calls(talk)).toEqual([]);
  expect(await tasks(talk)).toMatchObject([{ queue: "sales", state: "open" }]);
});

test("with its declared tools, the conversationalist makes the same calls", async () => {
  const talk = await openTalk(call("follow_up", { subject: "fleet" }), say("Sales gets in touch."));
  await talk.play(...FLEET);
  expect(await calls(talk)).toMatchObject([{ tool: "open_case", status: "done" }]);
});
