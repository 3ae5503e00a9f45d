import type { Instant } from "./time.ts";
import { iso } from "./time.ts";
import type { Hold } from "./timing.ts";

/** What can be stopped by hand: everything, or one channel, department or agent. */
export type PauseTarget =
  | { readonly scope: "all" }
  | { readonly scope: "channel"; readonly name: string }
  | { readonly scope: "department"; readonly name: string }
  | { readonly scope: "agent"; readonly name: string };

/** A stop that an operator has set and nobody has lifted. */
export type Pause = PauseTarget & { readonly by: string; readonly since: Instant };

/**
 * What is paused keeps candidates back until somebody lifts it; nothing is exempt. All four agents have a part in every
 * delivery, so one that is paused keeps back all of them.
 */
export function heldByPauses(
  pauses: readonly Pause[],
  { department, channel }: { readonly department: string | undefined; readonly channel: string },
): Hold[] {
  return pauses
    .filter((pause) => {
      if (pause.scope === "channel") return pause.name === channel;
      return pause.scope === "department" ? pause.name === department : true;
    })
    .map((pause) => ({ code: "suppressed", detail: `${PAUSED}: ${nameOf(pause)}, by ${pause.by} since ${iso(pause.since)}` }));
}

/** How every reason of a pause begins. */
export const PAUSED = "paused";

export const nameOf = (target: PauseTarget): string => (target.scope === "all" ? "everything" : `${target.scope} ${target.name}`);
