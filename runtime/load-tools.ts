import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { packageRoot } from "../config/package-root.ts";
import { SentientError } from "../domain/errors.ts";
import { isObject } from "../domain/values/json.ts";
import { tools as builtIn } from "../tools/index.ts";
import type { AnyTool } from "../tools/tool.ts";
import { whyNoFile } from "../workspace/regular-file.ts";

export { actionTools } from "../tools/index.ts";

/** What each tool takes, and what a customer may give it; the product's and a workspace's own, by name. */
export const inputsOf = (own: readonly AnyTool[]): ReadonlyMap<string, AnyTool> =>
  new Map([...builtIn, ...own].map((tool) => [tool.name, tool]));

/**
 * Loads a workspace's own tools: every value in `tools/*.ts` that was made with `defineTool`. They are code of the
 * workspace's author and run with all rights of this process.
 */
export async function loadTools(workspaceDir: string): Promise<AnyTool[]> {
  const loaded: AnyTool[] = [];
  for (const file of toolFiles(workspaceDir)) loaded.push(...(await loadFile(join(workspaceDir, file), file)));
  checkNames(loaded);
  return loaded;
}

/** The files of a workspace that are code and run when it is opened, like `tools/open-ticket.ts`; what is no file, the check tells. */
export function toolFiles(workspaceDir: string): string[] {
  const dir = join(workspaceDir, "tools");
  if (!existsSync(dir)) return [];
  return readdirSync(dir)
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && whyNoFile(join(dir, file)) === undefined)
    .sort()
    .map((file) => join("tools", file));
}

// --- internal ---

/** What a tool may import without having installed it. */
const provided: Readonly<Record<string, string>> = {
  // A clone has no dist/, which is what the name stands for elsewhere.
  sentient: import.meta.url.endsWith(".ts") ? pathToFileURL(join(packageRoot, "index.ts")).href : import.meta.resolve("sentient"),
  zod: import.meta.resolve("zod"),
};

/** One file with all that it imports, as JavaScript that can be loaded from anywhere. */
async function bundle(path: string): Promise<string> {
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    entryPoints: [path],
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "node20",
    sourcemap: "inline",
    logLevel: "silent",
    plugins: [
      {
        name: "provided",
        setup: ({ onResolve }) =>
          onResolve({ filter: /^(sentient|zod)$/ }, ({ path: name }) => ({ path: provided[name] ?? name, external: true })),
      },
    ],
  });
  return outputFiles[0]?.text ?? "";
}

async function loadFile(path: string, name: string): Promise<AnyTool[]> {
  let exported: Record<string, unknown>;
  try {
    const code = await bundle(path);
    exported = (await import(`data:text/javascript;base64,${Buffer.from(code).toString("base64")}`)) as Record<string, unknown>;
  } catch (error) {
    throw new SentientError("BAD_CONFIG", `${name} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  const found = Object.values(exported).filter(isTool);
  if (found.length === 0)
    throw new SentientError("BAD_CONFIG", `${name} exports no tool; expected: export const myTool = defineTool({ … })`);
  return found;
}

function isTool(value: unknown): value is AnyTool {
  return (
    isObject(value) &&
    typeof value.name === "string" &&
    ["read", "write", "record"].includes(String(value.effect)) &&
    "input" in value &&
    "output" in value
  );
}

function checkNames(loaded: readonly AnyTool[]): void {
  const taken = new Set(builtIn.map(({ name }) => name));
  for (const { name } of loaded) {
    if (taken.has(name))
      throw new SentientError(
        "BAD_CONFIG",
        `a second tool ${name}; names of tools are taken once, also by those that come with the product`,
      );
    taken.add(name);
  }
}
