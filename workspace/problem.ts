import { SentientError } from "../domain/errors.ts";
import { nearest } from "../domain/values/nearest.ts";
import { terminalSafe } from "../domain/values/terminal-safe.ts";

/** A problem in a workspace: its place, and what was expected. */
export interface Problem {
  /** Relative to the workspace. */
  readonly file: string;
  /** Counted from 1; missing where the problem concerns the whole file. */
  readonly line?: number;
  readonly path?: string;
  readonly message: string;
}

/** Something that is probably a mistake, or merely worth knowing. */
export interface Note extends Problem {
  /** Right as it is: `check --strict` does not make it an error. */
  readonly isFine?: true;
}

/** Formats a problem on one line, like a compiler: file, line, path, message. */
export function describeProblem({ file, line, path, message }: Problem): string {
  const where = line === undefined ? file : `${file}:${line}`;
  return path === undefined || path === "" ? `${where}: ${message}` : `${where}: ${path}: ${message}`;
}

/**
 * One error with all problems.
 *
 * @param code BAD_INPUT where the files came with a request
 * @param what has them
 */
export function problemsError(
  problems: readonly Problem[],
  code: "BAD_CONFIG" | "BAD_INPUT" = "BAD_CONFIG",
  what = "the workspace",
): SentientError {
  const lines = problems.map((problem) => terminalSafe(describeProblem(problem)));
  return new SentientError(code, `${what} has ${lines.length === 1 ? "1 problem" : `${lines.length} problems`}\n${lines.join("\n")}`, {
    isList: true,
  });
}

/** "unknown key x; did you mean y?" or, when none is near, the valid keys. */
export function unknownKey(key: string, known: readonly string[]): string {
  const meant = nearest(key, known);
  return `unknown key ${key}; ${meant === undefined ? `expected one of ${known.join(", ")}` : `did you mean ${meant}?`}`;
}

/** "unknown X; did you mean Y?" or, when none is near, the valid names. */
export function unknownName(kind: string, name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  if (meant !== undefined) return `unknown ${kind} ${name}; did you mean ${meant}?`;
  return `unknown ${kind} ${name}; ${known.length === 0 ? "there are none" : `expected one of ${known.join(", ")}`}`;
}
