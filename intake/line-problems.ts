/** As many as help somebody to find what is wrong. */
export const MAX_LISTED = 100;

/** What is wrong in a file or a batch: the first hundred are kept, the others counted. */
export class ProblemList<T> {
  readonly first: T[] = [];
  /** How many there are beyond the first. */
  more = 0;

  add(item: T): void {
    if (this.first.length < MAX_LISTED) this.first.push(item);
    else this.more++;
  }
}

/** Of several lists of what is wrong the first hundred by line, and how many more there are in all. */
export function mergeProblems(...lists: readonly LineProblems[]): LineProblems {
  const all = lists.flatMap(({ problems }) => problems).sort((a, b) => a.line - b.line);
  const more = lists.reduce((sum, { moreProblems }) => sum + moreProblems, 0);
  return { problems: all.slice(0, MAX_LISTED), moreProblems: more + Math.max(0, all.length - MAX_LISTED) };
}

/** Lines that cannot be used: the first hundred, and how many more there are. */
export interface LineProblems {
  readonly problems: readonly LineProblem[];
  readonly moreProblems: number;
}

/** A line of a file that cannot be used. */
export interface LineProblem {
  readonly line: number;
  readonly problem: string;
}
