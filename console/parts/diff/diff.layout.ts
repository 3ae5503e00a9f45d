/** A line of a difference between two texts. */
export interface DiffLine {
  readonly kind: "same" | "added" | "removed" | "gap";
  /** Without its sign. Of a gap: empty. */
  readonly text: string;
  /** Its number in the text that has it; of a line in both, in the newer one. */
  readonly number?: number;
}

/** The lines of hunks of a unified diff, each with its number. */
export function diffLines(diff: string): readonly DiffLine[] {
  const lines: DiffLine[] = [];
  let next: Next = { before: 1, after: 1 };
  for (const line of diff === "" ? [] : diff.split("\n")) {
    const begins = beginningOf(line);
    if (begins && (lines.length > 0 || begins.before > 1 || begins.after > 1)) lines.push({ kind: "gap", text: "" });
    if (begins) next = begins;
    else next = take(line, next, lines);
  }
  return lines;
}

// --- internal ---

/** The numbers of the next lines. */
interface Next {
  readonly before: number;
  readonly after: number;
}

/** Of a hunk; of an empty text it is said to be 0. */
function beginningOf(line: string): Next | undefined {
  const [, before, after] = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/.exec(line) ?? [];
  return before === undefined ? undefined : { before: Math.max(1, Number(before)), after: Math.max(1, Number(after)) };
}

/** Notes a line of a hunk. Returns the numbers of those after it. */
function take(line: string, { before, after }: Next, lines: DiffLine[]): Next {
  const text = line.slice(1);
  if (line.startsWith("+")) {
    lines.push({ kind: "added", text, number: after });
    return { before, after: after + 1 };
  }
  if (line.startsWith("-")) {
    lines.push({ kind: "removed", text, number: before });
    return { before: before + 1, after };
  }
  lines.push({ kind: "same", text, number: after });
  return { before: before + 1, after: after + 1 };
}
