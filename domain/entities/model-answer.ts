import type { Json } from "../values/json.ts";

/**
 * Why a call to a language model has no usable answer. Each failure is recorded in the run; the rule for the case without a model
 * applies instead.
 */
export const MODEL_FAILURES = {
  connection_refused: "the model's address refuses connections",
  host_unknown: "the name of the model's host does not resolve",
  connection_lost: "the connection to the model broke",
  unauthorized: "the model's key is missing or wrong",
  bad_request: "the endpoint rejects the request",
  rate_limited: "the endpoint's rate limit is exceeded",
  server_error: "the endpoint failed",
  timed_out: "no answer began within the time limit",
  too_slow: "the answer began and was not complete within the time limit",
  too_large: "the answer exceeds the size limit",
  not_a_completion: "the response is no chat completion",
  no_choices: "the completion has no choices",
  unfinished: "the completion has no finish reason",
  cut_off: "the answer was truncated at its length limit",
  filtered: "the endpoint's content filter withheld the answer",
  refused: "the model refused",
  empty: "the completion has no content",
  blank: "the content is blank",
  wrong_tool: "the model called an unknown tool",
  not_json: "the content is not JSON",
  wrong_shape: "the JSON does not match the requested shape",
  not_embeddings: "the response is no list of embeddings, one a text",
  bad_vector: "a vector is empty, zero, or not of finite numbers",
  other_length: "the vectors have another length than those of the examples",
  budget_spent: "the budget for language models is spent",
  circuit_open: "the circuit breaker is open after repeated failures of the endpoint",
  interrupted: "the caller cancelled the call",
} as const;
export type ModelFailure = keyof typeof MODEL_FAILURES;

export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly usd: number;
}

/** Remaining budget after a call; a budget without a limit is omitted. */
export interface BudgetLeft {
  readonly runTokens?: number;
  readonly runUsd?: number;
  readonly dayTokens?: number;
  readonly dayUsd?: number;
}

/** Result of a call with its cost. `detail` holds lengths, codes and paths, never the model's text. */
export type Answer<T> = AnswerBody<T> & {
  readonly usage: Usage;
  /** Number of requests made. */
  readonly attempts: number;
  /** The endpoint's finish reason for the last request, where it gives one. */
  readonly finishReason?: string;
  readonly left?: BudgetLeft;
  /** The workspace sets no price: dollars are computed at the price of expensive models. */
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

/** Total cost of the steps of a run. Steps without a model call have no usage fields. */
export function usageOf(steps: Json): Usage {
  if (!Array.isArray(steps)) return NO_USAGE;
  const number = (value: unknown): number => (typeof value === "number" && Number.isFinite(value) ? value : 0);
  return steps.reduce<Usage>((sum, step) => {
    if (typeof step !== "object" || step === null || Array.isArray(step)) return sum;
    const { inputTokens, outputTokens, usd } = step;
    return addUsage(sum, { inputTokens: number(inputTokens), outputTokens: number(outputTokens), usd: number(usd) });
  }, NO_USAGE);
}

/** A model call as the steps of a run record it. */
export interface QuestionAsked extends Usage {
  readonly agent: string;
  /** Prompt name and version. */
  readonly asked: string;
  readonly model: string;
  /** Milliseconds. */
  readonly ms: number;
  /** Number of requests made: 0 where the answer was cached, the budget was spent or the circuit breaker was open. */
  readonly attempts: number;
  readonly fromMemory?: boolean;
  readonly failure?: string;
  readonly detail?: string;
  readonly left?: BudgetLeft;
  readonly isPriceAssumed?: boolean;
}

/** All model calls of a run, in order. */
export function questionsIn(steps: Json): QuestionAsked[] {
  if (!Array.isArray(steps)) return [];
  return steps.flatMap((step) => {
    if (typeof step !== "object" || step === null || Array.isArray(step) || typeof step.asked !== "string") return [];
    const known = { agent: "", model: "", ms: 0, attempts: 0, ...NO_USAGE };
    return [{ ...known, ...step } as unknown as QuestionAsked]; // Written by models/, with these fields.
  });
}
