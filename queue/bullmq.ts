import { runMigrations } from "bullmq";
import { SentientError } from "../domain/errors.ts";
import { backendOf, probeRedis, type QueuePlace, type QueuePool } from "./backend.ts";
import { type JobChannel, openJobChannel } from "./job-channel.ts";
import type { JobKind } from "./jobs.ts";
import type { Queue } from "./queue.ts";

export { probeRedis, type QueuePlace };

export interface QueueOptions {
  readonly place: QueuePlace;
  readonly newId: () => string;
  /** True where no other process works on the same queue: then what is not done here is not done. */
  readonly alone: boolean;
  /** Told about trouble with a connection; BullMQ mends it by itself. */
  readonly onTrouble: (error: Error) => void;
  /** How long a job stays with a worker that no longer says that it is alive (default: a minute). */
  readonly lockMs?: number;
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
export async function openQueue({ place, newId, alone, onTrouble, lockMs = LOCK_MS }: QueueOptions): Promise<Queue> {
  // A server that is not there when we start is told about at once; one that goes away later is waited for.
  if (place.kind === "redis") await probeRedis(place.url);
  const backend = backendOf(place, onTrouble);
  const channels = new Map<string, Promise<JobChannel>>();
  let closing: Promise<void> | undefined;
  const channelOf = (kind: JobKind): Promise<JobChannel> => {
    if (closing !== undefined) throw new SentientError("QUEUE_FAILED", `the queue is closed; no ${kind.name} job is taken any more`);
    const known = channels.get(kind.name);
    if (known) return known;
    const made = openJobChannel(kind, { backend, alone, onTrouble, lockMs });
    channels.set(kind.name, made);
    // The next one who asks tries again.
    made.catch(() => channels.delete(kind.name));
    return made;
  };
  const close = async (): Promise<void> => {
    const open = await Promise.allSettled(channels.values());
    const closed = await Promise.allSettled(
      open.map((channel) => (channel.status === "fulfilled" ? channel.value.close(backend.isTemporary) : undefined)),
    );
    await backend.close();
    const failed = closed.find((one) => one.status === "rejected");
    if (failed) throw failed.reason;
  };
  return {
    place: backend.place,
    async add(kind, payload) {
      const channel = await channelOf(kind);
      // Nobody waits for what comes of it.
      await channel.queue.add(kind.name, kind.payload.parse(payload), { jobId: newId(), removeOnComplete: true });
    },
    async ask(kind, payload, { timeoutMs }) {
      const given = kind.payload.parse(payload);
      const channel = await channelOf(kind);
      return kind.result.parse(await channel.ask(newId(), given, timeoutMs));
    },
    async work(kind, handler) {
      const channel = await channelOf(kind);
      await channel.work(async (job) => kind.result.parse(await handler(kind.payload.parse(job.data))));
    },
    async backlog(kind) {
      const { queue } = await channelOf(kind);
      const counts = await queue.getJobCounts("waiting", "active", "delayed", "prioritized");
      return Object.values(counts).reduce((sum, count) => sum + count, 0);
    },
    async clear(kind) {
      await (await channelOf(kind)).queue.obliterate({ force: true });
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
}

// --- internal ---

/** Workers say that they are alive every half of it. Much longer, and a crash would hold up its jobs; much shorter, and a busy process would lose them. */
const LOCK_MS = 60_000;
