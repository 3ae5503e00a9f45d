import { readFileSync } from "node:fs";
import { DATA_IDS } from "../domain/entities/signal.ts";
import { SentientError } from "../domain/errors.ts";
import { type Json, parseGuarded, SIGNAL_LIMITS } from "../domain/values/json.ts";
import { textOfFile } from "../domain/values/utf8.ts";

/**
 * Reads JSON from the argument, or from the file named after an `@`.
 *
 * @throws `BAD_INPUT` where the file cannot be read, or its content is beyond the limits of a signal
 */
export function readJson(given: string, flag: string): Json {
  const guarded = parseGuarded(given.startsWith("@") ? contentOf(given.slice(1), flag) : given, SIGNAL_LIMITS, DATA_IDS);
  if (!guarded.ok) throw new SentientError("BAD_INPUT", `${flag}: ${guarded.problem}`);
  return guarded.value;
}

// --- internal ---

function contentOf(path: string, flag: string): string {
  try {
    return textOfFile(path, readFileSync(path));
  } catch (error) {
    if (error instanceof SentientError) throw error;
    const why = (error as NodeJS.ErrnoException).code === "ENOENT" ? "no such file" : (error as Error).message;
    throw new SentientError("BAD_INPUT", `${flag}: cannot read ${path}: ${why}`);
  }
}
