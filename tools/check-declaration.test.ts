import { expect, test } from "vitest";
import { z } from "zod";
import { problemsOfTool } from "./check-declaration.ts";
import { tools } from "./index.ts";
import { defineTool } from "./tool.ts";

const whole = defineTool({
  ...{ name: "book", description: "Book a slot.", effect: "write" as const },
  ...{ input: z.object({}), output: z.object({}), idempotencyKey: () => "k", run: async () => ({}) },
});
const { run: _, ...withoutRun } = whole;
const { idempotencyKey: _key, timeoutMs: _limit, ...common } = withoutRun;

test.each<[string, unknown, RegExp]>([
  ["an effect that only the product has", { ...whole, effect: "send" }, /^effect: expected read, write or record$/],
  ["no run", withoutRun, /^run: expected a function that does it$/],
  ["no key", { ...whole, idempotencyKey: undefined }, /^idempotencyKey: expected a function that gives a text$/],
  ["a record without apply", { ...common, effect: "record" }, /^apply: expected a function that gives \{changes, output\}$/],
  ["an input that is no schema", { ...whole, input: 5 }, /^input: expected a zod schema$/],
  ["an output that is no schema", { ...whole, output: null }, /^output: expected a zod schema$/],
  ["a name of every object", { ...whole, name: "__proto__" }, /^name: expected a name like book_slot/],
  ["a flag in a text", { ...whole, staysWithCustomer: "false" }, /^staysWithCustomer: expected true or false$/],
  ["a flag in a number", { ...whole, opensCase: 1 }, /^opensCase: expected true or false$/],
  ["a confirmation in a text", { ...whole, confirm: "no" }, /^confirm: expected true or false$/],
  ["one path of asks", { ...whole, asks: "day" }, /^asks: expected a list of paths in the input$/],
  ["a time before the call", { ...whole, timeoutMs: -1 }, /^timeoutMs: expected a number of milliseconds$/],
  ["a misspelt member", { ...whole, confirms: false }, /^confirms is no member of a tool with this effect$/],
  ["a member of another effect", { ...whole, apply: () => ({}) }, /^apply is no member of a tool with this effect$/],
  ["no description", { ...whole, description: undefined }, /^description: expected a sentence$/],
])("%s", (_what, value, problem) => expect(problemsOfTool(value).join("\n")).toMatch(problem));

test.each([whole, ...tools.filter(({ effect }) => effect !== "send")].map((tool) => [tool.name, tool] as const))(
  "%s is complete",
  (_name, tool) => expect(problemsOfTool(tool)).toEqual([]),
);
