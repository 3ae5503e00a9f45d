import type { OutcomeKind } from "../entities/customer.ts";
import {
  CORRECTION_REACH_MS,
  competes,
  DEFAULT_RESPONSE_MS,
  everyExperience,
  HABIT_REACH_MS,
  type Policy,
  type Retention,
} from "../entities/policy.ts";
import { ASK } from "../entities/signal.ts";
import { DAY } from "../values/time.ts";

/** Thirteen months, so that yearly events are still available a year later. */
export const USUAL_RETENTION: Retention = { signals: 400 * DAY, history: 400 * DAY, runs: 90 * DAY, asks: 30 * DAY, anonymous: 30 * DAY };

/** Effective retention under a policy: the configured periods, extended to the look-back of its rules. */
export interface Keeping {
  readonly signals: number;
  readonly duplicates?: number | undefined;
  readonly history: number;
  readonly runs: number;
  readonly calls: number;
  readonly audit?: number | undefined;
  readonly asks: number;
  readonly anonymous: number;
  /** Experiences with a lifetime limit per customer: their deliveries are kept. */
  readonly countedForEver: readonly string[];
  /** Outcomes that suppress without an end: their deliveries are kept. */
  readonly heldForEver: readonly OutcomeKind[];
}

export function keepingOf(policy: Policy): Keeping {
  const { retention } = policy;
  const counted = Object.values(policy.counted).flat();
  const signals = Math.max(retention.signals, ...counted);
  const onceWindows = everyExperience(policy).flatMap(({ converse }) => (converse?.tools ?? []).map(({ once }) => once ?? 0));
  return {
    signals,
    ...(retention.duplicates === undefined ? {} : { duplicates: Math.max(retention.duplicates, signals) }),
    history: Math.max(retention.history, ...lookedBack(policy)),
    runs: retention.runs,
    calls: Math.max(retention.runs, ...onceWindows),
    ...(retention.audit === undefined ? {} : { audit: retention.audit }),
    asks: Math.max(retention.asks, ...(policy.counted[ASK] ?? [])),
    anonymous: Math.max(retention.anonymous, ...counted, ...lookedBack(policy)),
    countedForEver: everyExperience(policy)
      .filter(({ limits }) => limits?.perCustomer !== undefined && limits.window === undefined)
      .map(({ id }) => id),
    heldForEver: afterOutcomes(policy).flatMap((rule) => (isForEver(rule) ? [rule.afterOutcome] : [])),
  };
}

// --- internal ---

/** Look-back of a policy's rules over deliveries, outcomes and touches. */
function lookedBack(policy: Policy): number[] {
  const { touchWindow, learning } = policy;
  const experiences = everyExperience(policy);
  const repairs = experiences.some((one) => competes(one) && one.serves.includes("fact_corrected"));
  return [
    touchWindow,
    ...(repairs ? [CORRECTION_REACH_MS] : []),
    ...(learning.times ? [HABIT_REACH_MS] : []),
    ...experiences.flatMap(({ limits, success }) => [limits?.window ?? 0, success?.within ?? DEFAULT_RESPONSE_MS]),
    ...afterOutcomes(policy).map((rule) => (isForEver(rule) ? 0 : (rule.within ?? 0) + (rule.for ?? 0))),
  ];
}

const afterOutcomes = ({ governance }: Policy) => governance.suppress.flatMap((rule) => ("afterOutcome" in rule ? [rule] : []));

type AfterOutcome = ReturnType<typeof afterOutcomes>[number];

/** Whether outcomes never become irrelevant: the suppression has no end, or any distance between two outcomes counts. */
const isForEver = ({ for: span, within, times }: AfterOutcome): boolean => span === undefined || (times > 1 && within === undefined);
