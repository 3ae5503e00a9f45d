import { expect, test } from "vitest";
import { z } from "zod";
import { isObject } from "../domain/values/json.ts";
import { judgeCriteria } from "../prompts/judge-criteria.ts";
import { readMessage } from "../prompts/read-message.ts";
import { writeContent } from "../prompts/write-content.ts";
import { mostTokens, portableSchema, requestFor } from "./request.ts";

/** Violations of strict modes: objects that leave something open, and keywords that they do not know. */
function refusedBy(schema: unknown, path = "$"): string[] {
  if (Array.isArray(schema)) return schema.flatMap((item, index) => refusedBy(item, `${path}.${index}`));
  if (!isObject(schema)) return [];
  const { properties, required, additionalProperties, ...rest } = schema;
  const inside = Object.entries(rest).flatMap(([key, value]) => refusedBy(value, `${path}.${key}`));
  const known = ["type", "items", "enum", "anyOf", "description", "const"];
  const unknown = Object.keys(rest)
    .filter((key) => !known.includes(key))
    .map((key) => `${path}: ${key}`);
  if (!isObject(properties)) return [...inside, ...unknown];
  const isClosed = additionalProperties === false && JSON.stringify(required) === JSON.stringify(Object.keys(properties));
  const fields = Object.entries(properties).flatMap(([key, value]) => refusedBy(value, `${path}.${key}`));
  return [...inside, ...unknown, ...fields, ...(isClosed ? [] : [`${path}: is open`])];
}

test.each([judgeCriteria.answer, readMessage.answer, writeContent.answer])(
  "the schema of every answer is valid in strict modes (%#)",
  (answer) => {
    expect(refusedBy(portableSchema(answer))).toEqual([]);
  },
);

test("a field named like a keyword is kept", () => {
  expect(portableSchema(z.strictObject({ format: z.string().max(3), pattern: z.number().min(1) }))).toMatchObject({
    properties: { format: { type: "string" }, pattern: { type: "number" } },
    required: ["format", "pattern"],
  });
});

const question = { prompt: "p@1", system: "System.", user: "User.", schema: z.strictObject({ a: z.string() }) };
const options = { model: "m", maxTokens: 10, limitKey: "max_tokens" } as const;

test("if the endpoint does not enforce a schema, the prompt states it", () => {
  const body = requestFor(question, { ...options, dialect: { format: "prompt", temperature: false } });
  expect(body).toEqual({
    model: "m",
    max_tokens: 10,
    messages: [expect.objectContaining({ role: "system" }), { role: "user", content: "User." }],
  });
  expect(body.messages[0]?.content).toContain('"properties":{"a":{"type":"string"}}');
});

test("the reserved tokens are an upper bound for any text", () => {
  const body = requestFor({ ...question, user: "€".repeat(1_000) }, { ...options, dialect: { format: "json_schema", temperature: true } });
  expect(mostTokens(body)).toBeGreaterThan(3_000);
});
