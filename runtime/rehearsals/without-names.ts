import type { RehearsalResult } from "../../rehearsal/results/rehearsal-result.ts";
import type { PlayedRehearsal } from "./play-rehearsal.ts";

/** A result without the customers that it names: they are among the rows behind its figures, and can be erased there. */
export function withoutNames({
  forward: { leftOut: _left, reached: _reached, ...forward },
  ...result
}: RehearsalResult): PlayedRehearsal["result"] {
  // The view has what the result has, as lists that may be changed.
  return { ...result, forward } as unknown as PlayedRehearsal["result"];
}
