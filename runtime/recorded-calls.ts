import { appendFileSync, chmodSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { ownVersion } from "../config/package-root.ts";
import { SentientError } from "../domain/errors.ts";
import { textOfFile } from "../domain/values/utf8.ts";
import type { Embedder } from "../models/embeddings.ts";
import type { Model } from "../models/model.ts";
import { parseRecording, type RecordedCall } from "../models/recorded-call.ts";
import { createReplayingEmbedder, createReplayingModel, type RecordingOptions, recordEmbedder, recordModel } from "../models/recording.ts";

/** Software versions behind a call, recorded beside its model and prompt. */
export const versions = (): RecordedCall["versions"] => ({ sentient: ownVersion(), node: process.versions.node });

/** A model that appends its calls to a file, one per line. Throws if the file cannot be written. */
export const recordTo = (to: RecordingFile, model: Model): Model => recordModel(model, writingTo(to));

/** The same for an embeddings model. */
export const recordVectorsTo = (to: RecordingFile, embedder: Embedder): Embedder => recordEmbedder(embedder, writingTo(to));

/** A model that answers from a file of recorded calls. */
export const replayFrom = (file: string): Model => createReplayingModel(recordingIn(file));

/** The same for an embeddings model. */
export const replayVectorsFrom = (file: string, name: string): Embedder => createReplayingEmbedder(recordingIn(file), name);

// --- internal ---

interface RecordingFile {
  readonly file: string;
  readonly content: "redacted" | "full";
}

function writingTo({ file, content }: RecordingFile): RecordingOptions {
  tryFile(file, () => {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    // Appending to an existing file would keep its mode.
    if (statSync(file, { throwIfNoEntry: false })?.isFile() === true) chmodSync(file, 0o600);
  });
  const write = (call: RecordedCall) => tryFile(file, () => appendFileSync(file, `${JSON.stringify(call)}\n`, { mode: 0o600 }));
  return { write, content, versions: versions() };
}

const recordingIn = (file: string): RecordedCall[] =>
  parseRecording(
    textOfFile(
      file,
      tryFile(file, () => readFileSync(file)),
    ),
    file,
  );

function tryFile<T>(file: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "it cannot be used";
    throw new SentientError("BAD_CONFIG", `recorded calls of the language model, ${file}: ${code}`);
  }
}
