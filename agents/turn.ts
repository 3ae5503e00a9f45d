import type { Conversation, ConversationTool, Policy } from "../domain/entities/policy.ts";
import type { Json } from "../domain/values/json.ts";
import type { CallOutcome, LanguageModel } from "./agent.ts";
import type { OpenDelivery, Step } from "./case.ts";

export interface Line {
  readonly by: "customer" | "us";
  readonly text: string;
}

/** A tool with what the customer said for it. */
export interface Asked {
  readonly tool: string;
  readonly input: Readonly<Record<string, string>>;
}

/** What came of a tool that was asked for. */
export interface Done extends Asked {
  readonly status: CallOutcome["status"] | "refused" | "waits for the customer's word";
  readonly output?: Json;
}

/** One answer to all that a customer has written since the last one, on its way through the conversation. */
export interface Turn {
  readonly delivery: OpenDelivery;
  readonly conversation: Conversation;
  /** What was said before, and what is to be answered. */
  readonly before: readonly Line[];
  readonly messages: readonly string[];
  /** Whether no assistant has spoken to her on this channel. */
  readonly isFirst: boolean;
  /** What the last answer left for her to confirm. */
  readonly pending?: { readonly deliveryId: string; readonly asked: readonly Asked[] };
  readonly done: Done[];
  said?: string;
  tries: number;
  findings: readonly string[];
  /** Why it is left to a human, once it is; and what the assistant wants her to know. */
  handover?: { readonly why: string; readonly summary?: string };
  /** A human has the word. */
  isSilent?: boolean;
  readonly steps: Step[];
}

export interface TurnContext {
  readonly policy: Policy;
  /** Missing where there is none: what is confirmed is done all the same, and a human finds the words. */
  readonly model?: LanguageModel | undefined;
  /** Whether an operator has paused the assistant: then nothing is confirmed or said by it. */
  readonly isPaused: boolean;
  isTakenOver(customerId: string): Promise<boolean>;
  /** Whether the tool only looks something up. */
  onlyReads(tool: ConversationTool): boolean;
  /** Calls a tool with what the author fixed and the customer said. The same key is the same call. */
  call(turn: Turn, tool: ConversationTool, asked: Asked, key: string): Promise<CallOutcome>;
  /** Leaves it to a human: a task with all that is known. */
  handOver(turn: Turn): Promise<void>;
}

/** Where the conversation goes on. */
export type TurnEnd = "on" | "revise" | "hand_over" | "silent";

export type TurnStep = (turn: Turn, context: TurnContext) => Promise<TurnEnd>;
