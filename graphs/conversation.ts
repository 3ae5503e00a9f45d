// The entry that keeps no context beside the call: with one, every promise of the process costs more on Node 20.
import { END, START, StateGraph, StateSchema } from "@langchain/langgraph/web";
import { z } from "zod";
import type { ExecutorContext } from "../agents/agent.ts";
import { conversationalist } from "../agents/conversationalist.ts";
import { closeTurns, openTurns } from "../agents/open-turns.ts";
import { type TurnEnd, type TurnStep, turnContext } from "../agents/turn.ts";
import { type Batch, going, isAnswer } from "../agents/wake-run.ts";

/** Ids only: what was said is with the caller of the graph, and never in a checkpoint. */
const State = new StateSchema({
  /** The delivery that the turn gives its text. */
  turn: z.string(),
  /** How the last step ended. */
  ended: z.enum(["on", "revise", "hand_off", "silent"]).default("on"),
});
type State = typeof State.State;

/** deliveries that answer a message → each with the text that a conversation gave it, side by side */
export async function converse({ deliveries }: Batch, executor: ExecutorContext): Promise<void> {
  const context = turnContext(executor);
  const turns = await openTurns(going(deliveries).filter(isAnswer), context);
  if (turns.size === 0) return;
  const graph = conversationGraph(async (step, id) => {
    const turn = turns.get(id);
    return turn ? step(turn, context) : "silent";
  });
  // Within the graph of the batch LangGraph 1.7.3 would let each of these listen to that graph's abort, which nobody uses; a
  // dozen conversations at a time then look like a leak to Node, and it says so.
  const apart = { configurable: { __pregel_abort_signals: {} } };
  await Promise.all([...turns.keys()].map((turn) => graph.invoke({ turn }, apart)));
  await closeTurns([...turns.values()], executor);
}

/** Runs one step of a turn, by the id of its delivery. */
export type RunTurnStep = (step: TurnStep, turn: string) => Promise<TurnEnd>;

/**
 * confirmed? do it → talk → check → findings? talk once more : answer; whatever cannot be answered → hand off
 *
 * One turn: everything that a customer has written since the last answer, and one answer to it. It waits for nobody: what the
 * customer has to confirm is with the delivery, and the confirmation is another turn.
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

/** A step that did its part leads to the next; a human who has taken over ends the turn. */
export function afterStep<Next extends string>({ ended }: Pick<State, "ended">, next: Next): Next | "hand_off" | typeof END {
  if (ended === "silent") return END;
  return ended === "hand_off" ? "hand_off" : next;
}

/** Words with findings are written once more. */
export function afterCheck({ ended }: Pick<State, "ended">): "answer" | "talk" | "hand_off" | typeof END {
  return ended === "revise" ? "talk" : afterStep({ ended }, "answer");
}
