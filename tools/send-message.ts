import { z } from "zod";
import type { OpenChannel, OutgoingMessage } from "../channels/channel.ts";
import { SentientError } from "../domain/errors.ts";
import { defineTool } from "./tool.ts";

/** Messages come from deliveries, whose text and address are settled; no agent passes them in. */
export const sendMessage = defineTool({
  name: "send_message",
  description: "Hand a delivery over to the provider of its channel.",
  effect: "write",
  timeoutMs: 30_000,
  input: z.custom<OutgoingMessage>((value) => typeof value === "object" && value !== null && "deliveryId" in value),
  output: z.object({ providerId: z.string().optional() }),
  idempotencyKey: ({ deliveryId }) => deliveryId,

  async run(message, { channels, signal }: { readonly channels: ReadonlyMap<string, OpenChannel>; readonly signal: AbortSignal }) {
    const channel = channels.get(message.channel);
    if (!channel) throw new SentientError("BAD_CONFIG", `channel ${message.channel} is not connected`);
    return channel.send(message, { signal });
  },
});
