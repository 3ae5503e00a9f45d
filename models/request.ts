import { z } from "zod";
import { isObject } from "../domain/values/json.ts";
import type { Question } from "./model.ts";

/** Ways to request JSON, the most reliable first. */
export const FORMATS = ["json_schema", "json_object", "tool", "prompt"] as const;
export type Format = (typeof FORMATS)[number];

/** Request variant that an endpoint accepts. */
export interface Dialect {
  readonly format: Format;
  /** Some models reject a temperature; all others get 0. */
  readonly temperature: boolean;
}

export type RequestBody = { readonly [key: string]: unknown; readonly messages: readonly { role: "system" | "user"; content: string }[] };

/** Name of the tool whose call is the answer, where that is the best way to get JSON. */
export const ANSWER_TOOL = "give_answer";

export interface RequestOptions {
  readonly model: string;
  readonly dialect: Dialect;
  readonly maxTokens: number;
  /** The endpoint's name for the token limit. */
  readonly limitKey: "max_tokens" | "max_completion_tokens";
}

/** Builds the request body for a question. */
export function requestFor<T>(
  { prompt, system, user, schema }: Pick<Question<T>, "prompt" | "system" | "user" | "schema">,
  { model, dialect, maxTokens, limitKey }: RequestOptions,
): RequestBody {
  const shape = portableSchema(schema);
  const name = prompt.replace(/[^A-Za-z0-9_-]/g, "_");
  // Stated in words too: an endpoint may accept a format and not enforce it.
  const asked =
    dialect.format === "json_schema" ? system : `${system}\n\nAnswer with JSON alone, of this schema:\n${JSON.stringify(shape)}`;
  return {
    model,
    messages: [
      { role: "system", content: asked },
      { role: "user", content: user },
    ],
    [limitKey]: maxTokens,
    ...(dialect.temperature ? { temperature: 0 } : {}),
    ...formatOf(dialect.format, name, shape),
  };
}

/**
 * The JSON Schema of an answer, reduced to the keywords that strict modes accept; lengths and ranges are validated afterwards.
 * Everything is required and nothing else allowed, as strict modes demand.
 */
export function portableSchema(schema: z.ZodType): Record<string, unknown> {
  return portable(z.toJSONSchema(schema, { io: "input", target: "draft-7" })) as Record<string, unknown>;
}

/** Upper bound for the input tokens of a request: no tokenizer makes more than one token of a byte. */
export function mostTokens(body: RequestBody): number {
  return Buffer.byteLength(JSON.stringify(body)) + FRAME_TOKENS;
}

// --- internal ---

/** Overhead of the endpoint's message framing. */
const FRAME_TOKENS = 64;

function formatOf(format: Format, name: string, schema: Record<string, unknown>): Record<string, unknown> {
  if (format === "json_schema") return { response_format: { type: "json_schema", json_schema: { name, strict: true, schema } } };
  if (format === "json_object") return { response_format: { type: "json_object" } };
  if (format === "prompt") return {};
  const tool = { type: "function", function: { name: ANSWER_TOOL, description: "Gives the answer.", parameters: schema } };
  return { tools: [tool], tool_choice: { type: "function", function: { name: ANSWER_TOOL } } };
}

const NOT_PORTABLE = new Set([
  "$schema",
  "default",
  "pattern",
  "format",
  ...["minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minItems", "maxItems", "multipleOf"],
]);

function portable(value: unknown, isProperties = false): unknown {
  if (Array.isArray(value)) return value.map((item) => portable(item));
  if (!isObject(value)) return value;
  // Under `properties`, keys are field names and never keywords.
  const kept = Object.entries(value).filter(([key]) => isProperties || !NOT_PORTABLE.has(key));
  return Object.fromEntries(kept.map(([key, item]) => [key, portable(item, !isProperties && key === "properties")]));
}
