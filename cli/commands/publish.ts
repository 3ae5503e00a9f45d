import { readSuite } from "../../evals/golden.ts";
import { bundleWorkspace } from "../../runtime/load-code.ts";
import { compilingWith, examineWorkspace } from "../../runtime/open-workspace.ts";
import { problemsError } from "../../workspace/problem.ts";
import { packFiles, problemsOfFiles } from "../../workspace/versions/version-files.ts";
import { type Acting, BELOW_GATE, type Common, DONE, type OnStore, workspaceOf } from "../command.ts";
import type { Io } from "../io.ts";
import { type Plan, runPlan } from "../run-golden.ts";
import { markFolder, sourceOf, versionOfFolder, withVersions } from "../versions.ts";
import { evalLines } from "../views/eval-report.ts";
import { showPublished } from "../views/versions.ts";
import { findingsIn } from "./check.ts";

interface Publish extends OnStore, Acting, Pick<Common, "json"> {
  readonly dir: string | undefined;
  readonly noEvals: boolean;
  readonly over: string | undefined;
  readonly force: boolean;
  readonly dryRun: boolean;
}

/** Checks a folder, runs its golden decisions, and puts it in force. */
export async function run({ dir: given, noEvals, over, force, dryRun, json, ...on }: Publish, io: Io): Promise<number> {
  const dir = workspaceOf({ dir: given, workspace: on.workspace });
  const { checked, ...code } = await examineWorkspace(dir, io);
  const { problems } = await findingsIn(dir, checked);
  if (!checked.ok || problems.length > 0) throw problemsError(problems);
  const { workspace } = checked;
  const unfit = problemsOfFiles(workspace.files);
  if (unfit.length > 0) throw problemsError(unfit);
  const plan: Plan = { ...code, workspace, suites: noEvals ? [] : workspace.evalFiles.map(readSuite), prefix: "" };
  if (plan.suites.length > 0 && !(await isAboveGate(plan, json, io))) return BELOW_GATE;
  const request = {
    files: packFiles(workspace.files),
    over: over ?? versionOfFolder(dir),
    force,
    dryRun,
    from: sourceOf(dir),
  };
  const published = await withVersions(on, io, (versions, actor) => versions.publish(request, actor), {
    compile: compilingWith(code, io),
    bundle: () => bundleWorkspace(dir),
  });
  if (!dryRun) markFolder(dir, published.policyVersion, io);
  showPublished(published, json, io);
  return DONE;
}

// --- internal ---

async function isAboveGate(plan: Plan, isJson: boolean, io: Io): Promise<boolean> {
  const results = await runPlan(plan, undefined, isJson, io);
  if (results.every(({ score, gate }) => score >= gate)) return true;
  for (const line of evalLines(results, undefined, io.paint)) io.note(line);
  io.note("nothing was published: golden decisions are below their gate (--no-evals leaves them out)");
  return false;
}
