import { z } from "zod";
import type { OpenChannel, OutgoingMessage } from "../channels/channel.ts";
import { SentientError } from "../domain/errors.ts";
import { defineTool } from "./tool.ts";

export const sendMessage = defineTool({
  name: "send_message",
  description: "Send a delivery through the provider of its channel.",
  effect: "send",
  timeoutMs: 30_000,
  output: z.object({ providerId: z.string().optional() }),

  async run(
    message: OutgoingMessage,
    { channels, signal }: { readonly channels: ReadonlyMap<string, OpenChannel>; readonly signal: AbortSignal },
  ) {
    const channel = channels.get(message.channel);
    if (!channel) throw new SentientError("BAD_CONFIG", `channel ${message.channel} is not connected`);
    return channel.send(message, { signal });
  },
});
