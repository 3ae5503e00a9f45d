import { readdirSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { within } from "../concurrency/within.ts";
import { errorCatalogue, need, SentientError } from "../domain/errors.ts";
import { terminalSafe } from "../domain/values/terminal-safe.ts";
import { SECOND } from "../domain/values/time.ts";
import type { Bundle } from "../store/versions.ts";
import { whyNoFile } from "../workspace/regular-file.ts";
import { bundleHere, bundleToKeep } from "./code/bundle.ts";
import { importKept } from "./code/import-kept.ts";

/** Where the code of a workspace comes from. */
export interface Code {
  /** Its files, such as `tools/open-ticket.ts`. */
  files(folder: CodeFolder): readonly string[];
  /**
   * Runs one of them, with all rights of this process, and returns the exported values.
   *
   * @throws BAD_CONFIG if it does not compile, throws, or does not load in time
   */
  load(file: string): Promise<unknown[]>;
}

type CodeFolder = "tools" | "channels";

/** The code in the folder of a workspace. */
export const folderCode = (workspaceDir: string): Code => ({
  files: (folder) => codeFiles(workspaceDir, folder),
  load: (file) => loadCode(workspaceDir, file),
});

/** The code that was kept with a version. */
export const keptCode = (bundles: readonly Bundle[]): Code => ({
  files: (folder) => bundles.map(({ file }) => file).filter((file) => file.startsWith(`${folder}/`)),
  load: (file) => run(file, AbortSignal.timeout(LOAD_MS), async () => importKept(bundleOf(file, bundles))),
});

/** The code files of a workspace, such as `tools/open-ticket.ts`; `check` reports entries that are not files. */
export function codeFiles(workspaceDir: string, folder: CodeFolder): string[] {
  const dir = join(workspaceDir, folder);
  if (!statSync(dir, { throwIfNoEntry: false })?.isDirectory()) return [];
  return readdirSync(dir)
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && whyNoFile(join(dir, file)) === undefined)
    .sort()
    .map((file) => join(folder, file));
}

/** Bundles the tools and channels of a workspace, to be kept with a version of it. Nothing of them is run. */
export const bundleWorkspace = (workspaceDir: string): Promise<Bundle[]> =>
  bundleToKeep(workspaceDir, [...codeFiles(workspaceDir, "channels"), ...codeFiles(workspaceDir, "tools")]);

/**
 * Runs one file of a workspace, bundled in memory, with all rights of this process.
 *
 * @param file the path within the workspace
 * @param limit aborts the loading
 * @returns the exported values
 * @throws BAD_CONFIG if it does not compile, throws, or does not load in time
 */
export const loadCode = (workspaceDir: string, file: string, limit: AbortSignal = AbortSignal.timeout(LOAD_MS)): Promise<unknown[]> =>
  run(file, limit, async () => {
    const code = await bundleHere(join(workspaceDir, file));
    return (await import(`data:text/javascript;base64,${Buffer.from(code).toString("base64")}`)) as Record<string, unknown>;
  });

// --- internal ---

const bundleOf = (file: string, bundles: readonly Bundle[]): Bundle =>
  need(
    bundles.find((bundle) => bundle.file === file),
    "a bundle of the file",
  );

async function run(file: string, limit: AbortSignal, load: () => Promise<Readonly<Record<string, unknown>>>): Promise<unknown[]> {
  const reportExit = (code: number): void => {
    if (code === INTERRUPTED) return;
    process.exitCode = errorCatalogue.BAD_CONFIG.exitCode;
    writeSync(process.stderr.fd, `error: ${terminalSafe(file)} has ended the process while it was loaded; expected declarations only\n`);
  };
  process.on("exit", reportExit);
  try {
    return Object.values(await within(limit, load(), "its top-level await does not end"));
  } catch (error) {
    throw new SentientError("BAD_CONFIG", `${file} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  } finally {
    process.off("exit", reportExit);
  }
}

/** Exit status after Ctrl-C. */
const INTERRUPTED = 130;

const LOAD_MS = 30 * SECOND;
