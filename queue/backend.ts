import type { EventEmitter } from "node:events";
import {
  type Queue as BullQueue,
  type Worker as BullWorker,
  createPostgresBackend,
  createRedisBackend,
  type Job,
  withBackend,
} from "bullmq";
import { Redis } from "ioredis";
import { SentientError } from "../domain/errors.ts";
import { type Hints, redisHints } from "./hints.ts";
import { RedisClient } from "./redis-client.ts";

/** The part of `pg.Pool` that the queue uses. */
export interface QueuePool extends EventEmitter {
  query(text: string, params?: readonly unknown[]): Promise<{ rows: unknown[]; rowCount: number }>;
  connect(): Promise<
    EventEmitter & { query(text: string, params?: readonly unknown[]): Promise<unknown>; release(destroy?: boolean): void }
  >;
  end(): Promise<void>;
}

export type QueuePlace =
  /** A pool whose search path includes the queue's tables, in the schema that BullMQ expects of a pool. */
  | { readonly kind: "pool"; readonly pool: QueuePool }
  | { readonly kind: "postgres"; readonly url: string; readonly schema: string }
  /** `temporary`: its keys are deleted on close. */
  | { readonly kind: "redis"; readonly url: string; readonly prefix: string; readonly temporary: boolean };

/** Factory for BullMQ queues and workers on one backend. */
export interface Backend {
  /** The backend, for display. */
  readonly place: string;
  readonly isTemporary: boolean;
  queue(name: string, options: object): BullQueue;
  worker(name: string, work: (job: Job) => Promise<unknown>, options: object): BullWorker;
  /** Hints by publish/subscribe, where the server has it. */
  readonly hints?: Hints;
  close(): Promise<void>;
}

export interface BackendEvents {
  /** Called with connection errors. */
  readonly onTrouble: (error: Error) => void;
  /** Called once, if the server does not let this process publish or subscribe. */
  readonly onRefused: (error: SentientError) => void;
}

export function backendOf(place: QueuePlace, events: BackendEvents): Backend {
  if (place.kind === "redis") return redisBackend(place, events);
  return postgresBackend(
    place.kind === "pool" ? place.pool : { connectionString: place.url, schema: place.schema, max: 3, keepAlive: true },
  );
}

/** Reads the version and the eviction policy of a Redis server; throws if it is unreachable. */
export async function probeRedis(url: string): Promise<{ version: string; policy?: string }> {
  const redis = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null, connectTimeout: 5_000 });
  let reason: Error | undefined;
  redis.on("error", (error) => {
    reason = error;
  });
  try {
    await redis.connect();
    const version = /redis_version:(\S+)/.exec(await redis.info("server"))?.[1] ?? "of an unknown version";
    // Some hosted servers do not permit CONFIG.
    const policy = await redis
      .config("GET", "maxmemory-policy")
      .then((answer) => (answer as string[])[1])
      .catch(() => undefined);
    return { version, ...(policy === undefined ? {} : { policy }) };
  } catch (error) {
    const { message } = reason ?? (error as Error);
    throw new SentientError("QUEUE_FAILED", `Redis at ${new URL(url).host} cannot be reached: ${message}; check REDIS_URL`, {
      cause: error,
    });
  } finally {
    redis.disconnect();
  }
}

// --- internal ---

function postgresBackend(where: object): Backend {
  const { Queue, Worker } = withBackend(createPostgresBackend);
  const connection = where as unknown as ConstructorParameters<typeof Queue>[1]["connection"];
  return {
    place: "PostgreSQL",
    isTemporary: false,
    queue: (name, options) => new Queue(name, { connection, ...options }) as unknown as BullQueue,
    worker: (name, work, options) => new Worker(name, work, { connection, ...options }) as unknown as BullWorker,
    close: async () => {},
  };
}

type RedisPlace = Extract<QueuePlace, { kind: "redis" }>;

function redisBackend({ url, prefix, temporary }: RedisPlace, { onTrouble, onRefused }: BackendEvents): Backend {
  const { Queue, Worker } = withBackend(createRedisBackend);
  const connections: Redis[] = [];
  // Adding a job fails soon without a server; a worker retries until the server is back.
  const connect = (maxRetriesPerRequest: number | null): Redis => {
    const redis = new RedisClient(url, { maxRetriesPerRequest, lazyConnect: false });
    redis.on("error", onTrouble);
    connections.push(redis);
    return redis;
  };
  return {
    place: `Redis at ${new URL(url).host}`,
    isTemporary: temporary,
    queue: (name, options) => new Queue(name, { connection: connect(3), prefix, ...options }) as unknown as BullQueue,
    worker: (name, work, options) => new Worker(name, work, { connection: connect(null), prefix, ...options }) as unknown as BullWorker,
    hints: redisHints({ connect, prefix, onRefused }),
    close: async () => {
      for (const redis of connections) redis.disconnect();
    },
  };
}
