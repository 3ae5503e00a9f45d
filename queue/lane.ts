import type { Queue as BullQueue, Job } from "bullmq";
import { SentientError } from "../domain/errors.ts";
import type { Backend } from "./backend.ts";
import type { JobKind } from "./jobs.ts";

/** One kind of job on one backend: its queue, the workers of this process, and who waits for answers. */
export interface Lane {
  readonly queue: BullQueue;
  work(handler: (job: Job) => Promise<unknown>): Promise<void>;
  /** Adds a job and waits for what comes of it. */
  ask(jobId: string, payload: unknown, timeoutMs: number): Promise<unknown>;
  close(andRemove: boolean): Promise<void>;
}

export interface LaneOptions {
  readonly backend: Backend;
  /** True where no other process works on the same queue: then nobody has to be listened to. */
  readonly alone: boolean;
  /** How long a job stays with a worker that no longer says that it is alive. */
  readonly lockMs: number;
  /** Told about trouble with a connection; BullMQ mends it by itself. */
  readonly onTrouble: (error: Error) => void;
}

export async function openLane(kind: JobKind, options: LaneOptions): Promise<Lane> {
  const { backend, alone, lockMs } = options;
  const opened = new Opened(options.onTrouble);
  const answers = new Answers(kind.name);
  try {
    const queue = await opened.keep(backend.queue(kind.name, { defaultJobOptions: jobOptions(kind, alone) }));
    if (!alone) await listen(opened, backend, kind, answers);
    return {
      queue,
      async work(handler) {
        const worker = await opened.keep(
          // A job may stall as often as processes die under it: what it does is guarded by rows.
          backend.worker(kind.name, handler, {
            concurrency: kind.concurrency,
            lockDuration: lockMs,
            maxStalledCount: 100,
            stalledInterval: Math.min(10_000, lockMs),
          }),
        );
        worker.on("completed", (job, result) => answers.give(job.id, { result }));
        worker.on("failed", (job, error) => {
          if (job && job.attemptsMade >= kind.attempts) answers.give(job.id, { failure: error.message });
        });
      },
      async ask(jobId, payload, timeoutMs) {
        // Whoever works on it may be done before the adding has returned.
        let isThere = false;
        const look = async (): Promise<Answer | undefined> => (isThere ? lookUp(queue, jobId) : undefined);
        const answer = answers.wait(jobId, timeoutMs, alone ? undefined : look);
        answer.catch(() => {});
        await queue.add(kind.name, payload, { jobId }).then(
          () => {
            isThere = true;
          },
          (error: Error) => answers.give(jobId, { failure: error.message }),
        );
        return answer;
      },
      async close(andRemove) {
        await opened.closeAll(andRemove ? () => queue.obliterate({ force: true }) : undefined).finally(() => answers.stop());
      },
    };
  } catch (error) {
    await opened.closeAll().catch(options.onTrouble);
    throw error;
  }
}

// --- internal ---

/** Finished jobs are kept for who may have missed the word that they are done; alone nobody can miss it. */
const jobOptions = (kind: JobKind, alone: boolean): object => ({
  attempts: kind.attempts,
  backoff: { type: "exponential", delay: 500 },
  removeOnComplete: alone ? true : { age: 600, count: 10_000 },
  removeOnFail: { count: 1_000 },
});

async function listen(opened: Opened, backend: Backend, kind: JobKind, answers: Answers): Promise<void> {
  const events = await opened.keep(backend.events(kind.name));
  events.on("completed", ({ jobId, returnvalue }) => answers.give(jobId, { result: asJson(returnvalue) }));
  events.on("failed", ({ jobId, failedReason }) => answers.give(jobId, { failure: failedReason }));
}

type Answer = { readonly result: unknown } | { readonly failure: string };

/** What has come of a job, asked of the queue itself. One that is not there any more was lost: nobody will do it. */
async function lookUp(queue: BullQueue, jobId: string): Promise<Answer | undefined> {
  const job = (await queue.getJob(jobId)) as Job | undefined;
  if (!job) return { failure: "the queue has lost it" };
  const state = await job.getState();
  if (state !== "completed" && state !== "failed") return undefined;
  // It may have finished between the two looks: what was read first knows nothing of a result.
  const { returnvalue, failedReason = "" } = ((await queue.getJob(jobId)) as Job | undefined) ?? job;
  return state === "completed" ? { result: returnvalue } : { failure: failedReason };
}

/**
 * Word of a finished job is lost with a connection, and BullMQ's PostgreSQL backend passes over what is published while it
 * is between two reads. So who waits also looks, so often.
 */
const LOOK_UP_MS = 1_000;

/** Those who wait for answers, by job. */
class Answers {
  private readonly waiting = new Map<string, (answer: Answer) => void>();
  private readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  give(jobId: string | undefined, answer: Answer): void {
    this.waiting.get(jobId ?? "")?.(answer);
  }

  wait(jobId: string, timeoutMs: number, look: (() => Promise<Answer | undefined>) | undefined): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const give = (answer: Answer): void => {
        this.waiting.delete(jobId);
        clearTimeout(timer);
        clearInterval(looking);
        if ("result" in answer) resolve(answer.result);
        else reject(new SentientError("QUEUE_FAILED", `a ${this.name} job failed: ${answer.failure}`, { jobId }));
      };
      const lookNow = async (): Promise<void> => {
        const answer = await look?.();
        if (answer) this.give(jobId, answer);
      };
      const looking = look && setInterval(() => void lookNow().catch(() => {}), LOOK_UP_MS);
      const timer = setTimeout(() => give({ failure: `no worker finished it within ${timeoutMs} ms` }), timeoutMs);
      this.waiting.set(jobId, give);
    });
  }

  /** Nobody waits for what cannot come any more. */
  stop(): void {
    for (const give of [...this.waiting.values()]) give({ failure: "the queue was closed before it was finished" });
  }
}

/** Events carry results as text on one backend and as values on the other. */
const asJson = (value: unknown): unknown => (typeof value === "string" ? JSON.parse(value) : value);

interface Part {
  on(event: "error", listener: (error: Error) => void): unknown;
  waitUntilReady(): Promise<unknown>;
  close(): Promise<void>;
}

/** What a lane has opened: the queue first, then what works on it. */
class Opened {
  private readonly parts: Part[] = [];
  private readonly onTrouble: (error: Error) => void;

  constructor(onTrouble: (error: Error) => void) {
    this.onTrouble = onTrouble;
  }

  async keep<T extends Part>(part: T): Promise<T> {
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
