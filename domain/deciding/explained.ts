import type { Decision } from "../entities/decision.ts";
import { type QuestionAsked, questionsIn, type Usage } from "../entities/model-answer.ts";
import type { Json } from "../values/json.ts";
import { type Explanation, explain } from "./explain.ts";

/** An explanation, with what a language model was asked in its run and what that cost; without these where none was asked. */
export interface Explained extends Explanation {
  readonly usage?: Usage;
  readonly questions?: readonly QuestionAsked[];
}

/** Why a decision fell comes from its record alone; what it cost is with its run. */
export function explainWithCost(decision: Decision, { steps, usage }: { readonly steps: Json; readonly usage: Usage }): Explained {
  const questions = questionsIn(steps);
  return { ...explain(decision), ...(questions.length > 0 ? { usage, questions } : {}) };
}
