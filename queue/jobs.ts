import { z } from "zod";
import { CallOutcome } from "../domain/entities/call-outcome.ts";

/** A kind of job: what it carries, what its handler gives back, and how often it is tried. */
export interface JobKind<Payload = unknown, Result = unknown> {
  readonly name: string;
  readonly payload: z.ZodType<Payload>;
  readonly result: z.ZodType<Result>;
  /** Tries in all. The handler must be able to run again: the queue gives a job at least once. */
  readonly attempts: number;
  /** Jobs of this kind that one process works on at a time. */
  readonly concurrency: number;
}

export const defineJob = <Payload, Result>(kind: JobKind<Payload, Result>): JobKind<Payload, Result> => kind;

/** One call of a tool with a side effect. Ids only: what it acts on is in the store, and is erased there. `trace`: what it is a part of; `version`: of the policy that it was planned under. */
export const CallRef = z.object({ tool: z.string(), key: z.string(), trace: z.string().optional(), version: z.string().optional() });
export type CallRef = z.infer<typeof CallRef>;

/**
 * Carries a batch of tool calls to whoever works on them. Each call has a row, an idempotency key, a time limit and
 * retries of its own; the job only says which. One job a call would spend most of its time in the queue.
 */
export const callTools = defineJob({
  name: "call-tools",
  payload: z.object({ calls: z.array(CallRef).min(1) }),
  result: z.object({ outcomes: z.array(CallOutcome) }),
  attempts: 3,
  concurrency: 8,
});

/** Tells workers that there is something to decide. What it is stands in the record, so a lost one costs a second. */
export const wakeWorkers = defineJob({
  name: "wake-workers",
  payload: z.object({}),
  result: z.object({}),
  attempts: 1,
  concurrency: 1,
});
