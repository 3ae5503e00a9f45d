import type { BehindView } from "../../operations/rehearsals/views.ts";
import type { LeftOut } from "../../rehearsal/results/forward.ts";
import type { RehearsalResult } from "../../rehearsal/results/rehearsal-result.ts";
import type { RehearsalRow } from "../../store/store.ts";
import type { PlayedRehearsal } from "./play-rehearsal.ts";

/** Takes the customers out of a result: each becomes a row behind the figure that names her, so that she can be erased from it. */
export function withoutNames({ forward: { leftOut, reached, ...forward }, ...result }: RehearsalResult): PlayedRehearsal {
  const rows = [...leftOut.map((one) => rowOf(one, "leftOut", result.from)), ...reached.map((one) => rowOf(one, "reached", result.from))];
  // The view has what the result has, as lists that may be changed.
  return { result: { ...result, forward } as unknown as PlayedRehearsal["result"], rows };
}

// --- internal ---

/** The rule is that of the side on which she gets nothing more often. */
function rowOf({ customerId, against, with: other, rule }: LeftOut, cell: "leftOut" | "reached", at: string): RehearsalRow {
  const side = (share: number, isMore: boolean) => ({ action: "nothing", codes: isMore && rule !== "" ? [rule] : [], share });
  const row = {
    ...{ at, side: "both", simulated: true },
    against: side(against, against > other),
    with: side(other, other > against),
  } satisfies Omit<BehindView, "customerId">;
  return { customerId, part: "forward", cell, row };
}
