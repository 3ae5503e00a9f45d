import type { Hint, JobKind } from "./jobs.ts";

/** How a job begins. */
export interface JobStart {
  /** Whether no worker has begun it before, here or elsewhere. */
  readonly isFirst: boolean;
}

/** Delivers jobs to workers, in this process or others, at least once; at-most-once effects are guarded by rows in the store. */
export interface Queue {
  /** The backend, for display. */
  readonly place: string;
  add<Payload>(kind: JobKind<Payload, unknown>, payload: Payload): Promise<void>;
  /** Adds a job and waits for its result. */
  ask<Payload, Result>(kind: JobKind<Payload, Result>, payload: Payload, options: { timeoutMs: number }): Promise<Result>;
  /** Starts a worker for a kind of job in this process. */
  work<Payload, Result>(kind: JobKind<Payload, Result>, handler: (payload: Payload, start: JobStart) => Promise<Result>): Promise<void>;
  /** Gives a hint to its subscribers; one that is lost must cost nothing but time. */
  publish(hint: Hint): Promise<void>;
  /** Calls `onHint` for each hint, and whenever this process may have missed some. */
  subscribe(hint: Hint, onHint: () => void): Promise<void>;
  /** Number of pending and active jobs. */
  backlog(kind: JobKind): Promise<number>;
  /** Deletes all jobs of a kind, before work begins: for an exclusive process that recovers the pending work from the record. */
  clear(kind: JobKind): Promise<void>;
  /** Graceful shutdown: takes no more jobs, lets active ones finish, and closes the connections. */
  close(): Promise<void>;
}
