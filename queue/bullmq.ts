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
  /** True if no other process works on the same queue, so every job runs here. */
  readonly alone: boolean;
  /** Called with connection errors; BullMQ reconnects by itself. */
  readonly onTrouble: (error: Error) => void;
  /** Called once, if the server does not let this process publish or subscribe: jobs carry hints then. */
  readonly onRefused?: (error: SentientError) => void;
  /** Lock duration: how long a job stays with a worker that sends no heartbeat (default: a minute). */
  readonly lockMs?: number;
}

/** Creates the queue's tables in its own schema. Safe for concurrent processes. */
export async function migrateQueue(pool: QueuePool, schema: string): Promise<void> {
  const client = await pool.connect();
  try {
    await runMigrations(client as unknown as Parameters<typeof runMigrations>[0], schema);
  } finally {
    client.release();
  }
}

/** Opens BullMQ on PostgreSQL or on Redis. */
export async function openQueue({ place, newId, alone, onTrouble, onRefused = () => {}, lockMs = LOCK_MS }: QueueOptions): Promise<Queue> {
  // An unreachable server fails at start; later connection losses are waited out.
  if (place.kind === "redis") await probeRedis(place.url);
  const backend = backendOf(place, { onTrouble, onRefused });
  const channels = new Map<string, Promise<JobChannel>>();
  let closing: Promise<void> | undefined;
  const channelOf = (kind: JobKind): Promise<JobChannel> => {
    if (closing !== undefined) throw new SentientError("QUEUE_FAILED", `the queue is closed; no ${kind.name} job is taken any more`);
    const known = channels.get(kind.name);
    if (known) return known;
    const made = openJobChannel(kind, { backend, alone, onTrouble, lockMs });
    channels.set(kind.name, made);
    // The next caller tries again.
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
  const add = async <Payload>(kind: JobKind<Payload>, payload: Payload): Promise<void> => {
    const channel = await channelOf(kind);
    // No caller waits for the result, so it is not kept.
    await channel.queue.add(kind.name, kind.payload.parse(payload), { jobId: newId(), removeOnComplete: true });
  };
  const work: Queue["work"] = async (kind, handler) => {
    const channel = await channelOf(kind);
    await channel.work(async (job) =>
      kind.result.parse(await handler(kind.payload.parse(job.data), { isFirst: job.attemptsStarted === 1 })),
    );
  };
  return {
    place: backend.place,
    add,
    work,
    async publish(hint) {
      if (closing === undefined && backend.hints && (await backend.hints.publish(hint.name)) > 0) return;
      await add(hint, {});
    },
    async subscribe(hint, onHint) {
      backend.hints?.subscribe(hint.name, onHint);
      await work(hint, async () => {
        onHint();
        return {};
      });
    },
    async ask(kind, payload, { timeoutMs }) {
      const given = kind.payload.parse(payload);
      const channel = await channelOf(kind);
      return kind.result.parse(await channel.ask(newId(), given, timeoutMs));
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

/** Workers renew the lock at half of this. Much longer would delay jobs after a crash; much shorter would lose locks in a busy process. */
const LOCK_MS = 60_000;
