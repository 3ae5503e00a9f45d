import { END, START, StateGraph, StateSchema } from "@langchain/langgraph";
import { z } from "zod";
import type { Agent, AgentStep } from "../agents/agent.ts";
import type { Docket } from "../agents/case.ts";
import { deliveryOf, going } from "../agents/case.ts";
import { channelExecutor } from "../agents/channel-executor.ts";
import { contentGenerator } from "../agents/content-generator.ts";
import { conversationalist, isAnswer } from "../agents/conversationalist.ts";
import { eligibilityJudge } from "../agents/eligibility-judge.ts";
import { signalInterpreter } from "../agents/signal-interpreter.ts";

/** Ids only: what they stand for is on the docket, and never in a checkpoint. */
const State = new StateSchema({
  /** Wakes to decide, each of another customer. */
  cases: z.array(z.string()).default([]),
  /** Cases whose decision is to deliver. */
  delivering: z.array(z.string()).default([]),
  /** Cases whose text could not be written this time. */
  rejected: z.array(z.string()).default([]),
  /** Deliveries whose slot is taken. */
  deliveries: z.array(z.string()).default([]),
  /** Those among them whose text a conversation gives. */
  answering: z.array(z.string()).default([]),
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
 * interpret → judge → deliver something? write → text refused? judge again : reserve → act → an answer? converse : complete → deliver
 *
 * A batch of wakes goes through together, each of another customer. Nothing here waits for a human or for time: what is
 * put off is a row in the record and a later wake, so there is nothing to checkpoint.
 */
export function decisioningGraph(run: RunStep) {
  return new StateGraph(State)
    .addNode("interpret", async (state, config) => {
      await run(signalInterpreter, signalInterpreter.steps.interpret, state, config);
      return {};
    })
    .addNode("judge", async (state, config) => {
      const { cases } = await run(eligibilityJudge, eligibilityJudge.steps.judge, state, config);
      return { delivering: [...cases.values()].filter(deliveryOf).map(({ caseId }) => caseId) };
    })
    .addNode("write", async (state, config) => {
      const { cases } = await run(contentGenerator, contentGenerator.steps.write, state, config);
      return { rejected: [...cases.values()].filter(isRefused).map(({ caseId }) => caseId) };
    })
    .addNode("reserve", async (state, config) => {
      const { deliveries } = await run(channelExecutor, channelExecutor.steps.reserve, state, config);
      return { deliveries: [...deliveries.keys()] };
    })
    .addNode("act", async (state, config) => {
      const { deliveries } = await run(channelExecutor, channelExecutor.steps.act, state, config);
      return {
        answering: going(deliveries)
          .filter(isAnswer)
          .map(({ deliveryId }) => deliveryId),
      };
    })
    .addNode("converse", async (state, config) => {
      await run(conversationalist, conversationalist.steps.converse, state, config);
      return {};
    })
    .addNode("complete", async (state, config) => {
      await run(contentGenerator, contentGenerator.steps.complete, state, config);
      return {};
    })
    .addNode("deliver", async (state, config) => {
      await run(channelExecutor, channelExecutor.steps.deliver, state, config);
      return {};
    })
    .addConditionalEdges(START, afterStart, ["interpret", "act"])
    .addEdge("interpret", "judge")
    .addConditionalEdges("judge", afterJudge, ["write", "reserve"])
    .addConditionalEdges("write", afterWrite, ["judge", "reserve"])
    .addConditionalEdges("reserve", afterReserve, ["act", END])
    .addConditionalEdges("act", afterAct, ["converse", "complete"])
    .addEdge("converse", "complete")
    .addEdge("complete", "deliver")
    .addEdge("deliver", END)
    .compile({ name: "decisioning" });
}

/** Deliveries without cases were left behind by a crash: their decisions stand, only the rest is to be done. */
export function afterStart({ cases, deliveries }: Pick<State, "cases" | "deliveries">): "interpret" | "act" {
  return cases.length === 0 && deliveries.length > 0 ? "act" : "interpret";
}

/** Most decisions send nothing: there is no text to write, only the decision to write down. */
export function afterJudge({ delivering }: Pick<State, "delivering">): "write" | "reserve" {
  return delivering.length > 0 ? "write" : "reserve";
}

/** A text that cannot be written takes its candidate out, and the next best may win. */
export function afterWrite({ rejected }: Pick<State, "rejected">): "judge" | "reserve" {
  return rejected.length > 0 ? "judge" : "reserve";
}

export function afterReserve({ deliveries }: Pick<State, "deliveries">): "act" | typeof END {
  return deliveries.length > 0 ? "act" : END;
}

/** Where the customer is answered in her own words, the graph of conversations has the word before it goes out. */
export function afterAct({ answering }: Pick<State, "answering">): "converse" | "complete" {
  return answering.length > 0 ? "converse" : "complete";
}

// --- internal ---

/** Whether the text of what was decided last was refused, and so has to be decided anew. */
function isRefused(one: Docket["cases"] extends Map<string, infer Case> ? Case : never): boolean {
  const delivery = deliveryOf(one);
  return (
    delivery !== undefined &&
    one.rejected.some(({ experienceId, channel }) => experienceId === delivery.experienceId && channel === delivery.channel)
  );
}
