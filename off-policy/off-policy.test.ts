import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../domain/values/random.ts";
import { ESTIMATORS } from "./estimators.ts";
import type { LoggedDecision, OtherPolicy } from "./log.ts";
import { type EvaluationOptions, evaluatePolicy } from "./off-policy.ts";

const row = (action: string, probability: number, reward: number, given: Partial<LoggedDecision> = {}): LoggedDecision => ({
  ...{ features: [], action, probability, reward },
  ...given,
});
const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);
const always = (action: string): OtherPolicy => ({ kind: "always", action });
const evaluate = (log: readonly LoggedDecision[], policy: OtherPolicy, options: Partial<EvaluationOptions> = {}) =>
  evaluatePolicy(log, { policy, resamples: 200, ...options });
const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;

describe("closed forms", () => {
  test("an on-policy log has its mean reward as every estimate but the model's share", () => {
    const log = [row("a", 0.5, 1), row("b", 0.5, 0), row("a", 0.5, 0), row("b", 0.5, 1)];
    const { estimates, logged, support } = evaluate(log, { kind: "uniform" });

    expect(logged?.value).toBe(0.5);
    expect(estimates?.ips.value).toBe(0.5);
    expect(estimates?.snips.value).toBe(0.5);
    expect(estimates?.ips.gain.value).toBe(0);
    expect(support).toMatchObject({ effectiveSampleSize: 4, meanWeight: 1, maxWeight: 1 });
  });

  test("weights are the target probability over the logged one, computed by hand", () => {
    const log = [row("a", 0.25, 1), row("a", 0.5, 0), row("b", 0.75, 2), row("b", 0.5, 4)];
    const { estimates, support } = evaluate(log, always("a"));

    // Weights 4, 2, 0, 0: Σwr = 4, Σw = 6, Σw² = 20.
    expect(estimates?.ips.value).toBeCloseTo(4 / 4, 12);
    expect(estimates?.snips.value).toBeCloseTo(4 / 6, 12);
    expect(support?.effectiveSampleSize).toBeCloseTo(36 / 20, 12);
    expect(support?.meanWeight).toBeCloseTo(1.5, 12);
    expect(support?.maxWeight).toBe(4);
  });

  test("given probabilities apply decision by decision", () => {
    const log = [row("a", 0.5, 1), row("b", 0.5, 1)];
    const probabilities = [new Map([["a", 0.9]].concat([["b", 0.1]]) as [string, number][]), new Map([["b", 1]])];
    const { estimates } = evaluate(log, { kind: "given", probabilities });

    // Weights 1.8 and 2.
    expect(estimates?.ips.value).toBeCloseTo(1.9, 12);
  });

  test("one action if available, otherwise every choice with equal probability", () => {
    const log = [row("a", 0.5, 1, { choices: ["a", "b"] }), row("b", 0.5, 1, { choices: ["b", "c"] }), row("c", 0.5, 0)];
    const { estimates } = evaluate(log, always("a"));

    // Weights 2, 1 and 0.
    expect(estimates?.ips.value).toBeCloseTo(1, 12);
  });
});

/** A world of two contexts in which rewards are known: the log explores with probabilities that depend on the context. */
const RATES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  young: { mail: 0.3, call: 0.1, silence: 0.05 },
  old: { mail: 0.1, call: 0.4, silence: 0.05 },
};
const CHANCES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  young: { mail: 0.2, call: 0.5, silence: 0.3 },
  old: { mail: 0.6, call: 0.2, silence: 0.2 },
};
const truthOf = (chosen: (context: string) => Readonly<Record<string, number>>): number =>
  mean(
    Object.entries(RATES).map(([context, rates]) => Object.entries(chosen(context)).reduce((sum, [a, p]) => sum + p * (rates[a] ?? 0), 0)),
  );

function simulated(decisions: number, seed: string, distort = (probability: number): number => probability): LoggedDecision[] {
  const random = seededRandom(seed);
  return Array.from({ length: decisions }, () => {
    const context = random() < 0.5 ? "young" : "old";
    const { mail = 0, call = 0, silence = 0 } = CHANCES[context] ?? {};
    const at = random();
    const [action, probability] =
      at < mail ? (["mail", mail] as const) : at < mail + call ? (["call", call] as const) : (["silence", silence] as const);
    const reward = random() < (RATES[context]?.[action] ?? 0) ? 1 : 0;
    return row(action, distort(probability), reward, { features: [context] });
  });
}

