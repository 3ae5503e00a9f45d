import { z } from "zod";
import type { Answer } from "./route.ts";

// What answers look like, for the description of the API. Records say more than is named here.

export const Problem = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.string().optional(),
  detail: z.string(),
});

export const Refused = z.object({ index: z.number().int(), code: z.enum(["BAD_INPUT", "CONFLICT", "FORBIDDEN"]), error: z.string() });

export const Received = z.object({
  accepted: z.number().int(),
  duplicates: z.number().int(),
  rejected: z.array(Refused).max(100).describe("Why signals were not taken, of the first hundred of them."),
  moreRejected: z.number().int().optional().describe("How many more were not taken."),
});

export const problemAnswer = (description: string): Answer => ({ description, schema: Problem, type: "application/problem+json" });

export const INGEST_ANSWERS: Readonly<Record<number, Answer>> = {
  202: { description: "The signals are durable; what could not be taken is told.", schema: Received },
  400: problemAnswer("None of the signals could be taken."),
  403: problemAnswer("The key has no right to send any of the signals; each says which right is missing."),
  413: problemAnswer("More than 32 KB for an event, 500 KB for a batch, or 10,000 events in one."),
  429: problemAnswer("Too much waits to be decided; Retry-After says when to come again."),
};

export const Reason = z.looseObject({ code: z.string(), detail: z.string().optional() });

export const Decision = z.looseObject({
  decisionId: z.string(),
  runId: z.string(),
  customerId: z.string(),
  decidedAt: z.string(),
  action: z.enum(["deliver", "defer", "await_approval", "withhold", "silence"]),
  experienceId: z.string().optional(),
  channel: z.string().optional(),
  until: z.string().optional(),
  probability: z.number(),
  candidates: z.array(z.looseObject({ experienceId: z.string(), verdict: z.string(), reasons: z.array(Reason) })),
  reasons: z.array(Reason),
  deliveries: z.array(z.looseObject({ deliveryId: z.string(), channel: z.string(), status: z.string() })),
  policyVersion: z.string(),
});

export const Run = z.looseObject({ runId: z.string(), customerId: z.string(), startedAt: z.string(), status: z.string() });

export const Experience = z.looseObject({
  id: z.string(),
  name: z.string(),
  status: z.string(),
  serves: z.array(z.string()),
  channels: z.array(z.string()),
});

export const Profile = z.looseObject({ customerId: z.string(), fields: z.array(z.looseObject({ path: z.string(), state: z.string() })) });

/** How many, and of whom. */
export const PageQuery = z.object({
  limit: z.coerce
    .number("expected a number")
    .int("expected a whole number")
    .min(1, "expected at least 1")
    .max(1_000, "at most 1000 are given at once")
    .default(50),
  customer: z.string().min(1).max(512).optional(),
  /** The same under the name that records give it. */
  customerId: z.string().min(1).max(512).optional(),
});

/** What a query asks for, as the store takes it. */
export function wanted({ customer, customerId = customer, limit }: z.infer<typeof PageQuery>): {
  readonly limit: number;
  readonly customerId?: string;
} {
  return { limit, ...(customerId === undefined ? {} : { customerId }) };
}
