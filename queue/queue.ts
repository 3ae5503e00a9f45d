import type { JobKind } from "./jobs.ts";

/** Carries jobs to workers, here or in other processes. At least once: what must happen once is guarded by rows. */
export interface Queue {
  /** What it runs on, for people. */
  readonly place: string;
  add<Payload>(kind: JobKind<Payload, unknown>, payload: Payload): Promise<void>;
  /** Adds a job and waits for what its handler gives back. */
  ask<Payload, Result>(kind: JobKind<Payload, Result>, payload: Payload, options: { timeoutMs: number }): Promise<Result>;
  /** Starts working on a kind of job in this process. */
  work<Payload, Result>(kind: JobKind<Payload, Result>, handler: (payload: Payload) => Promise<Result>): Promise<void>;
  /** Jobs that wait or are worked on. */
  backlog(kind: JobKind): Promise<number>;
  /** Forgets every job of a kind: for whoever is alone and finds in the record what is to be done. Before work begins. */
  clear(kind: JobKind): Promise<void>;
  /** Lets the jobs in work finish, takes no more, and lets go of the connections. */
  close(): Promise<void>;
}
