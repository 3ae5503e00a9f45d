import { setTimeout as pause } from "node:timers/promises";
import type { Queue as BullQueue, Job } from "bullmq";
import { SentientError } from "../domain/errors.ts";
import type { Backend } from "./backend.ts";
import type { JobKind } from "./jobs.ts";

/** One kind of job on one backend: its queue, the workers of this process, and who waits for answers. */
export interface JobChannel {
  readonly queue: BullQueue;
  work(handler: (job: Job) => Promise<unknown>): Promise<void>;
  /** Adds a job and waits for what comes of it. */
  ask(jobId: string, payload: unknown, timeoutMs: number): Promise<unknown>;
  close(andRemove: boolean): Promise<void>;
}

export interface JobChannelOptions {
  readonly backend: Backend;
  /** True where no other process works on the same queue: then what is not done here is not done. */
  readonly alone: boolean;
  /** How long a job stays with a worker that no longer says that it is alive. */
  readonly lockMs: number;
  /** Told about trouble with a connection; BullMQ mends it by itself. */
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
          // A job may stall as often as processes die under it: what it does is guarded by rows.
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
        // Whoever works on it may be done before the adding has returned.
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

/** Finished jobs are kept for those who look for their answer in another process; alone there are none. */
const jobOptions = (kind: JobKind, alone: boolean): object => ({
  attempts: kind.attempts,
  backoff: { type: "exponential", delay: 500 },
  removeOnComplete: alone ? true : { age: 600, count: 10_000 },
  removeOnFail: { count: 1_000 },
});

/** Whoever waits in this process gets the answer at once; that the job is over is written down meanwhile. */
const answering =
  (handler: (job: Job) => Promise<unknown>, answers: PendingAnswers) =>
  async (job: Job): Promise<unknown> => {
    answers.runsHere(job.id);
    const result = await handler(job);
    answers.give(job.id, { result });
    return result;
  };

type Answer = { readonly result: unknown } | { readonly failure: string };

/** What has come of a job, asked of the queue itself. One that is not there any more was lost: nobody will do it. */
async function readAnswer(queue: BullQueue, jobId: string): Promise<Answer | undefined> {
  const job = (await queue.getJob(jobId)) as Job | undefined;
  if (!job) return { failure: "the queue has lost it" };
  if (job.finishedOn === undefined) return undefined;
  return (await job.isFailed()) ? { failure: job.failedReason ?? "" } : { result: job.returnvalue };
}

/**
 * Who waits for what another process may do looks for it: so long after the job was added, then each time after a quarter of what
 * has passed. BullMQ's own word of finished jobs is five messages a job to each process that listens, is lost with a connection,
 * and on PostgreSQL passes over what is published between two reads.
 */
const MIN_POLL_MS = 25;

/** How seldom at most; and how often for a job that this process has in hand itself, lest another one has had to take it over. */
const MAX_POLL_MS = 1_000;

interface Waiting {
  readonly give: (answer: Answer) => void;
  runsHere: boolean;
}

/** Those who wait for answers, by job. */
class PendingAnswers {
  private readonly waiting = new Map<string, Waiting>();
  private readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  give(jobId: string | undefined, answer: Answer): void {
    this.waiting.get(jobId ?? "")?.give(answer);
  }

  /** This process does the job itself, and will say what came of it. */
  runsHere(jobId: string | undefined): void {
    const one = this.waiting.get(jobId ?? "");
    if (one) one.runsHere = true;
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

  /** Looks for the answer of a job that was added, for as long as somebody waits for it. */
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

  /** Nobody waits for what cannot come any more. */
  stop(): void {
    for (const { give } of [...this.waiting.values()]) give({ failure: "the queue was closed before it was finished" });
  }
}

interface Resource {
  on(event: "error", listener: (error: Error) => void): unknown;
  waitUntilReady(): Promise<unknown>;
  close(): Promise<void>;
}

/** What a channel has opened: the queue first, then what works on it. */
class Resources {
  private readonly parts: Resource[] = [];
  private readonly onTrouble: (error: Error) => void;

  constructor(onTrouble: (error: Error) => void) {
    this.onTrouble = onTrouble;
  }

  async keep<T extends Resource>(part: T): Promise<T> {
    // Without a listener, trouble with a connection would end the process.
    part.on("error", this.onTrouble);
    this.parts.push(part);
    await part.waitUntilReady();
    return part;
  }

  /** Workers first, so that jobs in work can still be finished; then `last`, then the queue. */
  async closeAll(last: () => Promise<void> = async () => {}): Promise<void> {
    const [queue, ...others] = this.parts.splice(0);
    for (const part of others.reverse()) await part.close();
    if (queue) await last().finally(() => queue.close());
  }
}
