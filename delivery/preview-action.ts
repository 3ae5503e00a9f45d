import type { ActionOutput } from "../domain/deciding/preview.ts";
import type { Change } from "../domain/entities/change.ts";
import { SentientError } from "../domain/errors.ts";
import { isObject, type JsonObject } from "../domain/values/json.ts";
import type { AnyTool, RecordContext } from "../tools/tool.ts";
import { keepable } from "./run-outside.ts";

/**
 * The output that an action would have in a recorded stream: a tool on the record computes it without writing its changes, a call
 * outside gives undefined.
 */
export const actionOutputs =
  (tools: ReadonlyMap<string, AnyTool>): ActionOutput =>
  (name, given, context) =>
    applied(tools, name, given, context)?.action;

/**
 * The changes and the output of a tool on the record, for a transaction that writes them itself; why it fails, where it refuses its
 * input or acts outside.
 */
export const actionsInPlace =
  (tools: ReadonlyMap<string, AnyTool>) =>
  (name: string, given: JsonObject, context: RecordContext): Applied | { readonly failed: string } => {
    try {
      return applied(tools, name, given, context) ?? { failed: `${name} acts outside, and an answer waits for no other system` };
    } catch (error) {
      if (!(error instanceof SentientError)) throw error;
      return { failed: `action failed: ${error.message}` };
    }
  };

export interface Applied {
  readonly changes: readonly Change[];
  readonly action: JsonObject;
}

/**
 * Applies a tool on the record without writing anything; undefined for one that acts otherwise.
 *
 * @throws `BAD_INPUT` where the tool does not take the input, `TOOL_FAILED` and the tool's own errors
 */
export function applied(tools: ReadonlyMap<string, AnyTool>, name: string, given: JsonObject, context: RecordContext): Applied | undefined {
  const tool = tools.get(name);
  if (tool?.effect !== "record") return undefined;
  const input = tool.input.safeParse(given);
  if (!input.success) {
    const where = input.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
    throw new SentientError("BAD_INPUT", `${name} was called with an input it does not take: ${where}`);
  }
  const { changes, output } = tool.apply(input.data as never, context);
  const kept = keepable(tool.output.parse(output), name);
  return { changes, action: isObject(kept) ? (kept as JsonObject) : {} };
}
