import { checkSuites } from "../../evals/check-suites.ts";
import { codeFiles } from "../../runtime/load-code.ts";
import { examineWorkspace } from "../../runtime/open-workspace.ts";
import type { Workspace } from "../../workspace/load.ts";
import { describeProblem, type Problem } from "../../workspace/problem.ts";
import { type Common, DONE, workspaceOf } from "../command.ts";
import type { Io } from "../io.ts";

interface Check extends Pick<Common, "workspace" | "json"> {
  readonly dir: string | undefined;
}

export async function run({ json: isJson, ...where }: Check, io: Io): Promise<number> {
  const dir = workspaceOf(where);
  const ran = [...codeFiles(dir, "tools"), ...codeFiles(dir, "channels")];
  // Printed before the folder's code runs, since another person may have written it.
  if (ran.length > 0)
    io.warn(`running ${ran.join(", ")}: tools and channels are code, and their declarations are known only once it has run`);
  const { checked } = await examineWorkspace(dir, io);
  const wrongSuites = checkSuites(dir, checked.ok ? checked.workspace.policy : undefined);
  if (checked.ok && wrongSuites.length === 0) {
    tellSound(checked.workspace, isJson, io);
    return DONE;
  }
  const notes = checked.ok ? checked.workspace.notes : (checked.notes ?? []);
  tellProblems([...(checked.ok ? [] : checked.problems), ...wrongSuites], notes, isJson, io);
  return 2;
}

// --- internal ---

function tellProblems(problems: readonly Problem[], notes: readonly string[], isJson: boolean, { out, note, paint }: Io): void {
  if (isJson) out(JSON.stringify({ ok: false, problems, notes }));
  else {
    for (const problem of problems) out(`${paint.red("✗")} ${describeProblem(problem)}`);
    for (const text of notes) out(`${paint.yellow("·")} ${text}`);
  }
  note(`${problems.length === 1 ? "1 problem" : `${problems.length} problems`}`);
}

function tellSound({ policy, notes }: Workspace, isJson: boolean, { out, paint }: Io): void {
  const approved = policy.experiences.filter(({ status }) => status === "approved").length;
  const counts = {
    moments: policy.moments.length,
    experiences: policy.experiences.length,
    approved,
    channels: Object.keys(policy.channels).length,
  };
  if (isJson) {
    out(JSON.stringify({ ok: true, name: policy.name, policyVersion: policy.version, ...counts, notes }));
    return;
  }
  out(
    `${paint.green("✓")} ${paint.bold(policy.name)} is sound: ${counts.experiences} experiences (${approved} approved), ${counts.moments} moments, ${counts.channels} channels`,
  );
  for (const text of notes) out(`${paint.yellow("·")} ${text}`);
}
