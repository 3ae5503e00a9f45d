import type { ReplacedByCanaries } from "../../domain/entities/canary.ts";
import type { Policy } from "../../domain/entities/policy.ts";
import { SentientError } from "../../domain/errors.ts";
import type { Bundle } from "../../store/versions.ts";
import type { AnyTool } from "../../tools/tool.ts";
import type { WorkspaceFiles } from "../../workspace/check-files.ts";
import { inputsOf } from "../load-tools.ts";
import { type OpenWorkspace, openVersion, openVersionKept } from "../open-workspace.ts";

/** A policy as its files, from which each thread compiles its own. Plain data. */
export interface SideFiles {
  readonly policyVersion: string;
  readonly files: readonly (readonly [name: string, content: Uint8Array])[];
  /** What stays beside its canaries. */
  readonly replaced: ReplacedByCanaries;
  /** Its tools and channels: in the folder of the workspace, or as they were kept with a version. */
  readonly code: { readonly dir: string } | { readonly bundles: readonly Bundle[] };
  /** Values for `${NAME}` in the files. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Files of a workspace as a thread gets them. */
export const filesOfSide = (files: WorkspaceFiles): SideFiles["files"] =>
  [...files].map(([name, content]) => [name, Uint8Array.from(content)]);

/**
 * Compiles the files of a side.
 *
 * @throws BAD_CONFIG with every problem, CONFLICT where another policy comes out than that of its version
 */
export async function compileSide(side: SideFiles): Promise<{ readonly policy: Policy; readonly tools: ReadonlyMap<string, AnyTool> }> {
  const { workspace, tools } = await opened(side);
  const { policy } = workspace;
  if (policy.version !== side.policyVersion)
    throw new SentientError(
      "CONFLICT",
      `the files give version ${policy.version.slice(0, 12)}, expected ${side.policyVersion.slice(0, 12)}; they or the environment have changed since`,
    );
  return { policy, tools: inputsOf(tools) };
}

// --- internal ---

function opened({ policyVersion, files: given, replaced, code, environment }: SideFiles): Promise<OpenWorkspace> {
  const files = new Map(given.map(([name, content]) => [name, Buffer.from(content)]));
  const version = { policyVersion, files, replaced };
  return "dir" in code ? openVersion(version, code.dir, { environment }) : openVersionKept(version, code.bundles, ".", { environment });
}
