import type { Instant } from "../values/time.ts";

/** Traits that were not taken into a golden record because it is full. */
export interface LeftOut {
  /** When that was the last time. */
  readonly at: Instant;
  /** How many it were, that time and before. */
  readonly count: number;
  /** Paths of the latest of them. */
  readonly paths: readonly string[];
}

/** What is known of them with some more; the same where there are none. */
export function withLeftOut(known: LeftOut | undefined, paths: readonly string[], at: Instant): LeftOut | undefined {
  if (paths.length === 0) return known;
  const latest = [...new Set([...paths, ...(known?.paths ?? [])])].slice(0, MOST_NAMED);
  return { at: Math.max(at, known?.at ?? at), count: (known?.count ?? 0) + paths.length, paths: latest };
}

/** Traits that these changes left out, compared with what was known before them. */
export const countLeftOut = (before: LeftOut | undefined, after: LeftOut | undefined): number => (after?.count ?? 0) - (before?.count ?? 0);

/** Paths of the latest `count` of them, as far as they are named. */
export const latestLeftOut = (leftOut: LeftOut | undefined, count: number): string[] => (leftOut?.paths ?? []).slice(0, count);

// --- internal ---

const MOST_NAMED = 20;
