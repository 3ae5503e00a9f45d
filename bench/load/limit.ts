import { fork } from "node:child_process";
import { join } from "node:path";
import { READS_TYPESCRIPT } from "../../testing/process.ts";
import type { Sink } from "./load.ts";
import type { Place, Subject } from "./service-under-load.ts";

/** The same work as plain batched functions on a PostgreSQL server: the limit of the machine. */
export function plainFunctions({ databaseUrl }: Place, customers: number): (sink: Sink) => Promise<Subject> {
  return async (sink) => {
    const child = fork(join(import.meta.dirname, "limit-process.ts"), [sink.url, String(customers)], {
      execArgv: [...READS_TYPESCRIPT],
      env: { ...process.env, DATABASE_URL: databaseUrl },
    });
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    const port = await new Promise<number>((resolve, reject) => {
      child.once("message", (port) => resolve(Number(port)));
      child.once("exit", (code) => reject(new Error(`the limit's process ended with ${code}`)));
    });
    return {
      url: `http://127.0.0.1:${port}`,
      pids: [child.pid ?? 0],
      async stop() {
        if (child.connected) child.send("stop");
        await ended;
      },
    };
  };
}
