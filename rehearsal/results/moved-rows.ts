import type { Forward, LeftOut } from "./forward.ts";
import type { CellRow, RowsByCell } from "./rows.ts";

/** Whom one side leaves out, or reaches, more often than the other, over all paths, as rows. @param at the beginning of the play, ISO 8601 */
export function movedRows({ leftOut, reached }: Pick<Forward, "leftOut" | "reached">, at: string): RowsByCell {
  const row = ({ customerId, against, with: other, rule }: LeftOut): CellRow => ({
    ...{ customerId, at, side: "both" },
    against: { action: "nothing", codes: against > other ? [rule] : [], share: against },
    with: { action: "nothing", codes: other > against ? [rule] : [], share: other },
    simulated: true,
  });
  return [
    ["leftOut", leftOut.map(row)],
    ["reached", reached.map(row)],
  ];
}
