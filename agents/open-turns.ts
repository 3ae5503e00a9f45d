import type { Customer } from "../domain/entities/customer.ts";
import { type Conversation, makerOf } from "../domain/entities/policy.ts";
import { replyOwed } from "../domain/moments/promises.ts";
import { isObject, type Json, type JsonObject } from "../domain/values/json.ts";
import type { ExecutorContext, KnownLine } from "./agent.ts";
import type { Asked, Turn, TurnContext } from "./turn.ts";
import { type OpenDelivery, stop } from "./wake-run.ts";

/**
 * The turns of deliveries that answer messages, by delivery. Without a model the author's text may be the whole answer; an
 * action that awaits the customer's confirmation is still done.
 */
export async function openTurns(deliveries: readonly OpenDelivery[], context: TurnContext): Promise<ReadonlyMap<string, Turn>> {
  const found = await Promise.all(deliveries.map((delivery) => load(delivery, context)));
  const turns = found.flatMap((turn) => (turn ? [turn] : []));
  return new Map(
    turns
      .filter(({ conversation, pending }) => context.model || pending || conversation.without === "human")
      .map((turn) => [turn.delivery.deliveryId, turn]),
  );
}

/** The turn of one delivery, from the messages and the customer's record. */
export function openTurn(
  delivery: OpenDelivery,
  conversation: Conversation,
  lines: readonly KnownLine[],
  customer: Customer | undefined,
): Turn {
  const owed = replyOwed(customer)?.openedBy ?? [];
  const isNew = ({ by, key }: KnownLine): boolean => by === "customer" && key !== undefined && owed.includes(key);
  const answers = lines.filter(({ channel }) => channel === delivery.channel).flatMap(answerIn);
  const last = answers.at(-1);
  const proposed = proposalsIn(last?.conversation);
  return {
    delivery,
    conversation,
    before: lines.filter((line) => !isNew(line) && line.text !== "").map(({ by, text }) => ({ by, text })),
    messages: lines.filter(isNew).map(({ text }) => text),
    isFirst: !answers.some((answer) => answer.conversation.ended === "answered"),
    ...(last && proposed.length > 0 ? { pending: { deliveryId: last.deliveryId, asked: proposed } } : {}),
    done: [],
    tries: 0,
    findings: [],
    steps: [],
  };
}

/** Writes the results of the turns: steps, texts, and last that they are over. */
export async function closeTurns(
  turns: readonly Turn[],
  { noteSteps, keepContents, conversations }: Pick<ExecutorContext, "noteSteps" | "keepContents" | "conversations">,
): Promise<void> {
  await Promise.all(turns.filter(({ isSilent }) => isSilent).map(({ delivery }) => withdraw(delivery, conversations)));
  const ended = turns.filter(({ delivery }) => isObject(delivery.action?.conversation)).map(({ delivery }) => delivery);
  await noteSteps(turns.flatMap(({ delivery: { runId }, steps }) => steps.map((step) => ({ runId, step }))));
  await keepContents(ended.flatMap(({ deliveryId, content }) => (content ? [{ deliveryId, content }] : [])));
  // Written last: an answer that was begun and has no text yet is begun again.
  await conversations.keepActions(ended.map(({ deliveryId, action = {} }) => ({ deliveryId, action })));
}

// --- internal ---

async function load(delivery: OpenDelivery, { policyFor, linesOf, customerAt }: TurnContext): Promise<Turn | undefined> {
  const { customerId, frozen, at } = delivery;
  const conversation = makerOf(policyFor(customerId, at), delivery)?.converse;
  if (!conversation || !isObject(frozen.conversation)) return undefined;
  const lines = await linesOf(customerId, Number(frozen.conversation.upTo));
  return openTurn(delivery, conversation, lines, await customerAt(customerId, at));
}

/** An answer of a conversation among the lines, with what the conversation stored with it. */
const answerIn = ({ deliveryId, result }: KnownLine): { readonly deliveryId: string; readonly conversation: JsonObject }[] =>
  deliveryId !== undefined && isTurn(result) ? [{ deliveryId, conversation: result.conversation }] : [];

const isTurn = (result: Json | undefined): result is { readonly conversation: JsonObject } =>
  isObject(result) && isObject(result.conversation);

/** The action that our last answer left for confirmation, as stored. */
const proposalsIn = (turn: JsonObject | undefined): Asked[] => (Array.isArray(turn?.proposes) ? (turn.proposes as unknown as Asked[]) : []); // written by `answer` of the conversationalist

/** After a human has taken over nothing is answered, even when that human finishes at once. */
async function withdraw(delivery: OpenDelivery, { change }: ExecutorContext["conversations"]): Promise<void> {
  const { deliveryId, at } = delivery;
  const reason = "human_takeover";
  stop(delivery, reason);
  await change(delivery, () => [{ type: "delivery_moved", deliveryId, to: "cancelled", reason, at }]);
}
