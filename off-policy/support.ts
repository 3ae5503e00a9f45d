import { actionsOf, type LoggedDecision, type Probabilities, wrongProbabilities } from "./log.ts";

/** Reasons to refuse an answer, and reasons to doubt one. */
export interface Doubts {
  readonly refusals: readonly string[];
  readonly warnings: readonly string[];
}

/** How well the log covers the other policy. */
export interface Support {
  /** (Σw)² / Σw² (Kish 1965): number of decisions drawn from the other policy itself with the same information. */
  readonly effectiveSampleSize: number;
  /** Mean weight: 1 where the log at least occasionally took every action of the other policy. */
  readonly meanWeight: number;
  readonly maxWeight: number;
  /** Share of the total weight carried by the heaviest hundredth of the decisions. */
  readonly topShare: number;
  /** Effective number of rewards in the weighted sum: the basis of an estimate where success is rare. */
  readonly effectiveRewards: number;
}

/** Problems of the log itself, independent of the policy in question. */
export function doubtsOfLog(log: readonly LoggedDecision[], units: number): Doubts {
  if (log.length === 0) return { refusals: ["the log holds no decision"], warnings: [] };
  const bad = log.filter(({ probability }) => !(probability > 0 && probability <= 1));
  const rewards = new Set(log.map(({ reward }) => reward));
  return {
    refusals:
      bad.length > 0
        ? [`${bad.length} of ${log.length} decisions have a probability that is not above 0 and at most 1${placesOf(bad)}`]
        : [],
    warnings: [
      ...(rewards.size === 1 && log.length > 1 ? [`every reward is ${log[0]?.reward}: intervals are meaningless`] : []),
      ...(units < FEW_UNITS ? [`only ${units} independent ${units === 1 ? "unit" : "units"}: intervals are too narrow`] : []),
    ],
  };
}

export function supportOf(weights: readonly number[], rewards: readonly number[]): Support {
  const sum = total(weights);
  const heaviest = [...weights].sort((a, b) => b - a);
  const top = total(heaviest.slice(0, Math.max(1, Math.floor(weights.length / 100))));
  return {
    effectiveSampleSize: effective(weights),
    meanWeight: weights.length === 0 ? 0 : sum / weights.length,
    maxWeight: heaviest[0] ?? 0,
    topShare: sum === 0 ? 0 : top / sum,
    effectiveRewards: effective(weights.map((weight, index) => weight * Math.abs(rewards[index] ?? 0))),
  };
}

/** Aspects of a policy that the log cannot answer, or supports weakly. `chances` are those of what was logged. */
export function doubtsOfPolicy(
  log: readonly LoggedDecision[],
  { probabilities, chances }: { readonly probabilities: readonly Probabilities[]; readonly chances: readonly number[] },
  weights: readonly number[],
  support: Support,
): Doubts {
  const bad = log.flatMap((row, index) => {
    const wrong = wrongProbabilities(probabilities[index] ?? new Map());
    return wrong === undefined ? [] : [{ row, wrong }];
  });
  if (bad[0]) {
    const places = placesOf(bad.map(({ row }) => row));
    return { refusals: [`the policy has wrong probabilities for ${bad.length} decisions${places}: ${bad[0].wrong}`], warnings: [] };
  }
  const found = [doubtsOfActions(log, probabilities), doubtsOfCertainty(log, chances), doubtsOfWeights(log, weights, support)];
  return { refusals: found.flatMap(({ refusals }) => refusals), warnings: found.flatMap(({ warnings }) => warnings) };
}

// --- internal ---

/** Maximum share of the other policy on actions unknown to the log. */
const TOLERATED_UNKNOWN = 0.01;
/** A log with a lower effective sample size than this, and less than a tenth of its decisions, answers nothing. */
const MIN_EFFECTIVE = 30;
const FEW_EFFECTIVE = 100;
/** An estimate based on fewer rewards than this, and fewer than a tenth of the log's decisions, is refused. */
export const MIN_REWARDS = 10;
const FEW_REWARDS = 20;
const FEW_UNITS = 30;

function doubtsOfActions(log: readonly LoggedDecision[], probabilities: readonly Probabilities[]): Doubts {
  const unknown = unknownActions(log, probabilities);
  const share = total([...unknown.values()]);
  const names = [...unknown].sort((a, b) => b[1] - a[1]).map(([action]) => action);
  const said = `the log never took ${listed(names)}, which the policy takes in ${percent(share)} of decisions`;
  const impossible = log.filter(({ choices }, index) => {
    const given = [...(probabilities[index] ?? [])].filter(([, probability]) => probability > 0);
    return choices && given.some(([action]) => !choices.includes(action));
  }).length;
  return {
    refusals: share > TOLERATED_UNKNOWN ? [said] : [],
    warnings: [
      ...(share > 0 && share <= TOLERATED_UNKNOWN ? [said] : []),
      ...(impossible > 0 ? [`in ${impossible} decisions the policy takes an action that was not available`] : []),
    ],
  };
}

