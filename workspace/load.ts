import { existsSync, lstatSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import type { Policy } from "../domain/entities/policy.ts";
import { checkFiles, type LoadOptions, type Observed, type WorkspaceFiles } from "./check-files.ts";
import { isYaml, nearlyRead } from "./passed-over.ts";
import { type Problem, problemsError } from "./problem.ts";
import { whyNoFile } from "./regular-file.ts";
import type { WorkspaceFile } from "./schema.ts";
import { FOLDERS, inOrder } from "./versions/version-files.ts";

/** A loaded workspace: read, checked and compiled. */
export interface Workspace extends Observed {
  readonly dir: string;
  readonly policy: Policy;
  /** What was read and compiled, before variables are substituted: the files of a version. */
  readonly files: WorkspaceFiles;
  /** Paths of the optional files, where they exist. */
  readonly customersFile?: string;
  readonly signalsFile?: string;
  readonly evalFiles: readonly string[];
  /** The parsed `sentient.yaml`, for the parts compiled elsewhere: brand, model. */
  readonly settings: WorkspaceFile;
}

export type CheckedWorkspace =
  | { readonly ok: true; readonly workspace: Workspace }
  | ({ readonly ok: false; readonly problems: readonly Problem[] } & Partial<Observed>);

/** Reads and checks a workspace; reports all problems at once. */
export function checkWorkspace(dir: string, options: LoadOptions): CheckedWorkspace {
  const root = resolve(dir);
  const missing = whatIsMissing(root, dir);
  if (missing) return { ok: false, problems: [missing] };
  const { files, problems } = readFolder(root);
  const checked = files.has("sentient.yaml") ? checkFiles(files, options) : { ok: false as const, problems: [], notes: [], dataNames: [] };
  const { notes: found = [], dataNames = [], bodies = [] } = checked;
  const notes = [...found, ...nearlyRead(readdirSync(root))];
  if (!checked.ok || problems.length > 0)
    return { ok: false, problems: [...problems, ...(checked.ok ? [] : checked.problems)], notes, dataNames, bodies };
  const { policy, settings } = checked;
  const customersFile = optional(root, "customers.jsonl");
  const signalsFile = optional(root, "signals.jsonl");
  const workspace: Workspace = {
    dir: root,
    policy,
    files,
    notes,
    dataNames,
    bodies,
    evalFiles: [...files.keys()].filter((file) => file.startsWith("evals/") && isYaml(file)).map((file) => join(root, file)),
    settings,
    ...(customersFile === undefined ? {} : { customersFile }),
    ...(signalsFile === undefined ? {} : { signalsFile }),
  };
  return { ok: true, workspace };
}

/** Returns the workspace, or throws one error with all problems. */
export function loadWorkspace(dir: string, options: LoadOptions): Workspace {
  const checked = checkWorkspace(dir, options);
  if (!checked.ok) throw problemsError(checked.problems);
  return checked.workspace;
}

// --- internal ---

const isRead = (name: string): boolean => name === "sentient.yaml" || FOLDERS.includes(name.split("/", 1)[0] ?? "");

function whatIsMissing(root: string, given: string): Problem | undefined {
  if (!existsSync(root)) return { file: given, message: "no such folder; `npx sentient init DIR` makes a workspace" };
  if (!statSync(root).isDirectory()) return { file: given, message: "is a file, expected a workspace folder" };
  if (!existsSync(join(root, "sentient.yaml"))) {
    const near = readdirSync(root).find((name) => /^sentient\.ya?ml$/i.test(name));
    const why =
      near === undefined ? "a workspace has one, and `npx sentient init DIR` makes it" : `${near} exists and must be renamed to that`;
    return { file: join(given, "sentient.yaml"), message: `no such file; ${why}` };
  }
  return undefined;
}

/** Reads the files of a workspace; reports entries that are not regular files. */
export function readFolder(root: string): { files: WorkspaceFiles; problems: Problem[] } {
  const files = new Map<string, Buffer>();
  const problems: Problem[] = [];
  const found = readdirSync(root, { withFileTypes: true });
  for (const { name } of found.filter((entry) => entry.isFile() && FOLDERS.includes(entry.name)))
    problems.push({ file: name, message: "is a file, expected a folder" });
  const entries = found
    .filter((entry) => entry.name === "sentient.yaml" || (entry.isDirectory() && FOLDERS.includes(entry.name)))
    .flatMap((entry) => (entry.isDirectory() ? filesBelow(join(root, entry.name)) : [join(root, entry.name)]));
  const beside = ["customers.jsonl", "signals.jsonl"].flatMap((name) => optional(root, name) ?? []);
  for (const path of [...entries, ...beside]) {
    const name = relative(root, path).split(sep).join("/");
    const message = whyNoFile(path);
    if (message !== undefined) problems.push({ file: name, message });
    else if (isRead(name)) files.set(name, readFileSync(path));
  }
  return { files: inOrder(files), problems };
}

const filesBelow = (dir: string): string[] =>
  readdirSync(dir, { withFileTypes: true })
    .filter((entry) => !entry.name.startsWith(".") && entry.name !== "node_modules")
    .flatMap((entry) => (entry.isDirectory() ? filesBelow(join(dir, entry.name)) : [join(dir, entry.name)]));

const optional = (root: string, file: string): string | undefined =>
  lstatSync(join(root, file), { throwIfNoEntry: false }) ? join(root, file) : undefined;
