import { type Canaries, NO_NEWS, policyFor } from "../domain/canary/cohort.ts";
import type { Policy } from "../domain/entities/policy.ts";
import { DAILY_CLOCK } from "../domain/moments/interpret.ts";
import { endResponse, endsQuietly } from "../domain/moments/response-ends.ts";
import { isResponseTimer } from "../domain/record/delivery-events.ts";
import type { Instant } from "../domain/values/time.ts";
import type { NextWake, Store } from "../store/store.ts";

/** Where waits for responses end. */
export interface EndingDeps {
  readonly store: Store;
  readonly policy: Policy;
  readonly canaries?: Canaries | undefined;
  now(): Instant;
}

/**
 * Ends the waits for a response that are among some wakes and of which nobody hears: their outcomes and lessons are written in one
 * transaction, without loading the customers, an execution of the graph, or a run. Returns their customers; the wakes of the others, and
 * of those that something changed meanwhile, are to be decided.
 */
export async function endResponses(
  wakes: readonly NextWake[],
  { store, policy, canaries = NO_NEWS, now }: EndingDeps,
): Promise<ReadonlySet<string>> {
  const timers = wakes.flatMap(({ customerId, timer }) => (timer && isResponseTimer(timer.key) ? [{ customerId, ...timer }] : []));
  if (timers.length === 0 || !endsQuietly(policy)) return new Set();
  const ends = await store.timers.quietResponseEnds(timers, { key: DAILY_CLOCK, isSet: policy.listens(DAILY_CLOCK) });
  const commits = ends.map((end) => {
    const { before, customer, changes } = endResponse(end, policyFor(policy, end.customerId, canaries, now()));
    return { before, after: customer, changes };
  });
  if (commits.length === 0) return new Set();
  // What a server loses that was not flushed ends again: its timers are still there. The embedded engine has no background writer.
  const { committed } = await store.commit(commits, {}, { flush: store.database.kind === "embedded" });
  return committed;
}
