import { createHash } from "node:crypto";
import { z } from "zod";
import { type Answer, MODEL_FAILURES, type ModelFailure } from "../domain/entities/model-answer.ts";
import { SentientError } from "../domain/errors.ts";
import { canonicalJson, type Json } from "../domain/values/json.ts";
import type { Question } from "./model.ts";
import { portableSchema } from "./request.ts";

const Hashed = z.strictObject({ hash: z.string(), characters: z.number().int().min(0) });
const FAILURES = Object.keys(MODEL_FAILURES) as [ModelFailure, ...ModelFailure[]]; // The record's own keys, and not empty.

/** A recorded call: question and answer by hash and length, everything else in full. */
export const RecordedCall = z.strictObject({
  format: z.literal(1),
  /** Wall-clock time of the call. */
  at: z.string(),
  ms: z.number().min(0),
  /** Identity of a question: prompt, text, shape and length limit of the answer. */
  request: z.string(),
  prompt: z.string(),
  model: z.string(),
  versions: z.strictObject({ sentient: z.string(), node: z.string() }),
  runId: z.string(),
  asked: Hashed,
  attempts: z.number().int().min(0),
  finishReason: z.string().optional(),
  usage: z.strictObject({ inputTokens: z.number(), outputTokens: z.number(), usd: z.number() }),
  /** Why there was no answer. */
  failure: z.enum(FAILURES).optional(),
  detail: z.string().optional(),
  answered: Hashed.optional(),
  /** Texts of customers and models; present only where full recording was requested. */
  content: z.strictObject({ system: z.string(), user: z.string(), value: z.json().optional() }).optional(),
});
export type RecordedCall = z.infer<typeof RecordedCall>;

/** Hash of a question. Equal for two questions exactly when a model at temperature 0 would get the same request. */
export const requestHash = ({ prompt, system, user, schema, maxTokens }: Question<unknown>): string =>
  hashOf(canonicalJson({ prompt, system, user, maxTokens, shape: portableSchema(schema) }));

export interface CallOf {
  readonly question: Question<unknown>;
  readonly answer: Answer<unknown>;
  readonly model: string;
  readonly at: string;
  readonly ms: number;
  readonly versions: RecordedCall["versions"];
  readonly withContent: boolean;
}

/** Builds the record of a call. */
export function recordedCall({ question, answer, withContent, ...known }: CallOf): RecordedCall {
  const { prompt, system, user, account } = question;
  const { usage, attempts, finishReason } = answer;
  const value = answer.ok ? (answer.value as Json) : undefined;
  return {
    format: 1,
    ...known,
    request: requestHash(question),
    ...{ prompt, runId: account.runId, asked: hashed(`${system}\n${user}`), attempts, usage },
    ...(finishReason === undefined ? {} : { finishReason }),
    ...(answer.ok ? { answered: hashed(canonicalJson(value)) } : { failure: answer.failure, detail: answer.detail }),
    ...(withContent ? { content: { system, user, ...(value === undefined ? {} : { value }) } } : {}),
  };
}

/** Parses a recording, one call a line; reports an invalid line by its number. */
export function parseRecording(text: string, file: string): RecordedCall[] {
  return text.split("\n").flatMap((line, index) => {
    if (line.trim() === "") return [];
    try {
      return [RecordedCall.parse(JSON.parse(line))];
    } catch {
      throw new SentientError("BAD_INPUT", `${file}:${index + 1}: expected a recorded call of a language model`);
    }
  });
}

// --- internal ---

const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");

const hashed = (text: string) => ({ hash: hashOf(text), characters: text.length });
