import { Redis, type RedisOptions } from "ioredis";

/**
 * A Redis connection that ends also while it is reconnecting. ioredis cancels the reconnection then, and neither emits `end` nor settles the
 * commands that wait, so that a worker whose blocking connection was lost could not be closed.
 */
export class RedisClient extends Redis {
  override disconnect(reconnect = false): void {
    // What ioredis does for a client that was never connected: it ends without waiting for a socket.
    if (!reconnect && this.status === "reconnecting") this.status = "wait";
    super.disconnect(reconnect);
  }

  /** BullMQ takes its blocking connections from here. */
  override duplicate(override?: Partial<RedisOptions>): Redis {
    return new RedisClient({ ...this.options, ...override });
  }
}
