import type { Change } from "../entities/change.ts";
import { type Customer, successKey } from "../entities/customer.ts";
import type { Experience, Policy } from "../entities/policy.ts";
import type { Signal } from "../entities/signal.ts";
import { experienceFields, viewOf } from "../record/view.ts";
import { isMet, type Scope } from "../values/condition.ts";
import type { Instant } from "../values/time.ts";

/**
 * The experiences of which a signal is the success: it has the type, and `when` holds for it. `when` reads the signal, the customer as
 * they are after it, `experience` and `now`; a stale or disputed field counts as missing.
 */
export function succeededBy(signal: Signal, customer: Customer, policy: Policy, now: Instant): Experience[] {
  let known: Scope | undefined;
  const scope = (): Scope => {
    known ??= viewOf(customer, policy, { kind: "signal", signal }, now).reliable;
    return known;
  };
  return policy.experiences.filter((experience) => {
    const { signals = [], when } = experience.success ?? {};
    return signals.includes(signal.type) && (!when || isMet(when, { ...scope(), experience: experienceFields(experience) }));
  });
}

/** Notes successes that the signal's type alone does not show, so that later decisions know them. */
export const noteSuccesses = (signal: Signal, succeeded: readonly Experience[], { seen }: Customer): Change[] =>
  succeeded
    .filter(({ success }) => success?.when !== undefined)
    .map(({ id }) => {
      const signalType = successKey(id);
      const before = Object.hasOwn(seen, signalType) ? seen[signalType] : undefined;
      const at = Math.max(signal.time, before?.at ?? signal.time);
      return { type: "signal_seen", signalType, seen: { at, seq: signal.seq, count: (before?.count ?? 0) + 1 }, at: signal.time };
    });
