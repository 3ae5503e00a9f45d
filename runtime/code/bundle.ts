import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { BuildOptions, Plugin } from "esbuild";
import { packageRoot } from "../../config/package-root.ts";
import { SentientError } from "../../domain/errors.ts";
import type { Bundle } from "../../store/versions.ts";

/** Bounds of bundles, so that they can be kept in rows and loaded in every process. */
export const BUNDLE_LIMITS = { bytes: 4 * 1024 * 1024, allBytes: 16 * 1024 * 1024 } as const;

/** One file with all its imports, as JavaScript that this process can load from anywhere. */
export function bundleHere(path: string): Promise<string> {
  const file = resolve(path);
  return build({ entryPoints: [file], absWorkingDir: dirname(file), sourcemap: "inline", plugins: [provided] });
}

/**
 * Bundles code files of a workspace to be kept with a version. The same files give the same bundles in whichever folder they are, and
 * `sentient` and `zod` stay imports by name.
 *
 * @param files paths within the workspace, such as `tools/open-ticket.ts`
 * @throws BAD_CONFIG if one does not compile or is beyond BUNDLE_LIMITS
 */
export async function bundleToKeep(workspaceDir: string, files: readonly string[]): Promise<Bundle[]> {
  const root = realpathSync(workspaceDir);
  const bundles: Bundle[] = [];
  for (const file of files) {
    const code = await build({ entryPoints: [join(root, file)], absWorkingDir: root, external: [...PROVIDED.keys()] }).catch(
      (error: unknown) => {
        throw new SentientError("BAD_CONFIG", `${file} cannot be bundled: ${error instanceof Error ? error.message : String(error)}`, {
          cause: error,
        });
      },
    );
    const problem = problemOf(code);
    if (problem !== undefined) throw new SentientError("BAD_CONFIG", `${file} cannot be kept with a version: ${problem}`);
    bundles.push({ file, hash: hashOf(code), code });
  }
  const total = bundles.reduce((sum, { code }) => sum + Buffer.byteLength(code), 0);
  if (total > BUNDLE_LIMITS.allBytes)
    throw new SentientError(
      "BAD_CONFIG",
      `tools and channels with all that they import have ${total} bytes; a version keeps at most ${BUNDLE_LIMITS.allBytes}`,
    );
  return bundles;
}

/** Code of a kept bundle as this process can load it: `sentient` and `zod` are those of this installation. */
export const boundHere = ({ file, code }: Bundle): Promise<string> =>
  build({ stdin: { contents: code, loader: "js", sourcefile: file }, absWorkingDir: packageRoot, plugins: [provided] });

export const hashOf = (code: string): string => createHash("sha256").update(code).digest("hex");

// --- internal ---

/** Packages that workspace code may import without installing them, and where they are. */
const PROVIDED: ReadonlyMap<string, string> = new Map([
  // A clone has no dist/, to which the package name resolves elsewhere.
  ["sentient", import.meta.url.endsWith(".ts") ? pathToFileURL(join(packageRoot, "index.ts")).href : import.meta.resolve("sentient")],
  ["zod", import.meta.resolve("zod")],
]);

const provided: Plugin = {
  name: "provided",
  setup: ({ onResolve }) =>
    onResolve({ filter: /^(sentient|zod)$/ }, ({ path: name }) => ({ path: PROVIDED.get(name) ?? name, external: true })),
};

/** By default esbuild works in the folder in which it was loaded, and resolves nothing once that is gone. */
async function build(options: BuildOptions & { readonly absWorkingDir: string }): Promise<string> {
  const esbuild = await import("esbuild");
  const { outputFiles } = await esbuild.build({
    ...{ bundle: true, write: false, format: "esm", platform: "node", target: "node20", logLevel: "silent" },
    ...options,
  });
  return outputFiles?.[0]?.text ?? "";
}

function problemOf(code: string): string | undefined {
  const bytes = Buffer.byteLength(code);
  if (bytes > BUNDLE_LIMITS.bytes)
    return `with all that it imports it has ${bytes} bytes; a bundle has at most ${BUNDLE_LIMITS.bytes}. Import less, or move what is large out of it`;
  return code.includes("\u0000") ? "it holds a NUL character" : undefined;
}
