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
