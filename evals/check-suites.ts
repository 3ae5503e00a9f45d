import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Policy } from "../domain/entities/policy.ts";
import { SentientError } from "../domain/errors.ts";
import { isYaml } from "../workspace/passed-over.ts";
import type { Problem } from "../workspace/problem.ts";
import { whyNoFile } from "../workspace/regular-file.ts";
import { unknownNames } from "./check-names.ts";
import { caseFile, checkSuite, type GoldenCase, type GoldenSuite } from "./golden.ts";

/** A file of golden decisions, as checked. */
export type CheckedSuite = ReturnType<typeof checkSuite> & {
  /** Relative to the workspace. */
  readonly name: string;
};

/** The files of golden decisions of a workspace; entries that are not files are the workspace check's problems. */
export function suitesIn(dir: string): CheckedSuite[] {
  const folder = join(dir, "evals");
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => isYaml(name) && whyNoFile(join(folder, name)) === undefined)
    .sort()
    .map((name) => ({ ...checkSuite(join(folder, name), `evals/${name}`), name: `evals/${name}` }));
}

/** Problems in a workspace's golden decisions. Names are looked up only if the workspace itself is valid. */
export const checkSuites = (suites: readonly CheckedSuite[], dir: string, policy: Policy | undefined): Problem[] =>
  suites.flatMap((suite) => ("problems" in suite ? suite.problems : problemsOf(suite, dir, policy)));

// --- internal ---

const problemsOf = ({ suite, name }: Exclude<CheckedSuite, { problems: unknown }>, dir: string, policy: Policy | undefined): Problem[] =>
  suite.cases.flatMap((one, index) => {
    const at = (path: readonly (string | number)[], message: string): Problem => ({
      file: name,
      line: suite.lineOf(path),
      path: path.join("."),
      message,
    });
    return [
      ...missingFiles(one, suite, dir).map((message) => at(["cases", index], message)),
      ...(policy ? unknownNames(one, policy) : []).map((found) => at(["cases", index, "expect", found.index], found.message)),
    ];
  });

const missingFiles = ({ customers, signals }: GoldenCase, suite: GoldenSuite, dir: string): string[] =>
  [customers, signals].flatMap((given) => {
    if (typeof given !== "string") return [];
    try {
      caseFile(given, suite, dir);
      return [];
    } catch (error) {
      if (error instanceof SentientError) return [error.message];
      throw error;
    }
  });
