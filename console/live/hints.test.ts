import { expect, test } from "vitest";
import { ALL_HINTS, concerns, customerOf, hintsBetween, readsOf } from "./hints.ts";

test.each([
  [{ topic: "decisions" }, ["decisions", "/v1/decisions", "pages", {}], true],
  [{ topic: "decisions" }, ["deliveries", "/v1/deliveries", {}], true],
  [{ topic: "tasks" }, ["tasks", "/v1/tasks", { queue: "desk" }], true],
  [{ topic: "tasks" }, ["overview", "/v1/overview", {}], true],
  [{ topic: "tasks" }, ["decisions", "/v1/decisions", {}], false],
  [{ topic: "audit" }, ["overview", "/v1/overview", {}], false],
  [{ topic: "audit" }, ["pauses", "/v1/pauses", {}], true],
  // A guard is looked at after each outcome, and a version is published with its line in the audit.
  [{ topic: "decisions" }, ["canaries", "/v1/canaries", {}], true],
  [{ topic: "audit" }, ["versions", "/v1/versions", "pages", {}], true],
  [{ topic: "rehearsals" }, ["rehearsals", "/v1/rehearsals/reh_1", {}], true],
  [{ topic: "audit" }, ["rehearsals", "/v1/rehearsals", "pages", {}], true],
  [{ topic: "something newer" }, ["overview", "/v1/overview", {}], false],
  [{ topic: "constructor" }, ["overview", "/v1/overview", {}], false],
  [{ topic: "customer", customerId: "c/1" }, ["customer", "/v1/customers/c%2F1/story", {}], true],
  [{ topic: "customer", customerId: "c/1" }, ["customer", "/v1/customers/c", {}], false],
  [{ topic: "customer", customerId: "c-1" }, ["tasks", "/v1/tasks", {}], false],
])("the hint %o makes the read %o old: %s", (hint, key, wanted) => {
  expect(concerns(hint, key)).toBe(wanted);
});

test.each([
  [["customer", "/v1/customers/c-1"], "c-1"],
  [["customer", "/v1/customers/%E4%BC%8A%2F1/contacts", {}], "伊/1"],
  [["customers", "/v1/customers", {}], undefined],
  [["customer", "/v1/customers/%E4%A", {}], undefined],
  [["session"], undefined],
  [["customer", `/v1/customers/${"x".repeat(513)}`, {}], undefined],
])("the read %o is about %s", (key, id) => {
  expect(customerOf(key)).toBe(id);
});

test("every hint that a gap may have swallowed has reads", () => {
  expect(ALL_HINTS.filter((hint) => readsOf(hint).length === 0)).toEqual([]);
});

test("without a stream, what differs between two overviews is what changed", () => {
  const before = { at: "10:42", today: { decisions: 1 }, queues: [{ queue: "desk", open: 1 }], pauses: [], dead: 0 };
  expect(hintsBetween(before, { ...before, at: "10:47" })).toEqual([]);
  expect(hintsBetween(before, { ...before, queues: [], pauses: [{ scope: "all" }] })).toEqual([{ topic: "tasks" }, { topic: "pauses" }]);
});
