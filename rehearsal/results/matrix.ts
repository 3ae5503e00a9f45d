import { type DecidedTwice, isDifferent } from "../../domain/deciding/compare-decisions.ts";
import { ACTIONS, type Decision, type DecisionAction } from "../../domain/entities/decision.ts";

/** What was done at a wake; `none` where nothing was decided at it. */
export type WakeAction = DecisionAction | "none";

/** In the order in which they are told. */
export const WAKE_ACTIONS: readonly WakeAction[] = [...ACTIONS, "none"];

/** How many recorded wakes came out so under one policy and so under the other. */
export interface MatrixCell {
  readonly against: WakeAction;
  readonly with: WakeAction;
  readonly count: number;
  /** How many of these came out differently: all of them beside the diagonal; on it those with another message, channel, variant or hour. */
  readonly different: number;
}

/** Recorded wakes by what was done at them, before and after; only what occurs, in the order of the actions. */
export function matrixOf(pairs: readonly DecidedTwice<Decision>[]): MatrixCell[] {
  const cells = new Map<string, MatrixCell>();
  for (const { was, is } of pairs) {
    const [against, other] = [actionOf(was), actionOf(is)];
    const name = matrixName(against, other);
    const known = cells.get(name) ?? { against, with: other, count: 0, different: 0 };
    cells.set(name, { ...known, count: known.count + 1, different: known.different + (isDifferent(was, is) ? 1 : 0) });
  }
  const place = (cell: MatrixCell): number => WAKE_ACTIONS.indexOf(cell.against) * WAKE_ACTIONS.length + WAKE_ACTIONS.indexOf(cell.with);
  return [...cells.values()].sort((a, b) => place(a) - place(b));
}

export const actionOf = (decision: Pick<Decision, "action"> | undefined): WakeAction => decision?.action ?? "none";

/** The name of a cell, such as `deliver>silence`. */
export const matrixName = (against: WakeAction, other: WakeAction): string => `${against}>${other}`;
