import type { ActionOutput } from "../domain/deciding/preview.ts";
import { SentientError } from "../domain/errors.ts";
import { isObject, type JsonObject } from "../domain/values/json.ts";
import type { AnyTool } from "../tools/tool.ts";
import { keepable } from "./run-outside.ts";

/**
 * The output that an action would have in a recorded stream: a tool on the record computes it without writing its changes, a call
 * outside gives undefined.
 */
export const actionOutputs =
  (tools: ReadonlyMap<string, AnyTool>): ActionOutput =>
  (name, given, context) => {
    const tool = tools.get(name);
    if (tool?.effect !== "record") return undefined;
    const input = tool.input.safeParse(given);
    if (!input.success) {
      const where = input.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
      throw new SentientError("BAD_INPUT", `${name} was called with an input it does not take: ${where}`);
    }
    const { output } = tool.apply(input.data as never, context);
    const kept = keepable(tool.output.parse(output), name);
    return isObject(kept) ? (kept as JsonObject) : {};
  };
