import { fork } from "node:child_process";
import { join } from "node:path";
import type { AskAnswer } from "../../domain/entities/ask.ts";
import type { JsonObject } from "../../domain/values/json.ts";
import { READS_TYPESCRIPT } from "../process.ts";
import type { Place } from "../service.ts";

/** The task of a worker process. */
export interface WorkerTask {
  readonly settings: string;
  readonly experiences: readonly string[];
  readonly databaseUrl?: string;
  readonly redisUrl?: string;
  readonly dataDir: string;
}

/** An ask for a worker process, and its reply. */
export interface AskMessage {
  readonly n: number;
  readonly body: JsonObject;
}
export interface AskReply {
  readonly n: number;
  readonly answer?: AskAnswer;
  /** The code of the error. */
  readonly refused?: string;
}

/** The caller of every ask of a race: asks of the same id are the same, whichever process they reach. */
export const RACING = { source: "race" } as const;

/** A worker process of a race. */
export interface RaceWorker {
  next(body: JsonObject): Promise<Omit<AskReply, "n">>;
  stop(): Promise<void>;
}

/** Starts worker processes on a place that can be shared; resolves when all are working. */
export async function startWorkers(
  count: number,
  { place: { databaseUrl, redisUrl }, ...task }: Omit<WorkerTask, "databaseUrl" | "redisUrl"> & { readonly place: Place },
): Promise<readonly RaceWorker[]> {
  const full: WorkerTask = {
    ...task,
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
    ...(redisUrl === undefined ? {} : { redisUrl }),
  };
  return Promise.all(Array.from({ length: count }, () => startWorker(full)));
}

// --- internal ---

async function startWorker(task: WorkerTask): Promise<RaceWorker> {
  const worker = fork(join(import.meta.dirname, "race-worker.ts"), [], {
    execArgv: [...READS_TYPESCRIPT],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const waiting = new Map<number, (reply: AskReply) => void>();
  let asked = 0;
  await new Promise<void>((resolve, reject) => {
    worker.once("message", () => resolve());
    worker.once("exit", (code) => reject(new Error(`a worker ended with ${code} before it began`)));
    worker.send(task);
  });
  worker.on("message", (reply: AskReply) => waiting.get(reply.n)?.(reply));
  return {
    next: (body) =>
      new Promise((resolve, reject) => {
        const n = ++asked;
        waiting.set(n, resolve);
        const message: AskMessage = { n, body };
        worker.send(message, (error) => error && reject(error));
      }),
    stop: () =>
      new Promise((resolve) => {
        if (worker.exitCode !== null) return resolve();
        worker.once("exit", () => resolve());
        worker.kill("SIGTERM");
      }),
  };
}
