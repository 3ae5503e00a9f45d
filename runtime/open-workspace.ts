import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { AnyChannel } from "../channels/channel.ts";
import type { ReplacedByCanaries } from "../domain/entities/canary.ts";
import { SentientError } from "../domain/errors.ts";
import type { Bundle } from "../store/versions.ts";
import type { AnyTool } from "../tools/tool.ts";
import { withReplaced } from "../workspace/canaries/replaced.ts";
import type { CheckedFiles, LoadOptions, WorkspaceFiles } from "../workspace/check-files.ts";
import { type CheckedWorkspace, checkWorkspace, readFolder, type Workspace } from "../workspace/load.ts";
import { type Problem, problemsError } from "../workspace/problem.ts";
import { checkVersion } from "../workspace/versions/check-version.ts";
import { hasSameCode, isCode } from "../workspace/versions/version-files.ts";
import { channelsOf, loadChannels } from "./load-channels.ts";
import { type Code, folderCode, keptCode } from "./load-code.ts";
import { actionTools, inputsOf, loadTools } from "./load-tools.ts";

/** The tools and channels of a workspace's own. */
export interface OwnCode {
  readonly tools: readonly AnyTool[];
  readonly channels: readonly AnyChannel[];
}

/** A workspace with its own tools and channels. */
export interface OpenWorkspace extends OwnCode {
  readonly workspace: Workspace;
}

interface WithEnvironment {
  /** Values for `${NAME}` in the files of a workspace. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface ExaminedWorkspace extends OwnCode {
  readonly checked: CheckedWorkspace;
}

/** Checks a workspace with its own tools and channels; reports every problem at once. */
export async function examineWorkspace(dir: string, { environment }: WithEnvironment): Promise<ExaminedWorkspace> {
  const { tools, channels, ofTools: problem, ofChannels } = await loadAll(folderCode(dir));
  const checked = checkWorkspace(dir, loadOptions({ tools, channels }, environment));
  const ofCode = [...ofChannels, ...(problem ? [problem] : [])];
  if (ofCode.length === 0) return { checked, tools, channels };
  // Names from code that does not load are unknown: an "unknown" problem about them only follows from the first one.
  const isSecond = ({ message }: Problem): boolean =>
    (problem !== undefined && message.startsWith("unknown tool")) || (ofChannels.length > 0 && message.startsWith("expected kind to be"));
  const others = checked.ok ? [] : checked.problems.filter((one) => !isSecond(one));
  return { checked: { ok: false, problems: [...others, ...ofCode] }, tools, channels };
}

/** Returns the workspace and its code, or throws one error that lists every problem. */
export async function openWorkspace(dir: string, io: WithEnvironment): Promise<OpenWorkspace> {
  const { checked, ...code } = await examineWorkspace(dir, io);
  if (!checked.ok) throw problemsError(checked.problems);
  return { workspace: checked.workspace, ...code };
}

/** Checks and compiles files of a version with code that is loaded already, and with what stays beside its canaries. */
export const compilingWith = (code: OwnCode, { environment }: WithEnvironment) => {
  const check = (files: WorkspaceFiles): CheckedFiles => checkVersion(files, loadOptions(code, environment));
  return (files: WorkspaceFiles, replaced: ReplacedByCanaries = {}): CheckedFiles => withReplaced(check(files), files, replaced, check);
};

/** A version that a store keeps. */
export interface KeptVersion {
  readonly policyVersion: string;
  readonly files: WorkspaceFiles;
  /** What stays beside its canaries. */
  readonly replaced: ReplacedByCanaries;
}

/**
 * Compiles a version of a store. Where it has code, that of a folder is run, which has to be the same.
 *
 * @throws CONFLICT where the folder has other code, BAD_CONFIG with every problem
 */
export async function openVersion(
  { policyVersion, files, replaced }: KeptVersion,
  dir: string,
  io: WithEnvironment,
): Promise<OpenWorkspace> {
  const hasCode = [...files.keys()].some(isCode);
  if (hasCode && !(existsSync(dir) && hasSameCode(readFolder(resolve(dir)).files, files)))
    throw new SentientError(
      "CONFLICT",
      `version ${policyVersion.slice(0, 12)} is in use and has tools or channels of its own, and ${dir} does not have the same; code is run from a folder alone: npx sentient versions write ${policyVersion.slice(0, 12)} DIR, and --workspace DIR`,
    );
  const { tools, channels, ofTools, ofChannels } = hasCode ? await loadAll(folderCode(dir)) : NO_CODE;
  return compiled({ files, replaced }, { tools, channels }, dir, io, [...ofChannels, ...(ofTools ? [ofTools] : [])]);
}

/**
 * Compiles a version of a store with the code that was kept with it.
 *
 * @param dir the workspace that it is opened for; nothing of it is read
 * @throws BAD_CONFIG with every problem
 */
export const openVersionKept = async (
  version: Pick<KeptVersion, "files" | "replaced">,
  bundles: readonly Bundle[],
  dir: string,
  io: WithEnvironment,
): Promise<OpenWorkspace> => compiled(version, await openKept(bundles), dir, io);

/**
 * Loads the code that was kept with a version, to compile it with.
 *
 * @throws BAD_CONFIG where it cannot be loaded here
 */
export async function openKept(bundles: readonly Bundle[]): Promise<OwnCode> {
  const { tools, channels, ofTools, ofChannels } = await loadAll(keptCode(bundles));
  const problems = [...ofChannels, ...(ofTools ? [ofTools] : [])];
  if (problems.length > 0) throw problemsError(problems);
  return { tools, channels };
}

// --- internal ---

/** @param ofCode problems of the code, told with those of the files */
function compiled(
  { files, replaced }: Pick<KeptVersion, "files" | "replaced">,
  code: OwnCode,
  dir: string,
  io: WithEnvironment,
  ofCode: readonly Problem[] = [],
): OpenWorkspace {
  const checked = compilingWith(code, io)(files, replaced);
  const problems = [...ofCode, ...(checked.ok ? [] : checked.problems)];
  if (!checked.ok || problems.length > 0) throw problemsError(problems);
  const { ok: _ok, ...found } = checked;
  return { workspace: { ...found, dir: resolve(dir), files, evalFiles: [] }, ...code };
}

const NO_CODE: Awaited<ReturnType<typeof loadAll>> = { tools: [], channels: [], ofTools: undefined, ofChannels: [] };

async function loadAll(code: Code) {
  const { tools, ofTools } = await loadTools(code).then(
    (loaded) => ({ tools: loaded, ofTools: undefined }),
    (error: unknown) => ({ tools: [], ofTools: toolProblem(error) }),
  );
  const { channels, problems: ofChannels } = await loadChannels(code);
  return { tools, channels, ofTools, ofChannels };
}

const loadOptions = ({ tools, channels }: OwnCode, environment: WithEnvironment["environment"]): LoadOptions => ({
  environment,
  channels: channelsOf(channels),
  tools: [...actionTools, ...tools.map(({ name }) => name)],
  inputs: inputsOf(tools),
});

function toolProblem(error: unknown): Problem {
  if (error instanceof SentientError) return { file: "tools", message: error.message };
  throw error;
}
