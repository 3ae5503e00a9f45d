import { expect, test } from "vitest";
import { aCustomer, NOW } from "../../testing/builders.ts";
import { goldenRecord } from "./record.ts";
import { checkSupposed, readSupposed, supposing } from "./suppose.ts";

const said = (value: string) => ({ crm: { value, at: NOW - 9, seq: 1 } });
const RULES = { sources: [], fields: {} };

test.each<[string, string]>([
  ["plan.price", "plan.price"],
  ["customer.plan.price", "plan.price"],
  ["timezone", "timezone"],
])("a path is that of a trait: %s", (path, trait) => {
  expect(readSupposed({ [path]: 1 })).toEqual({ [trait]: 1 });
});

test.each([
  ["customer", "expected the path of a trait"],
  ["a..b", "expected the path of a trait"],
  ["moment.data.x", "moment is what happened"],
  ["consents", "consents is built in"],
])("a path that is no trait is refused: %s", (path, why) => {
  expect(() => readSupposed({ [path]: 1 })).toThrow(`${path} is no trait: ${why}`);
});

test("a path that nobody knows is refused, with the nearest", () => {
  expect(() => checkSupposed({ "plan.pric": 1 }, ["plan.price"])).toThrow("did you mean plan.price?");
  expect(() => checkSupposed({ plan: {}, "plan.price.net": 1 }, ["plan.price"])).not.toThrow();
});

test("what is supposed stands in place of all that is known at, below and above its path", () => {
  const known = { ...aCustomer(), claims: { plan: said("old"), "plan.a": said("a"), "plan.b": said("b"), other: said("kept") } };
  const traits = (supposed: Parameters<typeof supposing>[1]) => goldenRecord(supposing(known, supposed, NOW).claims, RULES, NOW).traits;
  expect(traits({ "plan.a": 7 })).toEqual({ plan: { a: 7, b: "b" }, other: "kept" });
  expect(traits({ plan: { c: 1 } })).toEqual({ plan: { c: 1 }, other: "kept" });
  expect(traits({ plan: null })).toEqual({ other: "kept" });
  expect(supposing(known, {}, NOW)).toBe(known);
});
