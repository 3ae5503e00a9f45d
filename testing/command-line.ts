import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Writable } from "node:stream";

export interface Ended {
  /** Exit status; null when a signal ended it. */
  readonly code: number | null;
  readonly out: readonly string[];
  readonly err: string;
}

export interface Running {
  readonly pid: number;
  readonly stdin: Writable;
  readonly ended: Promise<Ended>;
  /** Lines of results so far. */
  printed(): number;
  /** Resolves when so many lines of results have come, or the process is gone. */
  hasPrinted(lines: number): Promise<void>;
  interrupt(): void;
  /** Ends it at once (SIGKILL); false when it had ended already. */
  kill(): boolean;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment without servers: what a first user has. */
export function withoutServers(): Environment {
  const { DATABASE_URL: _database, REDIS_URL: _redis, ...others } = process.env;
  return { ...others, NO_COLOR: "1" };
}

const SENTIENT = join(import.meta.dirname, "..", "cli", "sentient.js");

/** Starts the command line as a user would, in a process of its own. */
export function startSentient(words: readonly string[], environment: Environment = withoutServers()): Running {
  const child = spawn(process.execPath, [SENTIENT, ...words], { env: environment as NodeJS.ProcessEnv });
  const out: string[] = [];
  let err = "";
  let look = (): void => {};
  createInterface({ input: child.stdout }).on("line", (line) => {
    out.push(line);
    look();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    err += text;
  });
  // Who is interrupted reads no more of what it is given.
  child.stdin.on("error", () => {});
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({ code, out, err });
      look();
    });
  });
  return {
    pid: child.pid ?? 0,
    stdin: child.stdin,
    ended,
    printed: () => out.length,
    async hasPrinted(lines) {
      while (out.length < lines && child.exitCode === null) {
        await new Promise<void>((resolve) => {
          look = resolve;
        });
      }
    },
    interrupt: () => void child.kill("SIGINT"),
    kill: () => child.exitCode === null && child.kill("SIGKILL"),
  };
}

/** Runs the command line to its end. */
export async function sentient(...words: readonly string[]): Promise<Ended> {
  const running = startSentient(words);
  running.stdin.end();
  return running.ended;
}
