import type { Decision } from "../entities/decision.ts";
import { type QuestionAsked, questionsIn, type Usage } from "../entities/model-answer.ts";
import { isObject, type Json } from "../values/json.ts";
import { type ExplainedCandidate, type Explanation, explain } from "./explain.ts";

/** An explanation with the run's model calls and their cost; without these where there were none. */
export interface Explained extends Explanation {
  /** The experience that was asked about. */
  readonly experience?: ExplainedCandidate & {
    /** Whether its candidate was computed again, as the record only counts it. */
    readonly computed: boolean;
    /** The version under which it was judged. */
    readonly policyVersion: string;
  };
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
    why: [...explanation.why, ...loweredBy(decision, toolCalls)],
    ...(questions.length > 0 ? { usage, questions } : {}),
  };
}

// --- internal ---

/** The offers that the ceiling of the workspace lowered. The action of an answer is done with it, without a call. */
function loweredBy({ deliveries }: Decision, toolCalls: readonly Json[]): string[] {
  const called = toolCalls.map((call) => (isObject(call) ? { by: String(call.tool), output: call.output } : {}));
  const inAnswers = called.length === 0 ? deliveries.map(({ action }) => ({ by: "its action", output: action })) : [];
  return [...called, ...inAnswers].flatMap(({ by, output }) => {
    const { lowered, code } = isObject(output) ? output : {};
    if (!isObject(lowered)) return [];
    return [`${by} would have given ${lowered.from} % off, and gave ${lowered.to} % (${code}): governance.offers allows no more.`];
  });
}
