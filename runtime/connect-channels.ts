import type { AnyChannel, ChannelDeps, OpenChannel } from "../channels/channel.ts";
import { file } from "../channels/file/file.ts";
import { channels as product } from "../channels/index.ts";
import type { ChannelRule, Policy } from "../domain/entities/policy.ts";
import { SentientError } from "../domain/errors.ts";
import { canonicalJson } from "../domain/values/json.ts";
import { parseBy } from "../domain/values/parse-by.ts";
import type { Tracing } from "../telemetry/trace.ts";
import type { TakeChannel } from "./following/editions.ts";

/** Told that a file takes what a channel cannot send, and why. */
export type StandIn = (channel: string, problem: string) => void;

export interface ConnectOptions {
  readonly standIn?: StandIn | undefined;
  readonly tracing?: Tracing;
  /** The workspace's own channels. */
  readonly own?: readonly AnyChannel[] | undefined;
  /** Connects, or gives a connection that is open. Default: connects. */
  readonly take?: TakeChannel;
}

/**
 * Connects every channel of a workspace that hands messages over; a human one makes a task and hands nothing over. With
 * `standIn` a channel that lacks what it needs writes to a file instead; without it that is an error.
 */
export async function connectChannels(policy: Policy, dataDir: string, options: ConnectOptions = {}): Promise<Map<string, OpenChannel>> {
  const { standIn, tracing, own = [], take = (_channel, _settings, connect) => connect() } = options;
  const deps = { dataDir, ...(tracing ? { tracing } : {}) };
  const rules = Object.values(policy.channels).filter(({ makesTask, pull }) => !makesTask && !pull);
  const found = rules.map((rule) => [rule.name, find(rule, [...product, ...own])] as const);
  const problems = found.flatMap(([, one]) => ("problem" in one ? [one.problem] : []));
  if (problems.length > 0 && !standIn) throw new SentientError("BAD_CONFIG", problems.join("\n"));
  const open = new Map<string, OpenChannel>();
  for (const [name, one] of found) {
    const connect = (): Promise<OpenChannel> => connectOr(name, one, deps, standIn);
    open.set(name, "problem" in one ? await take(file, name, connect) : await take(one.channel, one.settings, connect));
  }
  return open;
}

// --- internal ---

/** A channel that can send live with its options, or why it cannot. */
type Found =
  | {
      readonly connect: (deps: ChannelDeps) => Promise<OpenChannel>;
      readonly channel: AnyChannel;
      /** Its name and options: with the same ones it is the same connection. */
      readonly settings: string;
    }
  | { readonly problem: string };

function find({ name, kind, options }: ChannelRule, channels: readonly AnyChannel[]): Found {
  const channel = channels.find((one) => one.kind === kind);
  if (!channel?.connect) return { problem: `channel ${name}: ${kind} cannot send here; leave out --live, or use another kind` };
  const parsed = parseBy(channel.options, options);
  if (!parsed.success) return { problem: `channel ${name} cannot be used live: ${problemsIn(parsed.issues)}` };
  const { connect } = channel;
  const settings = canonicalJson({ name, options });
  return { channel, settings, connect: (deps) => connect.call(channel, parsed.data as never, deps) };
}

async function connectOr(name: string, found: Found, deps: ChannelDeps, standIn: StandIn | undefined): Promise<OpenChannel> {
  try {
    if ("problem" in found) throw new SentientError("BAD_CONFIG", found.problem);
    return await found.connect(deps);
  } catch (error) {
    if (!standIn || !(error instanceof SentientError) || error.code !== "BAD_CONFIG") throw error;
    standIn(name, error.message);
    return file.connect({}, { dataDir: deps.dataDir });
  }
}

const problemsIn = (issues: readonly { path: PropertyKey[]; message: string }[]): string =>
  issues.map(({ path, message }) => (path.length === 0 ? message : `${path.join(".")}: ${message}`)).join("; ");
