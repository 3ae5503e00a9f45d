import { z } from "zod";
import { isObject } from "../domain/values/json.ts";
import type { Question } from "./model.ts";

/** Ways to ask for JSON, the surest first. */
export const FORMATS = ["json_schema", "json_object", "tool", "prompt"] as const;
export type Format = (typeof FORMATS)[number];

/** How an endpoint wants to be asked. */
export interface Dialect {
  readonly format: Format;
  /** Some models take no temperature; the others are asked for the likeliest answer. */
  readonly temperature: boolean;
}

export type RequestBody = { readonly [key: string]: unknown; readonly messages: readonly { role: "system" | "user"; content: string }[] };

/** The tool that a model answers with, where that is the best way to get JSON out of it. */
export const ANSWER_TOOL = "give_answer";

export interface RequestOptions {
  readonly model: string;
  readonly dialect: Dialect;
  readonly maxTokens: number;
  /** What the endpoint calls the most tokens of an answer. */
  readonly limitKey: "max_tokens" | "max_completion_tokens";
}

/** The body of a request for a question. */
export function requestFor<T>(
  { prompt, system, user, schema }: Pick<Question<T>, "prompt" | "system" | "user" | "schema">,
  { model, dialect, maxTokens, limitKey }: RequestOptions,
): RequestBody {
  const shape = portableSchema(schema);
  const name = prompt.replace(/[^A-Za-z0-9_-]/g, "_");
  // Said in words too: an endpoint may take a format and not keep to it.
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
 * The JSON Schema of an answer with the keywords that strict modes take; lengths and ranges are checked when the answer
 * is there. Everything is required and nothing else allowed, as strict modes want it.
 */
export function portableSchema(schema: z.ZodType): Record<string, unknown> {
  return portable(z.toJSONSchema(schema, { io: "input", target: "draft-7" })) as Record<string, unknown>;
}

/** An upper bound of what a request costs in tokens: no tokenizer makes more than one of a byte. */
export function mostTokens(body: RequestBody): number {
  return Buffer.byteLength(JSON.stringify(body)) + FRAME_TOKENS;
}

// --- internal ---

/** What endpoints put around messages. */
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
  // Under `properties` keys are the names of fields, whatever they are called.
  const kept = Object.entries(value).filter(([key]) => isProperties || !NOT_PORTABLE.has(key));
  return Object.fromEntries(kept.map(([key, item]) => [key, portable(item, !isProperties && key === "properties")]));
}
