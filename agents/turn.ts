import { CONVERSES, isAgentPaused } from "../domain/deciding/pause.ts";
import type { CallOutcome } from "../domain/entities/call-outcome.ts";
import type { Conversation, Policy } from "../domain/entities/policy.ts";
import type { Json } from "../domain/values/json.ts";
import type { ConversationContext, ExecutorContext, LanguageModel } from "./agent.ts";
import type { OpenDelivery, Step } from "./wake-run.ts";

export interface Line {
  readonly by: "customer" | "us";
  readonly text: string;
}

/** A tool with the arguments from the customer. */
export interface Asked {
  readonly tool: string;
  readonly input: Readonly<Record<string, string>>;
}

/** The customer must confirm a tool that the assistant requested first. */
export const WAITS = "waits for the customer's word";

/** The result of a requested tool. */
export interface Done extends Asked {
  readonly status: CallOutcome["status"] | "refused" | typeof WAITS;
  readonly output?: Json;
}

/** One answer to everything a customer has written since the last one, on its way through the conversation. */
export interface Turn {
  readonly delivery: OpenDelivery;
  readonly conversation: Conversation;
  /** The earlier messages, and the messages to answer. */
  readonly before: readonly Line[];
  readonly messages: readonly string[];
  /** Whether this is the assistant's first contact with the customer on this channel. */
  readonly isFirst: boolean;
  /** The action that the last answer left for confirmation. */
  readonly pending?: { readonly deliveryId: string; readonly asked: readonly Asked[] };
  readonly done: Done[];
  said?: string;
  tries: number;
  findings: readonly string[];
  /** The reason for a hand-off to a human, once there is one, and the assistant's summary for that human. */
  handOff?: { readonly why: string; readonly summary?: string };
  /** A human has taken over: nothing more is said or done. */
  isSilent?: boolean;
  readonly steps: Step[];
}

/** Dependencies of the steps of a turn. */
export interface TurnContext extends ConversationContext, Pick<ExecutorContext, "dispatch" | "policyFor"> {
  readonly policy: Policy;
  /** Undefined without a model: confirmed actions are still done, and a human writes the answer. */
  readonly model?: LanguageModel | undefined;
  /** Whether an operator has paused the assistant: it then confirms and says nothing. */
  readonly isPaused: boolean;
}

/** The context of turns: a paused assistant has no model, so a human answers, or the author's text alone does. */
export function turnContext({ policy, policyFor, pauses, model, dispatch, conversations }: ExecutorContext): TurnContext {
  const isPaused = isAgentPaused(pauses, CONVERSES);
  return { ...conversations, policy, policyFor, dispatch, isPaused, model: isPaused ? undefined : model };
}

/** The next node of the conversation. */
export type TurnEnd = "on" | "revise" | "hand_off" | "silent";

export type TurnStep = (turn: Turn, context: TurnContext) => Promise<TurnEnd>;
