import type { z } from "zod";
import type { Answer } from "../domain/entities/model-answer.ts";
import type { RunAccount } from "./account.ts";

/** A question as it goes to a model: worded, with the shape that its answer must have. */
export interface Question<T> {
  /** Name and version of the prompt, like `judge-criteria@1`. */
  readonly prompt: string;
  readonly system: string;
  readonly user: string;
  /** Every answer is checked against it; the JSON Schema that the model sees is made from it. */
  readonly schema: z.ZodType<T>;
  /** The most tokens that an answer may have. */
  readonly maxTokens: number;
  /** Whoever asks may lose interest. */
  readonly signal?: AbortSignal;
  /** On whose account it is asked. */
  readonly account: RunAccount;
}

/**
 * The only door to a language model. An answer is either a value that has passed every check, or a failure with its code;
 * asking never throws because of what a model or its endpoint does, and never takes longer than the model's own limits.
 */
export interface Model {
  readonly name: string;
  /** Finds out what its endpoint can do, so that the first question need not. */
  prepare?(): Promise<void>;
  ask<T>(question: Question<T>): Promise<Answer<T>>;
}
