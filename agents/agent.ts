import type { Pause } from "../domain/deciding/pause.ts";
import type { CallResult } from "../domain/entities/call-outcome.ts";
import type { Change } from "../domain/entities/change.ts";
import type { Customer } from "../domain/entities/customer.ts";
import type { Answer } from "../domain/entities/model-answer.ts";
import type { Policy, TextVectors } from "../domain/entities/policy.ts";
import type { IdentityClaim } from "../domain/entities/signal.ts";
import type { ToolDeclaration } from "../domain/entities/tool-declaration.ts";
import type { CommonHabit } from "../domain/learning/common-habit.ts";
import type { Learned } from "../domain/learning/learning.ts";
import type { RefusalsOf } from "../domain/record/address-refusals.ts";
import type { Json, JsonObject } from "../domain/values/json.ts";
import type { Instant } from "../domain/values/time.ts";
import type { Prompt } from "../prompts/prompt.ts";
import type { AnyTool, ReadTool, RecordContext } from "../tools/tool.ts";
import type { KnownThen } from "./known-then.ts";
import type { Batch, OpenDelivery, Step, WakeRun } from "./wake-run.ts";

/** What an agent can read. It reasons over runs; everything else goes through tools. */
export interface AgentContext {
  readonly policy: Policy;
  /** The policy as it holds for one customer at a time, canaries included. */
  policyFor(customerId: string, at: Instant): Policy;
  /** What an experience has learned on a channel from its outcomes. */
  learnedBy(arm: string): Learned | undefined;
  /** The hours at which everyone takes a channel up. */
  habitOn(channel: string): CommonHabit | undefined;
  /** Operators' pauses. */
  readonly pauses: readonly Pause[];
  /** Slots used by experiences with a total limit. */
  readonly totals: ReadonlyMap<string, number>;
  /** Whether a human is handling what a customer wrote. */
  isTakenOver(customerId: string): boolean;
  /** Whether an identity already belongs to another customer. */
  isTaken(identity: IdentityClaim, customerId: string): boolean;
  /** Whether this source is trusted to merge two customers. */
  mayMerge(source: string): boolean;
  /** Opt-outs bound to an address, for any customer that has it. */
  readonly refusalsOf: RefusalsOf;
  /** Whether an address belongs to an erased customer. */
  isErased(address: IdentityClaim): boolean;
  /** Set where a wake is considered again: what it knew, from the records of that time. */
  readonly knownThen?: KnownThen;
  /** The language model, where one is configured. */
  readonly model?: LanguageModel;
  /** The embeddings model, where one is configured. */
  readonly embeddings?: Embeddings;
  /** Whether nothing leaves this machine, so that answers are recorded only. */
  readonly isRecordedOnly?: boolean;
  /**
   * The changes and the output of a tool that changes the record alone, for the transaction of an answer; why it fails, where the
   * tool refuses or is another one.
   */
  applyAction(
    tool: string,
    input: JsonObject,
    context: RecordContext,
  ): { readonly changes: readonly Change[]; readonly action: JsonObject } | { readonly failed: string };
  /** Calls a read-only tool in place; input and output are checked, and the call is part of the trace. */
  call<Input, Output>(tool: ReadTool<Input, Output, never>, input: Input): Promise<Output>;
}

/** A language model as agents see it. It may only narrow what rules allow and word what they decide. */
export interface LanguageModel {
  readonly name: string;
  /**
   * Asks a question on behalf of a run; the steps record its cost and result. A failure of the model is an answer, not an
   * exception.
   */
  ask<Variables, Value>(prompt: Prompt<Variables, Value>, variables: Variables, asker: Asker): Promise<Answer<Value>>;
  /** Conclusions from earlier answers, cached for the lifetime of the process. */
  readonly memory: Memory;
}

/** An embeddings model as agents see it: what texts mean, as vectors beside their words. */
export interface Embeddings {
  readonly name: string;
  /** Vectors of texts on behalf of a run, whose steps record cost and result; undefined where they are not to be had. */
  vectorsFor(
    wanted: { readonly learned: readonly string[]; readonly parts: readonly string[] },
    asker: Asker,
  ): Promise<TextVectors | undefined>;
}

export interface Memory {
  get(key: string): Json | undefined;
  set(key: string, value: Json): void;
}

/** The agent and the run that ask, and the steps in which the question is recorded. */
export interface Asker {
  readonly agent: string;
  readonly runId: string;
  readonly steps: Step[];
}

