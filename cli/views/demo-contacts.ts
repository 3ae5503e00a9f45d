import { heldByCaps } from "../../domain/deciding/timing.ts";
import type { Touch } from "../../domain/entities/customer.ts";
import { experienceOf, isOutside, type Policy } from "../../domain/entities/policy.ts";
import type { SignalEvent } from "../../domain/entities/signal.ts";
import type { Message } from "../../domain/story/compare-departments.ts";
import { DAY, type Instant, parseInstant } from "../../domain/values/time.ts";

/** Contact pressure on a customer. */
export interface Attention {
  /** The most contacts of one customer within seven days, visits and calls included. */
  readonly busiestWeek: number;
  /** Messages sent although a cap was full, visits and calls counted. */
  readonly aboveCaps: number;
}

/** Visits, calls and chats of a customer, from the stream. */
export function humanTouches(customerId: string, signals: readonly SignalEvent[]): Touch[] {
  return signals
    .filter(({ type, subject }) => type === "human.touch" && subject === customerId)
    .map(({ id, time = "", data = {} }): Touch => {
      const kind = data.kind === "call" || data.kind === "chat" ? data.kind : "visit";
      return { touchId: id, at: parseInstant(time) ?? 0, kind, channel: kind };
    });
}

/** Every contact that a customer received, or would have received from departments that each act alone. */
export function touchesOf(
  customerId: string,
  messages: readonly Message[],
  signals: readonly SignalEvent[],
  as: "alone" | "sent" = "sent",
): Touch[] {
  const messaged = messages.flatMap((message): Touch[] => {
    const { department, experienceId, alone, sent } = message;
    const at = as === "alone" ? alone?.at : sent?.at;
    if (message.customerId !== customerId || at === undefined) return [];
    return [{ touchId: experienceId, at, kind: "delivery", channel: sent?.channel ?? message.channel, department }];
  });
  return [...messaged, ...humanTouches(customerId, signals)].sort((a, b) => a.at - b.at);
}

export function attentionOf(
  perCustomer: readonly { readonly zone: string; readonly touches: readonly Touch[] }[],
  policy: Policy,
): Attention {
  return {
    busiestWeek: Math.max(0, ...perCustomer.map(({ touches }) => busiest(touches, 7 * DAY))),
    aboveCaps: perCustomer.reduce((sum, { touches, zone }) => sum + aboveCaps(touches, zone, policy), 0),
  };
}

// --- internal ---

function busiest(touches: readonly Touch[], windowMs: number): number {
  const within = (end: Instant) => touches.filter(({ at }) => at <= end && end - at < windowMs).length;
  return Math.max(0, ...touches.map(({ at }) => within(at)));
}

/** Messages outside of caps count for later ones. */
function aboveCaps(touches: readonly Touch[], zone: string, policy: Policy): number {
  return touches.filter(({ kind, touchId, at, channel, department }, index) => {
    const experience = experienceOf(policy, touchId);
    if (kind !== "delivery" || (experience && isOutside(experience, "caps"))) return false;
    return heldByCaps(policy.governance.caps, touches.slice(0, index), { channel, department }, at, zone).length > 0;
  }).length;
}
