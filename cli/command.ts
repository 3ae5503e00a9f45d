import type { Io } from "./io.ts";

/** What was typed, read by the command's own description in `usage.js`. */
export interface Arguments {
  readonly positionals: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
}

/** One command: a file that gives back an exit status. */
export interface Command {
  run(args: Arguments, io: Io): Promise<number>;
}

export const DONE = 0;
export const FAILED = 1;
export const BELOW_GATE = 3;
export const INTERRUPTED = 130;

/** The workspace folder: the first word, `--workspace`, or the current folder. */
export const workspaceOf = ({ positionals, options }: Arguments): string => positionals[0] ?? text(options.workspace) ?? ".";

export const text = (value: string | boolean | undefined): string | undefined => (typeof value === "string" ? value : undefined);