/** Side effects that an agent delegates: writing to the record, and calling tools that act. */
export interface ExecutorContext extends AgentContext {
  /** Writes the runs to the record, with the slots they take; returns the runs that were written. */
  commit(runs: readonly WakeRun[]): Promise<readonly WakeRun[]>;
  /** Calls tools with side effects, as one job on the queue; each call has its own row, time limit and retries. */
  dispatch(calls: readonly ToolCall[]): Promise<readonly CallResult[]>;
  /** Whether an outside tool is only recorded in this run, so that it has no output. */
  isOnlyRecorded(tool: string): boolean;
  /** Adds steps to runs that are already written. */
  noteSteps(steps: readonly { readonly runId: string; readonly step: Step }[]): Promise<void>;
  /** Stores the texts of deliveries. */
  keepContents(contents: readonly { deliveryId: string; content: JsonObject }[]): Promise<void>;
  /** What answering a customer's messages needs in addition. */
  readonly conversations: ConversationContext;
  /** Cancels deliveries that can no longer go out, each with its reason. */
  stopDeliveries(deliveries: readonly OpenDelivery[]): Promise<void>;
}

export interface ToolCall {
  readonly tool: string;
  readonly key: string;
  readonly input: JsonObject;
  readonly delivery: OpenDelivery;
}

/** What a conversation may do beyond what every executor may. */
export interface ConversationContext {
  /** The messages between a customer and us up to a sequence number of the record, oldest first. */
  linesOf(customerId: string, upTo: number): Promise<readonly KnownLine[]>;
  customerAt(customerId: string, at: Instant): Promise<Customer | undefined>;
  /** Whether a human is handling the customer's messages, read fresh: it may have changed since the batch was loaded. */
  isTakenOver(customerId: string): Promise<boolean>;
  /** What a tool declares about its use, by its name; undefined for an unknown tool. */
  toolNamed(name: string): (ToolDeclaration & Pick<AnyTool, "effect">) | undefined;
  /** Calls a read-only tool in place, within its time limit. Never rejects. */
  lookUp(call: ToolCall): Promise<CallResult>;
  /** The key of the latest call since `since` whose key starts with one of these prefixes, one for each of the customer's ids. */
  lastCall(customerId: string, since: Instant, beginning: (id: string) => string): Promise<string | undefined>;
  /** Changes the customer's record, at the time of the delivery. */
  change(delivery: OpenDelivery, changesFor: (customer: Customer) => readonly Change[]): Promise<void>;
  /** Marks the delivery as no answer: it does not keep the promise of a reply. */
  keepOpen(deliveryId: string): Promise<void>;
  /** Stores what conversations added to their deliveries. */
  keepActions(actions: readonly { deliveryId: string; action: JsonObject }[]): Promise<void>;
}

/** One message between a customer and us, with its references. */
export interface KnownLine {
  readonly by: "customer" | "us";
  readonly text: string;
  readonly channel: string;
  /** Of a customer's message: the reference under which a promise is owed. */
  readonly key?: string;
  /** Of an answer: its delivery, and what the conversation stored with it. */
  readonly deliveryId?: string;
  readonly result?: Json;
}

/** One step of an agent: goes through the batch and records its findings and effects there. */
export type AgentStep<Context extends AgentContext = AgentContext> = (batch: Batch, context: Context) => Promise<void>;

/**
 * One of the roles that work on runs. All of them reason locally with rules and statistics; a language model may only narrow
 * what these allow.
 */
export interface Agent<Steps extends AgentSteps = AgentSteps> {
  readonly name: string;
  /** One sentence; the trace shows it with each step. */
  readonly purpose: string;
  /**
   * Tools it may call, by name; calling another one throws and calls nothing. `*`: the tools that the delivery's experience
   * names, as its action or for its conversation.
   */
  readonly tools: readonly string[];
  /** Its step at each graph node of the same name. */
  readonly steps: Steps;
}

/** Steps on a batch (`AgentStep`), or on one turn of a conversation (`TurnStep`). */
type AgentSteps<Work = never> = Readonly<Record<string, (work: Work, context: never) => Promise<unknown>>>;

/**
 * Defines an agent.
 *
 * @example
 * export const greeter = defineAgent({
 *   name: "greeter", purpose: "Greets every customer by the workspace's name.", tools: [],
 *   steps: { greet: async ({ runs }, { policy }) => { for (const one of runs.values()) one.steps.push({ agent: "greeter", ms: 0, says: policy.name }); } },
 * });
 */
export function defineAgent<Steps extends AgentSteps<Batch>>(agent: Agent<Steps>): Agent<Steps>;
export function defineAgent<Steps extends AgentSteps>(agent: Agent<Steps>): Agent<Steps>;
export function defineAgent(agent: Agent): Agent {
  return agent;
}
