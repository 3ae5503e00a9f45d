import { readSuite } from "../../evals/golden.ts";
import type { Actor } from "../../operations/operation.ts";
import type { VersionOperations } from "../../operations/versions/versions.ts";
import type { PublishedView } from "../../operations/versions/views.ts";
import { bundleWorkspace } from "../../runtime/load-code.ts";
import { compilingWith, examineWorkspace } from "../../runtime/open-workspace.ts";
import { problemsError } from "../../workspace/problem.ts";
import { packFiles, problemsOfFiles } from "../../workspace/versions/version-files.ts";
import { type Acting, BELOW_GATE, type Common, DONE, type OnStore, workspaceOf } from "../command.ts";
import type { Io } from "../io.ts";
import type { OpenSide } from "../rehearsal/open-sides.ts";
import { rehearsePublication, shortRehearsalJson, shortRehearsalLines } from "../rehearsal/rehearse-publication.ts";
import { type Plan, runPlan } from "../run-golden.ts";
import { markFolder, type StoreOrServer, sourceOf, versionOfFolder, withVersions } from "../versions.ts";
import { evalLines } from "../views/eval-report.ts";
import { showPublished } from "../views/versions.ts";
import { findingsIn } from "./check.ts";

interface Publish extends OnStore, Acting, Pick<Common, "json"> {
  readonly dir: string | undefined;
  readonly noEvals: boolean;
  readonly over: string | undefined;
  readonly force: boolean;
  readonly dryRun: boolean;
  readonly noRehearsal: boolean;
}

/** Checks a folder, runs its golden decisions, and puts it in force. */
export async function run({ dir: given, noEvals, noRehearsal, over, force, dryRun, json, ...on }: Publish, io: Io): Promise<number> {
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
  const own: OpenSide = { opened: { workspace, ...code }, name: dir };
  const publish = async (versions: VersionOperations["versions"], actor: Actor, at: StoreOrServer): Promise<void> => {
    const published = await versions.publish(request, actor);
    if (!dryRun) markFolder(dir, published.policyVersion, io);
    if (dryRun && !noRehearsal && published.before !== published.policyVersion)
      await showRehearsed(published, { at, own, actor, isJson: json }, io);
    else showPublished(published, {}, json, io);
  };
  await withVersions(on, io, publish, { compile: compilingWith(code, io), bundle: () => bundleWorkspace(dir) });
  return DONE;
}

// --- internal ---

/** What is published is shown before it is rehearsed, which takes a while; JSON is one value. */
async function showRehearsed(
  published: PublishedView,
  { at, own, actor, isJson }: { readonly at: StoreOrServer; readonly own: OpenSide; readonly actor: Actor; readonly isJson: boolean },
  io: Io,
): Promise<void> {
  if (!isJson) showPublished(published, {}, false, io);
  const rehearsed = await rehearsePublication(at, own, actor, io);
  if (isJson) showPublished(published, { rehearsal: shortRehearsalJson(rehearsed) }, true, io);
  else for (const line of shortRehearsalLines(rehearsed, own, io)) io.out(line);
}

async function isAboveGate(plan: Plan, isJson: boolean, io: Io): Promise<boolean> {
  const results = await runPlan(plan, undefined, isJson, io);
  if (results.every(({ score, gate }) => score >= gate)) return true;
  for (const line of evalLines(results, undefined, io.paint)) io.note(line);
  io.note("nothing was published: golden decisions are below their gate (--no-evals leaves them out)");
  return false;
}
