import { doNotStay } from "../../workspace/canaries/replaced.ts";
import type { WorkspaceFiles } from "../../workspace/check-files.ts";
import { describeProblem } from "../../workspace/problem.ts";
import { compareFiles } from "../../workspace/versions/compare-files.ts";
import { hasSameCode, isCode } from "../../workspace/versions/version-files.ts";
import type { ConnectModel, ModelSettings } from "../connect-model.ts";
import type { ConnectEmbeddings, EmbeddingsSettings } from "../embeddings/connect-embeddings.ts";
import { compilingWith, type OpenWorkspace, type OwnCode } from "../open-workspace.ts";
import type { Compiled } from "./editions.ts";
import type { Following, Lacking } from "./follow-versions.ts";

/** Finds the code by which this process runs a version, or says what it lacks. The only place where code of a version is looked up. */
export type CodeOfVersion = (files: WorkspaceFiles) => Promise<OwnCode | Lacking>;

/** The code in the folder that this process was started with, for versions with that same code. */
export const codeInFolder =
  ({ workspace, tools, channels }: OpenWorkspace): CodeOfVersion =>
  async (files) => {
    if (hasSameCode(files, workspace.files)) return { tools, channels };
    const differing = compareFiles(workspace.files, files).filter(({ file }) => isCode(file));
    const named = differing.map(({ file, change }) => `${file} (${IN_VERSION[change]})`).join(", ");
    return { lacks: `its code is not that of ${workspace.dir}: ${named}; start it with a folder that has this code` };
  };

export interface CompileOptions {
  /** Values for `${NAME}` in the files. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly codeOf: CodeOfVersion;
  /** How the language model of a workspace is connected; undefined where there is none. */
  readonly modelFor: (settings: ModelSettings | undefined) => ConnectModel | undefined;
  /** The same for its embeddings model. */
  readonly embeddingsFor?: (settings: EmbeddingsSettings | undefined) => ConnectEmbeddings | undefined;
}

/** Compiles versions with the variables and the code of this process, as `check` does with a folder. */
export function compilingVersions({ environment, codeOf, modelFor, embeddingsFor }: CompileOptions): Following["compile"] {
  return async (files, replaced): Promise<Compiled | Lacking> => {
    const code = await codeOf(files);
    if ("lacks" in code) return code;
    const checked = compilingWith(code, { environment })(files, replaced);
    if (!checked.ok) return { lacks: toldOf(checked.problems.map(describeProblem)) };
    const { model, embeddings } = checked.settings;
    return {
      ...{ policy: checked.policy, ...code, doNotStay: doNotStay(checked) },
      ...{ model: modelFor(model), embeddings: embeddingsFor?.(embeddings) },
    };
  };
}

/** Versions with the same settings have the same model, so that it is not connected again: the last one is remembered. */
export function rememberingModel<Settings, Connect>(
  modelFor: (settings: Settings | undefined) => Connect | undefined,
): (settings: Settings | undefined) => Connect | undefined {
  let last: { readonly key: string; readonly model: Connect | undefined } | undefined;
  return (settings) => {
    const key = JSON.stringify(settings ?? null);
    if (last?.key !== key) last = { key, model: modelFor(settings) };
    return last.model;
  };
}

// --- internal ---

const IN_VERSION = { added: "not in the folder", removed: "only in the folder", changed: "differs" } as const;

/** Problems that are named; the first ones tell what is missing. */
const MAX_TOLD = 5;

const toldOf = (problems: readonly string[]): string =>
  problems.length > MAX_TOLD ? `${problems.slice(0, MAX_TOLD).join("; ")}; and ${problems.length - MAX_TOLD} more` : problems.join("; ");
