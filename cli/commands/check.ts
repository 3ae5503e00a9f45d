import { readConfig } from "../../config/config.ts";
import { checkSuites, suitesIn } from "../../evals/check-suites.ts";
import { readDataFiles } from "../../evals/data-files.ts";
import { problemsOfMails } from "../../runtime/check-mail.ts";
import { notesOnEmbeddings } from "../../runtime/embeddings/examine-embeddings.ts";
import { codeFiles } from "../../runtime/load-code.ts";
import { examineWorkspace } from "../../runtime/open-workspace.ts";
import type { CheckedWorkspace, Workspace } from "../../workspace/load.ts";
import { describeProblem, type Note, type Problem } from "../../workspace/problem.ts";
import { notesOnNames } from "../../workspace/unknown-names.ts";
import { type Common, DONE, type OnStore, workspaceOf } from "../command.ts";
import type { Io } from "../io.ts";
import { DEFAULT_DATA } from "../with-store.ts";

interface Check extends OnStore, Pick<Common, "json"> {
  readonly dir: string | undefined;
  readonly strict: boolean;
}

export async function run({ json: isJson, strict, data, ...where }: Check, io: Io): Promise<number> {
  const dir = workspaceOf(where);
  const ran = [...codeFiles(dir, "tools"), ...codeFiles(dir, "channels")];
  // Printed before the folder's code runs, since another person may have written it.
  if (ran.length > 0)
    io.warn(`running ${ran.join(", ")}: tools and channels are code, and their declarations are known only once it has run`);
  const { checked } = await examineWorkspace(dir, io);
  const { problems, notes: inFiles } = await findingsIn(dir, checked);
  const notes = [...inFiles, ...(checked.ok ? await notesOnStore(checked.workspace, data, io) : [])];
  const errors = [...problems, ...(strict ? notes.filter(({ isFine }) => !isFine) : [])];
  const others = strict ? notes.filter(({ isFine }) => isFine) : notes;
  if (checked.ok && errors.length === 0) {
    tellSound(checked.workspace, others, isJson, io);
    return DONE;
  }
  tellProblems(errors, others, isJson, io);
  return 2;
}

interface Findings {
  readonly problems: readonly Problem[];
  readonly notes: readonly Note[];
}

/** What `check` finds in a folder, its golden decisions and data included. */
export async function findingsIn(dir: string, checked: CheckedWorkspace): Promise<Findings> {
  const suites = suitesIn(dir);
  const data = await readDataFiles(dir, suites);
  const { notes = [], dataNames = [], bodies = [] } = checked.ok ? checked.workspace : checked;
  return {
    problems: [
      ...(checked.ok ? [] : checked.problems),
      ...problemsOfMails(bodies),
      ...checkSuites(suites, dir, checked.ok ? checked.workspace.policy : undefined),
      ...data.problems,
    ],
    notes: [...notes, ...notesOnNames(dataNames, data.known), ...data.notes],
  };
}

// --- internal ---

/**
 * Notes on the store of `--data`, else of `DATABASE_URL`, else in the default folder; none where the workspace keeps nothing there that a
 * check compares.
 */
async function notesOnStore(
  { settings: { embeddings } }: Workspace,
  data: string | undefined,
  { environment }: Io,
): Promise<readonly Note[]> {
  if (!embeddings) return [];
  const databaseUrl = data === undefined ? readConfig(environment).databaseUrl : undefined;
  return notesOnEmbeddings(embeddings, { dataDir: data ?? DEFAULT_DATA, databaseUrl });
}

/** A finding as `--json` prints it. */
const inJson =
  (level: "error" | "note") =>
  ({ file, line, path, message }: Problem) => ({ level, file, line, path, message });

function tellProblems(problems: readonly Problem[], notes: readonly Note[], isJson: boolean, { out, note, paint }: Io): void {
  if (isJson) out(JSON.stringify({ ok: false, problems: problems.map(inJson("error")), notes: notes.map(inJson("note")) }));
  else {
    for (const problem of problems) out(`${paint.red("✗")} ${describeProblem(problem)}`);
    for (const one of notes) out(`${paint.yellow("·")} ${describeProblem(one)}`);
  }
  note(`${problems.length === 1 ? "1 problem" : `${problems.length} problems`}`);
}

function tellSound({ policy }: Workspace, notes: readonly Note[], isJson: boolean, { out, paint }: Io): void {
  const approved = policy.experiences.filter(({ status }) => status === "approved").length;
  const canaries = policy.experiences.filter(({ status }) => status === "canary").length;
  const counts = {
    moments: policy.moments.length,
    experiences: policy.experiences.length,
    approved,
    ...(canaries > 0 ? { canaries } : {}),
    channels: Object.keys(policy.channels).length,
  };
  if (isJson) {
    out(JSON.stringify({ ok: true, name: policy.name, policyVersion: policy.version, ...counts, notes: notes.map(inJson("note")) }));
    return;
  }
  out(
    `${paint.green("✓")} ${paint.bold(policy.name)} is sound: ${counts.experiences} experiences (${approved} approved${canaries > 0 ? `, ${canaries} canar${canaries === 1 ? "y" : "ies"}` : ""}), ${counts.moments} moments, ${counts.channels} channels`,
  );
  for (const one of notes) out(`${paint.yellow("·")} ${describeProblem(one)}`);
}
