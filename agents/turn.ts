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

/** A tool with what the customer said for it. */
export interface Asked {
  readonly tool: string;
  readonly input: Readonly<Record<string, string>>;
}

/** A tool that the assistant asked for has to be confirmed by the customer first. */
export const WAITS = "waits for the customer's word";

/** What came of a tool that was asked for. */
export interface Done extends Asked {
  readonly status: CallOutcome["status"] | "refused" | typeof WAITS;
  readonly output?: Json;
}

/** One answer to all that a customer has written since the last one, on its way through the conversation. */
export interface Turn {
  readonly delivery: OpenDelivery;
  readonly conversation: Conversation;
  /** What was said before, and what is to be answered. */
  readonly before: readonly Line[];
  readonly messages: readonly string[];
  /** Whether no assistant has spoken to the customer on this channel. */
  readonly isFirst: boolean;
  /** What the last answer left for the customer to confirm. */
  readonly pending?: { readonly deliveryId: string; readonly asked: readonly Asked[] };
  readonly done: Done[];
  said?: string;
  tries: number;
  findings: readonly string[];
  /** Why it is handed off to a human, once it is, and the assistant's summary for that human. */
  handOff?: { readonly why: string; readonly summary?: string };
  /** A human has taken over: nothing more is said or done. */
  isSilent?: boolean;
  readonly steps: Step[];
}

/** What the steps of a turn may use. */
export interface TurnContext extends ConversationContext, Pick<ExecutorContext, "dispatch"> {
  readonly policy: Policy;
  /** Missing where there is none: what is confirmed is done all the same, and a human finds the words. */
  readonly model?: LanguageModel | undefined;
  /** Whether an operator has paused the assistant: then nothing is confirmed or said by it. */
  readonly isPaused: boolean;
}

/** The context of turns: a paused assistant has no model, so a human answers, or the text alone does. */
export function turnContext({ policy, pauses, model, dispatch, conversations }: ExecutorContext): TurnContext {
  const isPaused = isAgentPaused(pauses, CONVERSES);
  return { ...conversations, policy, dispatch, isPaused, model: isPaused ? undefined : model };
}

/** Where the conversation goes on. */
export type TurnEnd = "on" | "revise" | "hand_off" | "silent";

export type TurnStep = (turn: Turn, context: TurnContext) => Promise<TurnEnd>;
