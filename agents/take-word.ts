import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { AIMessage, createAgent, createMiddleware, HumanMessage } from "langchain";
import { SentientError } from "../domain/errors.ts";
import { isObject, type Json, type JsonObject } from "../domain/values/json.ts";
import { converse, type TurnToTake } from "../prompts/converse.ts";
import { asLangChainTool, inputOf } from "../tools/as-langchain.ts";
import type { LanguageModel } from "./agent.ts";
import type { Turn, TurnContext } from "./turn.ts";
import { callFor } from "./use-tool.ts";

/** A turn with a language model. */
export type TalkContext = TurnContext & { readonly model: LanguageModel };

/**
 * The assistant's part of a turn: LangChain's agent alternates between the model and the tools, within limits. Any failure ends
 * in a hand-off, never in an error. Returns the proposed answer.
 */
export async function takeWord(turn: Turn, context: TalkContext): Promise<string> {
  const model = new OurModel(turn, context);
  const tools = model.offered.map(({ name, about, asks }) =>
    asLangChainTool({
      ...{ name, description: about, asks, isLast: name === HAND_OVER },
      run: (input) => (name === HAND_OVER ? handOff(turn, input) : useTool(turn, name, input, context)),
    }),
  );
  try {
    const agent = createAgent({ model, tools, middleware: [limits(turn)] });
    const { messages } = await agent.invoke({ messages: [new HumanMessage("Answer.")] }, { recursionLimit: 50 });
    const last = messages.at(-1);
    return AIMessage.isInstance(last) && typeof last.content === "string" ? last.content : "";
  } catch (error) {
    // A replay with a missing answer proves nothing: that must surface as an error, not as a hand-off.
    if (model.gap) throw model.gap;
    turn.handOff ??= { why: `the assistant gave no answer (${error instanceof Error ? error.name : "an error"})` };
    return "";
  }
}

// --- internal ---

const AGENT = "conversationalist";
const HAND_OVER = "hand_over";
const MAX_QUESTIONS = 6;
const MAX_CALLS = 5;

type Offered = TurnToTake["tools"][number];

const HANDING_OFF: Offered = {
  name: HAND_OVER,
  about: "Leaves the conversation to a human.",
  asks: { summary: "what the customer wants and what has been done" },
};

/** Our language model behind the interface of LangChain's agent. */
class OurModel extends BaseChatModel {
  readonly offered: readonly Offered[];
  private readonly turn: Turn;
  private readonly context: TalkContext;
  /** Set once a replay has no answer. */
  gap: SentientError | undefined;
  private calls = 0;

  constructor(turn: Turn, context: TalkContext) {
    super({ cache: false });
    this.turn = turn;
    this.context = context;
    const own = turn.conversation.tools.map(({ name, about, asks }) => ({ name, about: about ?? name.replaceAll("_", " "), asks }));
    // A second attempt only rewords: completed actions stay done.
    this.offered = turn.tries > 1 ? [] : [...own, HANDING_OFF];
  }

  _llmType(): string {
    return "sentient";
  }

  /** Tools are part of the prompt, for every endpoint alike. */
  override bindTools(): this {
    return this;
  }

  async _generate(): Promise<{ generations: { text: string; message: AIMessage }[] }> {
    const { turn, context } = this;
    if (turn.isSilent || turn.handOff) throw new Error("the turn has ended");
    const { runId } = turn.delivery;
    const asker = { agent: AGENT, runId, steps: turn.steps };
    const answer = await context.model.ask(converse, questionOf(turn, this.offered, context), asker).catch((error: unknown) => {
      if (error instanceof SentientError && error.code === "CALL_NOT_RECORDED") this.gap = error;
      throw error;
    });
    if (!answer.ok) throw this.failed(`the language model gave no answer (${answer.failure})`);
    const { calls, say } = answer.value;
    const toolCalls = calls.map(({ tool, input }) => {
      const args = Object.fromEntries(input.map(({ name, value }) => [name, value]));
      const offer = this.offered.find(({ name }) => name === tool);
      if (!offer || !inputOf(offer.asks).safeParse(args).success || Object.keys(args).length < input.length)
        throw this.failed("the language model called a tool that it does not have, or with invalid input");
      return { type: "tool_call" as const, id: `${tool}-${++this.calls}`, name: tool, args };
    });
    return { generations: [{ text: say, message: new AIMessage({ content: toolCalls.length > 0 ? "" : say, tool_calls: toolCalls }) }] };
  }

  private failed(why: string): Error {
    this.turn.handOff = { why };
    return new Error(why);
  }
}

/** A turn that loops ends with a human. */
function limits(turn: Turn) {
  let questions = 0;
  let calls = 0;
  const stop = (): never => {
    turn.handOff ??= { why: "the assistant came to no end" };
    throw new Error(turn.handOff.why);
  };
  return createMiddleware({
    name: "limits",
    wrapModelCall: (request, ask) => (++questions > MAX_QUESTIONS ? stop() : ask(request)),
    wrapToolCall: (request, call) => (++calls > MAX_CALLS ? stop() : call(request)),
  });
}

async function handOff(turn: Turn, { summary = "" }: Readonly<Record<string, string>>): Promise<string> {
  turn.handOff = { why: "the assistant leaves it to a human", summary };
  return "";
}

/** The agent continues only while the turn is open. */
async function useTool(turn: Turn, tool: string, input: Readonly<Record<string, string>>, context: TurnContext): Promise<string> {
  const { status } = await callFor(turn, { tool, input }, context);
  if (turn.isSilent || turn.handOff) throw new Error("the turn has ended");
  return status;
}

function questionOf(turn: Turn, tools: readonly Offered[], { policy }: TurnContext): TurnToTake {
  const { conversation, delivery, before, messages, done, said, findings } = turn;
  const { voice, banned = [] } = policy.brand ?? {};
  const { customer } = delivery.frozen;
  return {
    brief: conversation.brief,
    brand: { name: policy.name, banned, ...(voice === undefined ? {} : { voice }) },
    tools,
    facts: isObject(customer) ? (customer as JsonObject) : {},
    before: before.map(({ by, text }) => ({ by, text })),
    messages,
    done: done.map(
      ({ tool, input, status, output }): Json => ({ tool, input: { ...input }, status, ...(output === undefined ? {} : { output }) }),
    ),
    ...(findings.length > 0 && said !== undefined ? { written: said } : {}),
    findings,
  };
}
