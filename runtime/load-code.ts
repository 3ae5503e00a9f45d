import { readdirSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { within } from "../concurrency/within.ts";
import { errorCatalogue, SentientError } from "../domain/errors.ts";
import { terminalSafe } from "../domain/values/terminal-safe.ts";
import { SECOND } from "../domain/values/time.ts";
import type { Bundle } from "../store/versions.ts";
import { whyNoFile } from "../workspace/regular-file.ts";
import { bundleHere, bundleToKeep } from "./code/bundle.ts";

/** The code files of a workspace, such as `tools/open-ticket.ts`; `check` reports entries that are not files. */
export function codeFiles(workspaceDir: string, folder: "tools" | "channels"): string[] {
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
export async function loadCode(workspaceDir: string, file: string, limit: AbortSignal = AbortSignal.timeout(LOAD_MS)): Promise<unknown[]> {
  const reportExit = (code: number): void => {
    if (code === INTERRUPTED) return;
    process.exitCode = errorCatalogue.BAD_CONFIG.exitCode;
    writeSync(process.stderr.fd, `error: ${terminalSafe(file)} has ended the process while it was loaded; expected declarations only\n`);
  };
  process.on("exit", reportExit);
  try {
    const code = await bundleHere(join(workspaceDir, file));
    const loading = import(`data:text/javascript;base64,${Buffer.from(code).toString("base64")}`);
    return Object.values((await within(limit, loading, "its top-level await does not end")) as Record<string, unknown>);
  } catch (error) {
    throw new SentientError("BAD_CONFIG", `${file} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  } finally {
    process.off("exit", reportExit);
  }
}

// --- internal ---

/** Exit status after Ctrl-C. */
const INTERRUPTED = 130;

const LOAD_MS = 30 * SECOND;
