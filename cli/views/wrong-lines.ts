import type { LineProblems } from "../../intake/line-problems.ts";
import type { Io } from "../io.ts";

/** Lines of a file that could not be used. */
export interface WrongLines extends LineProblems {
  readonly file: string;
}

/** Tells the first hundred, and how many more there are. */
export function tellWrongLines({ file, problems, moreProblems }: WrongLines, { warn, paint }: Pick<Io, "warn" | "paint">): void {
  for (const { line, problem } of problems) warn(`${paint.red("✗")} ${file}:${line}: ${problem}`);
  if (moreProblems > 0) warn(`${paint.red("✗")} ${file}: ${moreProblems} more lines cannot be used`);
}
