import type { Change } from "../entities/change.ts";
import type { Customer, Outcome } from "../entities/customer.ts";
import type { Policy } from "../entities/policy.ts";
import { TAKE_UPS } from "../learning/own-habit.ts";
import { goldenRecord } from "../record/record.ts";
import { zoneOf } from "../record/view.ts";

/**
 * What the outcomes among some changes teach about the hours at which everyone takes a channel up: each delivery once, when it is first
 * taken up or is ignored. Only channels of `learning.times` learn.
 *
 * @param before the customer without these changes
 */
export function hourLessons(changes: readonly Change[], before: Customer, policy: Policy): Change[] {
  const channels = policy.learning.times?.channels ?? [];
  const news = changes.flatMap((change) => (change.type === "outcome_added" && teaches(change.outcome, channels) ? [change.outcome] : []));
  if (news.length === 0) return [];
  const first = news.filter(({ deliveryId }, index) => news.findIndex((one) => one.deliveryId === deliveryId) === index);
  const known = new Set(before.outcomes.filter((outcome) => teaches(outcome, channels)).map(({ deliveryId }) => deliveryId));
  return first.flatMap(({ deliveryId, channel, kind, at }): Change[] => {
    const note = before.deliveries.find((one) => one.deliveryId === deliveryId);
    if (!note || known.has(deliveryId)) return [];
    const { zone } = zoneOf(goldenRecord(before.claims, policy.record, at), policy);
    return [{ type: "hour_lesson", deliveryId, channel, sentAt: note.at, until: at, taken: kind !== "ignored", zone }];
  });
}

// --- internal ---

const teaches = ({ kind, channel }: Outcome, channels: readonly string[]): boolean =>
  channels.includes(channel) && (kind === "ignored" || TAKE_UPS.includes(kind));
