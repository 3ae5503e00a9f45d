import { expect, test } from "vitest";
import { z } from "zod";
import { issueWords } from "./issue-words.ts";

test.each<[z.ZodType, unknown, string]>([
  [z.string().max(1_000), "x".repeat(1_001), "expected at most 1,000 characters"],
  [z.string().min(1), "", "expected a text, not an empty one"],
  [z.string().min(3), "a", "expected at least 3 characters"],
  [z.array(z.string()).max(1), ["a", "b"], "expected at most 1 entries"],
  [z.number().max(5), 6, "expected at most 5"],
  [z.enum(["a", "b"]), "c", "expected one of a, b"],
  [z.literal(2), 3, "expected 2"],
  [z.string(), 3, "expected a text"],
  [z.string(), undefined, "expected a text, which is missing"],
  [z.strictObject({}), { x: 1 }, "nothing is called x here"],
  [z.string("expected a name"), 3, "expected a name"],
])("%#: the words of an issue", (schema, value, wanted) => {
  expect(schema.safeParse(value, { error: issueWords }).error?.issues.map(({ message }) => message)).toEqual([wanted]);
});
