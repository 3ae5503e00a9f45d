import type { GoldenSuite } from "../evals/golden.ts";
import { runSuite, type SuiteResult } from "../evals/run-suite.ts";
import type { OpenWorkspace } from "../runtime/open-workspace.ts";
import type { Io } from "./io.ts";
import { openRuntime } from "./open-runtime.ts";
import { caseLines } from "./views/eval-report.ts";

/** Golden decisions of a workspace that are to be judged. */
export interface Plan extends OpenWorkspace {
  readonly suites: readonly GoldenSuite[];
  /** Prefixes the names of its suites when several workspaces are evaluated. */
  readonly prefix: string;
}

/** The suites of one workspace, on one store that is emptied for every case. */
export async function runPlan(
  { suites, prefix, ...code }: Plan,
  trials: number | undefined,
  isJson: boolean,
  io: Io,
): Promise<SuiteResult[]> {
  await using runtime = await openRuntime(code, io);
  const results: SuiteResult[] = [];
  for (const suite of suites) {
    if (!isJson) io.note(io.paint.bold(`${prefix}${suite.name}`));
    const result = await runSuite(suite, {
      workspace: code.workspace,
      runtime,
      ...(trials === undefined ? {} : { trials }),
      onCase: (one) => {
        if (!isJson) for (const line of caseLines(one, io.paint)) io.note(line);
      },
      isStopped: io.isStopped,
    });
    results.push({ ...result, name: `${prefix}${result.name}` });
  }
  return results;
}
