import type { Decision } from "../entities/decision.ts";
import { type QuestionAsked, questionsIn, type Usage } from "../entities/model-answer.ts";
import type { Json } from "../values/json.ts";
import { type Explanation, explain } from "./explain.ts";

/** An explanation with the run's model calls and their cost; without these where there were none. */
export interface Explained extends Explanation {
  readonly usage?: Usage;
  readonly questions?: readonly QuestionAsked[];
}

/** Adds the model cost of the run to the explanation, which itself comes from the record alone. */
export function explainWithCost(decision: Decision, { steps, usage }: { readonly steps: Json; readonly usage: Usage }): Explained {
  const questions = questionsIn(steps);
  return { ...explain(decision), ...(questions.length > 0 ? { usage, questions } : {}) };
}
