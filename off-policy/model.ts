import type { LoggedDecision } from "./log.ts";
import { createRidge, type Ridge } from "./ridge.ts";

/** Expected reward of an action in a context. Columns are the feature values present. */
export type RewardModel = (columns: readonly number[], action: number) => number;

/** A decision as training data. */
export interface Observed {
  readonly columns: readonly number[];
  readonly action: number;
  readonly reward: number;
}

/** Assigns columns to the most frequent feature values; constant ones are left out. */
export function numberColumns(log: readonly LoggedDecision[]): {
  readonly width: number;
  columnsOf(features: readonly string[]): number[];
} {
  const counts = new Map<string, number>();
  for (const { features } of log) for (const key of features) counts.set(key, (counts.get(key) ?? 0) + 1);
  const kept = [...counts]
    .filter(([, count]) => count >= MIN_ROWS && count < log.length)
    .sort(([a, often], [b, seldom]) => seldom - often || (a < b ? -1 : 1))
    .slice(0, MAX_COLUMNS);
  const numbers = new Map(kept.map(([key], index) => [key, index]));
  return { width: numbers.size, columnsOf: (features) => features.flatMap((key) => numbers.get(key) ?? []) };
}

/**
 * Fits expected rewards: the mean, plus the effect of each context on any action, plus the effect of each action, alone and in each
 * context. The parts are ridge regressions, one on the residuals of the other, shrunk to 0 as by `pull` rows: a rarely seen action is
 * expected to perform like the others.
 */
export function fitRewardModel(rows: readonly Observed[], width: number, pull: number): RewardModel {
  const mean = rows.length === 0 ? 0 : rows.reduce((sum, { reward }) => sum + reward, 0) / rows.length;
  const shared = createRidge(width);
  for (const { columns, reward } of rows) shared.add(columns, reward - mean);
  const common = shared.solve(pull);
  const own = new Map<number, Ridge>();
  for (const { columns, action, reward } of rows) {
    const ridge = own.get(action) ?? createRidge(width + 1);
    own.set(action, ridge);
    ridge.add([...columns, width], reward - mean - sumOf(common, columns));
  }
  const particular = new Map([...own].map(([action, ridge]) => [action, ridge.solve(pull)]));
  return (columns, action) => {
    const added = particular.get(action);
    return mean + sumOf(common, columns) + (added ? sumOf(added, columns) + (added[width] ?? 0) : 0);
  };
}

/**
 * Fits one model per fold without that fold (cross-fitting: Chernozhukov et al. 2018, "Double/debiased machine learning"), with the
 * ridge that predicts held-out decisions best.
 */
export function crossFit(rows: readonly Observed[], folds: readonly number[], width: number): readonly RewardModel[] {
  let best: { models: RewardModel[]; loss: number } | undefined;
  for (const pull of PULLS) {
    const models = Array.from({ length: FOLDS }, (_, fold) => {
      const others = rows.filter((_row, index) => folds[index] !== fold);
      return fitRewardModel(others, width, pull);
    });
    let loss = 0;
    for (const [index, { columns, action, reward }] of rows.entries()) {
      loss += (reward - (models[folds[index] ?? 0]?.(columns, action) ?? 0)) ** 2;
    }
    if (!best || loss < best.loss) best = { models, loss };
  }
  return best?.models ?? [];
}

export const FOLDS = 5;

// --- internal ---

const PULLS = [3, 30, 300, 3000] as const;
const MAX_COLUMNS = 48;
/** A rarer value cannot be distinguished from noise. */
const MIN_ROWS = 10;

function sumOf(coefficients: Float64Array, columns: readonly number[]): number {
  let sum = 0;
  for (const column of columns) sum += coefficients[column] ?? 0;
  return sum;
}
