import type { ConversationContext, LanguageModel, ToolCall } from "../../../agents/agent.ts";
import type { Asked, Line, Turn, TurnContext } from "../../../agents/turn.ts";
import type { OpenDelivery, Step } from "../../../agents/wake-run.ts";
import type { CallResult } from "../../../domain/entities/call-outcome.ts";
import { experienceOf, type Policy } from "../../../domain/entities/policy.ts";
import { isObject, type Json, type JsonObject } from "../../../domain/values/json.ts";
import { conversationGraph } from "../../../graphs/conversation.ts";
import { NOW } from "../../../testing/builders.ts";
import { isRead, type Session } from "./session.ts";

/** The state of a running conversation, for observers. */
export interface Talk {
  readonly session: Session;
  /** Messages of the customer and of the shop. */
  readonly written: string[];
  readonly said: string[];
  /** Tools called in the current turn, and their results. */
  turnCalls: string[];
  turnOutputs: string[];
  /** All tool results so far, as text. */
  outputs: string;
  /** Reason of the hand-off to a human, once there is one. */
  handedOver?: string;
  readonly steps: Step[];
}

export const openTalk = (session: Session): Talk => ({
  ...{ session, written: [], said: [], turnCalls: [], turnOutputs: [], outputs: "", steps: [] },
});

/** A party that writes and replies. */
export interface Writer {
  opening(): string;
  reply(shown: string): string | undefined;
}

/**
 * Runs a conversation between a customer and the assistant of a policy, through the production graph, until one has nothing more to say.
 */
export async function hold(talk: Talk, writer: Writer, policy: Policy, model: LanguageModel | undefined, runId: string): Promise<void> {
  const lines: Line[] = [];
  let pending: Turn["pending"];
  let message: string | undefined = writer.opening();
  for (let number = 1; message !== undefined && number <= MAX_TURNS; number++) {
    talk.written.push(message);
    Object.assign(talk, { turnCalls: [], turnOutputs: [] });
    const turn = turnOf({ runId, number, lines, message, pending, policy });
    await takeTurn(turn, talk, policy, model);
    const shown = String(turn.delivery.content?.text ?? "");
    talk.said.push(shown);
    talk.steps.push(...turn.steps);
    lines.push({ by: "customer", text: message }, { by: "us", text: shown });
    if (turn.handOff) {
      talk.handedOver = turn.handOff.why;
      return;
    }
    pending = pendingOf(turn);
    message = writer.reply(shown);
  }
}

// --- internal ---

const MAX_TURNS = 30;
const AUTHORS_TEXT = "Thank you. A colleague answers soon.";

interface Given {
  readonly runId: string;
  readonly number: number;
  readonly lines: readonly Line[];
  readonly message: string;
  readonly pending: Turn["pending"];
  readonly policy: Policy;
}

function turnOf({ runId, number, lines, message, pending, policy }: Given): Turn {
  const conversation = experienceOf(policy, "answer")?.converse;
  if (!conversation) throw new Error("the policy has no conversation");
  const deliveryId = `${runId}/${number}`;
  const delivery: OpenDelivery = {
    ...{ deliveryId, decisionId: deliveryId, customerId: "c-1", runId: deliveryId, experienceId: "answer", channel: "chat", at: NOW },
    ...{ frozen: { conversation: {}, customer: {} }, content: { text: AUTHORS_TEXT } },
  };
  return {
    ...{ delivery, conversation, before: [...lines], messages: [message], isFirst: number === 1, ...(pending ? { pending } : {}) },
    ...{ done: [], tries: 0, findings: [], steps: [] },
  };
}

async function takeTurn(turn: Turn, talk: Talk, policy: Policy, model: LanguageModel | undefined): Promise<void> {
  const context: TurnContext = {
    ...{ policy, model },
    policyFor: () => policy,
    isPaused: false,
    ...withoutRecord,
    toolNamed: (name) => ({ effect: isRead(name) ? "read" : "write" }),
    lookUp: async (asked) => call(asked),
    dispatch: async (calls) => calls.map(call),
  };
  const call = ({ tool, input, key }: ToolCall): CallResult => {
    const output = talk.session.call(tool, wordsIn(input), [...talk.written]) as { [name: string]: Json }; // plain data of the shop
    const text = JSON.stringify(output);
    talk.turnCalls.push(tool);
    talk.turnOutputs.push(text);
    talk.outputs += `\n${text}`;
    return { key, status: "done", output };
  };
  await conversationGraph((step) => step(turn, context)).invoke({ turn: turn.delivery.deliveryId });
}

/** These tools ask the customer for every input, and every input is text. */
const wordsIn = (input: JsonObject): Record<string, string> =>
  Object.fromEntries(Object.entries(input).map(([name, value]) => [name, String(value)]));

/** These conversations have no customer record, and their tools have no limits. */
const withoutRecord: Omit<ConversationContext, "toolNamed" | "lookUp"> = {
  linesOf: async () => [],
  customerAt: async () => undefined,
  isTakenOver: async () => false,
  lastCall: async () => undefined,
  change: async () => {},
  keepOpen: async () => {},
  keepActions: async () => {},
};

/** The proposal that awaits the customer's confirmation. */
function pendingOf({ delivery }: Turn): Turn["pending"] {
  const conversation = delivery.action?.conversation;
  if (!isObject(conversation) || !Array.isArray(conversation.proposes)) return undefined;
  return { deliveryId: delivery.deliveryId, asked: conversation.proposes as unknown as Asked[] }; // written by `answer` of the conversationalist
}
