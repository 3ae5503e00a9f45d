import type { LineProblems } from "../../intake/line-problems.ts";
import type { Io } from "../io.ts";

/** Invalid lines of a file. */
export interface WrongLines extends LineProblems {
  readonly file: string;
}

/** Prints the first hundred, and the number of the others. */
export function tellWrongLines({ file, problems, moreProblems }: WrongLines, { warn, paint }: Pick<Io, "warn" | "paint">): void {
  for (const { line, problem } of problems) warn(`${paint.red("✗")} ${file}:${line}: ${problem}`);
  if (moreProblems > 0) warn(`${paint.red("✗")} ${file}: ${moreProblems} more lines cannot be used`);
}
