import type { OutgoingMessage } from "../channels/channel.ts";
import { isRejected, saysAddressGone, saysOptedOut } from "../channels/outcome.ts";
import type { CallOutcome } from "../domain/entities/call-outcome.ts";
import { SentientError } from "../domain/errors.ts";
import { addressReached } from "../domain/identity/addresses.ts";
import { cut } from "../domain/values/cut.ts";
import type { Instant } from "../domain/values/time.ts";
import type { KeptDelivery, Refusal, Settled, Taken } from "../store/store.ts";
import type { Span } from "../telemetry/trace.ts";
import { sendMessage } from "../tools/send-message.ts";
import { TimeLimit } from "./time-limit.ts";
import { type ToolDeps, type Traces, toolAttributes } from "./tool-deps.ts";

export type SendDeps = Pick<ToolDeps, "channels" | "now" | "policy" | "tracing" | "unsubscribeUrlOf">;

/** The time limit of sends that begin now. */
export const beginSends = (): TimeLimit => new TimeLimit(sendMessage.timeoutMs);

/** Sends one delivery to its provider, and returns its outcome. Never throws. */
export async function sendOne(delivery: KeptDelivery, deps: SendDeps, traces: Traces, limit = beginSends()): Promise<Settled> {
  if (!deps.tracing.isOn) return attempt(delivery, deps, limit);
  const span = spanOf(delivery, deps, traces);
  const settled = await deps.tracing.within(span, () => attempt(delivery, deps, limit));
  span.set({ "sentient.outcome": settled.status });
  if (settled.status !== "sent") span.fail(settled.reason?.split(":")[0] ?? settled.status);
  span.end();
  return settled;
}

export const spanOf = ({ deliveryId, channel, experienceId }: KeptDelivery, { tracing }: Pick<ToolDeps, "tracing">, traces: Traces): Span =>
  tracing.begin(`execute_tool ${sendMessage.name}`, {
    parent: traces.get(deliveryId),
    attributes: {
      ...toolAttributes(sendMessage),
      ...{ "sentient.delivery.id": deliveryId, "sentient.channel": channel, "sentient.experience.id": experienceId },
    },
  });

/** The outcome of a delivery by the claim alone: sent, or why it was not claimed. */
export function outcomeOf(key: string, { going, paused, cancelled }: Taken): CallOutcome {
  if (going.has(key)) return { key, status: "done" };
  // It keeps its slot, and is sent after the pause ends.
  if (paused.has(key)) return { key, status: "waiting" };
  return { key, status: "cancelled", code: cancelled.get(key) };
}

// --- internal ---

/** A provider's answer may be a page of HTML. */
const LONGEST_REASON = 2_000;

async function attempt(delivery: KeptDelivery, deps: SendDeps, limit: TimeLimit): Promise<Settled> {
  const { channels, now } = deps;
  const { deliveryId, channel } = delivery;
  try {
    const handed = sendMessage.run(messageOf(delivery, deps), { channels, signal: limit.signal });
    const { providerId } = sendMessage.output.parse(await limit.within(channel, handed));
    return { deliveryId, status: "sent", at: now(), ...(providerId === undefined ? {} : { providerId }) };
  } catch (error) {
    return failureOf(error, delivery, deps);
  }
}

/** A refused message was not accepted. After any other error it may have been. */
function failureOf(error: unknown, delivery: KeptDelivery, deps: SendDeps): Settled {
  const { deliveryId } = delivery;
  const at = deps.now();
  const code = error instanceof SentientError ? error.code : "TOOL_FAILED";
  const reason = cut(`${code}: ${error instanceof Error ? error.message : String(error)}`, LONGEST_REASON);
  if (!isRejected(error)) return { deliveryId, status: "uncertain", reason, at };
  const refusal = refusalIn(error, delivery, at, deps);
  return { deliveryId, status: "failed", reason, at, ...(refusal ? { refusal } : {}) };
}

/** The consequence of a provider's refusal for the customer's record; without it the next messages would be refused as well. */
function refusalIn(error: unknown, delivery: KeptDelivery, at: Instant, { policy }: SendDeps): Refusal | undefined {
  const { customerId, channel, to } = delivery;
  const said = { source: `channel/${channel}`, reason: error instanceof Error ? error.message : String(error) };
  if (saysOptedOut(error))
    return { kind: "opted_out", customerId, channel, addresses: to === undefined ? [] : [addressReached(to)], ...said };
  const type = policy.channels[channel]?.address ?? "none";
  if (!saysAddressGone(error) || to === undefined || type === "none") return undefined;
  return { kind: "address_gone", customerId, address: { type, value: to, at, ...said } };
}

function messageOf(delivery: KeptDelivery, { unsubscribeUrlOf }: SendDeps): OutgoingMessage {
  const { deliveryId, customerId, channel, to, at, content = {} } = delivery;
  return {
    ...{ deliveryId, customerId, channel, content, at },
    ...(to === undefined ? {} : { to }),
    ...(unsubscribeUrlOf ? { unsubscribeUrl: unsubscribeUrlOf(delivery) } : {}),
  };
}
