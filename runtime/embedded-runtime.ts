import type { Decision } from "../domain/entities/decision.ts";
import type { SignalEvent } from "../domain/entities/signal.ts";
import type { Profile } from "../domain/record/profile.ts";
import type { IngestResult } from "../intake/ingest-result.ts";
import type { Model } from "../models/model.ts";
import type { Operations } from "../operations/operation.ts";

/** How a program embeds Sentient. */
export interface EmbedOptions {
  /** The workspace folder: `sentient.yaml`, `experiences/` and so on. Its `customers.jsonl` is imported at the start. */
  readonly workspace: string;
  /**
   * Folder of the embedded store and of what channels keep on this machine. Only one process at a time may own it. Without it the store is
   * the PostgreSQL server that `environment` names, or else lives in memory and is lost at `stop`.
   */
  readonly dataDir?: string;
  /**
   * Variables, by the names that the command line reads: `DATABASE_URL`, `REDIS_URL`, `OPENAI_*`, `SENTIENT_HTTP_HOSTS`, and those that
   * `${NAME}` stands for in the workspace. Pass `process.env` to take the variables of the process. Default: none.
   */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** True: messages go to their channels and tools act. Default false: they are recorded, and nothing leaves the machine. */
  readonly live?: boolean;
  /** Answers in place of the language model of the workspace, like one of `createScriptedModel`. */
  readonly model?: Model;
  /** The time, in milliseconds since 1970. Default: the clock of the machine. What becomes due by it is decided within a second. */
  readonly now?: () => number;
  /** Gets each line of the log, a JSON object with `time`, `level` and `message`. Default: no log. */
  readonly log?: (line: string) => void;
}

/** A workspace at work inside a program: takes signals in and decides them in the background until it is stopped. */
export interface EmbeddedRuntime {
  /**
   * Takes signals in. Resolves once the accepted ones are stored, before they are decided. A signal that is not valid, or that conflicts
   * with an earlier one of the same `source` and `id`, is in `rejected` with the reason; the others are taken all the same.
   * Throws `OVERLOADED` where too many wait to be decided.
   */
  send(signals: SignalEvent | readonly SignalEvent[]): Promise<IngestResult>;
  /**
   * Resolves when everything has been decided that was sent, or that is due by now. Messages to a slow provider may still be on their way.
   * Waits while agents are paused that decide. Rejects with the reason of `signal` once that aborts.
   */
  settled(options?: { readonly signal?: AbortSignal }): Promise<void>;
  /** The latest decisions in the order in which they fell, of one customer or of all, with their deliveries. `limit`: 100 by default. */
  decisions(options?: { readonly customerId?: string; readonly limit?: number }): Promise<Decision[]>;
  /** The golden record of a customer with consents, open moments, promises and the ledger of touches. Throws `NOT_FOUND`. */
  customer(customerId: string): Promise<Profile>;
  /** What operators do: tasks, approvals, promises, pauses, merges, exports, erasure. Each change names who made it and is in the audit. */
  readonly operations: Operations;
  /** Takes nothing more in, finishes what has begun and closes the store. Safe to call twice. */
  stop(): Promise<void>;
  /** The same as `stop`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}
