import type { Comparison } from "../../evals/compare.ts";
import type { CaseResult, SuiteResult } from "../../evals/run-suite.ts";
import type { Paint } from "../io.ts";

/** One finished case: a passed one on a line, a failed one with the actual result. */
export function caseLines({ name, passed, trials, expectations }: CaseResult, paint: Paint): string[] {
  const often = trials > 1 ? paint.dim(` ${passed} of ${trials} trials`) : "";
  if (passed === trials) return [`  ${paint.green("✓")} ${name} ${paint.dim(`(${expectations.length})`)}${often}`];
  const failed = expectations
    .filter(({ held }) => held < trials)
    .flatMap(({ expectation, because = "", file, line, near = [] }) => [
      `      ${expectation} ${paint.dim(`${file}:${line}`)}`,
      `        ${paint.dim(because)}`,
      ...near.flatMap(({ decision, differs }) => [
        `        · ${decision}`,
        ...differs.map((words) => `            ${paint.yellow(words)}`),
      ]),
    ]);
  return [`  ${paint.red("✗")} ${name}${often}`, ...failed];
}

/** The end of a report: scores below their gate, changes, and the totals. */
export function evalLines(suites: readonly SuiteResult[], comparison: Comparison | undefined, paint: Paint): string[] {
  const cases = suites.flatMap((suite) => suite.cases);
  const all = cases.flatMap((one) => one.expectations.map(({ held }) => held === one.trials));
  const held = all.filter(Boolean).length;
  const below = suites.filter(({ score, gate }) => score < gate);
  const changes = comparison
    ? [
        ...comparison.worse.map((name) => `${paint.red("worse")}   ${name}`),
        ...comparison.better.map((name) => `${paint.green("better")}  ${name}`),
      ]
    : [];
  const counts = comparison
    ? [
        `against the baseline: ${comparison.better.length} better, ${comparison.worse.length} worse, ${comparison.added.length} new, ${comparison.gone.length} removed`,
      ]
    : [];
  return [
    ...below.map(({ name, score, gate }) => `${paint.red("✗")} ${name}: ${score.toFixed(2)} is below its gate ${gate}`),
    ...changes,
    ...counts,
    `${held} of ${all.length} expectations hold`,
  ];
}
