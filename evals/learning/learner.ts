import { belief, type Learned, NOTHING_LEARNED } from "../../domain/learning/learning.ts";
import type { Belief } from "../../domain/learning/propensity.ts";
import { type Evaluation, evaluatePolicy } from "../../off-policy/off-policy.ts";
import { ARMS, type Arm, type Mailing, PROPENSITY } from "./hillstrom-data.ts";
import { chooseArm, expectedOf, logOf, type Replayed, type ReplayOptions, replay } from "./replay.ts";

export const TARGET: Arm = "Mens E-Mail";
const OTHER: Arm = "Womens E-Mail";

/** A mean of rewards and its standard error. */
export interface Mean {
  readonly value: number;
  readonly error: number;
  readonly count: number;
}

export const SEGMENTS = [
  { name: "only men's", has: ({ boughtMens, boughtWomens }: Mailing) => boughtMens && !boughtWomens },
  { name: "only women's", has: ({ boughtMens, boughtWomens }: Mailing) => !boughtMens && boughtWomens },
  { name: "both", has: ({ boughtMens, boughtWomens }: Mailing) => boughtMens && boughtWomens },
] as const;

/** A segment's reward from an arm in the log, and the learner's belief about it at the end of its first replay. */
export interface SegmentBelief {
  readonly segment: string;
  readonly arm: Arm;
  readonly observed: Mean;
  /** Mean over the segment's customers. */
  readonly expected: number;
  /** A typical customer's belief, one deviation to either side, in rates. */
  readonly low: number;
  readonly high: number;
}

export interface LearnerReport {
  readonly rows: number;
  readonly replays: number;
  readonly log: Mean;
  readonly arms: Readonly<Record<Arm, Mean>>;
  /** Over all replays; the error is that of a single one. */
  readonly online: Mean;
  /** The last half of every replay, when most is learned. */
  readonly onlineLate: Mean;
  readonly shares: Readonly<Record<Arm, number>>;
  /** Visits per decision in ten parts of a replay: mean, and lowest and highest tenth of the replays. */
  readonly course: readonly { readonly decisions: number; readonly mean: number; readonly low: number; readonly high: number }[];
  readonly beliefs: readonly SegmentBelief[];
  /** Among customers who only ever bought men's, the share with a better expectation for women's mail at the end; mean and worst replay. */
  readonly prefersWomens: { readonly mean: number; readonly worst: number };
}

/** Replays a randomised test to a deciding learner, in another order each time. */
export function judgeLearner(mailings: readonly Mailing[], replays: number): LearnerReport {
  const rows = mailings.map(({ arm, visited, features }) => ({ arm, reward: visited, features }));
  const runs = Array.from({ length: replays }, (_, index) => replay(rows, ARMS, `replay ${index}`));
  const preferences = runs.map(({ learned }) => shareThatPrefers(learned, mailings.filter(SEGMENTS[0].has)));
  return {
    ...{ rows: mailings.length, replays, log: meanOf(mailings.map(({ visited }) => visited)) },
    arms: byArm((arm) => observedOf(mailings, arm)),
    online: overRuns(runs.map(({ matched }) => meanOf(matched.map(({ reward }) => reward)))),
    onlineLate: overRuns(runs.map(({ matched }) => meanOf(matched.slice(matched.length / 2).map(({ reward }) => reward)))),
    shares: byArm((arm) => averageOf(runs.map(({ matched }) => matched.filter((one) => one.arm === arm).length / matched.length))),
    course: courseOf(runs),
    beliefs: beliefsOf(mailings, runs[0]?.learned ?? new Map()),
    prefersWomens: { mean: averageOf(preferences), worst: Math.max(...preferences) },
  };
}

/** Results of a learner over four weeks in which every outcome arrives a week late. */
export interface LateReport {
  /** Over all replays; the error is that of a single one. */
  readonly online: Mean;
  /** In the first week no outcome is known. */
  readonly firstWeek: Mean;
  /** The estimate of "always men's mail" from the log of one replay, or why there is none. */
  readonly answer: Evaluation;
}

export const WEEKS = 4;

