import { z } from "zod";
import { CallOutcome } from "../domain/entities/call-outcome.ts";

/** A kind of job: its payload, its result, and its number of attempts. */
export interface JobKind<Payload = unknown, Result = unknown> {
  readonly name: string;
  readonly payload: z.ZodType<Payload>;
  readonly result: z.ZodType<Result>;
  /** Attempts in total. The handler must be idempotent: the queue delivers a job at least once. */
  readonly attempts: number;
  /** Jobs of this kind that one process runs concurrently. */
  readonly concurrency: number;
}

export const defineJob = <Payload, Result>(kind: JobKind<Payload, Result>): JobKind<Payload, Result> => kind;

/**
 * A reference to a tool call with a side effect. Ids only: personal data stays in the store, where it can be erased. `trace`: the parent
 * span; `version`: the policy version under which it was planned; `claim`: the claim that was committed with the delivery.
 */
export const CallRef = z.object({
  ...{ tool: z.string(), key: z.string() },
  ...{ trace: z.string().optional(), version: z.string().optional(), claim: z.string().optional() },
});
export type CallRef = z.infer<typeof CallRef>;

/**
 * Runs a batch of tool calls. Each call has its own row, idempotency key, timeout and retries; the job only references them. One job
 * for each call would spend most of its time in the queue.
 */
export const callTools = defineJob({
  name: "call-tools",
  payload: z.object({ calls: z.array(CallRef).min(1) }),
  result: z.object({ outcomes: z.array(CallOutcome) }),
  attempts: 3,
  concurrency: 8,
});

/**
 * A hint to other processes, on which nothing depends. Redis publishes it to all of them; without Redis, or without a subscriber, as beside
 * older processes, it is a job, which one of them takes.
 */
export type Hint = JobKind<Record<string, never>, Record<string, never>>;

/** Wakes workers to decide pending signals. Those are rows in the store, so a lost hint costs a delay of one second. */
export const wakeWorkers = defineJob({
  name: "wake-workers",
  payload: z.strictObject({}),
  result: z.strictObject({}),
  attempts: 1,
  concurrency: 1,
});
