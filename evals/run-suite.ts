import { relative, sep } from "node:path";
import type { Decision } from "../domain/entities/decision.ts";
import { SentientError } from "../domain/errors.ts";
import { type Instant, parseInstant } from "../domain/values/time.ts";
import { runStream } from "../engine/run-stream.ts";
import { type ImportLine, importCustomers } from "../intake/import-customers.ts";
import type { Runtime } from "../runtime/create-runtime.ts";
import type { Workspace } from "../workspace/load.ts";
import { customersOf, type GivenSignal, idOf, isExpected, linesOf, signalsOf, writtenAt, writtenOut } from "./case-data.ts";
import { customersNamed, unknownNames } from "./check-names.ts";
import type { Expectation, GoldenCase, GoldenSuite } from "./golden.ts";
import { describeExpectation, type Judged, judgeExpectation, type RefusedSignal, type SeenTask } from "./judge-expectation.ts";
import { namesIn, withoutNames } from "./names-in-signals.ts";
import type { NearDecision } from "./near-decisions.ts";

export interface ExpectationResult {
  readonly expectation: string;
  /** Number of trials in which it held. */
  readonly held: number;
  /** File of the suite and line of the expectation in it. */
  readonly file: string;
  readonly line: number;
  readonly because?: string;
  /** Of a failed one: the decisions nearest to it, or those that it counts or forbids. */
  readonly near?: readonly NearDecision[];
}

export interface CaseResult {
  readonly name: string;
  readonly trials: number;
  /** Trials in which every expectation held. */
  readonly passed: number;
  /** Chance that `trials` trials in a row all pass: C(passed, k) / C(trials, k) with k = trials (tau-bench). */
  readonly passK: number;
  readonly expectations: readonly ExpectationResult[];
  readonly decisions: number;
}

export interface SuiteResult {
  readonly name: string;
  readonly gate: number;
  /** Mean of pass^k over the cases. */
  readonly score: number;
  readonly cases: readonly CaseResult[];
}

export interface SuiteOptions {
  readonly workspace: Workspace;
  readonly runtime: Runtime;
  /** Overrides the number of trials in the suite. */
  readonly trials?: number;
  readonly onCase?: (result: CaseResult, suite: GoldenSuite) => void;
  readonly isStopped?: () => boolean;
}

/** Runs every case of a suite on an empty store and judges its expectations. */
export async function runSuite(suite: GoldenSuite, options: SuiteOptions): Promise<SuiteResult> {
  const cases: CaseResult[] = [];
  for (const one of suite.cases) {
    if (options.isStopped?.()) throw new SentientError("INTERRUPTED", `stopped in ${suite.name}`);
    const result = await runCase(one, suite, options);
    options.onCase?.(result, suite);
    cases.push(result);
  }
  return { name: suite.name, gate: suite.gate, score: mean(cases.map(({ passK }) => passK)), cases };
}

// --- internal ---

async function runCase(one: GoldenCase, suite: GoldenSuite, options: SuiteOptions): Promise<CaseResult> {
  const trials: Trial[] = [];
  for (let trial = 0; trial < (options.trials ?? suite.trials); trial++) {
    const { decisions, ...beside } = await runOnce(one, suite, options);
    const judged = one.expect.map((expectation) => judgeExpectation(expectation, decisions, options.workspace.policy, beside));
    trials.push({ judged, decisions: decisions.length });
  }
  const passed = trials.filter(({ judged }) => judged.every(({ holds }) => holds)).length;
  return {
    name: one.name,
    trials: trials.length,
    passed,
    passK: passed === trials.length ? 1 : 0,
    decisions: trials.at(-1)?.decisions ?? 0,
    expectations: one.expect.map((expectation, index) => ({
      ...resultOf(
        expectation,
        trials.flatMap(({ judged }) => judged[index] ?? []),
      ),
      file: relative(options.workspace.dir, suite.file).split(sep).join("/"),
      line: suite.lineOf(["cases", suite.cases.indexOf(one), "expect", index]),
    })),
  };
}

