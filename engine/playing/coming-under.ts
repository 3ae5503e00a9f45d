import type { Customer } from "../../domain/entities/customer.ts";
import type { Policy } from "../../domain/entities/policy.ts";
import { VERSION_TIMER } from "../../domain/entities/wake.ts";
import { DAILY_CLOCK } from "../../domain/moments/interpret.ts";
import { shareOf } from "../../domain/values/random.ts";
import type { SweptFor } from "../../store/version-sweep.ts";
import { GRACE_MS, SPREAD_MS, sweptBetween } from "../version-sweep.ts";
import type { PlayStart } from "./play-start.ts";

/**
 * How customers stand when another policy is put in force: those whom it concerns wake within the hour, as after a publication
 * (`store/version-sweep.ts`), and nobody else.
 *
 * @param before the policy under which they have been until then
 */
export function comingUnder(start: PlayStart, policy: Policy, before: Policy): PlayStart {
  if (policy.version === before.version) return start;
  const swept = sweptBetween(policy, before);
  const merged = new Map(start.links);
  const customers = start.customers.map((customer) => {
    if (merged.has(customer.customerId) || customer.timers[VERSION_TIMER] || !isConcerned(customer, swept)) return customer;
    const due = start.at + GRACE_MS + Math.floor(shareOf(`version\n${customer.customerId}`) * SPREAD_MS);
    return { ...customer, timers: { ...customer.timers, [VERSION_TIMER]: { name: VERSION_TIMER, due } } };
  });
  return { ...start, customers };
}

// --- internal ---

function isConcerned(
  { seen, timers, moments, deliveries, approvals, standing }: Customer,
  { everyone, heard, daily, moments: names, channels, experiences }: SweptFor,
): boolean {
  const isGone = (experienceId: string): boolean => !experiences.includes(experienceId);
  return (
    everyone ||
    heard.some((type) => Object.hasOwn(seen, type)) ||
    (daily && timers[DAILY_CLOCK] === undefined) ||
    moments.some(({ name }) => !names.includes(name)) ||
    deliveries.some(
      ({ status, channel, experienceId }) => status === "reserved" && (!channels.includes(channel) || isGone(experienceId)),
    ) ||
    approvals.some(({ state, experienceId }) => state === "pending" && isGone(experienceId)) ||
    (standing?.experienceId !== undefined && isGone(standing.experienceId))
  );
}
