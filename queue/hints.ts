import type { Redis } from "ioredis";
import { SentientError } from "../domain/errors.ts";

/** Hints from one process to the others, at most once: none is kept, and a process that is not subscribed at that moment misses it. */
export interface Hints {
  /** Returns the number of subscribers that got it. */
  publish(hint: string): Promise<number>;
  /** Calls `onHint` for each hint, and after each new subscription: hints may have been missed before. */
  subscribe(hint: string, onHint: () => void): void;
}

export interface RedisHintsOptions {
  readonly connect: (maxRetriesPerRequest: number | null) => Redis;
  /** Channels are the same in all databases of a server, and other stores use it too. */
  readonly prefix: string;
  /** Called once, if the server does not let this process publish or subscribe. */
  readonly onRefused: (error: SentientError) => void;
}

/** Hints by Redis publish/subscribe: one command each, where a job costs its worker four. */
export function redisHints({ connect, prefix, onRefused }: RedisHintsOptions): Hints {
  let publisher: Redis | undefined;
  let isReported = false;
  const channelOf = (hint: string, { options }: Redis): string => `${prefix}:${options.db ?? 0}:${hint}`;
  const refused = (error: unknown, channel: string): void => {
    if (isReported) return;
    isReported = true;
    onRefused(
      new SentientError(
        "BAD_CONFIG",
        `Redis does not let this process use the channel ${channel}: ${(error as Error).message}; jobs wake the workers instead, which costs more. Allow its user the channels: ACL SETUSER name &sentient-*`,
        { cause: error },
      ),
    );
  };
  return {
    async publish(hint) {
      publisher ??= connect(3);
      const channel = channelOf(hint, publisher);
      try {
        return await publisher.publish(channel, "");
      } catch (error) {
        if (!isReply(error)) throw error;
        refused(error, channel);
        return 0;
      }
    },
    subscribe(hint, onHint) {
      const subscriber = connect(null);
      const channel = channelOf(hint, subscriber);
      // ioredis would subscribe again by itself, and let a refusal end the process.
      subscriber.options.autoResubscribe = false;
      const begin = (): void => {
        subscriber.subscribe(channel).then(onHint, (error: unknown) => {
          // Any other error is that of a connection that was lost; the next one begins here again.
          if (isReply(error)) refused(error, channel);
        });
      };
      subscriber.on("ready", begin);
      subscriber.on("message", onHint);
    },
  };
}

// --- internal ---

/** Whether the server has answered, and refused; it may know no channels, or keep them from this user. */
const isReply = (error: unknown): boolean => (error as Error | undefined)?.name === "ReplyError";
