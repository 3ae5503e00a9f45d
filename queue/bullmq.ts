import { EventEmitter } from "node:events";
import {
  type Queue as BullQueue,
  type QueueEvents as BullQueueEvents,
  type Worker as BullWorker,
  createPostgresBackend,
  createRedisBackend,
  type Job,
  runMigrations,
  withBackend,
} from "bullmq";
import { Redis } from "ioredis";
import { SentientError } from "../domain/errors.ts";
import type { JobKind } from "./jobs.ts";
import type { Queue } from "./queue.ts";

/** The part of `pg.Pool` that the queue uses. */
export interface QueuePool extends EventEmitter {
  query(text: string, params?: readonly unknown[]): Promise<{ rows: unknown[]; rowCount: number }>;
  connect(): Promise<
    EventEmitter & { query(text: string, params?: readonly unknown[]): Promise<unknown>; release(destroy?: boolean): void }
  >;
  end(): Promise<void>;
}

export type QueuePlace =
  /** A pool whose search path finds the queue's tables, in the schema that BullMQ expects where it is given a pool. */
  | { readonly kind: "pool"; readonly pool: QueuePool }
  | { readonly kind: "postgres"; readonly url: string; readonly schema: string }
  /** `temporary`: its keys are removed when it is closed. */
  | { readonly kind: "redis"; readonly url: string; readonly prefix: string; readonly temporary: boolean };

export interface QueueOptions {
  readonly place: QueuePlace;
  readonly newId: () => string;
  /** True where no other process works on the same queue: then nobody has to be listened to. */
  readonly alone: boolean;
  /** Told about trouble with a connection; BullMQ mends it by itself. */
  readonly onTrouble: (error: Error) => void;
}

/** Makes the queue's tables in its own schema. Safe when several processes do it at once. */
export async function migrateQueue(pool: QueuePool, schema: string): Promise<void> {
  const client = await pool.connect();
  try {
    await runMigrations(client as unknown as Parameters<typeof runMigrations>[0], schema);
  } finally {
    client.release();
  }
}

/** Opens BullMQ on PostgreSQL or on Redis: the only place that knows which. */
export async function openQueue(options: QueueOptions): Promise<Queue> {
  const backend = backendOf(options.place);
  const lanes = new Map<string, Promise<Lane>>();
  const laneOf = (kind: JobKind): Promise<Lane> => {
    const known = lanes.get(kind.name);
    if (known) return known;
    const made = openLane(kind, backend, options);
    lanes.set(kind.name, made);
    return made;
  };
  return {
    place: backend.place,
    async add(kind, payload) {
      const lane = await laneOf(kind);
      await lane.queue.add(kind.name, kind.payload.parse(payload), { jobId: options.newId() });
    },
    async ask(kind, payload, { timeoutMs }) {
      const lane = await laneOf(kind);
      const jobId = options.newId();
      const answer = lane.answerTo(jobId, timeoutMs);
      // A job that cannot be added is never answered; the wait for it must not outlive this call.
      answer.catch(() => {});
      await lane.queue.add(kind.name, kind.payload.parse(payload), { jobId });
      return kind.result.parse(await answer);
    },
    async work(kind, handler) {
      const lane = await laneOf(kind);
      await lane.work(async (job) => kind.result.parse(await handler(kind.payload.parse(job.data))));
    },
    async backlog(kind) {
      const { queue } = await laneOf(kind);
      const counts = await queue.getJobCounts("waiting", "active", "delayed", "prioritized");
      return Object.values(counts).reduce((sum, count) => sum + count, 0);
    },
    async clear(kind) {
      await (await laneOf(kind)).queue.obliterate({ force: true });
    },
    async close() {
      for (const lane of lanes.values()) await (await lane).close(backend.isTemporary);
      await backend.close();
    },
  };
}

/** Asks a Redis who it is and whether it may drop keys; throws when it cannot be reached. */
export async function probeRedis(url: string): Promise<{ version: string; policy?: string }> {
  const redis = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null, connectTimeout: 5_000 });
  redis.on("error", () => {});
  try {
    await redis.connect();
    const version = /redis_version:(\S+)/.exec(await redis.info("server"))?.[1] ?? "of an unknown version";
    // Some hosted servers do not let CONFIG be read.
    const policy = await redis
      .config("GET", "maxmemory-policy")
      .then((answer) => (answer as string[])[1])
      .catch(() => undefined);
    return { version, ...(policy === undefined ? {} : { policy }) };
  } catch (error) {
    throw new SentientError(
      "QUEUE_FAILED",
      `Redis at ${new URL(url).host} cannot be reached: ${(error as Error).message}; check REDIS_URL`,
      { cause: error },
    );
  } finally {
    redis.disconnect();
  }
}

// --- internal ---

interface Backend {
  readonly place: string;
  readonly isTemporary: boolean;
  queue(name: string, options: object): BullQueue;
  worker(name: string, work: (job: Job) => Promise<unknown>, options: object): BullWorker;
  events(name: string): BullQueueEvents;
  close(): Promise<void>;
}

