import { existsSync, mkdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { SentientError } from "../../domain/errors.ts";
import { iso } from "../../domain/values/time.ts";
import { type Comparison, compareWith, type Report, readReport } from "../../evals/compare.ts";
import { type GoldenSuite, readSuite } from "../../evals/golden.ts";
import { reportHtml } from "../../evals/report-html.ts";
import type { SuiteResult } from "../../evals/run-suite.ts";
import { type OpenWorkspace, openWorkspace } from "../../runtime/open-workspace.ts";
import { BELOW_GATE, type Common, DONE } from "../command.ts";
import type { Io } from "../io.ts";
import { writeForOwner } from "../owner-file.ts";
import { type Plan, runPlan } from "../run-golden.ts";
import { evalLines } from "../views/eval-report.ts";

interface Eval extends Pick<Common, "workspace" | "json"> {
  readonly names: readonly string[];
  readonly trials: number | undefined;
  readonly baseline: string | undefined;
  readonly report: string | undefined;
}

export async function run({ trials, baseline, report, json, ...what }: Eval, io: Io): Promise<number> {
  const { dirs, names } = whatToRun(what);
  const before = baseline === undefined ? undefined : readReport(baseline);
  if (report !== undefined) refuseOthers(report);
  const opened = await Promise.all(dirs.map(async (dir) => ({ dir, ...(await openWorkspace(dir, io)) })));
  const plans = choose(opened, names);
  const results: SuiteResult[] = [];
  for (const plan of plans) results.push(...(await runPlan(plan, trials, json, io)));
  const comparison = before && compareWith(before, results);
  const of = opened.map(({ workspace: { policy } }) => policy);
  const about = { names: of.map(({ name }) => name), policyVersion: of.map(({ version }) => version).join(" ") };
  tell(results, comparison, about, { dir: report, isJson: json }, io);
  return results.every(({ score, gate }) => score >= gate) ? DONE : BELOW_GATE;
}

// --- internal ---

/** An argument that is a folder with a workspace is one; the others are names of suites. */
function whatToRun({ names: given, workspace }: Pick<Eval, "names" | "workspace">): { dirs: readonly string[]; names: readonly string[] } {
  const dirs = given.filter((word) => existsSync(join(word, "sentient.yaml")));
  const names = given.filter((word) => !dirs.includes(word));
  return { dirs: dirs.length > 0 ? dirs : [workspace ?? "."], names };
}

/** Suites by their names or their files' names; by default all of them. */
function choose(opened: readonly (OpenWorkspace & { readonly dir: string })[], names: readonly string[]): Plan[] {
  const plans = opened.map(({ dir, ...code }) => {
    const suites = code.workspace.evalFiles.map(readSuite);
    if (suites.length === 0)
      throw new SentientError(
        "BAD_INPUT",
        `no golden decisions in ${join(code.workspace.dir, "evals")}; docs/evals.md shows how they are written`,
      );
    return { ...code, suites, prefix: opened.length > 1 ? `${basename(resolve(dir))}/` : "" };
  });
  const all = plans.flatMap(({ suites }) => suites);
  for (const name of names) {
    if (!all.some((suite) => isCalled(suite, name)))
      throw new SentientError("BAD_INPUT", `no golden decisions called ${name}; there are ${all.map((suite) => suite.name).join(", ")}`);
  }
  const isChosen = (suite: GoldenSuite): boolean => names.length === 0 || names.some((name) => isCalled(suite, name));
  return plans.map((plan) => ({ ...plan, suites: plan.suites.filter(isChosen) })).filter(({ suites }) => suites.length > 0);
}

const isCalled = ({ name, file }: GoldenSuite, called: string): boolean =>
  name === called || file.endsWith(`/${called}.yaml`) || file.endsWith(`/${called}.yml`) || file.endsWith(`/${called}`);

/** An earlier report of ours is overwritten; any other file of that name is not. Checked before anything runs. */
function refuseOthers(dir: string): void {
  const file = join(dir, "report.json");
  if (!existsSync(file)) return;
  try {
    readReport(file);
  } catch (error) {
    throw new SentientError("BAD_INPUT", `--report ${dir}: there is a report.json that no eval wrote; choose another folder`, {
      cause: error,
    });
  }
}

interface About {
  readonly names: readonly string[];
  readonly policyVersion: string;
}

function tell(
  suites: SuiteResult[],
  comparison: Comparison | undefined,
  about: About,
  { dir, isJson }: { readonly dir: string | undefined; readonly isJson: boolean },
  io: Io,
): void {
  const report: Report = { madeAt: iso(io.now()), policyVersion: about.policyVersion, suites };
  if (dir !== undefined) {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    writeForOwner(join(dir, "report.json"), `${JSON.stringify(report, null, 2)}\n`);
    writeForOwner(join(dir, "report.html"), reportHtml(about.names.join(", "), suites, report.madeAt, comparison));
    io.note(`report.json and report.html are in ${dir}`);
  }
  if (isJson) io.out(JSON.stringify({ ...report, ...(comparison ? { comparison } : {}) }));
  else for (const line of evalLines(suites, comparison, io.paint)) io.out(line);
}
