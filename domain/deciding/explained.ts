import type { Decision } from "../entities/decision.ts";
import { type QuestionAsked, questionsIn, type Usage } from "../entities/model-answer.ts";
import { isObject, type Json } from "../values/json.ts";
import { type Explanation, explain } from "./explain.ts";

/** An explanation with the run's model calls and their cost; without these where there were none. */
export interface Explained extends Explanation {
  readonly usage?: Usage;
  readonly questions?: readonly QuestionAsked[];
}

/** Adds to the explanation, which itself comes from the record alone, the model cost of the run and the offers that it lowered. */
export function explainWithCost(
  decision: Decision,
  { steps, usage, toolCalls }: { readonly steps: Json; readonly usage: Usage; readonly toolCalls: readonly Json[] },
): Explained {
  const questions = questionsIn(steps);
  const explanation = explain(decision);
  return {
    ...explanation,
    why: [...explanation.why, ...toolCalls.flatMap(loweredOffer)],
    ...(questions.length > 0 ? { usage, questions } : {}),
  };
}

// --- internal ---

/** An offer that the ceiling of the workspace lowered, by the output of its call. */
function loweredOffer(call: Json): string[] {
  const { tool, output } = isObject(call) ? call : {};
  const { lowered, code } = isObject(output) ? output : {};
  if (!isObject(lowered)) return [];
  return [`${tool} would have given ${lowered.from} % off, and gave ${lowered.to} % (${code}): governance.offers allows no more.`];
}
