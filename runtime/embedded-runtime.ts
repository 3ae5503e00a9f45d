import type { Decision } from "../domain/entities/decision.ts";
import type { SignalEvent } from "../domain/entities/signal.ts";
import type { Profile } from "../domain/record/profile.ts";
import type { IngestResult } from "../intake/ingest-result.ts";
import type { Model } from "../models/model.ts";
import type { Operations } from "../operations/operation.ts";

/** Options of an embedded runtime. */
export interface EmbedOptions {
  /** The workspace folder: `sentient.yaml`, `experiences/` and so on. Its `customers.jsonl` is imported at the start. */
  readonly workspace: string;
  /**
   * Folder of the embedded store and of the files that channels keep on this machine. Only one process at a time may own it. Without it,
   * the store is the PostgreSQL server in `environment`, or an in-memory store that is lost on `stop`.
   */
  readonly dataDir?: string;
  /**
   * Variables by the names that the command line reads: `DATABASE_URL`, `REDIS_URL`, `OPENAI_*`, `SENTIENT_HTTP_HOSTS`, and those of
   * `${NAME}` in the workspace. Pass `process.env` for the variables of the process. Default: none.
   */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** True: messages go to their channels and tools act. Default false: both are only recorded, and nothing leaves the machine. */
  readonly live?: boolean;
  /** Replaces the language model of the workspace, for example by one of `createScriptedModel`. */
  readonly model?: Model;
  /** The current time, in milliseconds since 1970. Default: the system clock. Timers due by this clock are decided within a second. */
  readonly now?: () => number;
  /** Receives each log line, a JSON object with `time`, `level` and `message`. Default: no log. */
  readonly log?: (line: string) => void;
}

/** A running workspace inside a program: ingests signals and decides them in the background until it is stopped. */
export interface EmbeddedRuntime {
  /**
   * Ingests signals. Resolves once the accepted ones are stored, before they are decided. A signal that is invalid, or conflicts with an
   * earlier one of the same `source` and `id`, is in `rejected` with the reason; the others are accepted regardless. Throws `OVERLOADED` if
   * the backlog of undecided signals is too long.
   */
  send(signals: SignalEvent | readonly SignalEvent[]): Promise<IngestResult>;
  /**
   * Resolves when everything sent, and every timer due by now, has been decided. Messages to a slow provider may still be in flight. Waits
   * while the deciding agents are paused. Rejects with the reason of `signal` once that aborts.
   */
  settled(options?: { readonly signal?: AbortSignal }): Promise<void>;
  /**
   * The latest decisions in the order in which they were made, of one customer or of all, with their deliveries. `limit`: 100 by default.
   */
  decisions(options?: { readonly customerId?: string; readonly limit?: number }): Promise<Decision[]>;
  /** The golden record of a customer with consents, open moments, promises and touches. Throws `NOT_FOUND`. */
  customer(customerId: string): Promise<Profile>;
  /** Operator actions: tasks, approvals, promises, pauses, merges, exports, erasure. Each change names its author and is audited. */
  readonly operations: Operations;
  /** Graceful shutdown: stops ingesting, finishes work in flight and closes the store. Safe to call twice. */
  stop(): Promise<void>;
  /** The same as `stop`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}
