import type { Policy } from "../../domain/entities/policy.ts";
import { experienceOf } from "../../domain/entities/policy.ts";
import { earnedBy } from "../../domain/learning/lessons.ts";
import type { LoggedRecord } from "../../store/reading/decision-log.ts";
import type { Store } from "../../store/store.ts";

/** A decision, the ids of its deliveries, and what they have earned until now. */
export interface EarnedDecision extends Omit<LoggedRecord["decision"], "reward"> {
  readonly deliveries: readonly { readonly deliveryId: string }[];
  readonly reward: number;
}

/** Every decision of a store in the order of decision, with what its deliveries have earned. Reads `PAGE` of them at a time. */
export async function* earnedDecisions({ decisionLog }: Pick<Store, "decisionLog">, policy: Policy): AsyncGenerator<EarnedDecision> {
  for (let place = 0; ; ) {
    const { rows, last } = await decisionLog.after(place, PAGE);
    for (const { decision, deliveries } of rows) {
      const earned = deliveries.map(({ experienceId, outcomes }) => earnedBy(outcomes, experienceOf(policy, experienceId)));
      yield {
        ...decision,
        deliveries: deliveries.map(({ deliveryId }) => ({ deliveryId })),
        reward: earned.reduce((sum, one) => sum + one, 0),
      };
    }
    if (rows.length < PAGE) return;
    place = last;
  }
}

// --- internal ---

/** A decision with many candidates takes some tens of kilobytes. */
const PAGE = 500;
