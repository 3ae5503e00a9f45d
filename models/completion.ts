import { z } from "zod";
import type { AnswerBody, ModelFailure } from "../domain/entities/model-answer.ts";
import { parseGuarded } from "../domain/values/json.ts";
import { ANSWER_TOOL, type Format } from "./request.ts";

/** Tokens as counted by the endpoint; not every endpoint counts. */
export interface CountedTokens {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/**
 * Reads a chat completion. The order of checks matters: a truncated answer may look like a refusal, a refusal's content may be null,
 * and null parses. Nothing is repaired: broken JSON was truncated somewhere, and the missing part may have been a "not".
 */
export function readCompletion<T>(body: unknown, format: Format, schema: z.ZodType<T>): AnswerBody<T> {
  const completion = Completion.safeParse(body);
  if (!completion.success) return failure("not_a_completion", `no chat completion: ${firstPath(completion.error)}`);
  const [choice] = completion.data.choices;
  if (!choice) return failure("no_choices", "0 choices");
  const unfinished = whyUnfinished(choice.finish_reason, format);
  if (unfinished) return failure(unfinished, `finish_reason ${printable(choice.finish_reason)}`);
  const { refusal, content, tool_calls: calls } = choice.message;
  if (refusal) return failure("refused", `a refusal of ${refusal.length} characters`);
  if (format === "tool") return readToolCall(calls ?? [], schema);
  if (content === null || content === undefined) {
    return (calls ?? []).length > 0 ? failure("wrong_tool", "a tool was called where none was given") : failure("empty", "content null");
  }
  return readText(content, schema);
}

/** Token usage reported by the endpoint; undefined where it reports none. */
export function tokensIn(body: unknown): CountedTokens | undefined {
  const counted = Counted.safeParse(body);
  if (!counted.success) return undefined;
  const { prompt_tokens: inputTokens, completion_tokens: outputTokens } = counted.data.usage;
  return { inputTokens, outputTokens };
}

/** The endpoint's finish reason, where it is a single word. */
export function finishReasonIn(body: unknown): string | undefined {
  const completion = Completion.safeParse(body);
  const reason = completion.success ? completion.data.choices[0]?.finish_reason : undefined;
  return typeof reason === "string" ? printable(reason) : undefined;
}

// --- internal ---

const ToolCall = z.looseObject({ function: z.looseObject({ name: z.string(), arguments: z.string() }) });
type ToolCall = z.infer<typeof ToolCall>;

const Completion = z.looseObject({
  choices: z.array(
    z.looseObject({
      finish_reason: z.string().nullish(),
      message: z.looseObject({ content: z.string().nullish(), refusal: z.string().nullish(), tool_calls: z.array(ToolCall).nullish() }),
    }),
  ),
});

const count = z.number().int().min(0).max(1e9);
const Counted = z.looseObject({ usage: z.looseObject({ prompt_tokens: count, completion_tokens: count }) });

/** Far larger than any expected answer. */
const ANSWER_LIMITS = { maxBytes: 256 * 1024, maxDepth: 32 };

function whyUnfinished(reason: string | null | undefined, format: Format): ModelFailure | undefined {
  if (reason === "length") return "cut_off";
  if (reason === "content_filter") return "filtered";
  if (reason === "stop" || (reason === "tool_calls" && format === "tool")) return undefined;
  return reason === "tool_calls" || reason === "function_call" ? "wrong_tool" : "unfinished";
}

function readToolCall<T>([call, ...others]: readonly ToolCall[], schema: z.ZodType<T>): AnswerBody<T> {
  if (!call) return failure("empty", "no tool was called");
  if (call.function.name !== ANSWER_TOOL || others.length > 0)
    return failure("wrong_tool", others.length > 0 ? `${others.length + 1} tools were called` : "another tool was called");
  return readText(call.function.arguments, schema);
}

function readText<T>(text: string, schema: z.ZodType<T>): AnswerBody<T> {
  if (text.trim() === "") return failure("blank", `${text.length} characters, all of them blanks`);
  const parsed = parseGuarded(text, ANSWER_LIMITS);
  // The parser's message quotes the text, so only the length is reported.
  if (!parsed.ok) return failure("not_json", `${text.length} characters that are not JSON, or more or deeper than is read`);
  const checked = schema.safeParse(parsed.value);
  return checked.success ? { ok: true, value: checked.data } : failure("wrong_shape", `at ${firstPath(checked.error)}`);
}

const failure = <T>(code: ModelFailure, detail: string): AnswerBody<T> => ({ ok: false, failure: code, detail });

const firstPath = ({ issues: [first] }: z.ZodError): string => `${printable(first?.path.join(".") || "the top")}: ${first?.code}`;

/** Field names in an answer are as untrusted as its text. */
const printable = (text: string | null | undefined): string => (/^[\w.-]{1,40}$/.test(text ?? "") ? String(text) : "missing or unknown");
