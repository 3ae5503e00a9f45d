import { SentientError } from "../../domain/errors.ts";
import { seededRandom, shuffled } from "../../domain/values/random.ts";
import { ESTIMATORS, type Estimator } from "../../off-policy/estimators.ts";
import type { LoggedDecision } from "../../off-policy/log.ts";
import { type Estimate, type Evaluation, evaluatePolicy } from "../../off-policy/off-policy.ts";
import type { Arm, Mailing } from "./hillstrom-data.ts";
import type { Campaign } from "./obd-data.ts";

/** The estimate for one policy from another's log, beside its true result over the same time. */
export interface CrossCheck {
  readonly name: string;
  readonly truth: Estimate;
  /** With refusals, if the log does not support an estimate. */
  readonly answer: Evaluation;
}

/** Each policy of a campaign, estimated from the log of the other. */
export function crossCheck({ name, random, bts, byPosition }: Campaign): CrossCheck[] {
  const probabilities = random.map(({ position }) => byPosition.get(position) ?? new Map());
  const ofThompson = evaluatePolicy(random, { policy: { kind: "given", probabilities } });
  const ofUniform = evaluatePolicy(bts, { policy: { kind: "uniform" } });
  return [
    checkOf(`${name}: Thompson sampling, from the uniform log`, ofThompson, ofUniform),
    checkOf(`${name}: uniform, from Thompson sampling's log`, ofUniform, ofThompson),
  ];
}

/** Distance of an estimate from the truth, in standard errors of both. */
export const distance = (estimate: Estimate, truth: Estimate): number =>
  (estimate.value - truth.value) / Math.hypot(errorOf(estimate), errorOf(truth));

/** Many estimates of the same kind, with the true values they aim at. */
export interface Spread {
  readonly name: string;
  readonly runs: number;
  readonly truth: number;
  readonly rows: readonly {
    readonly name: string;
    readonly bias: number;
    readonly error: number;
    /** Share of runs whose interval, widened by the truth's own noise, covers the truth; missing without an interval. */
    readonly coverage?: number;
  }[];
}

/**
 * Draws logs from a randomised test as if written by a policy that mails mostly likely buyers, estimates from each the value of "always
 * men's mail", and compares it with the value for the customers left out of the log.
 */
export function biasedLogs(mailings: readonly Mailing[], runs: number): Spread {
  const found: { truth: number; naive: number; estimates: Readonly<Record<Estimator, Estimate>>; noise: number }[] = [];
  for (let run = 0; run < runs; run++) {
    const random = seededRandom(`biased log ${run}`);
    const order = shuffled(mailings, random);
    const half = Math.floor(order.length / 2);
    const others = order.slice(half).filter(({ arm }) => arm === TARGET);
    const log = order.slice(0, half).flatMap((mailing): LoggedDecision[] => {
      const { arm, visited, features } = mailing;
      const probability = biasOf(mailing)[arm];
      return random() < probability ? [{ features, action: arm, probability, reward: visited }] : [];
    });
    const { estimates } = evaluatePolicy(log, { policy: { kind: "always", action: TARGET }, resamples: 200 });
    if (!estimates) continue;
    const truth = meanOf(others.map(({ visited }) => visited));
    const naive = meanOf(log.filter(({ action }) => action === TARGET).map(({ reward }) => reward));
    found.push({ truth, naive, estimates, noise: truth * (1 - truth) * (1 / others.length) });
  }
  const rowOf = (name: string, errors: readonly number[]) => ({ name, bias: meanOf(errors), error: rootMeanSquare(errors) });
  return {
    ...{ name: `always ${TARGET}`, runs: found.length, truth: meanOf(found.map(({ truth }) => truth)) },
    rows: [
      rowOf(
        "mean of those who got it",
        found.map(({ naive, truth }) => naive - truth),
      ),
      ...ESTIMATORS.map((name) => ({
        ...rowOf(
          name,
          found.map(({ estimates, truth }) => estimates[name].value - truth),
        ),
        coverage: meanOf(
          found.map(({ estimates, truth, noise }) => {
            const allowed = 1.96 * Math.hypot(errorOf(estimates[name]), Math.sqrt(noise));
            return Math.abs(estimates[name].value - truth) <= allowed ? 1 : 0;
          }),
        ),
      })),
    ],
  };
}

// --- internal ---

const TARGET: Arm = "Mens E-Mail";

/** Propensity of every arm if men's mail is sent mostly to the best buyers. A row drawn with 1/3 is kept with this probability. */
function biasOf({ boughtMens, boughtWomens }: Mailing): Readonly<Record<Arm, number>> {
  if (boughtMens && boughtWomens) return { "Mens E-Mail": 0.8, "Womens E-Mail": 0.1, "No E-Mail": 0.1 };
  if (boughtMens) return { "Mens E-Mail": 0.5, "Womens E-Mail": 0.2, "No E-Mail": 0.3 };
  return { "Mens E-Mail": 0.1, "Womens E-Mail": 0.6, "No E-Mail": 0.3 };
}

/** A policy's true result is measured on its own log. */
function checkOf(name: string, answer: Evaluation, { logged: truth, refusals }: Evaluation): CrossCheck {
  if (!truth) throw new SentientError("BAD_INPUT", `${name}: ${refusals.join("; ")}`);
  return { name, truth, answer };
}

const errorOf = ({ low, high }: Estimate): number => (high - low) / (2 * 1.96);

const meanOf = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;

const rootMeanSquare = (values: readonly number[]): number => Math.sqrt(meanOf(values.map((value) => value * value)));
