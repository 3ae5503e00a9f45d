import type { Moment } from "../entities/customer.ts";
import type { HoldoutRecord } from "../entities/decision.ts";
import { type Experience, isOutside, type Policy } from "../entities/policy.ts";
import { shareOf } from "../values/random.ts";
import { type Instant, iso } from "../values/time.ts";
import { MESSAGE } from "./conversation.ts";
import type { OpenRoute } from "./funnel.ts";

/** What would be delivered, to whom and when. */
export interface HoldoutQuestion {
  readonly policy: Policy;
  readonly customerId: string;
  readonly experience: Experience;
  readonly moment: Moment;
  readonly route: Pick<OpenRoute, "rule">;
  readonly now: Instant;
}

/**
 * The group of the customer for a winner that the holdout measures: `withheld` or `treated`. Undefined where it measures nothing: no
 * share, tasks, answers to the customer's own messages, other departments, and experiences outside of the holdout.
 */
export function holdoutGroup({ policy, customerId, experience, moment, route, now }: HoldoutQuestion): HoldoutRecord | undefined {
  const { share, departments, for: span } = policy.governance.holdout;
  const isOfDepartment = departments === undefined || (experience.department !== undefined && departments.includes(experience.department));
  const isMeasured = isOfDepartment && !route.rule.makesTask && moment.openedOn !== MESSAGE && !isOutside(experience, "holdout");
  if (share === 0 || !isMeasured) return undefined;
  const period = span === "ever" ? "ever" : iso(now).slice(0, 7);
  const group = isHeldOut(share, customerId, period) ? "withheld" : "treated";
  return { group, share, period, ...(departments ? { departments } : {}) };
}

/** Why the holdout measures no decision of an experience, as the policy reads. Undefined where it measures some. */
export function whyUnmeasured(experience: Experience, { governance, channels, moments }: Policy): string | undefined {
  const { share, departments } = governance.holdout;
  const { department, serves, routes } = experience;
  if (routes.every(({ channel }) => channels[channel]?.makesTask)) return "it only makes tasks, which are never withheld";
  if (share === 0) return "there is no holdout; governance.holdout sets one";
  if (departments !== undefined && (department === undefined || !departments.includes(department)))
    return `governance.holdout is for ${departments.join(", ")}, and this experience ${department === undefined ? "has no department" : `is of ${department}`}`;
  if (isOutside(experience, "holdout")) return "it is outside of the holdout (transactional)";
  const opened = moments.filter(({ name }) => serves.includes(name)).flatMap(({ on }) => on);
  if (opened.length > 0 && opened.every((type) => type === MESSAGE)) return "it only answers messages, and an answer is never withheld";
  return undefined;
}

/** Who gets what nothing from whom, for the reason of a withheld decision. */
export function holdoutDetail({ share, period, departments }: HoldoutRecord): string {
  const from = departments ? ` from ${departments.join(", ")}` : "";
  return `in the ${Math.round(share * 1e6) / 1e4} % that get nothing${from}${period === "ever" ? "" : " this month"}`;
}

/** Whether the customer is in the holdout of a period. A larger share includes the customers of a smaller one. */
export function isHeldOut(share: number, customerId: string, period: string): boolean {
  return share > 0 && shareOf(`holdout\n${customerId}\n${period}`) < share;
}
