import { expect, test } from "vitest";
import { customerNamedBy } from "./identity.ts";
import { ANONYMOUS, isVisitor } from "./visitor.ts";

const anonymous = (value: string) => ({ type: ANONYMOUS, value });
const EMAIL = { type: "email", value: "ann@example.com" };
const nobody = { owners: new Map<string, string>(), holders: new Map<string, string>() };
const idOf = (value: string): string => customerNamedBy([anonymous(value)], nobody);

test.each([
  ["created by an anonymous id", [idOf("a-1")], [anonymous("a-1")], true],
  ["with a second anonymous id", [idOf("a-1")], [anonymous("a-1"), anonymous("a-2")], true],
  ["two of them, merged", [idOf("a-1"), idOf("a-2")], [anonymous("a-1"), anonymous("a-2")], true],
  ["who has given an address as identity", [idOf("a-1")], [anonymous("a-1"), EMAIL], false],
  ["who has another id, with an anonymous id attached", ["c-1"], [anonymous("a-1")], false],
  ["merged into a customer with another id", ["c-1", idOf("a-1")], [anonymous("a-1")], false],
  ["created by an address", [customerNamedBy([EMAIL], nobody)], [EMAIL], false],
  ["without any identity", ["c-1"], [], false],
  ["with the id of another anonymous id", [idOf("a-2")], [anonymous("a-1")], false],
])("a customer %s is a visitor: %s", (_what, ids, identities, expected) => {
  expect(isVisitor({ ids, identities })).toBe(expected);
});
