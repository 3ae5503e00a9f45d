import type { z } from "zod";
import type { GuardedFetch } from "../channels/http/guarded-fetch.ts";
import type { Change } from "../domain/entities/change.ts";
import type { Customer } from "../domain/entities/customer.ts";
import type { Ceilings, ToolDeclaration } from "../domain/entities/tool-declaration.ts";
import type { GoldenRecord } from "../domain/record/record.ts";
import type { Instant } from "../domain/values/time.ts";

/*
 * A tool is a value that `defineTool` makes: a name, the schemas of its input and output, and a function. Its `effect` says how a
 * call travels and which row stands for it:
 *
 *   effect   what it does              row of a call   travels     how often
 *   read     looks something up        none            in place    as often as it is called
 *   record   changes one customer      tool_calls      in a job    once: its changes and the row are one transaction
 *   write    acts outside              tool_calls      in a job    at most once for each `idempotencyKey`
 *   send     sends a decided message   deliveries      in a job    at most once for each delivery
 *
 * Validation, time limit, row, trace and retry are the caller's (delivery/call-tool.ts); no tool repeats them. What else is known
 * about a tool (what a customer may fill in, whether it is confirmed, …) is a member of its definition, `ToolDeclaration`.
 */

/** What every tool has. */
interface Tool<Output> {
  /** Verb and noun, with underscores: what an experience's `action` and a language model call it by. */
  readonly name: string;
  /** One sentence; a trace carries it with each call. */
  readonly description: string;
  /** What it gives back; anything else fails the call, and keys that are not declared are not kept. */
  readonly output: z.ZodType<Output>;
}

interface WithInput<Input> {
  /** What it takes. A call with another input fails and runs nothing; `check` reports it before that. */
  readonly input: z.ZodType<Input>;
}

interface WithTimeLimit {
  /** Milliseconds after which a call counts as unanswered; 15,000 where the definition does not say. */
  readonly timeoutMs: number;
}

/** Looks something up. It runs in place; calling it again changes nothing. */
export interface ReadTool<Input = never, Output = unknown, Deps = never>
  extends Tool<Output>,
    WithInput<Input>,
    WithTimeLimit,
    Pick<ToolDeclaration, "asks"> {
  readonly effect: "read";
  run(input: Input, deps: Deps): Promise<Output>;
}

/**
 * Acts outside. Every call has a row, found by its key, and travels in a job; a call whose row says that it is done is not done
 * again.
 */
export interface WriteTool<Input = never, Output = unknown, Deps = never>
  extends Tool<Output>,
    WithInput<Input>,
    WithTimeLimit,
    ToolDeclaration {
  readonly effect: "write";
  /**
   * What makes two calls of this tool the same call, for whichever customer they are made: while a call with this key runs, or
   * has done what it does, no other one runs, and later ones get its outcome. Return `call.key` where each call stands alone.
   */
  idempotencyKey(input: Input, call: CallIdentity): string;
  run(input: Input, deps: Deps): Promise<Output>;
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
export interface RecordTool<Input = never, Output = unknown> extends Tool<Output>, WithInput<Input>, ToolDeclaration {
  readonly effect: "record";
  apply(input: Input, context: RecordContext): { readonly changes: readonly Change[]; readonly output: Output };
}

/**
 * Sends a message to the provider of its channel. Its input is built from a delivery, whose text and address are settled, and the
 * delivery is its row: it is claimed before the call. So neither an experience nor an agent's input can name it.
 */
export interface SendTool<Message = never, Output = unknown, Deps = never> extends Tool<Output>, WithTimeLimit {
  readonly effect: "send";
  run(message: Message, deps: Deps): Promise<Output>;
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

/** What a record tool sees; all of it is fixed for the call, so that a retry gives the same changes. */
export interface RecordContext {
  readonly customer: Customer;
  readonly golden: GoldenRecord;
  readonly now: Instant;
  /** The ceilings of the workspace; empty where it has none. */
  readonly ceilings: Ceilings;
  /** Order of arrival of the last thing that is known: what the tool says is as new. */
  readonly seq: number;
  /** The call's idempotency key: ids are made from it, so that the same call makes the same ids. */
  readonly key: string;
}

/** A tool among others: what it takes only its own schema knows, and what its kind cannot declare reads as left out. */
export type AnyTool =
  | (Omit<ReadTool, "run" | "input" | "output"> & Erased & ErasedRun)
  | (Omit<WriteTool, "run" | "input" | "output" | "idempotencyKey"> &
      Erased &
      ErasedRun & { idempotencyKey(input: never, call: CallIdentity): string })
  | (Omit<RecordTool, "apply" | "input" | "output"> &
      Erased & { apply(input: never, context: RecordContext): { changes: readonly Change[]; output: unknown } })
  | (Omit<SendTool, "run" | "output"> & ToolDeclaration & Pick<Erased, "output"> & ErasedRun);

interface Erased extends ToolDeclaration {
  readonly input: z.ZodType;
  readonly output: z.ZodType;
}

interface ErasedRun {
  run(input: never, deps: never): Promise<unknown>;
}

/**
 * Defines a tool. A tool with `effect: "write"` does not compile without an `idempotencyKey`.
 *
 * @example
 * export const getOrder = defineTool({
 *   name: "get_order", description: "Look up an order.", effect: "read",
 *   input: z.strictObject({ orderId: z.string() }), output: z.object({ total: z.number() }),
 *   run: async ({ orderId }) => orders.get(orderId),
 * });
 */
export function defineTool<Input, Output, Deps>(tool: Short<ReadTool<Input, Output, Deps>>): ReadTool<Input, Output, Deps>;
export function defineTool<Input, Output>(tool: RecordTool<Input, Output>): RecordTool<Input, Output>;
export function defineTool<Message, Output, Deps>(tool: Short<SendTool<Message, Output, Deps>>): SendTool<Message, Output, Deps>;
// The last one: what is missing from it is what the compiler names.
export function defineTool<Input, Output, Deps>(tool: Short<WriteTool<Input, Output, Deps>>): WriteTool<Input, Output, Deps>;
export function defineTool(tool: { readonly effect: string }): object {
  return tool.effect === "record" ? tool : { timeoutMs: TIMEOUT_MS, ...tool };
}

type Short<T extends WithTimeLimit> = Omit<T, "timeoutMs"> & Partial<Pick<T, "timeoutMs">>;

const TIMEOUT_MS = 15_000;