describe("in a simulation with known truth", () => {
  const policies: [string, OtherPolicy, number][] = [
    ["always mail", always("mail"), truthOf(() => ({ mail: 1 }))],
    ["every choice alike", { kind: "uniform" }, truthOf(() => ({ mail: 1 / 3, call: 1 / 3, silence: 1 / 3 }))],
    ["the best, learned from the log", { kind: "best" }, truthOf((context) => (context === "young" ? { mail: 1 } : { call: 1 }))],
  ];

  test.each(policies)("%s: estimates are unbiased and intervals have their nominal coverage", (_, policy, truth) => {
    const runs = Array.from({ length: 50 }, (_run, index) => evaluate(simulated(1000, `world ${index}`), policy));
    for (const estimator of ESTIMATORS) {
      const found = runs.map(({ estimates }) => estimates?.[estimator] ?? { value: Number.NaN, low: 0, high: 0 });
      const values = found.map(({ value }) => value);
      const deviation = Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));

      expect(Math.abs(mean(values) - truth)).toBeLessThan((4 * deviation) / Math.sqrt(runs.length));
      const held = found.filter(({ low, high }) => low <= truth && truth <= high).length / runs.length;
      // 95 % of 50, less three standard errors.
      expect(held).toBeGreaterThan(0.86);
    }
  });

  test("a model that sees the context makes the doubly robust estimate steadier than plain weights", () => {
    const widths = Array.from({ length: 10 }, (_, index) => {
      const { estimates } = evaluate(simulated(1500, `steady ${index}`), always("mail"));
      const width = ({ low = 0, high = 0 } = {}) => high - low;
      return width(estimates?.dr) / width(estimates?.ips);
    });
    expect(mean(widths)).toBeLessThan(0.95);
  });

  test("with probabilities that are wrong by the same factor, self-normalised weights stay right and plain ones do not", () => {
    const log = simulated(20_000, "wrong", (probability) => probability / 1.3);
    const { estimates, warnings } = evaluate(log, always("mail"));

    expect(estimates?.snips.value).toBeCloseTo(0.2, 1);
    expect(estimates?.ips.value).toBeGreaterThan(0.24);
    expect(warnings.join()).toContain("weights average 1.3");
  });
});

