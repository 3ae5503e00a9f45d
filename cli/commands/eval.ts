import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readConfig } from "../../config/config.ts";
import { SentientError } from "../../domain/errors.ts";
import { iso } from "../../domain/time.ts";
import { type Comparison, compareWith, type Report, readReport } from "../../evals/compare.ts";
import { type GoldenSuite, readSuite } from "../../evals/golden.ts";
import { reportHtml } from "../../evals/report-html.ts";
import { runSuite, type SuiteResult } from "../../evals/run-suite.ts";
import { createRuntime } from "../../runtime/create-runtime.ts";
import type { Workspace } from "../../workspace/load.ts";
import { type Arguments, BELOW_GATE, type Command, DONE, text } from "../command.ts";
import type { Io } from "../io.ts";
import { openWorkspace } from "../open-workspace.ts";
import { caseLine, evalLines } from "../views/eval-report.ts";

export const command: Command = {
  async run(args, io) {
    const { workspace, tools } = await openWorkspace(text(args.options.workspace) ?? ".", io);
    const suites = chosen(workspace, args.positionals);
    const trials = trialsOf(text(args.options.trials));
    const baseline = text(args.options.baseline);
    const before = baseline === undefined ? undefined : readReport(baseline);
    const { databaseUrl, redisUrl } = readConfig(io.environment);
    await using runtime = await createRuntime({
      policy: workspace.policy,
      tools,
      live: false,
      now: io.now,
      onPrepare: () => io.note("preparing the embedded store (once) …"),
      ...(databaseUrl === undefined ? {} : { databaseUrl, temporary: true }),
      ...(redisUrl === undefined ? {} : { redisUrl }),
    });
    const results: SuiteResult[] = [];
    const isJson = args.options.json === true;
    for (const suite of suites) {
      if (!isJson) io.note(io.paint.bold(suite.name));
      results.push(
        await runSuite(suite, {
          workspace,
          runtime,
          ...(trials === undefined ? {} : { trials }),
          onCase: (result) => void (isJson || io.note(caseLine(result, io.paint))),
          isStopped: io.isStopped,
        }),
      );
    }
    const comparison = before && compareWith(before, results);
    tell(results, comparison, workspace, args, io);
    return results.every(({ score, gate }) => score >= gate) ? DONE : BELOW_GATE;
  },
};

// --- internal ---

/** Suites by their names or their files' names; all of them where none is named. */
function chosen({ evalFiles, dir }: Workspace, names: readonly string[]): GoldenSuite[] {
  const suites = evalFiles.map(readSuite);
  if (suites.length === 0)
    throw new SentientError("BAD_INPUT", `no golden decisions in ${join(dir, "evals")}; docs/evals.md shows how they are written`);
  for (const name of names) {
    if (!suites.some((suite) => isCalled(suite, name)))
      throw new SentientError("BAD_INPUT", `no golden decisions called ${name}; there are ${suites.map((suite) => suite.name).join(", ")}`);
  }
  return names.length === 0 ? suites : suites.filter((suite) => names.some((name) => isCalled(suite, name)));
}

const isCalled = ({ name, file }: GoldenSuite, called: string): boolean =>
  name === called || file.endsWith(`/${called}.yaml`) || file.endsWith(`/${called}.yml`) || file.endsWith(`/${called}`);

function trialsOf(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  const trials = Number(given);
  if (!Number.isInteger(trials) || trials < 1 || trials > 1_000)
    throw new SentientError("BAD_INPUT", `--trials ${given}: expected a whole number from 1 to 1000`);
  return trials;
}

function tell(suites: SuiteResult[], comparison: Comparison | undefined, { policy }: Workspace, args: Arguments, io: Io): void {
  const report: Report = { madeAt: iso(io.now()), policyVersion: policy.version, suites };
  const dir = text(args.options.report);
  if (dir !== undefined) {
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, "report.json"), `${JSON.stringify(report, null, 2)}\n`);
    writeFileSync(join(dir, "report.html"), reportHtml(policy.name, suites, report.madeAt, comparison));
    io.note(`report.json and report.html are in ${dir}`);
  }
  if (args.options.json === true) io.out(JSON.stringify({ ...report, ...(comparison ? { comparison } : {}) }));
  else for (const line of evalLines(suites, comparison, io.paint)) io.out(line);
}
