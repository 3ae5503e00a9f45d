import type { Evaluated } from "./evaluated.ts";
import type { ByName, Figure } from "./figures.ts";
import type { Forward } from "./forward.ts";
import type { MatrixCell } from "./matrix.ts";
import type { PolicyDifferences } from "./policies.ts";
import type { Totals } from "./totals.ts";

/** The recorded stream under both policies. */
export interface Recorded {
  /** Wakes at which at least one of them decided. */
  readonly wakes: number;
  /** How many of these came out differently. */
  readonly different: number;
  /** All of them by what was done, before and after. */
  readonly matrix: readonly MatrixCell[];
  readonly against: Totals;
  readonly with: Totals;
}

/** One number that was foretold, beside what came. */
export interface Foretold {
  readonly name: string;
  readonly actual: number;
  readonly interval: Figure;
  readonly held: boolean;
}

/** What was foretold of the last part of the record, from what came before. */
export interface Backtested {
  readonly intervals: readonly Foretold[];
  readonly held: number;
  /** The share of intervals that hold. */
  readonly share: number;
  /** Types of signals that came and of which nothing was foretold, with how often. */
  readonly notForetold: ByName<number>;
}

/** A rehearsal, as `--json` prints it: nothing in it depends on the machine or on when it ran. */
export interface RehearsalResult {
  readonly simulated: true;
  readonly seed: string;
  readonly days: number;
  /** How many customers were played. */
  readonly customers: number;
  readonly paths: number;
  /** Of how many customers they are a sample; missing where everybody was played. */
  readonly sampleOf?: number;
  /** When the recorded time ends and the forward part begins. */
  readonly from: string;
  /** Their versions, and what only one of them has. */
  readonly policies: { readonly against: string; readonly with: string; readonly differ: PolicyDifferences };
  readonly recorded: Recorded;
  readonly forward: Forward;
  readonly value: Evaluated;
  readonly backtest?: Backtested;
}
