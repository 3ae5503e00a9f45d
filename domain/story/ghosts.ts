import type { Decision } from "../entities/decision.ts";
import type { Policy } from "../entities/policy.ts";
import { byTime, type Instant, iso } from "../values/time.ts";
import { compareDepartments, type Occasion } from "./compare-departments.ts";
import type { StoryGhost } from "./story-item.ts";

/** Messages that departments alone would have sent, where they were not sent at that time. `decisions`: from the first one on, in order. */
export function ghostsOf(policy: Policy, decisions: readonly Decision[]): StoryGhost[] {
  return compareDepartments(policy, decisions)
    .flatMap(({ alone, sent, last, experienceId, name, department, channel }) =>
      alone && alone.at !== sent?.at
        ? [
            {
              ...{ at: iso(alone.at), experienceId, name, department, channel, decisionId: alone.decision.decisionId },
              ...fate(alone, sent?.at, last),
            },
          ]
        : [],
    )
    .sort((a, b) => byTime(a.at, b.at));
}

// --- internal ---

/** When it was sent after all, or why it was not. */
function fate(alone: Occasion, sentAt: Instant | undefined, last: Occasion | undefined): Pick<StoryGhost, "sentAt" | "reason"> {
  if (sentAt !== undefined) return { sentAt: iso(sentAt) };
  const reason = [alone, last].flatMap((one) => one?.reasons ?? []).find(({ code }) => code !== "eligible");
  const { code, detail } = reason ?? { code: "lower_priority" as const, detail: undefined };
  return { reason: { code, ...(detail === undefined ? {} : { detail }) } };
}
