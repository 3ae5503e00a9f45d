import type { JsonObject } from "../../domain/values/json.ts";
import { iso } from "../../domain/values/time.ts";
import type { WorkspaceFiles } from "../../workspace/check-files.ts";
import type { GoldenView, ProposedProblem } from "./views.ts";

/** What is found in the files of a version before it is published. */
export interface Found {
  /** What `check` finds. */
  readonly problems: readonly ProposedProblem[];
  /** Golden decisions; none are run while there are problems. */
  readonly golden: readonly Omit<GoldenView, "brought">[];
}

/** Checks files of a version with the code of this process, and runs their golden decisions, in which a canary counts as approved. */
export type Assess = (files: WorkspaceFiles) => Promise<Found>;

/** What was found, under which version and when, as it is kept. */
export interface Assessment {
  readonly policyVersion: string;
  readonly at: number;
  readonly problems: readonly ProposedProblem[];
  readonly golden: readonly GoldenView[];
}

export const isReady = ({ problems, golden }: Pick<Assessment, "problems" | "golden">): boolean =>
  problems.length === 0 && golden.every(({ passed }) => passed);

/** As it is kept in the store; it holds JSON alone. */
export const keptAssessment = (assessment: Assessment): JsonObject => assessment as unknown as JsonObject;
export const assessmentOf = (kept: JsonObject): Assessment => kept as unknown as Assessment;

/** What stands against it, a line each. */
export function whyNotReady({ problems, golden }: Pick<Assessment, "problems" | "golden">): string[] {
  return [
    ...problems.map(({ file, line, path, message }) =>
      [line === undefined ? file : `${file}:${line}`, path, message].filter(Boolean).join(": "),
    ),
    ...golden
      .filter(({ passed }) => !passed)
      .flatMap(({ name, cases }) =>
        cases
          .filter((one) => !one.passed)
          .flatMap((one) =>
            one.differs.map(({ file, line, expectation, because }) => `${file}:${line}: ${name}: ${one.name}: ${expectation}: ${because}`),
          ),
      ),
  ];
}

export const assessedView = ({ policyVersion, at }: Assessment) => ({ policyVersion, at: iso(at) });
