import type { Instant } from "../domain/values/time.ts";
import type { Period } from "./arrivals.ts";

/** A time in which a signal of a customer would have counted as the success of a delivery. */
export interface Window {
  readonly customerId: string;
  readonly from: Instant;
  readonly until: Instant;
}

/**
 * How many signals of a type would have come within windows anyway, at the rate of each customer outside of them, drawn towards everyone's
 * by one signal.
 *
 * @param outside signals of customers outside of their windows
 */
export function cameAnyway(windows: readonly Window[], outside: readonly { readonly customerId: string }[], period: Period): number {
  const covered = coveredBy(windows);
  const counts = new Map<string, number>();
  for (const { customerId } of outside) counts.set(customerId, (counts.get(customerId) ?? 0) + 1);
  const customers = new Set([...covered.keys(), ...counts.keys()]);
  const length = period.until - period.from;
  let time = 0;
  for (const customerId of customers) time += length - (covered.get(customerId) ?? 0);
  if (outside.length === 0 || time <= 0) return 0;
  const prior = time / outside.length;
  let sum = 0;
  for (const [customerId, within] of covered)
    sum += (within * ((counts.get(customerId) ?? 0) + 1)) / (Math.max(0, length - within) + prior);
  return sum;
}

// --- internal ---

/** How long each customer was in at least one window. */
function coveredBy(windows: readonly Window[]): ReadonlyMap<string, number> {
  const covered = new Map<string, number>();
  const ends = new Map<string, Instant>();
  for (const { customerId, from, until } of windows.toSorted((a, b) => a.from - b.from)) {
    const end = ends.get(customerId) ?? Number.NEGATIVE_INFINITY;
    if (until <= end) continue;
    covered.set(customerId, (covered.get(customerId) ?? 0) + until - Math.max(from, end));
    ends.set(customerId, until);
  }
  return covered;
}
