// This entry point does not use AsyncLocalStorage, which makes every promise of the process slower on Node 20.
import { END, START, StateGraph, StateSchema } from "@langchain/langgraph/web";
import { z } from "zod";
import type { ExecutorContext } from "../agents/agent.ts";
import { conversationalist } from "../agents/conversationalist.ts";
import { closeTurns, openTurns } from "../agents/open-turns.ts";
import { type TurnEnd, type TurnStep, turnContext } from "../agents/turn.ts";
import { type Batch, going, isAnswer } from "../agents/wake-run.ts";

/** Ids only: the messages stay with the caller of the graph, and never enter a checkpoint. */
const State = new StateSchema({
  /** The delivery whose text the turn writes. */
  turn: z.string(),
  /** The result of the last step. */
  ended: z.enum(["on", "revise", "hand_off", "silent"]).default("on"),
});
type State = typeof State.State;

/** deliveries that answer a message → each with its text from a conversation, concurrently */
export async function converse({ deliveries }: Batch, executor: ExecutorContext): Promise<void> {
  const context = turnContext(executor);
  const turns = await openTurns(going(deliveries).filter(isAnswer), context);
  if (turns.size === 0) return;
  const graph = conversationGraph(async (step, id) => {
    const turn = turns.get(id);
    return turn ? step(turn, context) : "silent";
  });
  // Run within the batch's graph, LangGraph 1.7.3 would make each of these listen to that graph's abort signal, which is
  // unused; with a dozen concurrent conversations Node then warns about a listener leak.
  const apart = { configurable: { __pregel_abort_signals: {} } };
  await Promise.all([...turns.keys()].map((turn) => graph.invoke({ turn }, apart)));
  await closeTurns([...turns.values()], executor);
}

/** Runs one step of a turn, by the id of its delivery. */
export type RunTurnStep = (step: TurnStep, turn: string) => Promise<TurnEnd>;

/**
 * confirmed? do it → talk → check → findings? talk once more : answer; no answer possible → hand off
 *
 * One turn: everything that a customer has written since the last answer, and one answer to it. It never waits: an action that
 * needs confirmation is stored with the delivery, and the confirmation is another turn.
 */
export function conversationGraph(run: RunTurnStep) {
  const { steps } = conversationalist;
  const node = (step: TurnStep) => async (state: State) => ({ ended: await run(step, state.turn) });
  return new StateGraph(State)
    .addNode("confirm", node(steps.confirm))
    .addNode("talk", node(steps.talk))
    .addNode("check", node(steps.check))
    .addNode("answer", node(steps.answer))
    .addNode("hand_off", node(steps.hand_off))
    .addEdge(START, "confirm")
    .addConditionalEdges("confirm", (state) => afterStep(state, "talk"), ["talk", "hand_off", END])
    .addConditionalEdges("talk", (state) => afterStep(state, "check"), ["check", "hand_off", END])
    .addConditionalEdges("check", afterCheck, ["answer", "talk", "hand_off", END])
    .addEdge("answer", END)
    .addEdge("hand_off", END)
    .compile({ name: "conversation" });
}

/** A completed step leads to the next; a takeover by a human ends the turn. */
export function afterStep<Next extends string>({ ended }: Pick<State, "ended">, next: Next): Next | "hand_off" | typeof END {
  if (ended === "silent") return END;
  return ended === "hand_off" ? "hand_off" : next;
}

/** An answer with findings is rewritten once. */
export function afterCheck({ ended }: Pick<State, "ended">): "answer" | "talk" | "hand_off" | typeof END {
  return ended === "revise" ? "talk" : afterStep({ ended }, "answer");
}
