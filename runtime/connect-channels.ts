import type { AnyChannel, ChannelDeps, OpenChannel } from "../channels/channel.ts";
import { file } from "../channels/file/file.ts";
import { channels as product } from "../channels/index.ts";
import type { ChannelRule, Policy } from "../domain/entities/policy.ts";
import { SentientError } from "../domain/errors.ts";
import { parseBy } from "../domain/values/parse-by.ts";
import type { Tracing } from "../telemetry/trace.ts";

/** Told that a file takes what a channel cannot send, and why. */
export type StandIn = (channel: string, problem: string) => void;

export interface ConnectOptions {
  readonly standIn?: StandIn | undefined;
  readonly tracing?: Tracing;
  /** The workspace's own channels. */
  readonly own?: readonly AnyChannel[] | undefined;
}

/**
 * Connects every channel of a workspace that hands messages over; a human one makes a task and hands nothing over. With
 * `standIn` a channel that lacks what it needs writes to a file instead; without it that is an error.
 */
export async function connectChannels(policy: Policy, dataDir: string, options: ConnectOptions = {}): Promise<Map<string, OpenChannel>> {
  const rules = Object.values(policy.channels).filter(({ makesTask }) => !makesTask);
  const known = [...product, ...(options.own ?? [])];
  const unusable = options.standIn ? [] : rules.flatMap((rule) => problemOf(rule, known));
  if (unusable.length > 0) throw new SentientError("BAD_CONFIG", unusable.join("\n"));
  const open = new Map<string, OpenChannel>();
  for (const rule of rules) open.set(rule.name, await connectOr(rule, dataDir, options));
  return open;
}

// --- internal ---

async function connectOr(rule: ChannelRule, dataDir: string, { standIn, tracing, own = [] }: ConnectOptions): Promise<OpenChannel> {
  try {
    return await connect(rule, [...product, ...own], { dataDir, ...(tracing ? { tracing } : {}) });
  } catch (error) {
    if (!standIn || !(error instanceof SentientError) || error.code !== "BAD_CONFIG") throw error;
    standIn(rule.name, error.message);
    return file.connect({}, { dataDir });
  }
}

/** Why a channel cannot send live; empty where it can. */
function problemOf({ name, kind, options }: ChannelRule, channels: readonly AnyChannel[]): string[] {
  const channel = channels.find((one) => one.kind === kind);
  if (!channel?.connect) return [`channel ${name}: ${kind} cannot send here; leave out --live, or use another kind`];
  const parsed = parseBy(channel.options, options);
  return parsed.success ? [] : [`channel ${name} cannot be used live: ${problemsIn(parsed.issues)}`];
}

async function connect(rule: ChannelRule, channels: readonly AnyChannel[], deps: ChannelDeps): Promise<OpenChannel> {
  const channel = channels.find((one) => one.kind === rule.kind);
  const parsed = channel && parseBy(channel.options, rule.options);
  if (channel?.connect && parsed?.success) return channel.connect(parsed.data as never, deps);
  throw new SentientError("BAD_CONFIG", problemOf(rule, channels).join("\n"));
}

const problemsIn = (issues: readonly { path: PropertyKey[]; message: string }[]): string =>
  issues.map(({ path, message }) => (path.length === 0 ? message : `${path.join(".")}: ${message}`)).join("; ");
