import type { Instant } from "../values/time.ts";
import { iso } from "../values/time.ts";
import type { Hold } from "./timing.ts";

/** Scope of a pause: everything, or one channel, department or agent. */
export type PauseTarget =
  | { readonly scope: "all" }
  | { readonly scope: "channel"; readonly name: string }
  | { readonly scope: "department"; readonly name: string }
  | { readonly scope: "agent"; readonly name: string };

/** A pause set by an operator and not yet resumed. */
export type Pause = PauseTarget & { readonly by: string; readonly since: Instant };

/** Wakes are queued while one of these agents is paused. */
export const DECIDES = ["signal-interpreter", "eligibility-judge"] as const;
/** While it is paused, no text is written. */
export const WRITES = "content-generator";
/** While it is paused, nothing is sent and no action runs. */
export const CARRIES_OUT = "channel-executor";
/** While it is paused, no message is answered in the assistant's words. */
export const CONVERSES = "conversationalist";

/** Agents that can be paused. */
export const PAUSABLE_AGENTS: readonly string[] = [...DECIDES, WRITES, CARRIES_OUT, CONVERSES];

/** Whether an operator has paused an agent by its name. */
export const isAgentPaused = (pauses: readonly Pause[], agent: string): boolean =>
  pauses.some((pause) => pause.scope === "agent" && pause.name === agent);

/**
 * Holds of all pauses that match; nothing is exempt. The conversationalist affects only the wording of an answer, so its pause holds
 * no candidate.
 */
export function heldByPauses(
  pauses: readonly Pause[],
  { department, channel }: { readonly department: string | undefined; readonly channel: string },
): Hold[] {
  return pauses
    .filter((pause) => {
      if (pause.scope === "channel") return pause.name === channel;
      if (pause.scope === "agent") return pause.name !== CONVERSES;
      return pause.scope === "department" ? pause.name === department : true;
    })
    .map((pause) => ({ code: "suppressed", detail: `${PAUSED}: ${nameOf(pause)}, by ${pause.by} since ${iso(pause.since)}` }));
}

/** Prefix of every reason given by a pause. */
export const PAUSED = "paused";

export const nameOf = (target: PauseTarget): string => (target.scope === "all" ? "everything" : `${target.scope} ${target.name}`);