/** Actions that the policy takes and the log never took, with their share of the decisions. */
function unknownActions(log: readonly LoggedDecision[], probabilities: readonly Probabilities[]): Map<string, number> {
  const taken = new Set(actionsOf(log));
  const unknown = new Map<string, number>();
  for (const given of probabilities) {
    for (const [action, probability] of given) {
      if (probability > 0 && !taken.has(action)) unknown.set(action, (unknown.get(action) ?? 0) + probability / log.length);
    }
  }
  return unknown;
}

/** A decision with a single possible action carries no information about any other action. */
function doubtsOfCertainty(log: readonly LoggedDecision[], chances: readonly number[]): Doubts {
  const other = log.map(({ probability }, index) => (probability === 1 ? 1 - (chances[index] ?? 0) : 0));
  const share = total(other) / log.length;
  const isDrawn = log.some(({ probability }) => probability < 1);
  const why = isDrawn ? "" : "; none of its decisions was drawn: it was written without exploring (learning.explore)";
  const said = `in ${percent(share)} of decisions the policy does something else where the log was certain (probability 1)${why}`;
  return { refusals: share > TOLERATED_UNKNOWN ? [said] : [], warnings: share > 1e-3 && share <= TOLERATED_UNKNOWN ? [said] : [] };
}

function doubtsOfWeights(log: readonly LoggedDecision[], weights: readonly number[], support: Support): Doubts {
  const { effectiveSampleSize, meanWeight, topShare, effectiveRewards } = support;
  const error = Math.sqrt(total(weights.map((weight) => (weight - meanWeight) ** 2))) / weights.length;
  const average = `weights average ${meanWeight.toFixed(2)} where 1 is expected`;
  if (meanWeight + 3 * error < 0.9) {
    return { refusals: [`the log hardly ever did what the policy does, or its probabilities are wrong: ${average}`], warnings: [] };
  }
  const worth = `the log is worth ${effectiveSampleSize.toFixed(0)} of its ${log.length} decisions for this policy`;
  if (effectiveSampleSize < Math.min(MIN_EFFECTIVE, log.length / 10)) {
    return { refusals: [`${worth}, at least ${Math.min(MIN_EFFECTIVE, Math.ceil(log.length / 10))} are needed`], warnings: [] };
  }
  if (effectiveRewards < Math.min(MIN_REWARDS, log.length / 10)) return { refusals: [tooFewRewards(support, log)], warnings: [] };
  const isOff = Math.abs(meanWeight - 1) > Math.max(3 * error, 0.02);
  return {
    refusals: [],
    warnings: [
      ...(isOff ? [`${average}: probabilities may be wrong, or the policy does what the log never did in such contexts`] : []),
      ...(effectiveSampleSize < FEW_EFFECTIVE ? [worth] : []),
      ...(effectiveRewards < FEW_REWARDS
        ? [`the estimates rest on ${effectiveRewards.toFixed(0)} rewards: intervals may be too narrow`]
        : []),
      ...(topShare > 0.5 ? [`a hundredth of the decisions carries ${percent(topShare)} of the weight: intervals are too narrow`] : []),
    ],
  };
}

/**
 * Without a single reward the rule of three gives a bound: a rate with no success in n trials is below 3/n with 95 % confidence
 * (Hanley and Lippman-Hand 1983, "If nothing goes wrong, is everything all right?").
 */
function tooFewRewards({ effectiveRewards, effectiveSampleSize }: Support, log: readonly LoggedDecision[]): string {
  const said = `the estimates would rest on ${effectiveRewards.toFixed(effectiveRewards < 1 ? 0 : 1)} rewards, at least ${Math.min(MIN_REWARDS, Math.ceil(log.length / 10))} are needed`;
  if (effectiveRewards > 0 || log.every(({ reward }) => reward === 0)) return said;
  const bound = (3 * largestReward(log)) / effectiveSampleSize;
  return `${said}; where none of ${effectiveSampleSize.toFixed(0)} effective decisions was rewarded the value is at most ${bound.toPrecision(2)} (95 %, rule of three)`;
}

/** Largest absolute reward; a loop, because a log may have more rows than a call has room for arguments. */
export const largestReward = (log: readonly LoggedDecision[]): number =>
  log.reduce((largest, { reward }) => Math.max(largest, Math.abs(reward)), 0);

function effective(weights: readonly number[]): number {
  const squares = total(weights.map((weight) => weight * weight));
  return squares === 0 ? 0 : total(weights) ** 2 / squares;
}

const total = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0);

const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;

const listed = (names: readonly string[]): string =>
  names.length > 3 ? `${names.slice(0, 3).join(", ")} and ${names.length - 3} others` : names.join(", ");

/** Lines of rows in their file, where known. */
function placesOf(rows: readonly LoggedDecision[]): string {
  const lines = rows.flatMap(({ line }) => line ?? []);
  if (lines.length === 0) return "";
  return ` (line ${lines.slice(0, 3).join(", ")}${lines.length > 3 ? ", …" : ""})`;
}
