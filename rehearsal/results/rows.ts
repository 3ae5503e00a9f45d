import type { Decision } from "../../domain/entities/decision.ts";
import type { WakeAction } from "./matrix.ts";

/** Which part of a result a row is behind. */
export type RowPart = "recorded" | "forward";

/** Of which policy a row tells; `both` where both did it. */
export type RowSide = "against" | "with" | "both";

/** What one policy did. */
export interface RowOutline {
  /** `task` for one that no decision has made, `nothing` for a customer who gets nothing. */
  readonly action: WakeAction | "task" | "nothing";
  readonly experienceId?: string;
  readonly channel?: string;
  /** Reason codes; of a customer who gets nothing, the rule that most often kept her from it. */
  readonly codes: readonly string[];
  /** Of a customer who is left out or reached: the share of paths in which she gets nothing. */
  readonly share?: number;
}

/** What is behind a number of a result: one wake of one customer, or one customer. */
export interface CellRow {
  readonly customerId: string;
  /** Of the wake; of a customer who gets nothing the beginning of the play. ISO 8601, UTC. */
  readonly at: string;
  readonly side: RowSide;
  /** The decision of the store, where this recorded wake was really decided. */
  readonly decisionId?: string;
  readonly against?: RowOutline;
  readonly with?: RowOutline;
  /** Of a future that was played: it has not happened. */
  readonly simulated?: true;
}

/**
 * A row with the number that it is behind. Of the recorded part `cell` is `ACTION>ACTION` of the matrix (`deliver>silence`), or a figure:
 * `deliveries`, `byExperience:ID`, `byChannel:NAME`, `byDepartment:NAME`, `silences:CODE`. Of the forward part it is a figure of the first
 * path by the same names, or `deferred:CODE`, `tasks:QUEUE`, `successes`, `nothing`, `nothing:RULE`; and of all paths `leftOut`, `reached`.
 * `group:PLACE:FIGURE` is a figure of one group (`deliveries`, `successes` or `nothing`) by its place in the result: the first is 0.
 */
export interface RehearsalRow extends CellRow {
  readonly part: RowPart;
  readonly cell: string;
}

/** Rows by the cell that they are behind. Plain data. */
export type RowsByCell = readonly (readonly [cell: string, rows: readonly CellRow[]])[];

/** The most rows that are kept of a cell and side. */
export const MOST_ROWS = 200;

/** The most rows of the recorded part, and of each side of the forward part. Where there are more, every cell keeps fewer. */
export const MOST_ROWS_IN_ALL = 20_000;

export const outlineOf = ({
  action,
  experienceId,
  channel,
  reasons,
}: Pick<Decision, "action" | "experienceId" | "channel" | "reasons">): RowOutline => ({
  action,
  ...(experienceId === undefined ? {} : { experienceId }),
  ...(channel === undefined ? {} : { channel }),
  codes: [...new Set(reasons.map(({ code }) => code))],
});
