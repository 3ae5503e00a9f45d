import type { AnyChannel } from "../channels/channel.ts";
import { SentientError } from "../domain/errors.ts";
import type { AnyTool } from "../tools/tool.ts";
import type { CheckedFiles, LoadOptions, WorkspaceFiles } from "../workspace/check-files.ts";
import { type CheckedWorkspace, checkWorkspace, type Workspace } from "../workspace/load.ts";
import { type Problem, problemsError } from "../workspace/problem.ts";
import { checkVersion } from "../workspace/versions/check-version.ts";
import { channelsOf, loadChannels } from "./load-channels.ts";
import { actionTools, inputsOf, loadTools } from "./load-tools.ts";

/** A workspace with its own tools and channels. */
export interface OpenWorkspace {
  readonly workspace: Workspace;
  readonly tools: readonly AnyTool[];
  readonly channels: readonly AnyChannel[];
}

interface WithEnvironment {
  /** Values for `${NAME}` in the files of a workspace. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface ExaminedWorkspace extends Omit<OpenWorkspace, "workspace"> {
  readonly checked: CheckedWorkspace;
}

/** Checks a workspace with its own tools and channels; reports every problem at once. */
export async function examineWorkspace(dir: string, { environment }: WithEnvironment): Promise<ExaminedWorkspace> {
  const { tools, problem } = await loadTools(dir).then(
    (loaded) => ({ tools: loaded, problem: undefined }),
    (error: unknown) => ({ tools: [], problem: toolProblem(error) }),
  );
  const { channels, problems: ofChannels } = await loadChannels(dir);
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

/** Checks and compiles files of a version with code that is loaded already. */
export const compilingWith =
  (code: Omit<OpenWorkspace, "workspace">, { environment }: WithEnvironment) =>
  (files: WorkspaceFiles): CheckedFiles =>
    checkVersion(files, loadOptions(code, environment));

// --- internal ---

const loadOptions = ({ tools, channels }: Omit<OpenWorkspace, "workspace">, environment: WithEnvironment["environment"]): LoadOptions => ({
  environment,
  channels: channelsOf(channels),
  tools: [...actionTools, ...tools.map(({ name }) => name)],
  inputs: inputsOf(tools),
});

function toolProblem(error: unknown): Problem {
  if (error instanceof SentientError) return { file: "tools", message: error.message };
  throw error;
}
