import type { Step } from "../../agents/wake-run.ts";
import { type Interval, wilson } from "../../domain/learning/shares.ts";
import type { Contestant } from "./contestants.ts";
import { passHat } from "./statistics.ts";
import type { AgentCase, AgentSuite, Trial } from "./trial.ts";

/** The result of a contestant in a suite. Shares from 0 to 1, times in wall-clock milliseconds. */
export interface Measured {
  readonly suite: string;
  readonly contestant: string;
  readonly kind: Contestant["kind"];
  readonly measures: string;
  readonly cases: number;
  readonly trials: number;
  /** Trials with the expected result. */
  readonly passed: number;
  readonly rate: number;
  /** 95 % interval of the share of cases, each with its mean over the trials. */
  readonly interval: Interval;
  /** Probability that all of k trials of a case pass. */
  readonly passAll: number;
  /** Trials without unchecked output. */
  readonly held: number;
  /** Trials whose result is the model's own. */
  readonly own: number;
  readonly questions: number;
  /** Answers, verdicts, quotes, texts and calls that a check rejected. */
  readonly rejected: number;
  readonly tokens: { readonly input: number; readonly output: number };
  readonly usd: number;
  readonly ms: { readonly median: number; readonly total: number };
  /** Calls without an answer, by code. */
  readonly failures: Readonly<Record<string, number>>;
  /** Failed trials by reason. */
  readonly because: Readonly<Record<string, number>>;
}

export interface MeasureOptions {
  readonly trials: number;
  /** Maximum number of cases, spread over the suite. */
  readonly limit?: number | undefined;
  readonly onTrial?: (one: AgentCase, trial: Trial) => void;
}

/** Runs a contestant through a suite, trials one at a time. */
export async function measure(suite: AgentSuite, contestant: Contestant, { trials, limit, onTrial }: MeasureOptions): Promise<Measured> {
  const cases = spread(suite.cases, limit ?? suite.cases.length);
  const byCase: Trial[][] = [];
  const times: number[] = [];
  for (const one of cases) {
    const own: Trial[] = [];
    for (let number = 1; number <= trials; number++) {
      const began = performance.now();
      const trial = await one.run(contestant.modelFor(one), `${suite.name}/${one.id}#${number}`);
      times.push(performance.now() - began);
      own.push(trial);
      onTrial?.(one, trial);
    }
    byCase.push(own);
  }
  const name = contestant.kind === "live" ? "right" : contestant.kind;
  const measures = contestant.kind === "live" ? "what this model does, with every check in place" : suite.measures[name];
  return { suite: suite.name, contestant: contestant.name, kind: contestant.kind, measures, trials, ...summed(byCase), ...timed(times) };
}

// --- internal ---

/** A fixed sample, evenly spread over the list. */
function spread<T>(items: readonly T[], most: number): T[] {
  const count = Math.min(most, items.length);
  return Array.from({ length: count }, (_, index) => items[Math.floor((index * items.length) / count)]).filter(
    (item) => item !== undefined,
  );
}

function summed(byCase: readonly Trial[][]) {
  const all = byCase.flat();
  const passedOf = (own: readonly Trial[]) => own.filter(({ passed }) => passed).length;
  const passed = passedOf(all);
  const steps = all.flatMap((trial) => trial.steps);
  const rate = passed / Math.max(1, all.length);
  const reasons = all.flatMap(({ passed: isPassed, because }) => (isPassed || because === undefined ? [] : [because]));
  return {
    ...{ cases: byCase.length, passed, rate, interval: wilson(rate, byCase.length) },
    passAll: mean(byCase.map((own) => passHat(own.length, passedOf(own), own.length))),
    held: all.filter(({ held }) => held).length,
    own: all.filter(({ own }) => own).length,
    ...costOf(steps),
    rejected: sum(steps.map(rejectedIn)),
    failures: tally(steps.flatMap(({ failure }) => (typeof failure === "string" ? [failure] : []))),
    because: tally(reasons),
  };
}

function costOf(steps: readonly Step[]) {
  const asked = steps.filter((step) => step.asked !== undefined && step.fromMemory !== true);
  const total = (field: string) => sum(asked.map((step) => (typeof step[field] === "number" ? Number(step[field]) : 0)));
  return { questions: asked.length, tokens: { input: total("inputTokens"), output: total("outputTokens") }, usd: total("usd") };
}

/** Number of rejections that a step of a run reports. */
function rejectedIn(step: Step): number {
  const findings = (value: unknown): number => (Array.isArray(value) && value.length > 0 ? 1 : 0);
  const tries = Array.isArray(step.tries) ? sum(step.tries.map((one) => findings((one as { findings?: unknown }).findings))) : 0;
  const voided = typeof step.void === "number" ? step.void : 0;
  const refused = step.status === "refused" ? 1 : 0;
  // A rejected verdict leaves the decision to the rules, and the agent reports that.
  const unsound = step.decidedBy === "agent" && !String(step.reason).includes("gave no answer") ? 1 : 0;
  return tries + voided + refused + unsound + (step.wrote === undefined ? 0 : findings(step.findings));
}

function timed(times: readonly number[]) {
  const sorted = [...times].sort((a, b) => a - b);
  return { ms: { median: Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0), total: Math.round(sum(times)) } };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]): number => (values.length === 0 ? 0 : sum(values) / values.length);

function tally(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of [...words].sort()) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
