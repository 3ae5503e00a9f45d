import { SentientError } from "../domain/errors.ts";
import type { AnyTool } from "../tools/tool.ts";
import { type CheckedWorkspace, checkWorkspace, type Workspace } from "../workspace/load.ts";
import { problemsError } from "../workspace/problem.ts";
import { channelsOf } from "./load-channels.ts";
import { actionTools, inputsOf, loadTools } from "./load-tools.ts";

/** A workspace, and the tools that it brings. */
export interface OpenWorkspace {
  readonly workspace: Workspace;
  readonly tools: readonly AnyTool[];
}

interface WithEnvironment {
  /** What `${NAME}` in the files of a workspace stands for. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Checks a workspace, its own tools included; every problem at once. */
export async function examineWorkspace(
  dir: string,
  { environment }: WithEnvironment,
): Promise<{ checked: CheckedWorkspace; tools: readonly AnyTool[] }> {
  const loaded = await loadTools(dir).catch((error: unknown) => {
    if (error instanceof SentientError) return error;
    throw error;
  });
  const tools = loaded instanceof SentientError ? [] : loaded;
  const checked = checkWorkspace(dir, {
    environment,
    channels: channelsOf(),
    tools: [...actionTools, ...tools.map(({ name }) => name)],
    inputs: inputsOf(tools),
  });
  if (!(loaded instanceof SentientError)) return { checked, tools };
  const problem = { file: "tools", message: loaded.message };
  // What a tool that does not load is called is not known, so that nothing knows it is no second problem.
  const others = checked.ok ? [] : checked.problems.filter(({ message }) => !message.startsWith("unknown tool"));
  return { checked: { ok: false, problems: [...others, problem] }, tools };
}

/** The workspace and its tools, or one error that lists every problem. */
export async function openWorkspace(dir: string, io: WithEnvironment): Promise<OpenWorkspace> {
  const { checked, tools } = await examineWorkspace(dir, io);
  if (!checked.ok) throw problemsError(checked.problems);
  return { workspace: checked.workspace, tools };
}
