import { seededRandom } from "../domain/values/random.ts";
import { addUp, bootstrap, type Interval } from "./bootstrap.ts";
import { ESTIMATORS, type Estimator, scoreOf, statistics } from "./estimators.ts";
import { doubtOfSum, reaching } from "./few-rewards.ts";
import { actionsOf, chanceOfLogged, type LoggedDecision, type OtherPolicy } from "./log.ts";
import { crossFit, FOLDS, numberColumns, type Observed } from "./model.ts";
import { type Expectation, expectedUnder, probabilitiesOf } from "./policies.ts";
import { type Doubts, doubtsOfLog, doubtsOfPolicy, largestReward, MIN_REWARDS, type Support, supportOf } from "./support.ts";

export interface Estimate extends Interval {
  readonly value: number;
}

export interface PolicyEstimate extends Estimate {
  /** Difference to the logging policy on the same decisions. */
  readonly gain: Estimate;
}

export interface Evaluation extends Doubts {
  readonly decisions: number;
  /** Number of independent groups of decisions: customers, where the log names them. */
  readonly units: number;
  readonly confidence: number;
  /** Value of the logging policy; missing where the log cannot support even that. */
  readonly logged?: Estimate;
  readonly support?: Support;
  /** Missing where the log cannot answer; `refusals` states why. */
  readonly estimates?: Readonly<Record<Estimator, PolicyEstimate>>;
}

export interface EvaluationOptions {
  readonly policy: OtherPolicy;
  readonly confidence?: number;
  readonly seed?: string;
  readonly resamples?: number;
}

/**
 * Estimates the value of another policy from the log of one that chose at random with known probabilities (estimators:
 * `off-policy/estimators.ts`). The model is never trained on the decision it predicts. Intervals are bootstrapped over customers, or
 * over decisions where no customer is named. A question that the log cannot answer is refused.
 */
export function evaluatePolicy(log: readonly LoggedDecision[], options: EvaluationOptions): Evaluation {
  const { policy, confidence = 0.95, seed = "sentient", resamples = resamplesFor(log.length) } = options;
  const units = unitsOf(log);
  const shape = { decisions: log.length, units: units.length, confidence };
  const wrong = doubtsOfLog(log, units.length);
  if (wrong.refusals.length > 0) return { ...shape, ...wrong };

  const actions = actionsOf(log);
  const expectation = learnExpectation(log, units, actions, seed);
  const probabilities = probabilitiesOf(policy, log, actions, expectation);
  const chances = log.map((row, index) => chanceOfLogged(policy, probabilities, row, index));
  const weights = log.map(({ probability }, index) => (chances[index] ?? 0) / probability);
  const support = supportOf(
    weights,
    log.map(({ reward }) => reward),
  );
  const found = doubtsOfPolicy(log, { probabilities, chances }, weights, support);

  const score = (index: number) =>
    scoreOf({
      reward: log[index]?.reward ?? 0,
      weight: weights[index] ?? 0,
      expected: expectedUnder(probabilities[index] ?? new Map(), (one) => expectation(index, one)),
      modelled: expectation(index, log[index]?.action ?? ""),
    });
  const totals = units.map((unit) => addUp(unit.map(score)));
  const values = statistics(addUp(totals));
  const intervals = bootstrap(totals, statistics, { confidence, seed, resamples });
  const at = (index: number): Estimate => ({ value: values[index] ?? 0, ...(intervals[index] ?? { low: 0, high: 0 }) });
  const doubts = { refusals: found.refusals, warnings: [...wrong.warnings, ...found.warnings] };
  const answered = { ...shape, ...doubts, logged: at(0), support };
  if (found.refusals.length > 0) return answered;
  const { below, above } = doubtOfFewRewards(log, weights, support, confidence);
  const estimate = (index: number): PolicyEstimate => ({
    ...reaching(at(1 + index), below, above),
    gain: reaching(at(1 + ESTIMATORS.length + index), below, above),
  });
  return { ...answered, estimates: { ips: estimate(0), snips: estimate(1), dr: estimate(2) } };
}

// --- internal ---

/** In reward per decision; zero where there are enough rewards for a bootstrap. */
function doubtOfFewRewards(log: readonly LoggedDecision[], weights: readonly number[], support: Support, confidence: number) {
  if (support.effectiveRewards >= MIN_REWARDS) return { below: 0, above: 0 };
  const weighed = log.map(({ reward }, index) => (weights[index] ?? 0) * Math.abs(reward));
  const { below, above } = doubtOfSum(weighed, support.maxWeight * largestReward(log), confidence);
  return { below: below / log.length, above: above / log.length };
}

/** A thousand; fewer for a long log, whose intervals are smooth anyway. */
const resamplesFor = (decisions: number): number => Math.round(Math.min(1000, Math.max(200, 1e8 / Math.max(decisions, 1))));

/** Groups of dependent decisions: one customer's, or each decision alone. */
function unitsOf(log: readonly LoggedDecision[]): readonly (readonly number[])[] {
  const byCustomer = new Map<string, number[]>();
  const units: number[][] = [];
  for (const [index, { customer }] of log.entries()) {
    const known = customer === undefined ? undefined : byCustomer.get(customer);
    if (known) known.push(index);
    else {
      const unit = [index];
      units.push(unit);
      if (customer !== undefined) byCustomer.set(customer, unit);
    }
  }
  return units;
}

function learnExpectation(
  log: readonly LoggedDecision[],
  units: readonly (readonly number[])[],
  actions: readonly string[],
  seed: string,
): Expectation {
  const numbers = new Map(actions.map((action, index) => [action, index]));
  const { width, columnsOf } = numberColumns(log);
  const rows = log.map(
    ({ features, action, reward }): Observed => ({ columns: columnsOf(features), action: numbers.get(action) ?? -1, reward }),
  );
  const random = seededRandom(`${seed}\nfolds`);
  const folds: number[] = new Array(log.length).fill(0);
  for (const unit of units) {
    const fold = Math.floor(random() * FOLDS);
    for (const index of unit) folds[index] = fold;
  }
  const models = crossFit(rows, folds, width);
  return (index, action) => models[folds[index] ?? 0]?.(rows[index]?.columns ?? [], numbers.get(action) ?? -1) ?? 0;
}
