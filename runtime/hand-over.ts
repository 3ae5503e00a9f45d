import type { CallOutcome } from "../agents/agent.ts";
import type { OutgoingMessage } from "../channels/channel.ts";
import { isNotTaken, saysAddressGone, saysOptedOut } from "../channels/taken.ts";
import type { NewTask } from "../domain/change.ts";
import { SentientError } from "../domain/errors.ts";
import type { JsonObject } from "../domain/json.ts";
import type { ChannelRule } from "../domain/policy.ts";
import { promisesAfterSending } from "../domain/promises.ts";
import { DAY, type Instant, parseDuration } from "../domain/time.ts";
import type { Span, TraceParent } from "../domain/trace.ts";
import { idFrom } from "../domain/wake.ts";
import type { KeptDelivery, PromisesDue, Refusal, Settled, Taken } from "../store/store.ts";
import { sendMessage } from "../tools/send-message.ts";
import { changeCustomer } from "./change-customer.ts";
import { type ToolDeps, timedOut, toolAttributes } from "./tool-deps.ts";

/**
 * Hands deliveries over, each at most once. What stays on this machine (recorded messages, tasks) is done in one
 * transaction; what goes to a provider is first taken, then sent, then settled, and an answer that never comes leaves it
 * `uncertain`.
 */
export async function handOver(deliveryIds: readonly string[], deps: ToolDeps, traces: Traces = new Map()): Promise<CallOutcome[]> {
  const open = await deps.store.deliveries.open(deliveryIds);
  const ready = open.filter(({ status }) => status === "reserved");
  const here = ready.filter((delivery) => staysHere(delivery, deps));
  const outside = ready.filter((delivery) => !staysHere(delivery, deps));
  const outcomes = [...(await sendHere(here, deps, traces)), ...(await sendOutside(outside, deps, traces))];
  const known = new Set(outcomes.map(({ key }) => key));
  // Settled by an earlier try of the same job, or stopped meanwhile: either way there is nothing left to do.
  return [...outcomes, ...deliveryIds.filter((id) => !known.has(id)).map((key): CallOutcome => ({ key, status: "done" }))];
}

/** Writes down the promises that deliveries keep or make, each once: also after a crash between the hand-over and this. */
export async function keepPromisesDue(due: readonly PromisesDue[], deps: Pick<ToolDeps, "store" | "policy">): Promise<void> {
  for (const { deliveryId, customerId, keeps, makes, at } of due) {
    await changeCustomer(customerId, deps, at, (customer) => promisesAfterSending(customer, keeps, makes, at), { promisesOf: deliveryId });
  }
}

// --- internal ---

type Traces = ReadonlyMap<string, TraceParent | undefined>;

const ruleOf = ({ channel }: KeptDelivery, { policy }: ToolDeps): ChannelRule | undefined => policy.channels[channel];

const staysHere = (delivery: KeptDelivery, deps: ToolDeps): boolean => !deps.live || ruleOf(delivery, deps)?.kind === "human";

async function sendHere(deliveries: readonly KeptDelivery[], deps: ToolDeps, traces: Traces): Promise<CallOutcome[]> {
  if (deliveries.length === 0) return [];
  const spans = deliveries.map((delivery) => ({ delivery, span: spanOf(delivery, deps, traces) }));
  const tasks = deliveries.flatMap((delivery) => {
    const rule = ruleOf(delivery, deps);
    return rule?.kind === "human" ? [taskOf(delivery, rule, timeOf(delivery, deps))] : [];
  });
  const ids = deliveries.map(({ deliveryId }) => deliveryId);
  const { live, now, store } = deps;
  const taken = await store.deliveries.sendHere(ids, { recorded: !live, tasks, now: live ? now() : undefined });
  await keepPromises(
    deliveries.filter(({ deliveryId }) => taken.going.has(deliveryId)),
    deps,
  );
  for (const { delivery, span } of spans) {
    span.set({ "sentient.outcome": outcomeOf(delivery.deliveryId, taken).status });
    span.end();
  }
  return ids.map((id) => outcomeOf(id, taken));
}

const spanOf = ({ deliveryId, channel, experienceId }: KeptDelivery, { tracing }: ToolDeps, traces: Traces): Span =>
  tracing.begin(`execute_tool ${sendMessage.name}`, {
    parent: traces.get(deliveryId),
    attributes: {
      ...toolAttributes(sendMessage.name),
      ...{ "sentient.delivery.id": deliveryId, "sentient.channel": channel, "sentient.experience.id": experienceId },
    },
  });

/** A replay hands over at the time of the decision; a live process at the time it is. */
const timeOf = (delivery: KeptDelivery, { live, now }: ToolDeps): Instant => (live ? now() : delivery.at);

