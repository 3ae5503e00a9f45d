import { SentientError } from "../domain/errors.ts";
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

export function problemsError(problems: readonly Problem[]): SentientError {
  const lines = problems.map((problem) => terminalSafe(describeProblem(problem)));
  return new SentientError(
    "BAD_CONFIG",
    `the workspace has ${lines.length === 1 ? "1 problem" : `${lines.length} problems`}\n${lines.join("\n")}`,
    { isList: true },
  );
}

/** The known word nearest to a misspelt one; undefined when none is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const near = known
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, distance }) => distance <= Math.max(1, Math.floor(Math.min(word.length, candidate.length) / 3)))
    .sort((a, b) => a.distance - b.distance);
  return near[0]?.candidate;
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

// --- internal ---

/** Edit distance between two words; two neighbours that changed places are one edit (optimal string alignment). */
function editDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++)
      row.push(Math.min(substituted(a, b, i, j, rows), (rows[i - 1]?.[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    rows.push(row);
  }
  return rows[a.length]?.[b.length] ?? 0;
}

/** The cost at (i, j) by a letter that stays or changes, or by two that changed places. */
function substituted(a: string, b: string, i: number, j: number, rows: readonly (readonly number[])[]): number {
  const change = (rows[i - 1]?.[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
  const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
  return isSwapped ? Math.min(change, (rows[i - 2]?.[j - 2] ?? 0) + 1) : change;
}