interface Trial {
  readonly judged: readonly Judged[];
  readonly decisions: number;
}

function resultOf(expectation: Expectation, judged: readonly Judged[]): Omit<ExpectationResult, "file" | "line"> {
  const failed = judged.find((one) => !one.holds);
  return {
    expectation: describeExpectation(expectation),
    held: judged.filter(({ holds }) => holds).length,
    ...(failed && !failed.holds ? { because: failed.because, ...(failed.near ? { near: failed.near } : {}) } : {}),
  };
}

interface Seen {
  readonly decisions: readonly Decision[];
  readonly tasks: readonly SeenTask[];
  readonly refused: readonly RefusedSignal[];
}

/** Upper bound of the tasks in a case. */
const ALL = 10_000;

/** Runs a case; if its signals name what is made in the run, once more for each round of codes and ids found by earlier runs. */
async function runOnce(one: GoldenCase, suite: GoldenSuite, options: SuiteOptions): Promise<Seen> {
  const { runtime, workspace } = options;
  const { store } = runtime;
  refuse([...new Set(unknownNames(one, workspace.policy).map(({ message }) => message))], one, suite);
  const given = Array.isArray(one.signals) ? writtenOut(one.signals, one) : undefined;
  const rounds = given ? namesIn(given).length : 0;
  let signals = given;
  let { decisions, refused } = await decisionsOf(signals, one, suite, options);
  for (let round = 0; given && round < rounds; round++) {
    signals = await withoutNames(given, decisions, store);
    ({ decisions, refused } = await decisionsOf(signals, one, suite, options));
  }
  const named = customersNamed(one);
  const known = await store.customers.load(named, workspace.policy, 0);
  refuse(
    [
      ...named.filter((id) => !known.has(id)).map((id) => `unknown customer ${id}`),
      ...namesIn(signals ?? []).map((name) => `${name} is named, and nothing of that experience went to this customer in the case`),
    ],
    one,
    suite,
  );
  return { decisions, refused, tasks: await store.read.tasks({ limit: ALL }) };
}

/** A misspelt name never matches, so an expectation that forbids it would always hold. */
function refuse(problems: readonly string[], { name }: GoldenCase, { file }: GoldenSuite): void {
  if (problems.length > 0) throw new SentientError("BAD_INPUT", `${file}: case ${name}: ${problems.join("; ")}`);
}

async function decisionsOf(
  signals: readonly GivenSignal[] | undefined,
  one: GoldenCase,
  suite: GoldenSuite,
  { workspace, runtime }: SuiteOptions,
): Promise<Omit<Seen, "tasks">> {
  const { store, decider } = runtime;
  await store.clear();
  const decisions: Decision[] = [];
  const until = one.until === undefined ? undefined : parseInstant(one.until);
  const customers = recordsOf(one, suite, workspace);
  const result = await runStream(signals ? linesOf(signals) : signalsOf(one, suite, workspace), {
    store,
    decider,
    ...(until === undefined ? {} : { until }),
    // A canary counts as approved, so that a case says the same on every machine and for every id.
    everyone: one.canary ?? true,
    beforeFirst: async (at: Instant) => void (await importCustomers(customers, at, store, workspace.policy)),
    onDecision: (decision) => void decisions.push(decision),
  });
  const refused = result.problems.map(({ line, problem }) => ({ line, problem, id: idOf(writtenAt(line, one)) ?? "" }));
  const [problem] = refused.filter(({ id }) => !isExpected(id, one));
  if (problem) throw new SentientError("BAD_INPUT", `${suite.file}: case ${one.name}: signal ${problem.line}: ${problem.problem}`);
  return { decisions, refused };
}

function recordsOf(one: GoldenCase, suite: GoldenSuite, workspace: Workspace): readonly ImportLine[] {
  const { lines, problems } = customersOf(one, suite, workspace);
  const [problem] = problems;
  if (problem) throw new SentientError("BAD_INPUT", `${suite.file}: case ${one.name}: customer ${problem.line}: ${problem.problem}`);
  return lines;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
