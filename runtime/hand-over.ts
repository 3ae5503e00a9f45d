import type { CallOutcome } from "../agents/agent.ts";
import type { OutgoingMessage } from "../channels/channel.ts";
import type { NewTask } from "../domain/change.ts";
import { SentientError } from "../domain/errors.ts";
import type { JsonObject } from "../domain/json.ts";
import type { ChannelRule } from "../domain/policy.ts";
import { promisesAfterSending } from "../domain/promises.ts";
import { DAY, type Instant, parseDuration } from "../domain/time.ts";
import { idFrom } from "../domain/wake.ts";
import type { KeptDelivery, PromisesDue, Settled, Taken } from "../store/store.ts";
import { sendMessage } from "../tools/send-message.ts";
import { changeCustomer } from "./change-customer.ts";
import { type ToolDeps, timedOut } from "./tool-deps.ts";

/**
 * Hands deliveries over, each at most once. What stays on this machine (recorded messages, tasks) is done in one
 * transaction; what goes to a provider is first taken, then sent, then settled, and an answer that never comes leaves it
 * `uncertain`.
 */
export async function handOver(deliveryIds: readonly string[], deps: ToolDeps): Promise<CallOutcome[]> {
  const open = await deps.store.deliveries.open(deliveryIds);
  const ready = open.filter(({ status }) => status === "reserved");
  const here = ready.filter((delivery) => staysHere(delivery, deps));
  const outside = ready.filter((delivery) => !staysHere(delivery, deps));
  const outcomes = [...(await sendHere(here, deps)), ...(await sendOutside(outside, deps))];
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

const ruleOf = ({ channel }: KeptDelivery, { policy }: ToolDeps): ChannelRule | undefined => policy.channels[channel];

const staysHere = (delivery: KeptDelivery, deps: ToolDeps): boolean => !deps.live || ruleOf(delivery, deps)?.kind === "human";

async function sendHere(deliveries: readonly KeptDelivery[], deps: ToolDeps): Promise<CallOutcome[]> {
  if (deliveries.length === 0) return [];
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
  return ids.map((id) => outcomeOf(id, taken));
}

/** A replay hands over at the time of the decision; a live process at the time it is. */
const timeOf = (delivery: KeptDelivery, { live, now }: ToolDeps): Instant => (live ? now() : delivery.at);

async function sendOutside(deliveries: readonly KeptDelivery[], deps: ToolDeps): Promise<CallOutcome[]> {
  if (deliveries.length === 0) return [];
  const { store, now, newId } = deps;
  const ids = deliveries.map(({ deliveryId }) => deliveryId);
  const taken = await store.deliveries.claim(ids, newId(), now());
  const settled = await Promise.all(
    deliveries.filter(({ deliveryId }) => taken.going.has(deliveryId)).map((delivery) => sendOne(delivery, deps)),
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
    // A provider that refused has not taken it. Everything else may have.
    const refused = error instanceof SentientError && (error.code === "UPSTREAM_FAILED" || error.code === "BAD_CONFIG");
    const code = error instanceof SentientError ? error.code : "TOOL_FAILED";
    return {
      deliveryId,
      status: refused ? "failed" : "uncertain",
      reason: `${code}: ${error instanceof Error ? error.message : String(error)}`,
      at: now(),
    };
  } finally {
    clearTimeout(timer);
  }
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
