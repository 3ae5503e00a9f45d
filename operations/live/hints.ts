import type { Mark, Topic } from "../../store/reading/marks.ts";

/** The name of something that changed: a page that shows it looks again. */
export interface Hint {
  readonly topic: Topic | "customer";
  readonly customerId?: string;
}

/**
 * Marks that moved between two readings, in the order of the later one. A mark that only one of them has is new to the reader, not
 * changed: a topic or customer that is read for the first time gives no hint, and one that has gone is a change.
 */
export function hintsBetween(before: readonly Mark[], after: readonly Mark[]): Hint[] {
  const marks = new Map(before.map((one) => [keyOf(one), one.mark]));
  const moved = after.filter((one) => marks.has(keyOf(one)) && marks.get(keyOf(one)) !== one.mark);
  const kept = new Set(after.map(keyOf));
  return [...moved, ...before.filter((one) => !kept.has(keyOf(one)))].map(({ topic, customerId }) => ({
    topic,
    ...(customerId === undefined ? {} : { customerId }),
  }));
}

/** Identifies what a mark is of. */
export const keyOf = ({ topic, customerId = "" }: Mark): string => `${topic}\n${customerId}`;
