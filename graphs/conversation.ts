// The entry that keeps no context beside the call: with one, every promise of the process costs more on Node 20.
import { END, START, StateGraph, StateSchema } from "@langchain/langgraph/web";
import { z } from "zod";
import { answer, check, confirm, handOver, talk } from "../agents/conversationalist.ts";
import type { TurnEnd, TurnStep } from "../agents/turn.ts";

/** Ids only: what was said is with whoever runs the graph, and never in a checkpoint. */
const State = new StateSchema({
  /** The delivery that the turn gives its text. */
  turn: z.string(),
  /** How the last step ended. */
  ended: z.enum(["on", "revise", "hand_over", "silent"]).default("on"),
});
type State = typeof State.State;

/** Runs one step of a turn, by the id of its delivery. */
export type RunTurnStep = (step: TurnStep, turn: string) => Promise<TurnEnd>;

/**
 * confirmed? do it → talk → check → findings? talk once more : answer; whatever cannot be answered → hand over
 *
 * One turn: everything that a customer has written since she was answered last, and one answer to it. It waits for
 * nobody: what the customer has to confirm is with the delivery, and her word is another turn.
 */
export function conversationGraph(run: RunTurnStep) {
  const node = (step: TurnStep) => async (state: State) => ({ ended: await run(step, state.turn) });
  return new StateGraph(State)
    .addNode("confirm", node(confirm))
    .addNode("talk", node(talk))
    .addNode("check", node(check))
    .addNode("answer", node(answer))
    .addNode("hand_over", node(handOver))
    .addEdge(START, "confirm")
    .addConditionalEdges("confirm", (state) => afterStep(state, "talk"), ["talk", "hand_over", END])
    .addConditionalEdges("talk", (state) => afterStep(state, "check"), ["check", "hand_over", END])
    .addConditionalEdges("check", afterCheck, ["answer", "talk", "hand_over", END])
    .addEdge("answer", END)
    .addEdge("hand_over", END)
    .compile({ name: "conversation" });
}

/** A step that did its part leads to the next; a human who has taken over ends the turn. */
export function afterStep<Next extends string>({ ended }: Pick<State, "ended">, next: Next): Next | "hand_over" | typeof END {
  if (ended === "silent") return END;
  return ended === "hand_over" ? "hand_over" : next;
}

/** Words with findings are written once more. */
export function afterCheck({ ended }: Pick<State, "ended">): "answer" | "talk" | "hand_over" | typeof END {
  return ended === "revise" ? "talk" : afterStep({ ended }, "answer");
}
