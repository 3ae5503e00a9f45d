import type { CallOutcome, LanguageModel } from "../agents/agent.ts";
import { type OpenDelivery, stop } from "../agents/case.ts";
import { render } from "../agents/content-generator.ts";
import type { Asked, Turn, TurnContext } from "../agents/turn.ts";
import { callTool, dispatchCalls } from "../delivery/call-tool.ts";
import { changeCustomer } from "../delivery/change-customer.ts";
import { type ToolDeps, timedOut } from "../delivery/tool-deps.ts";
import type { Change, NewTask } from "../domain/entities/change.ts";
import type { Customer } from "../domain/entities/customer.ts";
import { type ConversationTool, experienceOf } from "../domain/entities/policy.ts";
import { idFrom } from "../domain/entities/wake.ts";
import { REPLY } from "../domain/moments/promises.ts";
import { cut } from "../domain/values/cut.ts";
import { canonicalJson, isObject, type Json, type JsonObject } from "../domain/values/json.ts";
import { placeAt, splitPath } from "../domain/values/path.ts";
import { DAY } from "../domain/values/time.ts";
import { conversationGraph } from "../graphs/conversation.ts";
import { visibleText } from "../prompts/prompt.ts";
import type { KeptLine } from "../store/store.ts";

export interface ConverseDeps extends ToolDeps {
  /** Whether an operator has paused the assistant: then a human answers, or the text alone does, as without a model. */
  readonly isAssistantPaused: boolean;
}

/**
 * Lets an assistant answer the messages behind these deliveries, side by side; each then has its last text. Without a
 * model a human gets them, where the experience does not say that its text is the answer.
 */
export async function converse(deliveries: readonly OpenDelivery[], model: LanguageModel | undefined, deps: ConverseDeps): Promise<void> {
  if (deliveries.length === 0) return;
  const { store } = deps;
  const found = (await Promise.all(deliveries.map((one) => turnOf(one, deps)))).flatMap((turn) => (turn ? [turn] : []));
  // Without a model the text may be all that is wanted; what waits for the customer's word is done all the same.
  const speaks = deps.isAssistantPaused ? undefined : model;
  const turns = new Map(found.filter(([, { conversation, pending }]) => speaks || pending || conversation.without === "human"));
  const context = contextFor(speaks, deps);
  const graph = conversationGraph(async (step, id) => {
    const turn = turns.get(id);
    return turn ? step(turn, context) : "silent";
  });
  // Within the graph of the batch LangGraph 1.7.3 would let each of these listen to that graph's abort, which nobody uses; a
  // dozen conversations at a time then look like a leak to Node, and it says so.
  const apart = { configurable: { __pregel_abort_signals: {} } };
  await Promise.all([...turns.keys()].map((turn) => graph.invoke({ turn }, apart)));
  const all = [...turns.values()];
  await Promise.all(all.filter(({ isSilent }) => isSilent).map(({ delivery }) => withdraw(delivery, deps)));
  const ended = all.filter(({ delivery }) => isObject(delivery.action?.conversation));
  await store.addSteps(all.flatMap(({ delivery: { runId }, steps }) => steps.map((step) => ({ runId, step: step as unknown as Json }))));
  await store.deliveries.keepContents(ended.flatMap(({ delivery: { deliveryId, content } }) => (content ? [{ deliveryId, content }] : [])));
  // Written last: an answer that is begun and has no text yet is begun anew.
  await store.deliveries.keepActions(ended.map(({ delivery: { deliveryId, action = {} } }) => ({ deliveryId, action })));
}

// --- internal ---

async function turnOf(delivery: OpenDelivery, { store, policy }: ToolDeps): Promise<[string, Turn] | undefined> {
  const { deliveryId, customerId, channel, frozen, experienceId, at } = delivery;
  const conversation = experienceOf(policy, experienceId)?.converse;
  if (!conversation || !isObject(frozen.conversation)) return undefined;
  const lines = await store.conversations.lines({ customerId, upTo: Number(frozen.conversation.upTo) });
  const customer = (await store.customers.load([customerId], policy, at)).get(customerId);
  const owed = replyOwed(customer)?.openedBy ?? [];
  const isNew = ({ by, key }: KeptLine): boolean => by === "customer" && key !== undefined && owed.includes(key);
  const here = lines.filter((line) => line.channel === channel);
  const turns = here.flatMap(({ deliveryId: id, result }) =>
    id !== undefined && isTurn(result) ? [{ id, turn: result.conversation }] : [],
  );
  const proposed = proposalsIn(turns.at(-1)?.turn);
  const last = turns.at(-1);
  return [
    deliveryId,
    {
      delivery,
      conversation,
      before: lines.filter((line) => !isNew(line) && line.text !== "").map(({ by, text }) => ({ by, text })),
      messages: lines.filter(isNew).map(({ text }) => text),
      isFirst: !turns.some(({ turn }) => turn.ended === "answered"),
      ...(last && proposed.length > 0 ? { pending: { deliveryId: last.id, asked: proposed } } : {}),
      done: [],
      tries: 0,
      findings: [],
      steps: [],
    },
  ];
}

const replyOwed = (customer: Customer | undefined) => customer?.promises.find(({ name }) => name === REPLY);

const isTurn = (result: Json | undefined): result is { readonly conversation: JsonObject } =>
  isObject(result) && isObject(result.conversation);

/** What an answer of ours left to be confirmed, as it was written down. */
const proposalsIn = (turn: JsonObject | undefined): Asked[] => (Array.isArray(turn?.proposes) ? (turn.proposes as unknown as Asked[]) : []); // written by `answer` of the conversationalist

