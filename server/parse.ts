import type { z } from "zod";
import { describeIssue } from "../domain/entities/signal.ts";
import { SentientError } from "../domain/errors.ts";
import { issueWords } from "../domain/values/issue-words.ts";

/**
 * Parses a value by its schema.
 *
 * @throws `BAD_INPUT` with every issue
 */
export function parsed<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value, { error: issueWords });
  if (result.success) return result.data;
  throw new SentientError("BAD_INPUT", result.error.issues.map(describeIssue).join("; "));
}
