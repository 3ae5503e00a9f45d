import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** A `sentient` command in its own process. */
export interface Started {
  readonly process: ChildProcess;
  /** Lines written so far, to either stream. */
  readonly lines: readonly string[];
  /** Resolves with the first line that matches a pattern. */
  line(pattern: RegExp): Promise<RegExpExecArray>;
  /** Exit status once it has ended: a number, or the signal. */
  readonly ended: Promise<number | string>;
  kill(signal: NodeJS.Signals): void;
}

/** Arguments that make Node read TypeScript, as the command line does. */
export const READS_TYPESCRIPT: readonly string[] = ["--import", new URL("../cli/typescript.js", import.meta.url).href];

/** Starts `sentient` with these arguments. It inherits only PATH, HOME and TMPDIR from this process's environment. */
export function startSentient(words: readonly string[], environment: Readonly<Record<string, string>> = {}, cwd = process.cwd()): Started {
  const child = spawn(process.execPath, [join(import.meta.dirname, "..", "cli", "sentient.js"), ...words], {
    cwd,
    env: { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", TMPDIR: process.env.TMPDIR ?? "/tmp", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: string[] = [];
  const watchers = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line);
      for (const look of watchers) look();
    });
  }
  const ended = new Promise<number | string>((resolve) => child.once("close", (code, signal) => resolve(code ?? signal ?? "")));
  return {
    ...{ process: child, lines, ended },
    line: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = lines.map((line) => pattern.exec(line)).find((match) => match !== null);
          if (!found) return;
          watchers.delete(look);
          resolve(found);
        };
        watchers.add(look);
        void ended.then((status) => reject(new Error(`it ended with ${status} before it said ${pattern}:\n${lines.join("\n")}`)));
        look();
      }),
    kill: (signal) => void child.kill(signal),
  };
}
