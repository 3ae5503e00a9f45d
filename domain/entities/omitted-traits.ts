import type { Instant } from "../values/time.ts";

/** Traits not stored because the golden record is full. */
export interface OmittedTraits {
  /** Time of the last omission. */
  readonly at: Instant;
  /** Total number of omitted traits. */
  readonly count: number;
  /** Paths of the latest omissions. */
  readonly paths: readonly string[];
}

/** Adds omissions to the known ones; unchanged where `paths` is empty. */
export function withOmitted(known: OmittedTraits | undefined, paths: readonly string[], at: Instant): OmittedTraits | undefined {
  if (paths.length === 0) return known;
  const latest = [...new Set([...paths, ...(known?.paths ?? [])])].slice(0, MAX_NAMED);
  return { at: Math.max(at, known?.at ?? at), count: (known?.count ?? 0) + paths.length, paths: latest };
}

/** Number of traits omitted between two states. */
export const countOmitted = (before: OmittedTraits | undefined, after: OmittedTraits | undefined): number =>
  (after?.count ?? 0) - (before?.count ?? 0);

/** Paths of the latest omissions, `count` at most. */
export const latestOmitted = (leftOut: OmittedTraits | undefined, count: number): string[] => (leftOut?.paths ?? []).slice(0, count);

// --- internal ---

const MAX_NAMED = 20;
