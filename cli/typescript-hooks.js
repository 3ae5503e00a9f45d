import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { transform } from "esbuild";

/**
 * A hook of Node's for modules (https://nodejs.org/api/module.html#loadurl-context-nextload): gives a TypeScript file without
 * its types. Names of functions are left to the engine: setting each by hand, as `keepNames` does, costs a tenth of a decision.
 *
 * @type {import("node:module").LoadHook}
 */
export async function load(url, context, nextLoad) {
  if (!(url.startsWith("file:") && url.endsWith(".ts"))) return nextLoad(url, context);
  const sourcefile = fileURLToPath(url);
  const { code } = await transform(await readFile(sourcefile, "utf8"), {
    ...{ loader: "ts", format: "esm", target: "node20", sourcefile },
    ...{ sourcemap: "inline", sourcesContent: false },
  });
  return { format: "module", source: code, shortCircuit: true };
}
