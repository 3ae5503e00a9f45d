import type { Json } from "../values/json.ts";

/** Why a question to a language model has no answer. Each is told in the run; what holds without a model is done instead. */
export const MODEL_FAILURES = {
  connection_refused: "nothing takes connections at the model's address",
  host_unknown: "the name of the model's host does not resolve",
  connection_lost: "the connection to the model broke",
  unauthorized: "the model's key is missing or wrong",
  bad_request: "the endpoint does not take the request",
  rate_limited: "the endpoint takes no more requests for now",
  server_error: "the endpoint failed",
  timed_out: "no answer began within the time limit",
  too_slow: "the answer began and was not complete within the time limit",
  too_large: "the answer is larger than is read",
  not_a_completion: "what came back is no chat completion",
  no_choices: "the completion has no choices",
  unfinished: "the completion does not say that it is finished",
  cut_off: "the answer was cut off at its length limit",
  filtered: "the endpoint's content filter held the answer back",
  refused: "the model refused",
  empty: "the completion has no content",
  blank: "the content is nothing but blanks",
  wrong_tool: "the model called a tool that it was not given",
  not_json: "the content is not JSON",
  wrong_shape: "the JSON has another shape than asked for",
  budget_spent: "the budget for language models is spent",
  circuit_open: "the endpoint failed too often lately; it is not asked for a while",
  interrupted: "whoever asked no longer wants to know",
} as const;
export type ModelFailure = keyof typeof MODEL_FAILURES;

export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly usd: number;
}

/** What budgets leave after a question; what is not limited is not named. */
export interface BudgetLeft {
  readonly runTokens?: number;
  readonly runUsd?: number;
  readonly dayTokens?: number;
  readonly dayUsd?: number;
}

/** What came of a question, with what it cost. `detail` says lengths, codes and paths; never what the model wrote. */
export type Answer<T> = AnswerBody<T> & {
  readonly usage: Usage;
  /** Requests that were made for it. */
  readonly attempts: number;
  /** What the endpoint says about how the last of them ended, where it says so. */
  readonly finishReason?: string;
  readonly left?: BudgetLeft;
  /** The workspace names no price: dollars are what dear models cost. */
  readonly isPriceAssumed?: true;
};

export type AnswerBody<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: ModelFailure; readonly detail: string };

export const NO_USAGE: Usage = { inputTokens: 0, outputTokens: 0, usd: 0 };

export const addUsage = (a: Usage, b: Usage): Usage => ({
  inputTokens: a.inputTokens + b.inputTokens,
  outputTokens: a.outputTokens + b.outputTokens,
  usd: a.usd + b.usd,
});

/** What the steps of a run cost together; steps that asked no model say nothing about it. */
export function usageOf(steps: Json): Usage {
  if (!Array.isArray(steps)) return NO_USAGE;
  const number = (value: unknown): number => (typeof value === "number" && Number.isFinite(value) ? value : 0);
  return steps.reduce<Usage>((sum, step) => {
    if (typeof step !== "object" || step === null || Array.isArray(step)) return sum;
    const { inputTokens, outputTokens, usd } = step;
    return addUsage(sum, { inputTokens: number(inputTokens), outputTokens: number(outputTokens), usd: number(usd) });
  }, NO_USAGE);
}

/** A question to a language model, as the steps of a run tell of it. */
export interface QuestionAsked extends Usage {
  readonly agent: string;
  /** The prompt and its version. */
  readonly asked: string;
  readonly model: string;
  /** Milliseconds. */
  readonly ms: number;
  /** Requests that were made: none where the answer was known, or the budget or a pause of the endpoint forbade it. */
  readonly attempts: number;
  readonly fromMemory?: boolean;
  readonly failure?: string;
  readonly detail?: string;
  readonly left?: BudgetLeft;
  readonly isPriceAssumed?: boolean;
}

/** Every question that was put in a run, in order. */
export function questionsIn(steps: Json): QuestionAsked[] {
  if (!Array.isArray(steps)) return [];
  return steps.flatMap((step) => {
    if (typeof step !== "object" || step === null || Array.isArray(step) || typeof step.asked !== "string") return [];
    const known = { agent: "", model: "", ms: 0, attempts: 0, ...NO_USAGE };
    return [{ ...known, ...step } as unknown as QuestionAsked]; // Written by the door to the model, with these fields.
  });
}
