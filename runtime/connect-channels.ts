import type { OpenChannel } from "../channels/channel.ts";
import { channels as channelKinds } from "../channels/index.ts";
import { SentientError } from "../domain/errors.ts";
import type { ChannelRule, Policy } from "../domain/policy.ts";

/** Connects every channel of a workspace that hands messages over; a human one makes a task and hands nothing over. */
export async function connectChannels(policy: Policy, dataDir: string): Promise<Map<string, OpenChannel>> {
  const open = new Map<string, OpenChannel>();
  for (const rule of Object.values(policy.channels).filter(({ kind }) => kind !== "human")) {
    open.set(rule.name, await connect(rule, dataDir));
  }
  return open;
}

// --- internal ---

function connect({ name, kind, options }: ChannelRule, dataDir: string): Promise<OpenChannel> {
  const channel = channelKinds.find((one) => one.kind === kind);
  if (!channel) {
    throw new SentientError("BAD_CONFIG", `channel ${name}: ${kind} cannot send in this version; leave out --live, or use another kind`);
  }
  const parsed = channel.options.safeParse(options);
  if (parsed.success) return channel.connect(parsed.data as never, { dataDir });
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw new SentientError("BAD_CONFIG", `channel ${name} cannot be used live: ${problems.join("; ")}`);
}
