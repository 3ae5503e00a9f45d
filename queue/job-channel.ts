import { setTimeout as pause } from "node:timers/promises";
import type { Queue as BullQueue, Job } from "bullmq";
import { SentientError } from "../domain/errors.ts";
import type { Backend } from "./backend.ts";
import type { JobKind } from "./jobs.ts";

/** One kind of job on one backend: its queue, the workers of this process, and its pending answers. */
export interface JobChannel {
  readonly queue: BullQueue;
  work(handler: (job: Job) => Promise<unknown>): Promise<void>;
  /** Adds a job and waits for its result. */
  ask(jobId: string, payload: unknown, timeoutMs: number): Promise<unknown>;
  close(andRemove: boolean): Promise<void>;
}

export interface JobChannelOptions {
  readonly backend: Backend;
  /** True if no other process works on the same queue, so every job runs here. */
  readonly alone: boolean;
  /** Lock duration: how long a job stays with a worker that sends no heartbeat. */
  readonly lockMs: number;
  /** Called with connection errors; BullMQ reconnects by itself. */
  readonly onTrouble: (error: Error) => void;
}

export async function openJobChannel(kind: JobKind, options: JobChannelOptions): Promise<JobChannel> {
  const { backend, alone, lockMs } = options;
  const resources = new Resources(options.onTrouble);
  const answers = new PendingAnswers(kind.name);
  try {
    const queue = await resources.keep(backend.queue(kind.name, { defaultJobOptions: jobOptions(kind, alone) }));
    return {
      queue,
      async work(handler) {
        const worker = await resources.keep(
          // A job may stall as often as its process crashes: rows in the store make its effects at-most-once.
          backend.worker(kind.name, answering(handler, answers), {
            concurrency: kind.concurrency,
            lockDuration: lockMs,
            maxStalledCount: 100,
            stalledInterval: Math.min(10_000, lockMs),
          }),
        );
        worker.on("failed", (job, error) => {
          if (job && job.attemptsMade >= kind.attempts) answers.give(job.id, { failure: error.message });
        });
      },
      async ask(jobId, payload, timeoutMs) {
        // Registered first: the job may finish before `add` returns.
        const answer = answers.wait(jobId, timeoutMs);
        answer.catch(() => {});
        await queue.add(kind.name, payload, { jobId }).then(
          () => {
            if (!alone) void answers.pollUntilAnswered(jobId, () => readAnswer(queue, jobId));
          },
          (error: Error) => answers.give(jobId, { failure: error.message }),
        );
        return answer;
      },
      async close(andRemove) {
        await resources.closeAll(andRemove ? () => queue.obliterate({ force: true }) : undefined).finally(() => answers.stop());
      },
    };
  } catch (error) {
    await resources.closeAll().catch(options.onTrouble);
    throw error;
  }
}

// --- internal ---

/** Keeps finished jobs for other processes that poll for the result; an exclusive process has no need. */
const jobOptions = (kind: JobKind, alone: boolean): object => ({
  attempts: kind.attempts,
  backoff: { type: "exponential", delay: 500 },
  removeOnComplete: alone ? true : { age: 600, count: 10_000 },
  removeOnFail: { count: 1_000 },
});

/** Settles a caller in this process at once, while the completion of the job is still being written. */
const answering =
  (handler: (job: Job) => Promise<unknown>, answers: PendingAnswers) =>
  async (job: Job): Promise<unknown> => {
    // Nobody else will read its result.
    if (answers.runsHere(job.id)) job.opts.removeOnComplete = true;
    const result = await handler(job);
    answers.give(job.id, { result });
    return result;
  };

type Answer = { readonly result: unknown } | { readonly failure: string };

/** Reads the result of a job from the queue. A missing job was lost and will not run. */
async function readAnswer(queue: BullQueue, jobId: string): Promise<Answer | undefined> {
  const job = (await queue.getJob(jobId)) as Job | undefined;
  if (!job) return { failure: "the queue has lost it" };
  if (job.finishedOn === undefined) return undefined;
  return (await job.isFailed()) ? { failure: job.failedReason ?? "" } : { result: job.returnvalue };
}

/**
 * Polls for the result of a job that another process may run: first after this delay, then at intervals of a quarter of the time
 * elapsed. BullMQ's completion events are five messages a job to each listening process, are lost with a connection, and on
 * PostgreSQL miss what is published between two reads.
 */
const MIN_POLL_MS = 25;

/** The longest interval; also the interval for a job that runs in this process, in case another one has taken it over. */
const MAX_POLL_MS = 1_000;

interface Waiting {
  readonly give: (answer: Answer) => void;
  runsHere: boolean;
}

/** Pending answers, by job id. */
class PendingAnswers {
  private readonly waiting = new Map<string, Waiting>();
  private readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  give(jobId: string | undefined, answer: Answer): void {
    this.waiting.get(jobId ?? "")?.give(answer);
  }

  /** Marks a job as running in this process, which will settle its answer, and returns whether it waits for it. */
  runsHere(jobId: string | undefined): boolean {
    const one = this.waiting.get(jobId ?? "");
    if (one) one.runsHere = true;
    return one !== undefined;
  }

  wait(jobId: string, timeoutMs: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const give = (answer: Answer): void => {
        this.waiting.delete(jobId);
        clearTimeout(timer);
        if ("result" in answer) resolve(answer.result);
        else reject(new SentientError("QUEUE_FAILED", `a ${this.name} job failed: ${answer.failure}`, { jobId }));
      };
      const timer = setTimeout(() => give({ failure: `no worker finished it within ${timeoutMs} ms` }), timeoutMs);
      this.waiting.set(jobId, { give, runsHere: false });
    });
  }

  /** Polls for the answer of an added job, until it is settled. */
  async pollUntilAnswered(jobId: string, read: () => Promise<Answer | undefined>): Promise<void> {
    const began = performance.now();
    let polledAt = began;
    while (this.waiting.has(jobId)) {
      await pause(Math.min(MAX_POLL_MS, Math.max(MIN_POLL_MS, (performance.now() - began) / 4)), undefined, { ref: false });
      const one = this.waiting.get(jobId);
      if (!one || (one.runsHere && performance.now() - polledAt < MAX_POLL_MS)) continue;
      polledAt = performance.now();
      const answer = await read().catch(() => undefined);
      if (answer) one.give(answer);
    }
  }

  /** Fails all pending answers, which can no longer arrive. */
  stop(): void {
    for (const { give } of [...this.waiting.values()]) give({ failure: "the queue was closed before it was finished" });
  }
}

interface Resource {
  on(event: "error", listener: (error: Error) => void): unknown;
  waitUntilReady(): Promise<unknown>;
  close(): Promise<void>;
}

/** The open resources of a channel: the queue first, then its workers. */
class Resources {
  private readonly parts: Resource[] = [];
  private readonly onTrouble: (error: Error) => void;

  constructor(onTrouble: (error: Error) => void) {
    this.onTrouble = onTrouble;
  }

  async keep<T extends Resource>(part: T): Promise<T> {
    // Without a listener, a connection error would end the process.
    part.on("error", this.onTrouble);
    this.parts.push(part);
    await part.waitUntilReady();
    return part;
  }

  /** Closes the workers first, so active jobs can finish; then runs `last`, then closes the queue. */
  async closeAll(last: () => Promise<void> = async () => {}): Promise<void> {
    const [queue, ...others] = this.parts.splice(0);
    for (const part of others.reverse()) await part.close();
    if (queue) await last().finally(() => queue.close());
  }
}
