// This entry point does not use AsyncLocalStorage, which makes every promise of the process slower on Node 20.
import { Command, END, START, StateGraph, StateSchema } from "@langchain/langgraph/web";
import { z } from "zod";
import type { Agent, AgentStep } from "../agents/agent.ts";
import { channelExecutor } from "../agents/channel-executor.ts";
import { contentGenerator } from "../agents/content-generator.ts";
import { conversationalist } from "../agents/conversationalist.ts";
import { eligibilityJudge } from "../agents/eligibility-judge.ts";
import { signalInterpreter } from "../agents/signal-interpreter.ts";
import { type Batch, deliveryOf, going, isAnswer, isRefused } from "../agents/wake-run.ts";
import { converse } from "./conversation.ts";
import { withoutRunTrees } from "./without-run-trees.ts";

withoutRunTrees();

/** Ids only: the data they refer to is on the batch, and never enters a checkpoint. */
const State = new StateSchema({
  /** Wakes to decide, each of a different customer. */
  runs: z.array(z.string()).default([]),
  /** Deliveries that hold a slot. */
  deliveries: z.array(z.string()).default([]),
});
type State = typeof State.State;

/** Runs one step of an agent on the batch of this execution, and returns that batch. */
export type RunStep<Context> = (agent: Agent, step: AgentStep<never>, state: State, config: Config<Context>) => Promise<Batch>;

/**
 * interpret → judge → deliver something? write → text refused? judge again : reserve, and deliver what is ready → action due? act →
 * an answer? converse : complete → deliver
 *
 * A batch of wakes goes through together, each of a different customer. Nothing here waits for a human or for time: deferred
 * work is a row in the record and a later wake, so there is nothing to checkpoint. Each node names its successor itself: a
 * conditional edge would cost two more executions.
 */
export function decisioningGraph<Context>(run: RunStep<Context>) {
  const node =
    (agent: Agent, step: AgentStep<never>, lead: (batch: Batch) => Command | Record<string, never> = () => ({})) =>
    async (state: State, config: Config<Context>) =>
      lead(await run(agent, step, state, config));
  const interpret = node(signalInterpreter, signalInterpreter.steps.interpret, () => to("judge"));
  const reserve = async (state: State, config: Config<Context>): Promise<Command> => {
    const batch = await run(channelExecutor, channelExecutor.steps.reserve, state, config);
    const goesOn = somethingIsDue(batch);
    if (!goesOn && batch.deliveries.size > 0) await run(channelExecutor, channelExecutor.steps.deliver, state, config);
    return to(goesOn ? "act" : END, { deliveries: [...batch.deliveries.keys()] });
  };
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
    .addNode("reserve", reserve, { ends: ["act", END] })
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
  /** The batch of this execution; undefined where another program started the graph with ids alone. */
  readonly context?: { readonly batch?: Context } | undefined;
}

const to = (goto: string, update: Partial<State> = {}): Command => new Command({ goto, update });

/** Deliveries without runs are left over from a crash: their decisions stand, only the remaining steps are due. */
const isOnlyLeftBehind = ({ runs, deliveries }: State): boolean => runs.length === 0 && deliveries.length > 0;

/** Most decisions send nothing: there is no text to write, only the decision to record. */
const afterJudge = ({ runs }: Batch): Command => to([...runs.values()].some(deliveryOf) ? "write" : "reserve");

/** A text that cannot be written excludes its candidate, and the next best may win. */
const afterWrite = ({ runs }: Batch): Command => to([...runs.values()].some(isRefused) ? "judge" : "reserve");

/** Most deliveries have their text, and no action precedes them. */
const somethingIsDue = ({ deliveries }: Batch): boolean => [...deliveries.values()].some(({ isReady }) => !isReady);

/** An answer to a message passes through the conversation graph before it is sent. */
const afterAct = ({ deliveries }: Batch): Command => to(going(deliveries).some(isAnswer) ? "converse" : "complete");
