import { appendFileSync, chmodSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { ownVersion } from "../config/package-root.ts";
import { SentientError } from "../domain/errors.ts";
import { textOfFile } from "../domain/values/utf8.ts";
import type { Model } from "../models/model.ts";
import { parseRecording, type RecordedCall } from "../models/recorded-call.ts";
import { createReplayingModel, recordModel } from "../models/recording.ts";

/** Software versions behind a call, recorded beside its model and prompt. */
export const versions = (): RecordedCall["versions"] => ({ sentient: ownVersion(), node: process.versions.node });

/** A model that appends its calls to a file, one per line. Throws if the file cannot be written. */
export function recordTo({ file, content }: { readonly file: string; readonly content: "redacted" | "full" }, model: Model): Model {
  tryFile(file, () => {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    // Appending to an existing file would keep its mode.
    if (statSync(file, { throwIfNoEntry: false })?.isFile() === true) chmodSync(file, 0o600);
  });
  const write = (call: RecordedCall) => tryFile(file, () => appendFileSync(file, `${JSON.stringify(call)}\n`, { mode: 0o600 }));
  return recordModel(model, { write, content, versions: versions() });
}

/** A model that answers from a file of recorded calls. */
export const replayFrom = (file: string): Model =>
  createReplayingModel(
    parseRecording(
      textOfFile(
        file,
        tryFile(file, () => readFileSync(file)),
      ),
      file,
    ),
  );

// --- internal ---

function tryFile<T>(file: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "it cannot be used";
    throw new SentientError("BAD_CONFIG", `recorded calls of the language model, ${file}: ${code}`);
  }
}
