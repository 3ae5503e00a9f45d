import type { KeptRequest, KeptResult, RehearsalProgress } from "../../operations/rehearsals/views.ts";
import type { Database } from "../../store/engines/database.ts";
import type { RehearsalRow } from "../../store/store.ts";
import type { PackedFiles } from "../../workspace/versions/version-files.ts";

/** A result without names, and the customers behind its figures. */
export interface PlayedRehearsal {
  readonly result: KeptResult;
  readonly rows: readonly RehearsalRow[];
}

export interface PlayOptions {
  /** Of the side that is rehearsed, where it is no version of the store. */
  readonly files?: PackedFiles | undefined;
  /** Ends it at once, with everything that it has started. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: RehearsalProgress) => void;
}

/**
 * Plays a rehearsal on what a store holds, beside this process. Undefined where it was stopped, or what played it was killed; rejects with why it
 * cannot be played.
 */
export type PlayRehearsal = (request: KeptRequest, database: Database, options: PlayOptions) => Promise<PlayedRehearsal | undefined>;