function backendOf(place: QueuePlace): Backend {
  if (place.kind === "redis") return redisBackend(place.url, place.prefix, place.temporary);
  return postgresBackend(
    place.kind === "pool" ? place.pool : { connectionString: place.url, schema: place.schema, max: 3, keepAlive: true },
  );
}

function postgresBackend(where: object): Backend {
  const { Queue, Worker, QueueEvents } = withBackend(createPostgresBackend);
  const connection = where as unknown as ConstructorParameters<typeof Queue>[1]["connection"];
  return {
    place: "PostgreSQL",
    isTemporary: false,
    queue: (name, options) => new Queue(name, { connection, ...options }) as unknown as BullQueue,
    worker: (name, work, options) => new Worker(name, work, { connection, ...options }) as unknown as BullWorker,
    events: (name) => new QueueEvents(name, { connection }) as unknown as BullQueueEvents,
    close: async () => {},
  };
}

function redisBackend(url: string, prefix: string, isTemporary: boolean): Backend {
  const { Queue, Worker, QueueEvents } = withBackend(createRedisBackend);
  const connections: Redis[] = [];
  // Who adds a job should hear soon that it cannot; who waits for jobs waits until there is a server again.
  const connect = (maxRetriesPerRequest: number | null): Redis => {
    const redis = new Redis(url, { maxRetriesPerRequest, lazyConnect: false });
    redis.on("error", () => {});
    connections.push(redis);
    return redis;
  };
  return {
    place: `Redis at ${new URL(url).host}`,
    isTemporary,
    queue: (name, options) => new Queue(name, { connection: connect(3), prefix, ...options }) as unknown as BullQueue,
    worker: (name, work, options) => new Worker(name, work, { connection: connect(null), prefix, ...options }) as unknown as BullWorker,
    events: (name) => new QueueEvents(name, { connection: connect(null), prefix }) as unknown as BullQueueEvents,
    close: async () => {
      for (const redis of connections) redis.disconnect();
    },
  };
}

/** Longer than any job takes: an active job whose lock ran out is given to another worker. */
const LOCK_MS = 120_000;

interface Lane {
  readonly queue: BullQueue;
  work(handler: (job: Job) => Promise<unknown>): Promise<void>;
  answerTo(jobId: string, timeoutMs: number): Promise<unknown>;
  close(andRemove: boolean): Promise<void>;
}

async function openLane(kind: JobKind, backend: Backend, { alone, onTrouble }: QueueOptions): Promise<Lane> {
  const answers = new EventEmitter();
  answers.setMaxListeners(0);
  const opened: {
    on(event: "error", listener: (error: Error) => void): unknown;
    waitUntilReady(): Promise<unknown>;
    close(): Promise<void>;
  }[] = [];
  const keep = async <T extends (typeof opened)[number]>(one: T): Promise<T> => {
    one.on("error", onTrouble);
    opened.push(one);
    await one.waitUntilReady();
    return one;
  };
  const queue = await keep(
    backend.queue(kind.name, {
      defaultJobOptions: {
        attempts: kind.attempts,
        backoff: { type: "exponential", delay: 500 },
        removeOnComplete: true,
        removeOnFail: { count: 1_000 },
      },
    }),
  );
  if (!alone) {
    const events = await keep(backend.events(kind.name));
    events.on("completed", ({ jobId, returnvalue }) => answers.emit(jobId, undefined, asJson(returnvalue)));
    events.on("failed", ({ jobId, failedReason }) => answers.emit(jobId, failedReason));
  }
  return {
    queue,
    async work(handler) {
      const worker = await keep(
        // A job may stall as often as processes die under it: what it does is guarded by rows.
        backend.worker(kind.name, handler, {
          concurrency: kind.concurrency,
          lockDuration: LOCK_MS,
          maxStalledCount: 100,
          stalledInterval: 10_000,
        }),
      );
      worker.on("completed", (job, result) => answers.emit(job.id ?? "", undefined, result));
      worker.on("failed", (job, error) => {
        if (job && job.attemptsMade >= kind.attempts) answers.emit(job.id ?? "", error.message);
      });
    },
    answerTo: (jobId, timeoutMs) => waitFor(answers, jobId, timeoutMs, kind.name),
    async close(andRemove) {
      const [first, ...others] = opened;
      for (const one of others.reverse()) await one.close();
      if (andRemove) await queue.obliterate({ force: true });
      await first?.close();
      answers.removeAllListeners();
    },
  };
}

function waitFor(answers: EventEmitter, jobId: string, timeoutMs: number, name: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      answers.removeAllListeners(jobId);
      reject(new SentientError("QUEUE_FAILED", `no worker finished a ${name} job within ${timeoutMs} ms`, { jobId }));
    }, timeoutMs);
    answers.once(jobId, (failedReason: string | undefined, result: unknown) => {
      clearTimeout(timer);
      if (failedReason === undefined) resolve(result);
      else reject(new SentientError("QUEUE_FAILED", `a ${name} job failed: ${failedReason}`, { jobId }));
    });
  });
}

/** Events carry results as text on one backend and as values on the other. */
const asJson = (value: unknown): unknown => (typeof value === "string" ? JSON.parse(value) : value);
