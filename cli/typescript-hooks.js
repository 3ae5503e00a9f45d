import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { stop, transform } from "esbuild";

/**
 * A module hook of Node (https://nodejs.org/api/module.html#loadurl-context-nextload): loads a TypeScript file without
 * its types. Function names are left to the JavaScript engine: setting each explicitly, as `keepNames` does, costs a tenth of a decision.
 *
 * @type {import("node:module").LoadHook}
 */
export async function load(url, context, nextLoad) {
  if (!(url.startsWith("file:") && url.endsWith(".ts"))) return nextLoad(url, context);
  const source = await withoutTypes(fileURLToPath(url));
  return { format: "module", source, shortCircuit: true };
}

// --- internal ---

/** esbuild runs in a separate process, which is stopped after being idle for this long. */
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
