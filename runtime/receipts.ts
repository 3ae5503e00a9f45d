import { wakeKey } from "../domain/deciding/compare-decisions.ts";
import type { Decision } from "../domain/entities/decision.ts";
import type { SignalEvent } from "../domain/entities/signal.ts";

/**
 * Maps delivery receipts: another policy gives deliveries other ids, so a receipt means the same message to the same customer at the same
 * wake.
 */
export class Receipts {
  private readonly original = new Map<string, Decision>();
  private readonly translated = new Map<string, string>();

  constructor(before: readonly Decision[]) {
    for (const decision of before) if (decision.deliveries.length > 0) this.original.set(wakeKey(decision), decision);
  }

  note(decision: Decision): void {
    const was = this.original.get(wakeKey(decision));
    if (!was || was.experienceId !== decision.experienceId) return;
    for (const { deliveryId, channel } of decision.deliveries) {
      const same = was.deliveries.find((one) => one.channel === channel);
      if (same) this.translated.set(same.deliveryId, deliveryId);
    }
  }

  rewrite(event: SignalEvent): SignalEvent {
    const { data } = event;
    const known = typeof data?.deliveryId === "string" ? this.translated.get(data.deliveryId) : undefined;
    return known === undefined ? event : { ...event, data: { ...data, deliveryId: known } };
  }
}
