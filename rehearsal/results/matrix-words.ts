import { type MatrixCell, WAKE_ACTIONS, type WakeAction } from "./matrix.ts";
import { amount } from "./words.ts";

/** The matrix as people read it: a row for each action before, a column for each after; a number says how many of its wakes differ. */
export function gridOf(matrix: readonly MatrixCell[]) {
  const columns = WAKE_ACTIONS.filter((action) => matrix.some((cell) => cell.with === action));
  const rows = WAKE_ACTIONS.filter((action) => matrix.some((cell) => cell.against === action)).map((action) => ({
    action,
    counts: columns.map((column) => countIn(matrix.find((cell) => cell.against === action && cell.with === column))),
  }));
  return { rows, columns };
}

export const actionInWords = (action: WakeAction): string => (action === "none" ? "nothing decided" : action.replace("_", " "));

// --- internal ---

function countIn(cell: MatrixCell | undefined): string {
  if (!cell) return "";
  const { count, different } = cell;
  return cell.against === cell.with && different > 0 ? `${amount(count)} (${amount(different)} of them otherwise)` : amount(count);
}
