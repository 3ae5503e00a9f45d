import { tools as builtIn } from "../../tools/index.ts";
import type { AnyTool } from "../../tools/tool.ts";

/** Tools by name, as a play looks them up. */
export const toolsByName = (own: readonly AnyTool[]): ReadonlyMap<string, AnyTool> =>
  new Map([...builtIn, ...own].map((tool) => [tool.name, tool]));
