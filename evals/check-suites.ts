import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Policy } from "../domain/entities/policy.ts";
import { SentientError } from "../domain/errors.ts";
import { isYaml } from "../workspace/passed-over.ts";
import type { Problem } from "../workspace/problem.ts";
import { whyNoFile } from "../workspace/regular-file.ts";
import { unknownNames } from "./check-names.ts";
import { caseFile, checkSuite, type GoldenCase, type GoldenSuite } from "./golden.ts";

/**
 * Problems in a workspace's golden decisions; the workspace check reports entries that are not files. Names are looked up only if the
 * workspace itself is valid.
 */
export function checkSuites(dir: string, policy: Policy | undefined): Problem[] {
  const folder = join(dir, "evals");
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => isYaml(name) && whyNoFile(join(folder, name)) === undefined)
    .sort()
    .flatMap((name) => checkOne(join(folder, name), `evals/${name}`, dir, policy));
}

// --- internal ---

function checkOne(path: string, file: string, dir: string, policy: Policy | undefined): readonly Problem[] {
  const checked = checkSuite(path, file);
  if ("problems" in checked) return checked.problems;
  const { suite, lineOf } = checked;
  return suite.cases.flatMap((one, index) =>
    [...missingFiles(one, suite, dir), ...(policy ? unknownNames(one, policy) : [])].map((message) => ({
      file,
      line: lineOf(["cases", index]),
      path: `cases.${index}`,
      message,
    })),
  );
}

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