function contextFor(model: LanguageModel | undefined, deps: ConverseDeps): TurnContext {
  const { store, policy, tools } = deps;
  const onlyReads = ({ tool }: ConversationTool): boolean => tools.get(tool)?.effect === "read";
  return {
    policy,
    model,
    isPaused: deps.isAssistantPaused,
    onlyReads,
    isTakenOver: async (customerId) => (await store.conversations.takenOver([customerId])).has(customerId),
    async call({ delivery }, tool, asked, given) {
      const key = await keyFor(delivery, tool, asked, given, deps);
      const written = render(tool.fixed, delivery.frozen);
      if ("problem" in written) return { key, status: "failed", code: "CONTENT_REJECTED" };
      const input = { ...(written.fields.with as JsonObject) };
      for (const [path, value] of Object.entries(asked.input)) placeAt(input, splitPath(path), visibleText(value));
      if (onlyReads(tool)) return lookUp(tool.tool, input, key, deps);
      const [outcome] = await dispatchCalls([{ tool: tool.tool, key, input, delivery }], deps);
      return outcome ?? { key, status: "uncertain" };
    },
    handOver: (turn) => handOver(turn, deps),
  };
}

/** What is done once in a time for a customer is the same call all that time, in whatever turn and under whichever id it is asked for. */
async function keyFor(
  { customerId, experienceId, at }: OpenDelivery,
  { name, once }: ConversationTool,
  { input }: Asked,
  given: string,
  { store }: ToolDeps,
): Promise<string> {
  if (once === undefined) return given;
  const beginningFor = (id: string): string => `${idFrom("once", id, experienceId, name, canonicalJson({ ...input }))}:`;
  const beginnings = (await store.links.group(customerId)).map(beginningFor);
  return (await store.conversations.lastCall(beginnings, at - once)) ?? `${beginningFor(customerId)}${given}`;
}

/** A tool that only reads runs in place, as long as it takes; in a replay it is not called. */
async function lookUp(name: string, input: JsonObject, key: string, { tools, live, request, tracing }: ToolDeps): Promise<CallOutcome> {
  const tool = tools.get(name);
  if (tool?.effect !== "read") return { key, status: "failed", code: "BAD_CONFIG" };
  if (!live) return { key, status: "done", output: {} };
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), tool.timeoutMs);
  try {
    const given = { signal: abort.signal, idempotencyKey: key, request };
    const output = await Promise.race([callTool(tool as never, input, given, tracing), timedOut(abort.signal, name, tool.timeoutMs)]);
    return { key, status: "done", output: { result: output as Json } };
  } catch {
    return { key, status: "failed", code: "TOOL_FAILED" };
  } finally {
    clearTimeout(timer);
  }
}

/** What a human has taken over is not answered any more, also when she is done with it at once. */
async function withdraw(delivery: OpenDelivery, deps: ToolDeps): Promise<void> {
  const { deliveryId, customerId, at } = delivery;
  const reason = "human_takeover";
  stop(delivery, reason);
  await changeCustomer(customerId, deps, at, () => [{ type: "delivery_moved", deliveryId, to: "cancelled", reason, at }]);
}

/** A task with everything that is known, about the reply that is owed: it stays owed until a human has given it. */
async function handOver(turn: Turn, deps: ToolDeps): Promise<void> {
  const { deliveryId, customerId, at } = turn.delivery;
  await deps.store.conversations.keepOpen(deliveryId);
  await changeCustomer(customerId, deps, at, (customer) => [
    { type: "task_added", task: taskFor(turn, customer) },
    ...(mustOpenCase(turn) ? [caseFor(turn)] : []),
  ]);
}

/** A case that the assistant has opened in this turn is the one. */
const mustOpenCase = ({ conversation: { handOver: given, tools }, done }: Turn): boolean =>
  given.opensCase &&
  !done.some((one) => one.status === "done" && tools.some(({ name, tool }) => name === one.tool && tool === "open_case"));

function caseFor({ delivery: { deliveryId, at }, conversation, messages }: Turn): Change {
  const { queue } = conversation.handOver;
  const subject = cut(oneLine(messages.at(-1) ?? ""), 200);
  return {
    type: "case_opened",
    caseId: idFrom("c", "handover", deliveryId),
    at,
    data: { subject, ...(queue === undefined ? {} : { queue }) },
  };
}

function taskFor({ delivery, conversation, messages, before, done, handover }: Turn, customer: Customer): NewTask {
  const { deliveryId, channel, at } = delivery;
  const reply = replyOwed(customer);
  const why = handover?.why ?? "";
  // Her words stay between the quotation marks that are put around them.
  const said = cut(oneLine(messages.at(-1) ?? "").replaceAll('"', "'"), 200);
  return {
    taskId: idFrom("t", "handover", deliveryId),
    queue: conversation.handOver.queue ?? reply?.owner ?? "service",
    summary: `answer ${customer.customerId} on ${channel}: ${said === "" ? why : `"${said}"`}`,
    due: reply && reply.due > at ? reply.due : at + DAY,
    at,
    facts: {
      conversation: deliveryId,
      ...(reply ? { promise: reply.name } : {}),
      channel,
      why,
      ...(handover?.summary === undefined ? {} : { summary: oneLine(handover.summary) }),
      messages: messages.map(visibleText),
      before: before.slice(-10).map(({ by, text }) => ({ by, text: visibleText(text) })),
      done: done.map(({ tool, input, status }) => ({ tool, input: { ...input }, status })),
    },
    ...(reply ? { promiseId: reply.promiseId } : {}),
  };
}

const oneLine = (text: string): string => visibleText(text).replace(/\s+/g, " ").trim();
