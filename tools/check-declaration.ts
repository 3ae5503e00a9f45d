import { z } from "zod";
import { aFunction, isSchema } from "../domain/values/parse-by.ts";

/**
 * Problems of a value that should be a workspace's tool: code outside of this package has not necessarily been compiled against its
 * types. Each line names the member and what was expected; empty where the declaration is complete.
 */
export function problemsOfTool(value: unknown): string[] {
  const { success, error } = OwnTool.safeParse(value);
  return success ? [] : error.issues.map(described);
}

// --- internal ---

const aSchema = z.custom(isSchema, "expected a zod schema");
const aFlag = z.boolean("expected true or false").optional();
const run = aFunction("does it");
const timeoutMs = z.number("expected a number of milliseconds").positive("expected a number of milliseconds");

const every = {
  name: z
    .string("expected a name like book_slot")
    .regex(/^[A-Za-z][\w.-]*$/, "expected a name like book_slot: letters, digits, underscores"),
  description: z.string("expected a sentence"),
  input: aSchema,
  output: aSchema,
  asks: z.array(z.string("expected a path in the input"), "expected a list of paths in the input").optional(),
  confirm: aFlag,
  staysWithCustomer: aFlag,
  opensCase: aFlag,
  aboveCeiling: aFunction("gives {at, why}, or nothing").optional(),
};

function described(issue: z.core.$ZodIssue): string {
  const message = issue.code === "unrecognized_keys" ? `${issue.keys.join(", ")} is no member of a tool with this effect` : issue.message;
  return [...issue.path.map(String), message].join(": ");
}

/** Messages are sent by the product's own tool alone. */
const OwnTool = z.discriminatedUnion(
  "effect",
  [
    z.strictObject({ ...every, effect: z.literal("read"), timeoutMs, run }),
    z.strictObject({ ...every, effect: z.literal("write"), timeoutMs, run, idempotencyKey: aFunction("gives a text") }),
    z.strictObject({ ...every, effect: z.literal("record"), apply: aFunction("gives {changes, output}") }),
  ],
  "expected read, write or record",
);
