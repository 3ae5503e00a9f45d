import type { Change } from "../domain/entities/change.ts";
import { staysWithCustomer } from "../domain/entities/tool-declaration.ts";
import { SentientError } from "../domain/errors.ts";
import type { AnyTool } from "../tools/tool.ts";

/** A replay has already decided other customers beside the call, because the tool declares that it does not affect them. */
export function checkStays(tool: Extract<AnyTool, { effect: "record" }>, changes: readonly Change[]): void {
  const reaching = staysWithCustomer(tool) ? changes.find(({ type }) => REACHES_OTHERS.has(type)) : undefined;
  if (reaching !== undefined)
    throw new SentientError(
      "TOOL_FAILED",
      `${tool.name} declares staysWithCustomer and gave the change ${reaching.type}; expected none that other customers notice`,
    );
}

// --- internal ---

/** Changes that decisions about other customers may depend on. */
const REACHES_OTHERS: ReadonlySet<Change["type"]> = new Set([
  "timer_set",
  "timer_cleared",
  "lesson",
  "hour_lesson",
  "merged",
  "unmerged",
  "identity_added",
]);
