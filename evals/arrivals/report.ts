import { type Backtest, backtestArrivals, ENOUGH_HELD } from "../../rehearsal/backtest.ts";
import { FROM, historiesOf, POPULATIONS, type PopulationName, SPLIT, UNTIL, ZONE } from "./population.ts";
import type { Purchases } from "./purchases.ts";

export interface Judged {
  readonly name: string;
  readonly what: string;
  readonly result: Backtest;
  readonly requirements: readonly Requirement[];
}

/** What is required of a result, and whether that holds. */
export interface Requirement {
  readonly words: string;
  readonly holds: boolean;
}

export interface JudgeOptions {
  readonly paths: number;
  readonly customers: number;
}

export function judgePopulation(name: PopulationName, { paths, customers }: JudgeOptions): Judged {
  const { what, isForetold } = POPULATIONS[name];
  const histories = historiesOf(name, customers, SEED);
  const result = backtestArrivals(histories, { from: FROM, split: SPLIT, until: UNTIL, zone: ZONE, paths, seed: SEED });
  const requirement = isForetold
    ? { words: `at least ${percent(ENOUGH_HELD)} of weeks within their interval`, holds: result.held >= ENOUGH_HELD }
    : { words: `seen to fail: fewer than ${percent(ENOUGH_HELD)} of weeks within their interval`, holds: result.held < ENOUGH_HELD };
  return { name, what, result, requirements: [requirement] };
}

export function judgePurchases({ histories, ...period }: Purchases, { paths }: Pick<JudgeOptions, "paths">): Judged {
  const result = backtestArrivals(histories, { ...period, zone: ZONE, paths, seed: SEED });
  const off = Math.abs(result.foretold.mean / result.came - 1);
  return {
    name: "purchases",
    what: "the file given",
    result,
    requirements: [
      { words: "total within 20 %", holds: off <= 0.2 },
      { words: "mean absolute error a customer at most 0.83", holds: result.meanAbsoluteError <= 0.83 },
      { words: "correlation at least 0.68", holds: result.correlation >= 0.68 },
      { words: "80 to 98 % of weeks within their interval", holds: result.held >= 0.8 && result.held <= 0.98 },
    ],
  };
}

/** The table, and the requirements that do not hold. */
export function resultLines(all: readonly Judged[]): string[] {
  const head = "| histories | customers | came | foretold | 90 of 100 | weeks within | error a customer | correlation |";
  const rows = all.map(({ name, what, result: { customers, came, foretold, held, meanAbsoluteError, correlation } }) =>
    [
      `| ${name}: ${what}`,
      ...[customers, came, Math.round(foretold.mean), `${foretold.low} to ${foretold.high}`, percent(held)],
      ...[meanAbsoluteError.toFixed(2), `${correlation.toFixed(2)} |`],
    ].join(" | "),
  );
  const failed = all.flatMap(({ name, requirements }) =>
    requirements.filter(({ holds }) => !holds).map(({ words }) => `not held: ${name}: ${words}`),
  );
  return [head, `|${" --- |".repeat(8)}`, ...rows, ...(failed.length > 0 ? ["", ...failed] : [])];
}

// --- internal ---

const SEED = "arrivals";

const percent = (share: number): string => `${Math.round(share * 100)} %`;
