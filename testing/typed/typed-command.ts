import type { Io } from "../../cli/io.ts";
import { runCommand } from "../../cli/main.ts";
import { readArguments } from "../../cli/read-arguments.ts";

export type TypedOptions = Readonly<Record<string, string | boolean>>;

/** Runs a command in this process as if typed, and returns its exit status; `name` is like `tasks list`. */
export function runTyped(name: string, words: readonly string[], options: TypedOptions, io: Io): Promise<number> {
  const flags = Object.entries(options).flatMap(([flag, value]) =>
    value === true ? [`--${flag}`] : value === false ? [] : [`--${flag}`, value],
  );
  return runCommand(readArguments([...name.split(" "), ...words, ...flags]), io);
}
