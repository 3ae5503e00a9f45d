import type { Pause } from "../domain/deciding/pause.ts";
import type { Answer } from "../domain/entities/model-answer.ts";
import type { Policy } from "../domain/entities/policy.ts";
import type { IdentityClaim } from "../domain/entities/signal.ts";
import type { Learned } from "../domain/learning/learning.ts";
import type { RefusalsOf } from "../domain/record/address-refusals.ts";
import type { Json, JsonObject } from "../domain/values/json.ts";
import type { Prompt } from "../prompts/prompt.ts";
import type { ReadTool } from "../tools/tool.ts";
import type { Case, Docket, OpenDelivery, Step } from "./case.ts";

/** What an agent sees of the world. It reasons over cases; everything else it has to call a tool for. */
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

/** Who asks, and where it is noted. */
export interface Asker {
  readonly agent: string;
  readonly runId: string;
  readonly steps: Step[];
}

/** What an agent does not decide but has done: writing into the record, and calling tools with side effects. */
export interface ExecutorContext extends AgentContext {
  /** Writes the cases into the record, with the slots they take; gives back those that are written. */
  commit(cases: readonly Case[]): Promise<readonly Case[]>;
  /** Calls tools that do something, as one job on the queue; each call has its own row, time limit and retries. */
  dispatch(calls: readonly ToolCall[]): Promise<readonly CallOutcome[]>;
  /** Whether a tool acts outside and is only recorded in this run, so that nothing comes back from it. */
  isOnlyRecorded(tool: string): boolean;
  /** Notes what was done for runs that are written down already. */
  noteSteps(steps: readonly { readonly runId: string; readonly step: Step }[]): Promise<void>;
  /** Keeps the texts of deliveries with them. */
  keepContents(contents: readonly { deliveryId: string; content: JsonObject }[]): Promise<void>;
  /** Lets the assistant answer in place of the author's text, where one may; each delivery then has its last text. */
  converse(deliveries: readonly OpenDelivery[]): Promise<void>;
  /** Stops deliveries that can no longer go out, each with its reason. */
  stopDeliveries(deliveries: readonly OpenDelivery[]): Promise<void>;
}

export interface ToolCall {
  readonly tool: string;
  readonly key: string;
  readonly input: JsonObject;
  readonly delivery: OpenDelivery;
}

export interface CallOutcome {
  readonly key: string;
  readonly status: "done" | "failed" | "uncertain" | "cancelled" | "waiting";
  readonly code?: string | undefined;
  readonly message?: string | undefined;
  readonly output?: JsonObject | undefined;
}

/** One piece of an agent's work: looks through the docket and notes on it what it found out or did. */
export type AgentStep<Context extends AgentContext = AgentContext> = (docket: Docket, context: Context) => Promise<void>;

/**
 * One of the roles that work on cases. All four reason locally with rules and statistics; where a language model joins
 * one, it may only narrow what these allow.
 */
export interface Agent<Steps extends Readonly<Record<string, AgentStep<never>>> = Readonly<Record<string, AgentStep<never>>>> {
  readonly name: string;
  readonly purpose: string;
  /** Tools it may call, by name; calling another one throws. `*`: whatever the experience names as its action. */
  readonly tools: readonly string[];
  /** What it does at each node of the graph that bears the same name. */
  readonly steps: Steps;
}

/**
 * Defines an agent.
 *
 * @example
 * export const greeter = defineAgent({
 *   name: "greeter", purpose: "Greets every customer by the workspace's name.", tools: [],
 *   steps: { greet: async ({ cases }, { policy }) => { for (const one of cases.values()) one.steps.push({ agent: "greeter", ms: 0, says: policy.name }); } },
 * });
 */
export const defineAgent = <Steps extends Readonly<Record<string, AgentStep<never>>>>(agent: Agent<Steps>): Agent<Steps> => agent;
