import type { z } from "zod";
import type { GuardedFetch } from "../channels/http/guarded-fetch.ts";
import type { Change } from "../domain/entities/change.ts";
import type { Customer } from "../domain/entities/customer.ts";
import type { GoldenRecord } from "../domain/record/record.ts";
import type { Instant } from "../domain/values/time.ts";

/** What a customer may do with a tool in a conversation. */
export interface InConversation {
  /**
   * Fields of its input that a customer may fill in, by path; one that ends in a dot means everything below it. Without it: none,
   * and an experience that `asks` for one is an error of `check`.
   */
  readonly asks?: readonly string[];
  /** False: it is done at once. Otherwise the customer confirms it first, unless the author says `confirm: false`. */
  readonly confirm?: boolean;
}

/** What every tool may use; each gets only what its kind declares. */
export interface Tool<Input, Output, Deps> extends InConversation {
  /** Verb and noun, with underscores: what a language model and an experience's `action` call it by. */
  readonly name: string;
  readonly description: string;
  readonly input: z.ZodType<Input>;
  readonly output: z.ZodType<Output>;
  /** Milliseconds after which a call counts as unanswered. */
  readonly timeoutMs: number;
  run(input: Input, deps: Deps): Promise<Output>;
}

/** Looks something up. May run in place; calling it again changes nothing. */
export interface ReadTool<Input = never, Output = unknown, Deps = never> extends Tool<Input, Output, Deps> {
  readonly effect: "read";
}

/**
 * Does something. Every call has a row, found by its idempotency key, and travels as part of a job; a call whose row
 * says that it is done is not done again.
 */
export interface WriteTool<Input = never, Output = unknown, Deps = never> extends Tool<Input, Output, Deps> {
  readonly effect: "write";
  /**
   * What makes two calls of this tool the same call, whoever they are made for: while one with this key runs, or has done what it
   * does, no other one runs, and later ones get its outcome. Give back `call.key` where each call stands for itself.
   */
  idempotencyKey(input: Input, call: CallIdentity): string;
}

/** One call among all calls of its tool. */
export interface CallIdentity {
  /** Of this call alone: the same for every try of it. */
  readonly key: string;
  /** The customer that it is made for. */
  readonly customerId: string;
}

/**
 * Changes the customer's record and nothing else. It is a pure function: its changes are written in the transaction that
 * marks the call as done, so it happens exactly once.
 */
export interface RecordTool<Input = never, Output = unknown> extends InConversation {
  readonly effect: "record";
  readonly name: string;
  readonly description: string;
  readonly input: z.ZodType<Input>;
  readonly output: z.ZodType<Output>;
  apply(input: Input, context: RecordContext): { readonly changes: readonly Change[]; readonly output: Output };
}

/** What a tool that acts outside may use. */
export interface OutsideDeps {
  /** Aborts when the call's time is over. */
  readonly signal: AbortSignal;
  /** The same for every try of what the tool's own `idempotencyKey` calls the same: another system that knows it does the thing once. */
  readonly idempotencyKey: string;
  /** The guarded way out: https, allowed hosts only, checked when the connection is made. */
  readonly request: GuardedFetch;
}

export interface RecordContext {
  readonly customer: Customer;
  readonly golden: GoldenRecord;
  readonly now: Instant;
  /** Order of arrival of the last thing that is known: what the tool says is as new. */
  readonly seq: number;
  /** The call's idempotency key: ids are made from it, so that the same call makes the same ids. */
  readonly key: string;
}

/** A tool among others: what it takes only its own schema knows. */
export type AnyTool =
  | (Omit<ReadTool, "run" | "input" | "output"> & Erased)
  | (Omit<WriteTool, "run" | "input" | "output" | "idempotencyKey"> & Erased & { idempotencyKey(input: never, call: CallIdentity): string })
  | (Omit<RecordTool, "apply" | "input" | "output"> & {
      readonly input: z.ZodType;
      readonly output: z.ZodType;
      apply(input: never, context: RecordContext): { changes: readonly Change[]; output: unknown };
    });

interface Erased {
  readonly input: z.ZodType;
  readonly output: z.ZodType;
  run(input: never, deps: never): Promise<unknown>;
}

/**
 * Defines a tool. A tool with `effect: "write"` does not compile without an `idempotencyKey`.
 *
 * @example
 * export const getOrder = defineTool({
 *   name: "get_order", description: "Look up an order.", effect: "read",
 *   input: z.object({ orderId: z.string() }), output: z.object({ total: z.number() }),
 *   run: async ({ orderId }) => orders.get(orderId),
 * });
 */
export function defineTool<Input, Output, Deps>(tool: Short<ReadTool<Input, Output, Deps>, "timeoutMs">): ReadTool<Input, Output, Deps>;
export function defineTool<Input, Output, Deps>(tool: Short<WriteTool<Input, Output, Deps>, "timeoutMs">): WriteTool<Input, Output, Deps>;
export function defineTool<Input, Output>(tool: RecordTool<Input, Output>): RecordTool<Input, Output>;
export function defineTool(tool: object): object {
  return { timeoutMs: 15_000, ...tool };
}

type Short<T, K extends keyof T> = Omit<T, K> & Partial<Pick<T, K>>;
