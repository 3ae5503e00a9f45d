import { expect, test } from "vitest";
import { encodeFeatures } from "../../domain/learning/features.ts";
import { seededRandom } from "../../domain/values/random.ts";
import { biasedLogs } from "./estimators.ts";
import { ARMS, type Mailing } from "./hillstrom-data.ts";
import { judgeLate, judgeLearned, judgeLearner } from "./learner.ts";
import { replay } from "./replay.ts";
import { requirementsOf, resultLines } from "./report.ts";

/** A randomised test in which men's mail is best for all and women's mail only annoys men's buyers. */
function mailings(count: number, rates: Readonly<Record<string, number>>): Mailing[] {
  const random = seededRandom("mailings");
  return Array.from({ length: count }, () => {
    const arm = ARMS[Math.floor(random() * ARMS.length)] ?? "No E-Mail";
    const boughtMens = random() < 0.5;
    const context = { mens: boughtMens, womens: !boughtMens };
    const bonus = boughtMens && arm === "Mens E-Mail" ? 0.1 : 0;
    const visited = random() < (rates[arm] ?? 0) + bonus ? 1 : 0;
    return { arm, visited, boughtMens, boughtWomens: !boughtMens, context, features: encodeFeatures(Object.entries(context)) };
  });
}
const RATES = { "Mens E-Mail": 0.4, "Womens E-Mail": 0.2, "No E-Mail": 0.1 };

test("the learner sees only rows with the arm it chose, each at most once", () => {
  const rows = mailings(900, RATES).map(({ arm, visited, features }) => ({ arm, reward: visited, features }));
  const { matched, learned } = replay(rows, ARMS, "s");

  expect(matched.length).toBeGreaterThan(200);
  expect(matched.length).toBeLessThan(400);
  for (const arm of ARMS) {
    const outcomes = learned.get(arm)?.outcomes ?? 0;
    const shown = matched.filter((one) => one.arm === arm).length;
    // Evidence decays a little with every outcome.
    expect(outcomes).toBeLessThanOrEqual(shown);
    expect(outcomes).toBeGreaterThan(0.97 * shown);
  }
});

test("the same seed gives the same replay, another one another order", () => {
  const rows = mailings(300, RATES).map(({ arm, visited, features }) => ({ arm, reward: visited, features }));
  expect(replay(rows, ARMS, "a")).toEqual(replay(rows, ARMS, "a"));
  expect(replay(rows, ARMS, "a").matched).not.toEqual(replay(rows, ARMS, "b").matched);
});

test("with one best arm the learner finds it, and every requirement holds", () => {
  const rows = mailings(4000, RATES);
  const learner = judgeLearner(rows, 3);
  const late = judgeLate(rows, 3);
  const report = {
    learner,
    late,
    learned: { evaluation: judgeLearned(rows, rows), named: "them" },
    biased: biasedLogs(rows, 20),
    checks: [],
  };

  expect(learner.shares["Mens E-Mail"]).toBeGreaterThan(0.75);
  expect(report.learned.evaluation.estimates?.dr.value).toBeCloseTo(0.45, 1);
  expect(requirementsOf(report).map(({ holds }) => holds)).toEqual([true, true, true, true, true, true]);
});

test("item 10: with outcomes a week late untried arms are drawn from the first day, and the log supports estimates", () => {
  const { prior, "one half": half } = judgeLate(mailings(4000, RATES), 3);

  expect(prior.online.value).toBeGreaterThan(half.online.value + 3 * prior.online.error);
  expect(prior.answer.estimates?.dr.value).toBeCloseTo(0.45, 1);
});

test("item 10: a refusal is a row of the report, not its end", () => {
  const rows = mailings(4000, RATES);
  const refused = { decisions: 9, units: 9, confidence: 0.95, refusals: ["the log was certain"], warnings: [] };
  const truth = { value: 0.1, low: 0.05, high: 0.15 };
  const report = {
    ...{ learner: judgeLearner(rows, 1), late: judgeLate(rows, 1), learned: { evaluation: refused, named: "them" } },
    ...{ biased: biasedLogs(rows, 5), checks: [{ name: "men", truth, answer: refused }] },
  };
  const text = resultLines(report, "learning").join("\n");

  expect(text).toMatch(/\| doubly robust +\| refused +\| the log was certain/);
  expect(requirementsOf(report).find(({ name }) => name.startsWith("each policy's log"))).toMatchObject({ holds: false });
});

test("with women's mail best for all, a requirement fails", () => {
  const rows = mailings(4000, { ...RATES, "Womens E-Mail": 0.7 });
  const learner = judgeLearner(rows, 2);
  const biased = { name: "", runs: 1, truth: 0, rows: [{ name: "ips", bias: 0, error: 0, coverage: 0.5 }] };
  const evaluation = { decisions: 0, units: 0, confidence: 0.95, refusals: [], warnings: [] };
  const held = requirementsOf({ learner, late: judgeLate(rows, 1), learned: { evaluation, named: "" }, biased, checks: [] });

  expect(held.find(({ name }) => name.startsWith("at the end"))?.holds).toBe(false);
  expect(held.find(({ name }) => name.startsWith("intervals"))?.holds).toBe(false);
});

test("a log that sends an arm mostly to the best buyers misleads the plain mean, but not the estimators", () => {
  const { rows, runs } = biasedLogs(mailings(8000, RATES), 40);
  const inErrors = (wanted: string): number => {
    const { bias = 0, error = 1 } = rows.find(({ name }) => name === wanted) ?? {};
    return Math.abs(bias) / (error / Math.sqrt(runs));
  };

  expect(inErrors("mean of those who got it")).toBeGreaterThan(4);
  for (const name of ["ips", "snips", "dr"]) expect(inErrors(name)).toBeLessThan(3);
});
