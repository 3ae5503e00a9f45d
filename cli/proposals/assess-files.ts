import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, normalize, resolve } from "node:path";
import { SentientError } from "../../domain/errors.ts";
import { suitesIn } from "../../evals/check-suites.ts";
import { type GoldenSuite, readSuite } from "../../evals/golden.ts";
import { runSuite, type SuiteResult } from "../../evals/run-suite.ts";
import type { Found } from "../../operations/proposals/assessment.ts";
import type { ProposedProblem } from "../../operations/proposals/views.ts";
import { compilingWith, type OpenWorkspace, type OwnCode } from "../../runtime/open-workspace.ts";
import type { CheckedFiles, WorkspaceFiles } from "../../workspace/check-files.ts";
import type { CheckedWorkspace } from "../../workspace/load.ts";
import { isYaml } from "../../workspace/passed-over.ts";
import { FOLDERS } from "../../workspace/versions/version-files.ts";
import { findingsIn } from "../commands/check.ts";
import type { Io } from "../io.ts";
import { openRuntime } from "../open-runtime.ts";

export interface AssessWith {
  /** The tools and channels of the version. */
  readonly code: OwnCode;
  /** The folder whose customers and signals golden decisions begin with, where they have none of their own: a version has no data. */
  readonly dir: string;
}

/**
 * Checks files of a version as `check` does a folder, and runs their golden decisions as `eval` does, on a store of their own. Nothing of it
 * is kept. Without problems alone golden decisions are run.
 */
export async function assessFiles(files: WorkspaceFiles, { code, dir }: AssessWith, io: Io): Promise<Found> {
  const root = mkdtempSync(join(tmpdir(), "sentient-proposed-"));
  try {
    for (const [file, bytes] of files) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), bytes, { mode: 0o600 });
    }
    linkData(dir, root);
    const outside = suitesIn(root).flatMap((one) => ("suite" in one ? filesOutside(one.suite, root) : []));
    if (outside.length > 0) return { problems: outside, golden: [] };
    const checked = workspaceAt(root, files, compilingWith(code, io)(files));
    const { problems } = await findingsIn(root, checked);
    if (!checked.ok || problems.length > 0) return { problems: problems.map(shownProblem), golden: [] };
    return await runGolden({ ...code, workspace: checked.workspace }, root, io);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

// --- internal ---

/** Also where commands have a database: what is proposed is tried nowhere near it. */
const IN_MEMORY = {};

/** Data of the workspace's folder, under the same names. */
function linkData(dir: string, root: string): void {
  for (const entry of readdirSync(resolve(dir), { withFileTypes: true })) {
    const { name } = entry;
    const isData = entry.isDirectory() ? !FOLDERS.includes(name) && name !== "node_modules" : isStream(name);
    if (isData && !name.startsWith(".")) symlinkSync(join(resolve(dir), name), join(root, name));
  }
}

const isStream = (name: string): boolean => name.endsWith(".jsonl");

function workspaceAt(root: string, files: WorkspaceFiles, checked: CheckedFiles): CheckedWorkspace {
  if (!checked.ok) return checked;
  const { ok: _ok, ...compiled } = checked;
  const beside = readdirSync(root);
  const workspace = {
    ...{ ...compiled, dir: root, files },
    evalFiles: [...files.keys()].filter((file) => file.startsWith("evals/") && isYaml(file)).map((file) => join(root, file)),
    ...(beside.includes("customers.jsonl") ? { customersFile: join(root, "customers.jsonl") } : {}),
    ...(beside.includes("signals.jsonl") ? { signalsFile: join(root, "signals.jsonl") } : {}),
  };
  return { ok: true, workspace };
}

/** Files that cases name and that are no data of this workspace: what somebody sends must not have other files read. */
function filesOutside(suite: GoldenSuite, root: string): ProposedProblem[] {
  const file = nameIn(suite.file, root);
  return suite.cases.flatMap((one, index) =>
    (["customers", "signals"] as const).flatMap((kind) => {
      const given = one[kind];
      if (typeof given !== "string" || (isStream(given) && !normalize(join(dirname(file), given)).startsWith(".."))) return [];
      const path = ["cases", index, kind];
      const message = `${given}: expected a file of this workspace that ends in .jsonl`;
      return [{ file, line: suite.lineOf(path), path: path.join("."), message }];
    }),
  );
}

async function runGolden(opened: OpenWorkspace, root: string, io: Io): Promise<Found> {
  const golden: Found["golden"][number][] = [];
  const problems: ProposedProblem[] = [];
  const suites = opened.workspace.evalFiles.map(readSuite);
  if (suites.length === 0) return { problems, golden };
  await using runtime = await openRuntime(opened, io, IN_MEMORY);
  for (const suite of suites) {
    const file = nameIn(suite.file, root);
    try {
      golden.push(goldenOf(await runSuite(suite, { workspace: opened.workspace, runtime, isStopped: io.isStopped }), file));
    } catch (error) {
      // A case that cannot be run, as with an unknown customer.
      if (!(error instanceof SentientError) || error.code !== "BAD_INPUT") throw error;
      problems.push({ file, message: error.message.replaceAll(`${root}/`, "") });
    }
  }
  return { problems, golden };
}

const goldenOf = ({ name, gate, score, cases }: SuiteResult, file: string): Found["golden"][number] => ({
  ...{ name, file, passed: score >= gate, gate, score },
  cases: cases.map((one) => ({
    ...{ name: one.name, passed: one.passed === one.trials },
    differs: one.expectations
      .filter(({ held }) => held < one.trials)
      .map(({ expectation, because = "", line }) => ({ expectation, because, file, line })),
  })),
});

const nameIn = (path: string, root: string): string => path.slice(root.length + 1);

const shownProblem = ({ file, line, path, message }: ProposedProblem): ProposedProblem => ({
  ...{ file, message },
  ...(line === undefined ? {} : { line }),
  ...(path === undefined ? {} : { path }),
});
