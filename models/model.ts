import type { z } from "zod";
import type { Answer } from "../domain/entities/model-answer.ts";
import type { RunAccount } from "./account.ts";

/** A call to a model: rendered prompt and the expected shape of the answer. */
export interface Question<T> {
  /** Name and version of the prompt, like `judge-criteria@1`. */
  readonly prompt: string;
  readonly system: string;
  readonly user: string;
  /** Every answer is validated against it; the JSON Schema for the model is generated from it. */
  readonly schema: z.ZodType<T>;
  /** Maximum length of the answer in tokens. */
  readonly maxTokens: number;
  /** Cancels the call. */
  readonly signal?: AbortSignal;
  /** Account of the run that makes the call. */
  readonly account: RunAccount;
}

/**
 * The only interface to language models. An answer is either a fully validated value or a failure with its code. A call never throws
 * because of the model or its endpoint, and never takes longer than the model's limits.
 */
export interface Model {
  readonly name: string;
  /** Probes the endpoint in advance, so that the first call does not have to. */
  prepare?(): Promise<void>;
  ask<T>(question: Question<T>): Promise<Answer<T>>;
}