describe("for any log", () => {
  const logs = fc.array(
    fc.record({
      features: fc.subarray(["x", "y", "z"]),
      action: fc.constantFrom("a", "b", "c"),
      probability: fc.double({ min: 0.05, max: 1, noNaN: true }),
      reward: fc.double({ min: -10, max: 10, noNaN: true }),
      customer: fc.constantFrom("c-1", "c-2", "c-3", "c-4"),
    }),
    { minLength: 1, maxLength: 40 },
  );

  test("an estimate consists of finite numbers, lies in its interval, and has no refusal; a refusal has no estimate", () => {
    fc.assert(
      fc.property(logs, fc.constantFrom<OtherPolicy>({ kind: "uniform" }, { kind: "best" }, always("a")), (log, policy) => {
        const { estimates, refusals, logged } = evaluate(log, policy, { resamples: 40 });
        expect(refusals.length > 0).toBe(estimates === undefined);
        expect(Number.isFinite(logged?.value)).toBe(true);
        for (const { value, low, high } of Object.values(estimates ?? {})) {
          expect([value, low, high].every(Number.isFinite)).toBe(true);
          expect(low).toBeLessThanOrEqual(high);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("self-normalised estimates stay within the observed rewards, and move with them", () => {
    fc.assert(
      fc.property(logs, fc.double({ min: -5, max: 5, noNaN: true }), (log, shift) => {
        const before = evaluate(log, always("a"), { resamples: 2 }).estimates?.snips.value;
        if (before === undefined) return;
        const rewards = log.map(({ reward }) => reward);
        expect(before).toBeGreaterThanOrEqual(Math.min(...rewards) - 1e-9);
        expect(before).toBeLessThanOrEqual(Math.max(...rewards) + 1e-9);
        const moved = evaluate(
          log.map((one) => ({ ...one, reward: one.reward + shift })),
          always("a"),
          { resamples: 2 },
        ).estimates;
        // How many rewards an estimate rests on is counted by their size, so that one of the two may be refused.
        if (moved) expect(moved.snips.value).toBeCloseTo(before + shift, 8);
      }),
      { numRuns: 60 },
    );
  });

  test("the same seed gives the same intervals, another seed others", () => {
    const log = simulated(300, "seeds");
    const seeded = (seed: string) => evaluate(log, always("mail"), { seed }).estimates?.dr;
    expect(seeded("one")).toEqual(seeded("one"));
    expect(seeded("one")).not.toEqual(seeded("two"));
  });
});

test("decisions for one customer count together: ten copies of the same customers carry no more information than one", () => {
  const once = simulated(200, "customers").map((one, index) => ({ ...one, customer: `c-${index}` }));
  const tenfold = times(10, once).flat();
  const width = (log: readonly LoggedDecision[]) => {
    const { low = 0, high = 0 } = evaluate(log, always("mail"), { resamples: 800 }).estimates?.ips ?? {};
    return high - low;
  };

  expect(evaluate(tenfold, always("mail")).units).toBe(200);
  expect(width(tenfold) / width(once)).toBeGreaterThan(0.85);
});

describe("limits of the log", () => {
  const mixed = [...times(50, row("a", 0.5, 1)), ...times(50, row("b", 0.5, 0))];
  test.each<[string, LoggedDecision[], OtherPolicy, RegExp]>([
    ["nothing is logged", [], always("a"), /holds no decision/],
    ["a probability of 0", [row("a", 0, 1, { line: 7 }), ...mixed], always("a"), /1 of 101 decisions have a probability .* \(line 7\)/],
    ["a probability above 1", [row("a", 1.2, 1), ...mixed], always("a"), /not above 0 and at most 1/],
    ["a probability that is none", [row("a", Number.NaN, 1), ...mixed], always("a"), /not above 0 and at most 1/],
    ["an action that was never taken", mixed, always("c"), /never took c, which the policy takes in 100 % of decisions/],
    [
      "every decision was certain",
      [...times(90, row("a", 1, 1)), ...times(10, row("b", 1, 0))],
      always("b"),
      /in 90 % of decisions .* the log was certain/,
    ],
    [
      "the log hardly ever did what the policy does",
      [...times(990, row("a", 0.5, 1)), ...times(10, row("b", 0.5, 0))],
      always("b"),
      /hardly ever did/,
    ],
    [
      "a few decisions carry all the weight",
      [...times(996, row("a", 0.996, 1)), ...times(4, row("b", 0.004, 0))],
      always("b"),
      /worth 4 of its 1000 decisions/,
    ],
    [
      "item 10: no reward for what the policy does",
      [...times(500, row("a", 0.5, 1)), ...times(500, row("b", 0.5, 0))],
      always("b"),
      /rest on 0 rewards, at least 10 are needed; .* none of 500 effective decisions .* at most 0.0060 /,
    ],
    [
      "item 10: fewer than ten rewards",
      [...times(91, row("a", 0.5, 0)), ...times(9, row("a", 0.5, 1)), ...times(100, row("b", 0.5, 0))],
      always("a"),
      /rest on 9.0 rewards, at least 10 are needed/,
    ],
    [
      "the other policy's probabilities do not sum to 1",
      mixed,
      { kind: "given", probabilities: mixed.map(() => new Map([["a", 0.5]])) },
      /wrong probabilities for 100 decisions: .* sum to 0.5/,
    ],
  ])("%s is refused", (_, log, policy, why) => {
    const { refusals, estimates } = evaluate(log, policy);
    expect(refusals.join("; ")).toMatch(why);
    expect(estimates).toBeUndefined();
  });

  const rare = [...times(400, row("a", 0.8, 0)), ...times(10, row("b", 0.2, 1)), ...times(90, row("b", 0.2, 0))];
  test.each<[string, LoggedDecision[], OtherPolicy, RegExp]>([
    ["few effective decisions", mixed, always("a"), /worth 50 of its 100 decisions/],
    ["few rewards", rare, always("b"), /rest on 10 rewards/],
    ["rewards that are all the same", times(200, row("a", 0.5, 1)).concat(times(200, row("b", 0.5, 1))), always("a"), /every reward is 1/],
    ["few customers", mixed.map((one, index) => ({ ...one, customer: `c-${index % 3}` })), always("a"), /only 3 independent units/],
    [
      "an unavailable action",
      mixed.map((one) => ({ ...one, choices: [one.action] })),
      { kind: "given", probabilities: mixed.map(() => new Map([["a", 1]])) },
      /in 50 decisions the policy takes an action that was not available/,
    ],
    [
      "an action that was hardly missed",
      mixed,
      { kind: "given", probabilities: mixed.map(() => new Map(Object.entries({ a: 0.995, c: 0.005 }))) },
      /never took c/,
    ],
  ])("%s is answered with a warning", (_, log, policy, why) => {
    const { warnings, estimates } = evaluate(log, policy);
    expect(warnings.join("; ")).toMatch(why);
    expect(estimates).toBeDefined();
  });

  test("item 10: a log of any length is refused with a message, not by a stack overflow", () => {
    const log = [...times(150_000, row("a", 0.5, 1)), ...times(150_000, row("b", 0.5, 0))];
    expect(evaluate(log, always("b"), { resamples: 2 }).refusals.join()).toMatch(/rest on 0 rewards/);
  });

  test("item 10: a short log with few rewards gets an interval that covers possibly missed rewards", () => {
    const log = [...times(15, row("a", 0.5, 0)), ...times(5, row("a", 0.5, 1)), ...times(20, row("b", 0.5, 0))];
    const { estimates } = evaluate(log, always("a"));
    // Five of twenty: Poisson limits of 5 are 1.6 and 11.7.
    expect(estimates?.ips.value).toBeCloseTo(5 / 20, 12);
    expect(estimates?.ips.high).toBeGreaterThan(11.5 / 20);
    expect(estimates?.ips.low).toBeLessThan(1.7 / 20);
  });

  test("a long log that explores gets an estimate without a warning", () => {
    expect(evaluate(simulated(3000, "sound"), always("mail"))).toMatchObject({ refusals: [], warnings: [] });
  });
});
