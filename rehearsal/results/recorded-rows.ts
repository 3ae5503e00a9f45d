import type { DecidedTwice } from "../../domain/deciding/compare-decisions.ts";
import type { Decision } from "../../domain/entities/decision.ts";
import { need } from "../../domain/errors.ts";
import { type ByName, namesIn, ownValue } from "./figures.ts";
import { actionOf, matrixName } from "./matrix.ts";
import { RowSample } from "./row-sample.ts";
import { type CellRow, outlineOf, type RowSide, type RowsByCell } from "./rows.ts";
import { Counter, isMade, NO_DEPARTMENT } from "./totals.ts";

export interface RecordedRowsOptions {
  /** By the policy that decided; both may name the department of an experience differently. */
  readonly departmentOf: Readonly<Record<"against" | "with", (experienceId: string) => string | undefined>>;
  /** The decision of the store at a wake, by the key of the wake. */
  readonly decisionAt: (wakeKey: string) => string | undefined;
}

/** What is behind the matrix and the figures of the recorded part: a row counts for each side that it tells of. */
export function recordedRows(pairs: readonly DecidedTwice<Decision>[], { departmentOf, decisionAt }: RecordedRowsOptions): RowsByCell {
  const sample = new RowSample();
  for (const pair of pairs) {
    const { key, was, is } = pair;
    const row = rowOf(pair, decisionAt(key));
    const add = (cell: string, side: RowSide, place: number): void =>
      sample.add(cell, { wake: key, id: `${key}\n${place}`, row: { ...row, side } });
    add(matrixName(actionOf(was), actionOf(is)), "both", 0);
    const [before, after] = [figuresOf(was, departmentOf.against), figuresOf(is, departmentOf.with)];
    for (const cell of namesIn([before, after]))
      for (const [place, side] of sidesOf(ownValue(before, cell), ownValue(after, cell)).entries()) add(cell, side, place);
  }
  return sample.rows();
}

// --- internal ---

function rowOf({ was, is }: DecidedTwice<Decision>, decisionId: string | undefined): Omit<CellRow, "side"> {
  const { customerId, decidedAt: at } = need(is ?? was, "a decision of one of both");
  return {
    ...{ customerId, at },
    ...(decisionId === undefined ? {} : { decisionId }),
    ...(was ? { against: outlineOf(was) } : {}),
    ...(is ? { with: outlineOf(is) } : {}),
  };
}

/** Of whom so many rows tell that each side has as many as it counts. */
const sidesOf = (times = 0, others = 0): RowSide[] =>
  Array.from({ length: Math.max(times, others) }, (_, place) => (place >= others ? "against" : place >= times ? "with" : "both"));

/** How often a decision counts in which figure, as `createTotals` counts it. */
function figuresOf(decision: Decision | undefined, departmentOf: (experienceId: string) => string | undefined): ByName<number> {
  const cells = new Counter();
  if (!decision) return {};
  const { action, experienceId = "", reasons, deliveries } = decision;
  if (action === "silence") for (const code of new Set(reasons.map((reason) => reason.code))) cells.add(`silences:${code}`);
  for (const { channel, status } of deliveries) {
    if (!isMade(status)) continue;
    cells.add("deliveries");
    cells.add(`byExperience:${experienceId}`);
    cells.add(`byChannel:${channel}`);
    cells.add(`byDepartment:${departmentOf(experienceId) ?? NO_DEPARTMENT}`);
  }
  return cells.byName();
}
