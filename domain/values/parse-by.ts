import { z } from "zod";

export type Parsed<T> =
  | { readonly success: true; readonly data: T }
  | { readonly success: false; readonly issues: readonly z.core.$ZodIssue[] };

/**
 * Parses a value by a schema of other code. A refinement in it may throw, or be asynchronous, which is a bug of that code: it
 * becomes an issue with the error's message instead of an error.
 */
export function parseBy<T>(schema: z.ZodType<T>, value: unknown): Parsed<T> {
  try {
    const { success, data, error } = schema.safeParse(value);
    return success ? { success, data } : { success: false, issues: error.issues };
  } catch (error) {
    const message = `the schema failed: ${error instanceof Error ? error.message : String(error)}`;
    return { success: false, issues: [{ code: "custom", path: [], message, input: value }] };
  }
}

/** Whether a value of other code is a zod schema. */
export const isSchema = (value: unknown): value is object =>
  typeof value === "object" && value !== null && "safeParse" in value && typeof value.safeParse === "function";

/** A member of a declaration that is a function; `what` ends the sentence "expected a function that …". */
export const aFunction = (what: string) => z.custom((value) => typeof value === "function", `expected a function that ${what}`);
