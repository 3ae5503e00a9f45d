import { BUILT_IN_MOMENTS } from "../entities/built-ins.ts";
import type { Change } from "../entities/change.ts";
import type { Customer } from "../entities/customer.ts";
import { experienceOf, type Policy } from "../entities/policy.ts";
import type { Instant } from "../values/time.ts";
import { endMoments } from "./moments.ts";

/**
 * Ends what the policy no longer has: open moments are withdrawn, deliveries that are not handed over are cancelled, and approvals of other
 * experiences lapse, so that their moments are judged again. Tasks and promises stay with their people; what a page was given is its own.
 */
export function endOutdated(customer: Customer, policy: Policy, at: Instant): Change[] {
  const isKnown = (name: string): boolean => Object.hasOwn(BUILT_IN_MOMENTS, name) || policy.moments.some((rule) => rule.name === name);
  const gone = customer.moments.filter(({ name }) => !isKnown(name));
  const isOver = (momentId: string): boolean => gone.some((moment) => moment.momentId === momentId);
  const lapsed = customer.approvals.filter(
    ({ state, momentId, experienceId }) => state === "pending" && !isOver(momentId) && !experienceOf(policy, experienceId),
  );
  const cancelled = customer.deliveries.filter(
    ({ status, asked, channel, experienceId }) =>
      status === "reserved" && !asked && !(Object.hasOwn(policy.channels, channel) && experienceOf(policy, experienceId)),
  );
  return [
    ...endMoments(customer, gone, "withdrawn", at),
    ...lapsed.map(({ approvalId }): Change => ({ type: "approval_lapsed", approvalId, at })),
    ...cancelled.map(({ deliveryId }): Change => ({ type: "delivery_moved", deliveryId, to: "cancelled", reason: "not_applicable", at })),
  ];
}
