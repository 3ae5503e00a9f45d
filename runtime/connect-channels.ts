import type { OpenChannel } from "../channels/channel.ts";
import { file } from "../channels/file.ts";
import { providers } from "../channels/inbound/index.ts";
import type { AnyProvider } from "../channels/inbound/reader.ts";
import type { WebhookReader } from "../channels/inbound.ts";
import { channels as channelKinds } from "../channels/index.ts";
import { SentientError } from "../domain/errors.ts";
import { isObject } from "../domain/json.ts";
import type { ChannelRule, Policy } from "../domain/policy.ts";

/** Told that a file takes what a channel cannot send, and why. */
export type StandIn = (channel: string, problem: string) => void;

/**
 * Connects every channel of a workspace that hands messages over; a human one makes a task and hands nothing over. With
 * `standIn` a channel that lacks what it needs writes to a file instead; without it that is an error.
 */
export async function connectChannels(policy: Policy, dataDir: string, standIn?: StandIn): Promise<Map<string, OpenChannel>> {
  const open = new Map<string, OpenChannel>();
  for (const rule of Object.values(policy.channels).filter(({ kind }) => kind !== "human")) {
    open.set(rule.name, await connectOr(rule, dataDir, standIn));
  }
  return open;
}

/** Readers for the webhooks of every channel whose provider sends some, by the channel's name. */
export function connectInbound(policy: Policy): Map<string, WebhookReader> {
  const readers = new Map<string, WebhookReader>();
  for (const rule of Object.values(policy.channels)) {
    const inbound = inboundOf(rule);
    if (inbound) readers.set(rule.name, readerOf(rule.name, inbound.provider, inbound.options));
  }
  return readers;
}

// --- internal ---

async function connectOr(rule: ChannelRule, dataDir: string, standIn: StandIn | undefined): Promise<OpenChannel> {
  try {
    return await connect(rule, dataDir);
  } catch (error) {
    if (!standIn || !(error instanceof SentientError) || error.code !== "BAD_CONFIG") throw error;
    standIn(rule.name, error.message);
    return file.connect({}, { dataDir });
  }
}

async function connect({ name, kind, options }: ChannelRule, dataDir: string): Promise<OpenChannel> {
  const channel = channelKinds.find((one) => one.kind === kind);
  if (!channel) {
    throw new SentientError("BAD_CONFIG", `channel ${name}: ${kind} cannot send in this version; leave out --live, or use another kind`);
  }
  const parsed = channel.options.safeParse(options);
  if (parsed.success) return channel.connect(parsed.data as never, { dataDir });
  throw new SentientError("BAD_CONFIG", `channel ${name} cannot be used live: ${problemsIn(parsed.error.issues)}`);
}

/** Twilio proves its webhooks with the token that we send with; other kinds say who sends theirs. */
function inboundOf({ kind, options }: ChannelRule): { provider: string; options: unknown } | undefined {
  if (kind === "twilio") return options.authToken === undefined ? undefined : { provider: "twilio", options };
  const { inbound } = options;
  return isObject(inbound) && typeof inbound.provider === "string" ? { provider: inbound.provider, options: inbound } : undefined;
}

function readerOf(channel: string, name: string, options: unknown): WebhookReader {
  const provider: AnyProvider | undefined = providers.find((one) => one.provider === name);
  const parsed = provider?.options.safeParse(options);
  if (!provider || !parsed?.success) {
    const problem = parsed?.error ? problemsIn(parsed.error.issues) : `no provider ${name}`;
    throw new SentientError("BAD_CONFIG", `channel ${channel} cannot read webhooks: ${problem}`);
  }
  const read = openProvider(channel, provider, parsed.data);
  return { read: async (request, now) => read(request, now) };
}

function openProvider(channel: string, provider: AnyProvider, options: unknown) {
  try {
    return provider.open(options as never, channel);
  } catch (error) {
    if (!(error instanceof SentientError)) throw error;
    throw new SentientError(error.code, `channel ${channel} cannot read webhooks: ${error.message}`, { cause: error });
  }
}

const problemsIn = (issues: readonly { path: PropertyKey[]; message: string }[]): string =>
  issues.map(({ path, message }) => (path.length === 0 ? message : `${path.join(".")}: ${message}`)).join("; ");