/** The same replays with outcomes a week late: with the prior and, for comparison, with untried arms taken as exactly one half. */
export function judgeLate(mailings: readonly Mailing[], replays: number): Readonly<Record<"prior" | "one half", LateReport>> {
  const rows = mailings.map(({ arm, visited, features }) => ({ arm, reward: visited, features }));
  const delay = Math.floor(rows.length / WEEKS);
  const judged = (untried: NonNullable<ReplayOptions["untried"]>): LateReport => {
    const runs = Array.from({ length: replays }, (_, index) => replay(rows, ARMS, `late ${index}`, { delay, untried }));
    const rewards = runs.map(({ matched }) => matched.map(({ reward }) => reward));
    return {
      online: overRuns(rewards.map(meanOf)),
      firstWeek: overRuns(rewards.map((one) => meanOf(one.slice(0, one.length / WEEKS)))),
      answer: evaluatePolicy(logOf(runs[0]?.matched ?? [], ARMS), { policy: { kind: "always", action: TARGET } }),
    };
  };
  return { prior: judged("prior"), "one half": judged("one half") };
}

/** The value of what was learned from some customers, without further exploration, for others assigned at random. */
export function judgeLearned(taught: readonly Mailing[], unseen: readonly Mailing[]): Evaluation {
  const rows = taught.map(({ arm, visited, features }) => ({ arm, reward: visited, features }));
  const { learned } = replay(rows, ARMS, "taught");
  const probabilities = unseen.map(({ features }) => new Map([[chooseArm(ARMS, (arm) => expectedOf(learned, arm, features)), 1]]));
  const log = unseen.map(({ arm, visited, features }) => ({ features, action: arm, probability: PROPENSITY, reward: visited }));
  return evaluatePolicy(log, { policy: { kind: "given", probabilities } });
}

// --- internal ---

const PARTS = 10;

function shareThatPrefers(learned: ReadonlyMap<string, Learned>, customers: readonly Mailing[]): number {
  const preferring = customers.filter(({ features }) => expectedOf(learned, OTHER, features) > expectedOf(learned, TARGET, features));
  return preferring.length / Math.max(customers.length, 1);
}

function courseOf(runs: readonly Replayed[]): LearnerReport["course"] {
  return Array.from({ length: PARTS }, (_, part) => {
    const means = runs.map(({ matched }) => {
      const size = matched.length / PARTS;
      return averageOf(matched.slice(part * size, (part + 1) * size).map(({ reward }) => reward));
    });
    const sorted = means.sort((a, b) => a - b);
    const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
    const decisions = averageOf(runs.map(({ matched }) => ((part + 1) * matched.length) / PARTS));
    return { decisions: Math.round(decisions), mean: averageOf(means), low: at(0.1), high: at(0.9) };
  });
}

function beliefsOf(mailings: readonly Mailing[], learned: ReadonlyMap<string, Learned>): SegmentBelief[] {
  return SEGMENTS.flatMap(({ name, has }) => {
    const customers = mailings.filter(has);
    return ARMS.map((arm): SegmentBelief => {
      const beliefs = customers.map(({ features }) => belief(learned.get(arm) ?? NOTHING_LEARNED, features));
      const side = (deviations: number) => averageOf(beliefs.map((one) => rateAt(one, deviations)));
      return {
        ...{ segment: name, arm, observed: observedOf(customers, arm) },
        ...{ expected: averageOf(beliefs.map(({ mean }) => mean)), low: side(-1), high: side(1) },
      };
    });
  });
}

const rateAt = ({ logit, deviation }: Belief, deviations: number): number => 1 / (1 + Math.exp(-(logit + deviations * deviation)));

const observedOf = (customers: readonly Mailing[], arm: Arm): Mean =>
  meanOf(customers.filter((one) => one.arm === arm).map(({ visited }) => visited));

const byArm = <T>(make: (arm: Arm) => T): Readonly<Record<Arm, T>> => ({
  "Mens E-Mail": make("Mens E-Mail"),
  "Womens E-Mail": make("Womens E-Mail"),
  "No E-Mail": make("No E-Mail"),
});

/** Replays share their rows, so many of them reduce noise hardly more than one: the error stays that of one. */
const overRuns = (means: readonly Mean[]): Mean => ({
  value: averageOf(means.map(({ value }) => value)),
  error: averageOf(means.map(({ error }) => error)),
  count: Math.round(averageOf(means.map(({ count }) => count))),
});

function meanOf(values: readonly number[]): Mean {
  const value = averageOf(values);
  const squares = values.reduce((sum, one) => sum + (one - value) ** 2, 0);
  return { value, error: Math.sqrt(squares / Math.max(values.length - 1, 1) / Math.max(values.length, 1)), count: values.length };
}

const averageOf = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / Math.max(values.length, 1);
