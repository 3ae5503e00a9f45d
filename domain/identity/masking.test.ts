import { expect, test } from "vitest";
import { z } from "zod";
import { MASK, masked, shown } from "./masking.ts";

const instant = z.iso.datetime();

test.each<readonly [string, z.ZodType, unknown, unknown]>([
  ["a text", z.object({ text: z.string() }), { text: "secret" }, { text: MASK }],
  ["an address", z.object({ to: z.string().optional() }), { to: "ann@example.com" }, { to: MASK }],
  ["an id", z.object({ customerId: z.string(), id: z.string() }), { customerId: "c-1", id: "x" }, { customerId: "c-1", id: "x" }],
  ["a time by its name", z.object({ at: z.string(), openedAt: z.string() }), { at: "t1", openedAt: "t2" }, { at: "t1", openedAt: "t2" }],
  ["a time by its form", z.object({ begin: instant }), { begin: "2026-06-01T00:00:00Z" }, { begin: "2026-06-01T00:00:00Z" }],
  ["what is no time", z.object({ begin: instant }), { begin: "secret" }, { begin: MASK }],
  ["an operator", z.object({ by: z.string(), claimedBy: z.string() }), { by: "kim", claimedBy: "lee" }, { by: "kim", claimedBy: "lee" }],
  ["numbers and flags", z.object({ n: z.number(), yes: z.boolean() }), { n: 3, yes: false }, { n: 3, yes: false }],
  ["a text where a number is declared", z.object({ n: z.number() }), { n: "secret" }, { n: MASK }],
  ["a word of a set", z.object({ x: z.enum(["a", "b"]), y: z.literal("c") }), { x: "b", y: "c" }, { x: "b", y: "c" }],
  ["no word of a set", z.object({ x: z.enum(["a"]), y: z.literal("c") }), { x: "secret", y: "secret" }, { x: MASK, y: MASK }],
  ["a marked text", z.object({ name: shown(z.string()) }), { name: "welcome" }, { name: "welcome" }],
  [
    "a marked text with a description",
    z.object({ name: shown(z.string().describe("Its name.")) }),
    { name: "welcome" },
    { name: "welcome" },
  ],
  ["a marked text that may be missing", z.object({ name: shown(z.string()).optional() }), { name: "welcome" }, { name: "welcome" }],
  [
    "a marked part",
    z.object({ part: shown(z.object({ text: z.string() })) }),
    { part: { text: "x", more: 1 } },
    { part: { text: "x", more: 1 } },
  ],
  ["a text with a rule behind its mark", z.object({ name: shown(z.string()).min(1) }), { name: "secret" }, { name: MASK }],
  ["members that are not declared", z.looseObject({ id: z.string() }), { id: "x", text: "secret" }, { id: "x" }],
  ["a list of texts", z.object({ words: z.array(z.string()) }), { words: ["secret", "two"] }, { words: [MASK, MASK] }],
  ["a list of ids", z.object({ taskIds: z.array(z.string()).readonly() }), { taskIds: ["a", "b"] }, { taskIds: ["a", "b"] }],
  ["a list of objects", z.array(z.object({ id: z.string(), text: z.string() })), [{ id: "a", text: "x" }], [{ id: "a", text: MASK }]],
  ["data, keys too", z.object({ data: z.record(z.string(), z.json()) }), { data: { secret: 1 } }, { data: { [MASK]: MASK } }],
  ["data under a name of no content", z.object({ status: z.json() }), { status: { secret: 1 } }, { status: { [MASK]: MASK } }],
  ["no data", z.object({ data: z.record(z.string(), z.json()), list: z.json() }), { data: {}, list: [] }, { data: {}, list: [] }],
  ["a value of data", z.object({ value: z.unknown() }), { value: 42_000 }, { value: MASK }],
  ["null", z.object({ value: z.unknown(), text: z.string().nullable() }), { value: null, text: null }, { value: null, text: null }],
  ["counts by name", z.record(z.string(), z.number()), { opened: 3 }, { opened: 3 }],
  [
    "records by name",
    z.record(z.string(), z.object({ id: z.string(), v: z.string() })),
    { a: { id: "x", v: "y" } },
    { a: { id: "x", v: MASK } },
  ],
  ["texts by name", z.record(z.string(), z.string()), { secret: "secret" }, { [MASK]: MASK }],
  [
    "the kind of a union that the value is",
    z.union([z.object({ kind: z.literal("a"), name: shown(z.string()) }), z.object({ kind: z.literal("b"), name: z.string() })]),
    { kind: "b", name: "secret" },
    { kind: "b", name: MASK },
  ],
  ["no kind of a union", z.union([z.number(), z.boolean()]), "secret", MASK],
  ["what a schema leaves open", z.any(), { a: "secret" }, { [MASK]: MASK }],
  ["what a schema computes", z.string().transform(String), "secret", MASK],
  ["an object where a list is declared", z.object({ ids: z.array(z.string()) }), { ids: { secret: 1 } }, { ids: { [MASK]: MASK } }],
])("%s", (_what, schema, value, expected) => {
  expect(masked(schema, value)).toEqual(expected);
});

test("a masked answer is one that its schema allows", () => {
  const schema = z.object({
    id: z.string(),
    facts: z.record(z.string(), z.json()),
    list: z.array(z.object({ value: z.unknown(), text: z.string(), note: z.string().optional() })).readonly(),
  });
  const value = {
    id: "x",
    facts: { a: { b: [1] } },
    list: [
      { value: [1, 2], text: "t", note: "n" },
      { value: 1, text: "t" },
    ],
  };
  expect(schema.parse(masked(schema, value))).toEqual(masked(schema, value));
});
