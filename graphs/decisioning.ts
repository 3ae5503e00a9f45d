// The entry that keeps no context beside the call: with one, every promise of the process costs more on Node 20.
import { Command, END, START, StateGraph, StateSchema } from "@langchain/langgraph/web";
import { z } from "zod";
import type { Agent, AgentStep } from "../agents/agent.ts";
import { type Case, type Docket, deliveryOf, going, isAnswer, type OpenDelivery } from "../agents/case.ts";
import { channelExecutor } from "../agents/channel-executor.ts";
import { contentGenerator } from "../agents/content-generator.ts";
import { conversationalist } from "../agents/conversationalist.ts";
import { eligibilityJudge } from "../agents/eligibility-judge.ts";
import { signalInterpreter } from "../agents/signal-interpreter.ts";

/** Ids only: what they stand for is on the docket, and never in a checkpoint. */
const State = new StateSchema({
  /** Wakes to decide, each of another customer. */
  cases: z.array(z.string()).default([]),
  /** Deliveries whose slot is taken. */
  deliveries: z.array(z.string()).default([]),
});
type State = typeof State.State;

/** Runs one step of an agent on the docket that this execution works on, and gives the docket back. */
export type RunStep = (
  agent: Agent,
  step: AgentStep<never>,
  state: State,
  config: { readonly configurable?: Record<string, unknown> },
) => Promise<Docket>;

/**
 * interpret → judge → deliver something? write → text refused? judge again : reserve → anything left to do for it? act → an answer? converse : complete → deliver
 *
 * A batch of wakes goes through together, each of another customer. Nothing here waits for a human or for time: what is
 * put off is a row in the record and a later wake, so there is nothing to checkpoint. Each node says itself where it leads:
 * an edge with a condition would be two executions more.
 */
export function decisioningGraph(run: RunStep) {
  return new StateGraph(State)
    .addNode(
      "interpret",
      async (state: State, config) => {
        if (isOnlyLeftBehind(state)) return to("act");
        await run(signalInterpreter, signalInterpreter.steps.interpret, state, config);
        return to("judge");
      },
      { ends: ["judge", "act"] },
    )
    .addNode(
      "judge",
      async (state: State, config) => {
        const { cases } = await run(eligibilityJudge, eligibilityJudge.steps.judge, state, config);
        // Most decisions send nothing: there is no text to write, only the decision to write down.
        return to([...cases.values()].some(deliveryOf) ? "write" : "reserve");
      },
      { ends: ["write", "reserve"] },
    )
    .addNode(
      "write",
      async (state: State, config) => {
        const { cases } = await run(contentGenerator, contentGenerator.steps.write, state, config);
        // A text that cannot be written takes its candidate out, and the next best may win.
        return to([...cases.values()].some(isRefused) ? "judge" : "reserve");
      },
      { ends: ["judge", "reserve"] },
    )
    .addNode(
      "reserve",
      async (state: State, config) => {
        const { deliveries } = await run(channelExecutor, channelExecutor.steps.reserve, state, config);
        return to(afterReserve([...deliveries.values()]), { deliveries: [...deliveries.keys()] });
      },
      { ends: ["act", "deliver", END] },
    )
    .addNode(
      "act",
      async (state: State, config) => {
        const { deliveries } = await run(channelExecutor, channelExecutor.steps.act, state, config);
        // Where the customer is answered in her own words, the graph of conversations has the word before it goes out.
        return to(going(deliveries).some(isAnswer) ? "converse" : "complete");
      },
      { ends: ["converse", "complete"] },
    )
    .addNode("converse", async (state: State, config) => {
      await run(conversationalist, conversationalist.steps.converse, state, config);
      return {};
    })
    .addNode("complete", async (state: State, config) => {
      await run(contentGenerator, contentGenerator.steps.complete, state, config);
      return {};
    })
    .addNode("deliver", async (state: State, config) => {
      await run(channelExecutor, channelExecutor.steps.deliver, state, config);
      return {};
    })
    .addEdge(START, "interpret")
    .addEdge("converse", "complete")
    .addEdge("complete", "deliver")
    .addEdge("deliver", END)
    .compile({ name: "decisioning" });
}

// --- internal ---

const to = <Node extends string>(goto: Node, update: Partial<State> = {}) => new Command({ goto, update });

/** Deliveries without cases were left behind by a crash: their decisions stand, only the rest is to be done. */
const isOnlyLeftBehind = ({ cases, deliveries }: State): boolean => cases.length === 0 && deliveries.length > 0;

/** Most deliveries have their text, and nothing is to be done before it goes. */
function afterReserve(deliveries: readonly OpenDelivery[]): "act" | "deliver" | typeof END {
  if (deliveries.length === 0) return END;
  return deliveries.every(({ isReady }) => isReady) ? "deliver" : "act";
}

/** Whether the text of what was decided last was refused, and so has to be decided anew. */
function isRefused(one: Case): boolean {
  const delivery = deliveryOf(one);
  return (
    delivery !== undefined &&
    one.rejected.some(({ experienceId, channel }) => experienceId === delivery.experienceId && channel === delivery.channel)
  );
}
