import { fork } from "node:child_process";
import { join } from "node:path";
import { READS_TYPESCRIPT } from "../../testing/process.ts";
import type { Sink } from "./load.ts";
import type { Place, Subject } from "./service-under-load.ts";

type Start = (place: Place, customers: number) => (sink: Sink) => Promise<Subject>;

/** The same work as plain batched functions on a PostgreSQL server: the limit of the machine. */
export const plainFunctions: Start = (place, customers) => (sink) => startPlain("limit-process.ts", place, [sink.url, String(customers)]);

/** The same work as one BullMQ job an event, on a PostgreSQL and a Redis server: what a team would build by hand. */
export const plainQueue: Start = (place, customers) => (sink) => startPlain("queue-process.ts", place, [sink.url, String(customers)]);

// --- internal ---

/** A subject in a process of its own, from a file beside this one. It sends the port that it listens at, and ends when it is told to stop. */
async function startPlain(file: string, { databaseUrl, redisUrl }: Place, words: readonly string[]): Promise<Subject> {
  const child = fork(join(import.meta.dirname, file), words, {
    execArgv: [...READS_TYPESCRIPT],
    env: { ...process.env, DATABASE_URL: databaseUrl, REDIS_URL: redisUrl },
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const port = await new Promise<number>((resolve, reject) => {
    child.once("message", (port) => resolve(Number(port)));
    child.once("exit", (code) => reject(new Error(`the process of ${file} ended with ${code}`)));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    pids: [child.pid ?? 0],
    async stop() {
      if (child.connected) child.send("stop");
      await ended;
    },
  };
}
