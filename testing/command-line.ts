import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Writable } from "node:stream";
import { vi } from "vitest";
import { main } from "../cli/main.ts";

export interface Ended {
  /** Exit status; null if a signal ended the process. */
  readonly code: number | null;
  readonly out: readonly string[];
  readonly err: string;
}

export interface Running {
  readonly pid: number;
  readonly stdin: Writable;
  readonly ended: Promise<Ended>;
  /** Number of result lines so far. */
  printed(): number;
  /** Resolves when this many result lines were printed, or the process has ended. */
  hasPrinted(lines: number): Promise<void>;
  interrupt(): void;
  /** Kills it at once (SIGKILL); returns false if it had already ended. */
  kill(): boolean;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment without servers, as on a first start. */
export function withoutServers(): Environment {
  const { DATABASE_URL: _database, REDIS_URL: _redis, ...others } = process.env;
  return { ...others, NO_COLOR: "1" };
}

const SENTIENT = join(import.meta.dirname, "..", "cli", "sentient.js");

/** Starts the command line in its own process, as a user would. */
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
  // An interrupted process stops reading its input.
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

/** Runs the command line until it ends. */
export async function sentient(...words: readonly string[]): Promise<Ended> {
  const running = startSentient(words);
  running.stdin.end();
  return running.ended;
}

/**
 * Runs the command line in this process, which saves loading it again; output and exit status are the same. For commands that read no
 * standard input and are not interrupted; one at a time.
 */
export const sentientHere = (...words: readonly string[]): Promise<Ended> => sentientWith({}, words);

/** The same with additional environment variables. */
export async function sentientWith(environment: Environment, words: readonly string[]): Promise<Ended> {
  const { stdout } = process;
  const listeners = stdout.listeners("error");
  const written = { stdout: "", stderr: "" };
  const streams = (["stdout", "stderr"] as const).map((name) =>
    vi.spyOn(process[name], "write").mockImplementation((text) => {
      written[name] += String(text);
      return true;
    }),
  );
  const given: Environment = { DATABASE_URL: undefined, REDIS_URL: undefined, NO_COLOR: "1", ...environment };
  const before = Object.fromEntries(Object.keys(given).map((name) => [name, process.env[name]]));
  setVariables(given);
  try {
    const code = await main(words);
    return { code, out: written.stdout.split("\n").slice(0, -1), err: written.stderr };
  } finally {
    for (const stream of streams) stream.mockRestore();
    for (const listener of stdout.listeners("error")) if (!listeners.includes(listener)) stdout.off("error", listener as () => void);
    setVariables(before);
  }
}

/** The same in a folder, and under an umask if one is given, both of which this process has only while the command runs. */
export async function sentientIn(
  place: { readonly dir: string; readonly umask?: number },
  words: readonly string[],
  environment: Environment = {},
): Promise<Ended> {
  const [dir, umask] = [process.cwd(), process.umask()];
  process.chdir(place.dir);
  process.umask(place.umask ?? umask);
  try {
    return await sentientWith(environment, words);
  } finally {
    process.umask(umask);
    process.chdir(dir);
  }
}

// --- internal ---

/** Sets environment variables, and deletes those without a value. */
function setVariables(variables: Environment): void {
  for (const [name, value] of Object.entries(variables)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
}