async function sendOutside(deliveries: readonly KeptDelivery[], deps: ToolDeps, traces: Traces): Promise<CallOutcome[]> {
  if (deliveries.length === 0) return [];
  const { store, now, newId } = deps;
  const ids = deliveries.map(({ deliveryId }) => deliveryId);
  const taken = await store.deliveries.claim(ids, newId(), now());
  const settled = await Promise.all(
    deliveries.filter(({ deliveryId }) => taken.going.has(deliveryId)).map((delivery) => sendInTrace(delivery, deps, traces)),
  );
  await store.deliveries.settle(settled);
  const sent = new Set(settled.filter(({ status }) => status === "sent").map(({ deliveryId }) => deliveryId));
  await keepPromises(
    deliveries.filter(({ deliveryId }) => sent.has(deliveryId)),
    deps,
  );
  return ids.map((id) => {
    const one = settled.find(({ deliveryId }) => deliveryId === id);
    if (!one) return outcomeOf(id, taken);
    const status = one.status === "sent" ? "done" : one.status === "uncertain" ? "uncertain" : "failed";
    return { key: id, status, ...(one.reason === undefined ? {} : { message: one.reason }) };
  });
}

async function sendInTrace(delivery: KeptDelivery, deps: ToolDeps, traces: Traces): Promise<Settled> {
  const span = spanOf(delivery, deps, traces);
  try {
    const settled = await deps.tracing.within(span, () => sendOne(delivery, deps));
    span.set({ "sentient.outcome": settled.status });
    if (settled.status !== "sent") span.fail(settled.reason?.split(":")[0] ?? settled.status);
    return settled;
  } finally {
    span.end();
  }
}

async function sendOne(delivery: KeptDelivery, deps: ToolDeps): Promise<Settled> {
  const { channels, now } = deps;
  const { deliveryId, channel } = delivery;
  const message = messageOf(delivery, deps);
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), sendMessage.timeoutMs);
  try {
    const handed = sendMessage.run(message, { channels, signal: abort.signal });
    const { providerId } = sendMessage.output.parse(await Promise.race([handed, timedOut(abort.signal, channel, sendMessage.timeoutMs)]));
    return { deliveryId, status: "sent", at: now(), ...(providerId === undefined ? {} : { providerId }) };
  } catch (error) {
    return failureOf(error, delivery, deps);
  } finally {
    clearTimeout(timer);
  }
}

/** A provider that refused has not taken it. Everything else may have. */
function failureOf(error: unknown, delivery: KeptDelivery, deps: ToolDeps): Settled {
  const { deliveryId } = delivery;
  const at = deps.now();
  const code = error instanceof SentientError ? error.code : "TOOL_FAILED";
  const reason = `${code}: ${error instanceof Error ? error.message : String(error)}`;
  if (!isNotTaken(error)) return { deliveryId, status: "uncertain", reason, at };
  const refusal = refusalIn(error, delivery, at, deps);
  return { deliveryId, status: "failed", reason, at, ...(refusal ? { refusal } : {}) };
}

/** What a provider's refusal says about the customer: it is her record that has to know, or it would be tried again and again. */
function refusalIn(error: unknown, delivery: KeptDelivery, at: Instant, deps: ToolDeps): Refusal | undefined {
  const { customerId, channel, to } = delivery;
  const said = { source: `channel/${channel}`, reason: error instanceof Error ? error.message : String(error) };
  if (saysOptedOut(error)) return { kind: "opted_out", customerId, channel, ...said };
  const type = ruleOf(delivery, deps)?.address ?? "none";
  if (!saysAddressGone(error) || to === undefined || type === "none") return undefined;
  return { kind: "address_gone", customerId, address: { type, value: to, at, ...said } };
}

function messageOf(delivery: KeptDelivery, { unsubscribeUrlOf }: ToolDeps): OutgoingMessage {
  const { deliveryId, customerId, channel, to, at, content = {} } = delivery;
  return {
    ...{ deliveryId, customerId, channel, content, at },
    ...(to === undefined ? {} : { to }),
    ...(unsubscribeUrlOf ? { unsubscribeUrl: unsubscribeUrlOf(delivery) } : {}),
  };
}

function outcomeOf(key: string, { going, paused, cancelled }: Taken): CallOutcome {
  if (going.has(key)) return { key, status: "done" };
  // It keeps its slot, and goes out when the pause is lifted.
  if (paused.has(key)) return { key, status: "waiting" };
  return { key, status: "cancelled", code: cancelled.get(key) };
}

function taskOf({ deliveryId, at, content = {}, facts }: KeptDelivery, rule: ChannelRule, now: Instant): NewTask {
  const { summary, queue, dueIn } = content;
  const values = Object.fromEntries(
    Object.entries(facts).map(([path, { value, source, at: said }]) => [path, { value, source, at: said }]),
  );
  return {
    taskId: idFrom("t", "delivery", deliveryId),
    queue: typeof queue === "string" ? queue : (rule.queue ?? rule.name),
    summary: String(summary ?? ""),
    due: at + (typeof dueIn === "string" ? (parseDuration(dueIn) ?? DAY) : DAY),
    at: now,
    facts: values as JsonObject,
    deliveryId,
  };
}

/** Promises that these messages keep or make, now that they have gone out. */
async function keepPromises(sent: readonly KeptDelivery[], deps: ToolDeps): Promise<void> {
  const ids = sent.filter(({ keeps, makes }) => keeps.length > 0 || makes !== undefined).map(({ deliveryId }) => deliveryId);
  if (ids.length > 0) await keepPromisesDue(await deps.store.deliveries.promisesDue(ids), deps);
}
