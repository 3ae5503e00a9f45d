import { SentientError } from "../domain/errors.ts";
import { isObject } from "../domain/values/json.ts";
import { tools as builtIn } from "../tools/index.ts";
import type { AnyTool } from "../tools/tool.ts";
import { codeFiles, loadCode } from "./load-code.ts";

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
  for (const file of codeFiles(workspaceDir, "tools")) loaded.push(...(await loadFile(workspaceDir, file)));
  checkNames(loaded);
  return loaded;
}

// --- internal ---

async function loadFile(workspaceDir: string, file: string): Promise<AnyTool[]> {
  const found = (await loadCode(workspaceDir, file)).filter(isTool);
  if (found.length === 0)
    throw new SentientError("BAD_CONFIG", `${file} exports no tool; expected: export const myTool = defineTool({ … })`);
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
