// The entry that keeps no context beside the call: with one, every promise of the process costs more on Node 20.
import { Command, END, START, StateGraph, StateSchema } from "@langchain/langgraph/web";
import { z } from "zod";
import type { Agent, AgentStep } from "../agents/agent.ts";
import { channelExecutor } from "../agents/channel-executor.ts";
import { contentGenerator } from "../agents/content-generator.ts";
import { conversationalist } from "../agents/conversationalist.ts";
import { eligibilityJudge } from "../agents/eligibility-judge.ts";
import { signalInterpreter } from "../agents/signal-interpreter.ts";
import { type Batch, deliveryOf, going, isAnswer, type WakeRun } from "../agents/wake-run.ts";
import { converse } from "./conversation.ts";

/** Ids only: what they stand for is on the batch, and never in a checkpoint. */
const State = new StateSchema({
  /** Wakes to decide, each of another customer. */
  runs: z.array(z.string()).default([]),
  /** Deliveries whose slot is taken. */
  deliveries: z.array(z.string()).default([]),
});
type State = typeof State.State;

/** Runs one step of an agent on the batch of this execution, and returns that batch. */
export type RunStep<Context> = (agent: Agent, step: AgentStep<never>, state: State, config: Config<Context>) => Promise<Batch>;

/**
 * interpret → judge → deliver something? write → text refused? judge again : reserve → anything left to do for it? act → an answer? converse : complete → deliver
 *
 * A batch of wakes goes through together, each of another customer. Nothing here waits for a human or for time: what is
 * put off is a row in the record and a later wake, so there is nothing to checkpoint. Each node says itself where it leads:
 * an edge with a condition would be two executions more.
 */
export function decisioningGraph<Context>(run: RunStep<Context>) {
  const node =
    (agent: Agent, step: AgentStep<never>, lead: (batch: Batch) => Command | Record<string, never> = () => ({})) =>
    async (state: State, config: Config<Context>) =>
      lead(await run(agent, step, state, config));
  const interpret = node(signalInterpreter, signalInterpreter.steps.interpret, () => to("judge"));
  return new StateGraph(State)
    .addNode(
      "interpret",
      async (state: State, config: Config<Context>) => (isOnlyLeftBehind(state) ? to("act") : interpret(state, config)),
      {
        ends: ["judge", "act"],
      },
    )
    .addNode("judge", node(eligibilityJudge, eligibilityJudge.steps.judge, afterJudge), { ends: ["write", "reserve"] })
    .addNode("write", node(contentGenerator, contentGenerator.steps.write, afterWrite), { ends: ["judge", "reserve"] })
    .addNode("reserve", node(channelExecutor, channelExecutor.steps.reserve, afterReserve), { ends: ["act", "deliver", END] })
    .addNode("act", node(channelExecutor, channelExecutor.steps.act, afterAct), { ends: ["converse", "complete"] })
    .addNode("converse", node(conversationalist, converse))
    .addNode("complete", node(contentGenerator, contentGenerator.steps.complete))
    .addNode("deliver", node(channelExecutor, channelExecutor.steps.deliver))
    .addEdge(START, "interpret")
    .addEdge("converse", "complete")
    .addEdge("complete", "deliver")
    .addEdge("deliver", END)
    .compile({ name: "decisioning" });
}

// --- internal ---

interface Config<Context> {
  readonly configurable?: Record<string, unknown>;
  /** The batch of this execution; missing where another program started the graph with ids alone. */
  readonly context?: { readonly batch?: Context } | undefined;
}

const to = (goto: string, update: Partial<State> = {}): Command => new Command({ goto, update });

/** Deliveries without runs were left behind by a crash: their decisions stand, only the rest is to be done. */
const isOnlyLeftBehind = ({ runs, deliveries }: State): boolean => runs.length === 0 && deliveries.length > 0;

/** Most decisions send nothing: there is no text to write, only the decision to write down. */
const afterJudge = ({ runs }: Batch): Command => to([...runs.values()].some(deliveryOf) ? "write" : "reserve");

/** A text that cannot be written takes its candidate out, and the next best may win. */
const afterWrite = ({ runs }: Batch): Command => to([...runs.values()].some(isRefused) ? "judge" : "reserve");

/** Most deliveries have their text, and nothing is to be done before it goes. */
function afterReserve({ deliveries }: Batch): Command {
  const open = [...deliveries.values()];
  const next = open.every(({ isReady }) => isReady) ? "deliver" : "act";
  return to(open.length > 0 ? next : END, { deliveries: [...deliveries.keys()] });
}

/** An answer to a message goes through the graph of conversations before it goes out. */
const afterAct = ({ deliveries }: Batch): Command => to(going(deliveries).some(isAnswer) ? "converse" : "complete");

/** Whether the text of what was decided last was refused, and so has to be decided anew. */
function isRefused(one: WakeRun): boolean {
  const delivery = deliveryOf(one);
  return (
    delivery !== undefined &&
    one.rejected.some(({ experienceId, channel }) => experienceId === delivery.experienceId && channel === delivery.channel)
  );
}
