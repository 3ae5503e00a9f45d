import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { stop, transform } from "esbuild";

/**
 * A hook of Node's for modules (https://nodejs.org/api/module.html#loadurl-context-nextload): gives a TypeScript file without
 * its types. Names of functions are left to the engine: setting each by hand, as `keepNames` does, costs a tenth of a decision.
 *
 * @type {import("node:module").LoadHook}
 */
export async function load(url, context, nextLoad) {
  if (!(url.startsWith("file:") && url.endsWith(".ts"))) return nextLoad(url, context);
  const source = await withoutTypes(fileURLToPath(url));
  return { format: "module", source, shortCircuit: true };
}

// --- internal ---

/** esbuild works in a process of its own. It goes when nothing was loaded for so long. */
const IDLE_MS = 2000;

let loading = 0;
/** @type {NodeJS.Timeout | undefined} */
let idle;

/** @param {string} sourcefile */
async function withoutTypes(sourcefile) {
  clearTimeout(idle);
  loading++;
  try {
    const { code } = await transform(await readFile(sourcefile, "utf8"), {
      ...{ loader: "ts", format: "esm", target: "node20", sourcefile },
      ...{ sourcemap: "inline", sourcesContent: false },
    });
    return code;
  } finally {
    loading--;
    if (loading === 0) idle = setTimeout(stop, IDLE_MS).unref();
  }
}
