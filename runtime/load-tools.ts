import { SentientError } from "../domain/errors.ts";
import { isObject } from "../domain/values/json.ts";
import { problemsOfTool } from "../tools/check-declaration.ts";
import { tools as builtIn } from "../tools/index.ts";
import type { AnyTool } from "../tools/tool.ts";
import type { Code } from "./load-code.ts";

export { actionTools } from "../tools/index.ts";

/** What each tool takes, and what a customer may give it; the product's and a workspace's own, by name. */
export const inputsOf = (own: readonly AnyTool[]): ReadonlyMap<string, AnyTool> =>
  new Map([...builtIn, ...own].map((tool) => [tool.name, tool]));

/**
 * Loads a workspace's own tools: every value in `tools/*.ts` that was made with `defineTool`. They are code of the
 * workspace's author and run with all rights of this process.
 */
export async function loadTools(code: Code): Promise<AnyTool[]> {
  const loaded: AnyTool[] = [];
  for (const file of code.files("tools")) loaded.push(...(await loadFile(code, file)));
  checkNames(loaded);
  return loaded;
}

// --- internal ---

async function loadFile(code: Code, file: string): Promise<AnyTool[]> {
  const exported = new Set(await code.load(file));
  const found = readable(file, () => [...exported].filter(isMeant));
  if (found.length === 0)
    throw new SentientError("BAD_CONFIG", `${file} exports no tool; expected: export const myTool = defineTool({ … })`);
  const problems = readable(file, () => found.flatMap((tool) => problemsOfTool(tool).map((problem) => `${tool.name}: ${problem}`)));
  if (problems.length > 0) throw new SentientError("BAD_CONFIG", `${file}: ${problems.join("; ")}`);
  return found;
}

/** A getter of its author may throw. */
function readable<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new SentientError("BAD_CONFIG", `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

function isMeant(value: unknown): value is AnyTool {
  return isObject(value) && typeof value.name === "string" && typeof value.effect === "string" && "input" in value && "output" in value;
}

function checkNames(loaded: readonly AnyTool[]): void {
  const taken = new Set(builtIn.map(({ name }) => name));
  for (const { name } of loaded) {
    if (taken.has(name))
      throw new SentientError("BAD_CONFIG", `a second tool ${name}; tool names are unique, and built-in tools have theirs already`);
    taken.add(name);
  }
}
