import { z } from "zod";
import type { Answer } from "./route.ts";

// Schemas of responses, for the description of the API. Records contain more than is named here.

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
  rejected: z.array(Refused).max(100).describe("The problems of the first hundred rejected signals."),
  moreRejected: z.number().int().optional().describe("Number of further rejected signals."),
});

export const problemAnswer = (description: string): Answer => ({ description, schema: Problem, type: "application/problem+json" });

export const INGEST_ANSWERS: Readonly<Record<number, Answer>> = {
  202: { description: "The accepted signals are durable; rejected ones are listed with their problems.", schema: Received },
  400: problemAnswer("All of the signals were rejected."),
  403: problemAnswer("The key has no right to send any of the signals; each problem names the missing right."),
  413: problemAnswer("More than 32 KB for an event, 500 KB for a batch, or 10,000 events in one."),
  429: problemAnswer("Too many signals are waiting to be decided; Retry-After says when to retry."),
};
