/** The part of a run that says whether it came after something. */
export interface Ran {
  readonly runId: string;
  readonly startedAt: string;
}

/** The first run that began at or after a time: what something done at that time has led to. */
export const runAfter = <One extends Ran>(runs: readonly One[], at: string): One | undefined =>
  runs
    .filter(({ startedAt }) => Date.parse(startedAt) >= Date.parse(at))
    .toSorted((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt))[0];
