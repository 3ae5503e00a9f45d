import type { Redis } from "ioredis";
import { SentientError } from "../domain/errors.ts";

/** Words that one process calls to the others, without a promise: nothing is kept of one, and it is lost on whoever does not listen just then. */
export interface Words {
  /** Returns how many processes were listening. */
  say(word: string): Promise<number>;
  /** Calls `heard` for each word, and whenever listening begins anew: words may have been missed before. */
  hear(word: string, heard: () => void): void;
}

export interface RedisWordsOptions {
  readonly connect: (maxRetriesPerRequest: number | null) => Redis;
  /** Channels are the same in all databases of a server, and other stores use it too. */
  readonly prefix: string;
  /** Called once, if the server does not let this process speak or listen. */
  readonly onRefused: (error: SentientError) => void;
}

/** Words by Redis publish/subscribe. One is a single command of a few bytes, where a job costs its worker four. */
export function redisWords({ connect, prefix, onRefused }: RedisWordsOptions): Words {
  let speaker: Redis | undefined;
  let isTold = false;
  const channelOf = (word: string, { options }: Redis): string => `${prefix}:${options.db ?? 0}:${word}`;
  const refused = (error: unknown, channel: string): void => {
    if (isTold) return;
    isTold = true;
    onRefused(
      new SentientError(
        "BAD_CONFIG",
        `Redis does not let this process use the channel ${channel}: ${(error as Error).message}; jobs wake the workers instead, which costs more. Allow its user the channels: ACL SETUSER name &sentient-*`,
        { cause: error },
      ),
    );
  };
  return {
    async say(word) {
      speaker ??= connect(3);
      const channel = channelOf(word, speaker);
      try {
        return await speaker.publish(channel, "");
      } catch (error) {
        if (!isReply(error)) throw error;
        refused(error, channel);
        return 0;
      }
    },
    hear(word, heard) {
      const listener = connect(null);
      const channel = channelOf(word, listener);
      // ioredis would subscribe again by itself, and let a refusal end the process.
      listener.options.autoResubscribe = false;
      const listen = (): void => {
        listener.subscribe(channel).then(heard, (error: unknown) => {
          // Any other error is that of a connection that was lost; the next one begins here again.
          if (isReply(error)) refused(error, channel);
        });
      };
      listener.on("ready", listen);
      listener.on("message", heard);
    },
  };
}

// --- internal ---

/** Whether the server has answered, and refused; it may know no channels, or keep them from this user. */
const isReply = (error: unknown): boolean => (error as Error | undefined)?.name === "ReplyError";
