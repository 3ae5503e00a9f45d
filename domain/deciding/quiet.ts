import type { Customer } from "../entities/customer.ts";
import { type ChannelRule, type Experience, isOnlyAsked, isOutside, type Policy, type QuietHours, standsFor } from "../entities/policy.ts";
import { goldenRecord } from "../record/record.ts";
import { zoneOf } from "../record/view.ts";
import type { Instant } from "../values/time.ts";
import type { Zoned } from "../values/zone.ts";
import { firstFree, type Hold, heldByQuietHours } from "./timing.ts";

export interface QuietQuestion {
  readonly policy: Policy;
  readonly customer: Customer;
  readonly rule: ChannelRule;
  /** Missing where the catalogue no longer has it. */
  readonly experience?: Pick<Experience, "outside"> | undefined;
}

/** The quiet hours that hold a channel; a task is bound only by those that name its channel. */
export function heldByQuiet({ governance }: Policy, rule: ChannelRule, at: Instant, zoned: Zoned): Hold[] {
  if (rule.pull) return heldByQuietHours(quietForAsked(governance.quietHours, rule), rule.name, at, zoned);
  const quiet = rule.makesTask ? governance.quietHours.filter(({ channels }) => channels !== undefined) : governance.quietHours;
  return heldByQuietHours(quiet, rule.name, at, zoned);
}

/** A channel that is asked has the quiet hours of the one it is like, and those that name it. */
const quietForAsked = (quiet: readonly QuietHours[], rule: ChannelRule): QuietHours[] =>
  quiet.flatMap(({ channels, ...hours }) => {
    const isNamed = channels ? channels.includes(standsFor(rule)) || channels.includes(rule.name) : !isOnlyAsked(rule);
    return isNamed ? [hours] : [];
  });

/** End of the quiet hours that contain an instant for this customer and channel; undefined outside of them. */
export function quietUntil({ policy, customer, rule, experience }: QuietQuestion, at: Instant): Instant | undefined {
  if (experience && isOutside(experience, "quiet_hours")) return undefined;
  const zoned = zoneOf(goldenRecord(customer.claims, policy.record, at), policy);
  const holdsAt = (instant: Instant): Hold[] => heldByQuiet(policy, rule, instant, zoned);
  const [first] = holdsAt(at);
  // Where they leave no gap at all, the check repeats when the first of them ends.
  return first && (firstFree(at, holdsAt) ?? first.retryAt);
}
