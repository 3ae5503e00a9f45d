/** Enough to find the cause. */
export const MAX_LISTED = 100;

/** Problems of a file or a batch: keeps the first hundred and counts the rest. */
export class ProblemList<T> {
  readonly first: T[] = [];
  /** How many there are beyond `first`. */
  more = 0;

  add(item: T): void {
    if (this.first.length < MAX_LISTED) this.first.push(item);
    else this.more++;
  }
}

/** Merges lists of problems: the first hundred by line, and the count of the rest. */
export function mergeProblems(...lists: readonly LineProblems[]): LineProblems {
  const all = lists.flatMap(({ problems }) => problems).sort((a, b) => a.line - b.line);
  const more = lists.reduce((sum, { moreProblems }) => sum + moreProblems, 0);
  return { problems: all.slice(0, MAX_LISTED), moreProblems: more + Math.max(0, all.length - MAX_LISTED) };
}

/** Invalid lines: the first hundred, and the count of the rest. */
export interface LineProblems {
  readonly problems: readonly LineProblem[];
  readonly moreProblems: number;
}

export const NO_PROBLEMS: LineProblems = { problems: [], moreProblems: 0 };

/** An invalid line of a file. */
export interface LineProblem {
  readonly line: number;
  readonly problem: string;
}
