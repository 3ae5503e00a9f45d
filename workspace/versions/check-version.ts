import { type CheckedFiles, checkFiles, type LoadOptions, type WorkspaceFiles } from "../check-files.ts";
import { inOrder, problemsOfFiles } from "./version-files.ts";

/**
 * Checks and compiles files that come from a store or a request, as `check` does those of a folder. Their names and sizes are checked
 * first; a version beyond its bounds is not parsed.
 */
export function checkVersion(files: WorkspaceFiles, options: LoadOptions): CheckedFiles {
  const problems = problemsOfFiles(files);
  return problems.length > 0 ? { ok: false, problems } : checkFiles(inOrder(files), options);
}
