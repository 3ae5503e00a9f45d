import { readFileSync } from "node:fs";
import { z } from "zod";
import { SentientError } from "../domain/errors.ts";
import { textOfFile } from "../domain/values/utf8.ts";
import type { ExpectationResult, SuiteResult } from "./run-suite.ts";

/** Stored eval results, the baseline of later comparisons. */
export interface Report {
  readonly madeAt: string;
  readonly policyVersion: string;
  readonly suites: readonly SuiteResult[];
}

/** Reports of earlier versions have neither file nor line. */
const KeptExpectation: z.ZodType<ExpectationResult> = z.object({
  expectation: z.string(),
  held: z.number(),
  file: z.string().default(""),
  line: z.number().default(0),
  because: z.string().exactOptional(),
});

const Kept: z.ZodType<Report> = z.object({
  madeAt: z.string(),
  policyVersion: z.string(),
  suites: z.array(
    z.object({
      name: z.string(),
      gate: z.number(),
      score: z.number(),
      cases: z.array(
        z.object({
          name: z.string(),
          trials: z.number(),
          passed: z.number(),
          passK: z.number(),
          decisions: z.number(),
          expectations: z.array(KeptExpectation),
        }),
      ),
    }),
  ),
});

export interface Comparison {
  readonly better: readonly string[];
  readonly worse: readonly string[];
  /** Removed and added expectations. */
  readonly gone: readonly string[];
  readonly added: readonly string[];
}

/** Reads an earlier report. */
export function readReport(file: string): Report {
  let value: unknown;
  try {
    value = JSON.parse(textOfFile(file, readFileSync(file)));
  } catch (error) {
    throw new SentientError("BAD_INPUT", `the baseline ${file} cannot be read: ${(error as Error).message}`);
  }
  const parsed = Kept.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new SentientError(
    "BAD_INPUT",
    `${file} is not a report of sentient eval: ${parsed.error.issues[0]?.path.join(".")}: ${parsed.error.issues[0]?.message}`,
  );
}

/** Fixed and regressed expectations. */
export function compareWith(baseline: Report, suites: readonly SuiteResult[]): Comparison {
  const before = sharesOf(baseline.suites);
  const now = sharesOf(suites);
  const both = [...now].filter(([name]) => before.has(name));
  const change = (name: string, share: number) => share - (before.get(name) ?? 0);
  return {
    better: both.filter(([name, share]) => change(name, share) > 0).map(([name]) => name),
    worse: both.filter(([name, share]) => change(name, share) < 0).map(([name]) => name),
    gone: [...before.keys()].filter((name) => !now.has(name)),
    added: [...now.keys()].filter((name) => !before.has(name)),
  };
}

// --- internal ---

/** Share of trials in which each expectation held, by suite, case and expectation. */
function sharesOf(suites: readonly SuiteResult[]): Map<string, number> {
  const shares = new Map<string, number>();
  for (const suite of suites) {
    for (const one of suite.cases) {
      for (const { expectation, held } of one.expectations) shares.set(`${suite.name} / ${one.name} / ${expectation}`, held / one.trials);
    }
  }
  return shares;
}
