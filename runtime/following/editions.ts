import type { AnyChannel, OpenChannel } from "../../channels/channel.ts";
import type { Catalogue } from "../../delivery/catalogue.ts";
import type { ToolDeps } from "../../delivery/tool-deps.ts";
import type { Policy } from "../../domain/entities/policy.ts";
import { need } from "../../domain/errors.ts";
import type { AnyTool } from "../../tools/tool.ts";
import type { ConnectModel } from "../connect-model.ts";
import type { ConnectEmbeddings } from "../embeddings/connect-embeddings.ts";

/** A version of a workspace, compiled with the variables and the code of this process. */
export interface Compiled {
  readonly policy: Policy;
  /** The workspace's own tools. */
  readonly tools: readonly AnyTool[];
  /** The workspace's own channels. */
  readonly channels: readonly AnyChannel[];
  /** Connects its language model, if it has one. The same function stands for the same model. */
  readonly model?: ConnectModel | undefined;
  /** Connects its embeddings model, if it has one; the same holds. */
  readonly embeddings?: ConnectEmbeddings | undefined;
  /** What its canaries replace and cannot stay beside them, with why. */
  readonly doNotStay?: readonly string[];
}

/** A version with its channels and its model connected. */
export interface Edition extends ToolDeps {
  readonly ownChannels: readonly AnyChannel[];
}

/** Connects a channel, or takes the connection that another version has to the same channel with the same options. */
export type TakeChannel = (channel: object, settings: string, connect: () => Promise<OpenChannel>) => Promise<OpenChannel>;

export interface EditionsOptions {
  /** What is the same under every version. */
  readonly base: () => Omit<ToolDeps, "policy" | "tools" | "channels" | "model" | "embeddings">;
  readonly toolsOf: (own: readonly AnyTool[]) => ToolDeps["tools"];
  readonly connectChannels: (version: Compiled, take: TakeChannel) => Promise<ToolDeps["channels"]>;
  readonly connectModel: (connect: ConnectModel) => Promise<NonNullable<ToolDeps["model"]>>;
  readonly connectEmbeddings: (connect: ConnectEmbeddings) => Promise<NonNullable<ToolDeps["embeddings"]>>;
  /** Called before a version is decided by. */
  readonly beforeOffer: (version: Compiled) => Promise<void>;
  /** Called once it is. */
  readonly afterOffer?: (edition: Edition) => void;
}

/** The versions that a process decides by, one after the other. */
export interface Editions extends Catalogue<Edition> {
  /**
   * Connects a version and decides by it from now on; rejects and changes nothing where that fails. The connections that only the last version
   * needs are closed once nothing in flight holds them.
   *
   * @param isForReading without channels: it is only read by
   */
  offer(version: Compiled, isForReading?: boolean): Promise<void>;
  /** Nothing is decided until another version is offered. */
  stop(why: string): void;
  /** The last version is the one in force again. */
  goOn(): void;
  close(): Promise<void>;
}

export function createEditions(options: EditionsOptions): Editions {
  const connections = new Connections();
  let current: Held | undefined;
  let why: string | undefined;
  let model: { readonly connect: ConnectModel; readonly connected: NonNullable<ToolDeps["model"]> } | undefined;
  const closing = new Set<Promise<void>>();
  const held = (): Held => need(current, "a version to decide by");
  const leave = (one: Held): void => {
    if (!one.isOver || one.inUse > 0) return;
    const closed = connections.release(one.connections).finally(() => closing.delete(closed));
    closing.add(closed);
  };
  const modelOf = async ({ model: connect }: Compiled): Promise<Pick<ToolDeps, "model">> => {
    if (!connect) return {};
    if (model?.connect !== connect) model = { connect, connected: await options.connectModel(connect) };
    return { model: model.connected };
  };
  let embeddings: { readonly connect: ConnectEmbeddings; readonly connected: NonNullable<ToolDeps["embeddings"]> } | undefined;
  const embeddingsOf = async ({ embeddings: connect }: Compiled): Promise<Pick<ToolDeps, "embeddings">> => {
    if (!connect) return {};
    if (embeddings?.connect !== connect) embeddings = { connect, connected: await options.connectEmbeddings(connect) };
    return { embeddings: embeddings.connected };
  };
  return {
    current: () => held().edition,
    whyNot: () => why,
    async using(work) {
      const one = held();
      one.inUse++;
      try {
        return await work(one.edition);
      } finally {
        one.inUse--;
        leave(one);
      }
    },
    async offer(version, isForReading = false) {
      const taken: Connection[] = [];
      try {
        const take: TakeChannel = async (channel, settings, connect) => {
          const connection = await connections.take(channel, settings, connect);
          taken.push(connection);
          return connection.channel;
        };
        const channels = isForReading ? new Map<string, OpenChannel>() : await options.connectChannels(version, take);
        const { policy, tools, channels: ownChannels } = version;
        const edition = {
          ...options.base(),
          ...{ policy, channels, ownChannels, tools: options.toolsOf(tools) },
          ...(await modelOf(version)),
          ...(await embeddingsOf(version)),
        };
        await options.beforeOffer(version);
        const last = current;
        current = { edition, connections: taken, inUse: 0, isOver: false };
        why = undefined;
        options.afterOffer?.(edition);
        if (!last) return;
        last.isOver = true;
        leave(last);
      } catch (error) {
        await connections.release(taken);
        throw error;
      }
    },
    stop(given) {
      why = given;
    },
    goOn() {
      why = undefined;
    },
    async close() {
      await Promise.all(closing);
      await connections.closeAll();
    },
  };
}

// --- internal ---

interface Held {
  readonly edition: Edition;
  readonly connections: readonly Connection[];
  inUse: number;
  isOver: boolean;
}

interface Connection {
  readonly channel: OpenChannel;
  uses: number;
}

/** Open connections, each shared by the versions that have the same channel with the same options: an edited text reconnects nothing. */
class Connections {
  private readonly open = new Map<object, Map<string, Connection>>();

  async take(channel: object, settings: string, connect: () => Promise<OpenChannel>): Promise<Connection> {
    const known = this.open.get(channel)?.get(settings);
    if (known) {
      known.uses++;
      return known;
    }
    const made: Connection = { channel: await connect(), uses: 1 };
    const ofChannel = this.open.get(channel) ?? new Map<string, Connection>();
    this.open.set(channel, ofChannel.set(settings, made));
    return made;
  }

  async release(connections: readonly Connection[]): Promise<void> {
    for (const one of connections) one.uses--;
    await this.close((one) => connections.includes(one) && one.uses === 0);
  }

  closeAll(): Promise<void> {
    return this.close(() => true);
  }

  private async close(isOver: (one: Connection) => boolean): Promise<void> {
    const over: Connection[] = [];
    for (const ofChannel of this.open.values())
      for (const [settings, one] of ofChannel) if (isOver(one) && ofChannel.delete(settings)) over.push(one);
    await Promise.all(over.map(async ({ channel }) => channel.close?.()));
  }
}
