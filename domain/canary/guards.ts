import type { Guard } from "../entities/canary.ts";
import type { OutcomeKind } from "../entities/customer.ts";
import { type Count, evidenceAbove, evidenceBelow } from "./evidence.ts";

/** What is known about the deliveries of a canary. */
export interface Tally {
  /** Deliveries handed over. */
  readonly deliveries: number;
  /** How many of them had each outcome. */
  readonly outcomes: Readonly<Partial<Record<OutcomeKind, number>>>;
  /** Those whose time for success is over, and how many of them succeeded. */
  readonly ended: Count;
  /** Likewise for the experiences that serve the same moments, on the days on which the canary was given. */
  readonly others: Count;
}

/** One guard after a look. */
export interface GuardReading {
  readonly guard: Guard;
  readonly count: Count;
  /** Only for a guard on success. */
  readonly others?: Count;
  /** How much speaks against the canary: 0 nothing, 1 enough to stop it. */
  readonly towards: number;
  readonly isBroken: boolean;
}

/** Of a hundred harmless canaries at most five are stopped, in all their lives, by all their guards together. */
export const FALSE_STOPS = 0.05;

/**
 * Looks at all guards of a canary. It may be done after each outcome: each guard is broken once its evidence passes (number of guards) / 0.05,
 * so that Ville's inequality and the union bound (Bonferroni) keep false stops at {@link FALSE_STOPS} for all of them and all looks together.
 * That holds where the chance of a harmful outcome, given all before it, is never above the bound.
 */
export function readGuards(guards: readonly Guard[], tally: Tally): GuardReading[] {
  const needed = Math.log(guards.length / FALSE_STOPS);
  return guards.map((guard) => {
    const { evidence, ...rest } = weigh(guard, tally);
    return { guard, ...rest, towards: Math.min(1, Math.max(0, evidence / needed)), isBroken: evidence >= needed };
  });
}

/** The rate that a guard allows: of a guard on success the lowest, which is known once others had time for it. */
export function boundOf({ guard, others }: Pick<GuardReading, "guard" | "others">): number | undefined {
  if ("outcome" in guard) return guard.max;
  return others && others.trials > 0 ? (1 - guard.by) * (others.events / others.trials) : undefined;
}

/** The guard as its author wrote it: `complained at most 0.5 %`. */
export function guardWords(guard: Guard): string {
  if ("outcome" in guard) return `${guard.outcome} at most ${percent(guard.max)}`;
  return `success at most ${percent(guard.by)} below others`;
}

/** What was counted: `4 of 210 complained (1.9 %), at most 0.5 %`. */
export function readingWords({ guard, count, others }: GuardReading): string {
  const share = ({ events, trials }: Count): string => `${events} of ${trials}${trials === 0 ? "" : ` (${percent(events / trials)})`}`;
  if ("outcome" in guard) return `${share(count)} ${guard.outcome}, at most ${percent(guard.max)}`;
  return `${share(count)} succeeded, others ${others ? share(others) : "none"}, at most ${percent(guard.by)} below`;
}

/**
 * How many deliveries it takes a guard on an outcome to see a rate of twice, five and ten times its bound, where the outcomes come exactly at
 * that rate: about those of the median life. Times whose rate would be above 1 are left out; none for a guard on success.
 *
 * @param count of all guards of the canary
 */
export function deliveriesToSee(guard: Guard, count: number): { readonly times: number; readonly deliveries: number }[] {
  if (!("outcome" in guard) || guard.max <= 0) return [];
  const { max } = guard;
  const needed = Math.log(count / FALSE_STOPS);
  return SEEN_TIMES.filter((times) => times * max <= 1).map((times) => {
    const isSeen = (trials: number): boolean => evidenceAbove(max, { trials, events: trials * max * times }) >= needed;
    let [below, enough] = [0, 1];
    while (!isSeen(enough)) [below, enough] = [enough, enough * 2];
    while (enough - below > 1) {
      const middle = Math.floor((below + enough) / 2);
      if (isSeen(middle)) enough = middle;
      else below = middle;
    }
    return { times, deliveries: enough };
  });
}

/** `complained at most 0.5 %: twice that is seen after about 2,700, 5 times after about 250, 10 times after about 69 deliveries`. */
export function sightWords(guard: Guard, count: number): string[] {
  const seen = deliveriesToSee(guard, count).map(({ times, deliveries }) => {
    return `${times === 2 ? "twice that is seen" : `${times} times`} after about ${Number(deliveries.toPrecision(2)).toLocaleString("en-US")}`;
  });
  return seen.length > 0 ? [`${guardWords(guard)}: ${seen.join(", ")} deliveries`] : [];
}

// --- internal ---

/** Rates at which a guard's sight is told, as multiples of its bound. */
const SEEN_TIMES = [2, 5, 10];

function weigh(guard: Guard, tally: Tally): { readonly evidence: number; readonly count: Count; readonly others?: Count } {
  if ("outcome" in guard) {
    // A receipt may come before the provider's answer that the message was sent.
    const events = tally.outcomes[guard.outcome] ?? 0;
    const count = { events, trials: Math.max(tally.deliveries, events) };
    return { evidence: evidenceAbove(guard.max, count), count };
  }
  const { ended, others } = tally;
  return { evidence: evidenceBelow(1 - guard.by, ended, others), count: ended, others };
}

const percent = (share: number): string => `${Number((share * 100).toPrecision(2))} %`;
