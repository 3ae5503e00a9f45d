import { expect, test } from "vitest";
import { z } from "zod";
import { parseBy } from "./parse-by.ts";

test("a value that a schema takes, and one that it does not take", () => {
  expect(parseBy(z.string(), "a")).toEqual({ success: true, data: "a" });
  expect(parseBy(z.string("expected text"), 1)).toMatchObject({ success: false, issues: [{ message: "expected text" }] });
});

test.each([
  [
    "throws",
    z.string().refine(() => {
      throw new Error("no such file");
    }),
    /^the schema failed: no such file$/,
  ],
  ["is asynchronous", z.string().refine(async () => true), /^the schema failed: Encountered Promise/],
])("a schema that %s is an issue", (_what, schema, message) =>
  expect(parseBy(schema, "a")).toMatchObject({
    success: false,
    issues: [{ code: "custom", path: [], message: expect.stringMatching(message) }],
  }),
);
