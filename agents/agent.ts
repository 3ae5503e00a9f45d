import type { Pause } from "../domain/deciding/pause.ts";
import type { CallResult } from "../domain/entities/call-outcome.ts";
import type { Change } from "../domain/entities/change.ts";
import type { Customer } from "../domain/entities/customer.ts";
import type { Answer } from "../domain/entities/model-answer.ts";
import type { Policy } from "../domain/entities/policy.ts";
import type { IdentityClaim } from "../domain/entities/signal.ts";
import type { ToolDeclaration } from "../domain/entities/tool-declaration.ts";
import type { Learned } from "../domain/learning/learning.ts";
import type { RefusalsOf } from "../domain/record/address-refusals.ts";
import type { Json, JsonObject } from "../domain/values/json.ts";
import type { Instant } from "../domain/values/time.ts";
import type { Prompt } from "../prompts/prompt.ts";
import type { AnyTool, ReadTool } from "../tools/tool.ts";
import type { Batch, OpenDelivery, Step, WakeRun } from "./wake-run.ts";

/** What an agent sees of the world. It reasons over runs; everything else it has to call a tool for. */
export interface AgentContext {
  readonly policy: Policy;
  /** What an experience on a channel has learned from its outcomes. */
  learnedBy(arm: string): Learned | undefined;
  /** What operators have stopped by hand. */
  readonly pauses: readonly Pause[];
  /** Slots that experiences with a limit in total have used. */
  readonly totals: ReadonlyMap<string, number>;
  /** Whether a human is at work on what a customer wrote. */
  isTakenOver(customerId: string): boolean;
  /** Whether an identity already finds another customer. */
  isTaken(identity: IdentityClaim, customerId: string): boolean;
  /** Whether it is believed when this source says that one customer has disappeared into another. */
  mayMerge(source: string): boolean;
  /** What was said from an address, for whoever has it. */
  readonly refusalsOf: RefusalsOf;
  /** Whether an address belongs to somebody who was erased. */
  isErased(address: IdentityClaim): boolean;
  /** The language model, where there is one. */
  readonly model?: LanguageModel;
  /** Calls a tool that only reads, in place: input and output are checked, and the call is part of the trace. */
  call<Input, Output>(tool: ReadTool<Input, Output, never>, input: Input): Promise<Output>;
}

/** A language model as agents see it. It may narrow what rules allow and word what they decide; nothing else. */
export interface LanguageModel {
  readonly name: string;
  /** Puts a question on a run's account; the steps tell what it cost and what came of it. Never throws for the model's sake. */
  ask<Variables, Value>(prompt: Prompt<Variables, Value>, variables: Variables, asker: Asker): Promise<Answer<Value>>;
  /** What was concluded from earlier answers, for as long as this process runs. */
  readonly memory: Memory;
}

export interface Memory {
  get(key: string): Json | undefined;
  set(key: string, value: Json): void;
}

/** The agent and the run that ask, and where it is noted. */
export interface Asker {
  readonly agent: string;
  readonly runId: string;
  readonly steps: Step[];
}

/** What an agent does not decide but has done: writing into the record, and calling tools with side effects. */
export interface ExecutorContext extends AgentContext {
  /** Writes the runs into the record, with the slots they take; gives back those that are written. */
  commit(runs: readonly WakeRun[]): Promise<readonly WakeRun[]>;
  /** Calls tools that do something, as one job on the queue; each call has its own row, time limit and retries. */
  dispatch(calls: readonly ToolCall[]): Promise<readonly CallResult[]>;
  /** Whether a tool acts outside and is only recorded in this run, so that nothing comes back from it. */
  isOnlyRecorded(tool: string): boolean;
  /** Notes what was done for runs that are written down already. */
  noteSteps(steps: readonly { readonly runId: string; readonly step: Step }[]): Promise<void>;
  /** Keeps the texts of deliveries with them. */
  keepContents(contents: readonly { deliveryId: string; content: JsonObject }[]): Promise<void>;
  /** What answering a customer's messages needs besides. */
  readonly conversations: ConversationContext;
  /** Stops deliveries that can no longer go out, each with its reason. */
  stopDeliveries(deliveries: readonly OpenDelivery[]): Promise<void>;
}

export interface ToolCall {
  readonly tool: string;
  readonly key: string;
  readonly input: JsonObject;
  readonly delivery: OpenDelivery;
}

/** What a conversation may do in the world beside what every executor may. */
export interface ConversationContext {
  /** What was said by and to a customer up to a place in her record, oldest first. */
  linesOf(customerId: string, upTo: number): Promise<readonly KnownLine[]>;
  customerAt(customerId: string, at: Instant): Promise<Customer | undefined>;
  /** Whether a human is at work on what she wrote, as of now: it may have changed since the batch was loaded. */
  isTakenOver(customerId: string): Promise<boolean>;
  /** What a tool declares about its use, by its name; missing where it is not known. */
  toolNamed(name: string): (ToolDeclaration & Pick<AnyTool, "effect">) | undefined;
  /** Calls a tool that only reads, in place and within its time limit. Never rejects. */
  lookUp(call: ToolCall): Promise<CallResult>;
  /** The key of the latest call since then whose key has one of these beginnings, by the customer's ids. */
  lastCall(customerId: string, since: Instant, beginning: (id: string) => string): Promise<string | undefined>;
  /** Changes the customer's record, as of the delivery. */
  change(delivery: OpenDelivery, changesFor: (customer: Customer) => readonly Change[]): Promise<void>;
  /** The delivery is no answer after all: it keeps no promise. */
  keepOpen(deliveryId: string): Promise<void>;
  /** Keeps what conversations gave with their deliveries. */
  keepActions(actions: readonly { deliveryId: string; action: JsonObject }[]): Promise<void>;
}

/** One thing that was said between a customer and us, with what it belongs to. */
export interface KnownLine {
  readonly by: "customer" | "us";
  readonly text: string;
  readonly channel: string;
  /** Of a customer's message: what a promise calls it. */
  readonly key?: string;
  /** Of an answer: its delivery, and what the conversation gave it. */
  readonly deliveryId?: string;
  readonly result?: Json;
}

/** One piece of an agent's work: looks through the batch and notes on it what it found out or did. */
export type AgentStep<Context extends AgentContext = AgentContext> = (batch: Batch, context: Context) => Promise<void>;

/**
 * One of the roles that work on runs. All of them reason locally with rules and statistics; where a language model joins
 * one, it may only narrow what these allow.
 */
export interface Agent<Steps extends AgentSteps = AgentSteps> {
  readonly name: string;
  /** One sentence; a trace carries it with each step. */
  readonly purpose: string;
  /**
   * Tools it may call, by name; calling another one throws and calls nothing. `*`: the tools that the delivery's experience
   * names, as its action or for its conversation.
   */
  readonly tools: readonly string[];
  /** What it does at each node of a graph that bears the same name. */
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
