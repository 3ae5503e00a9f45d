import { expect, test } from "vitest";
import { viewOf } from "../domain/record/view.ts";
import { aCustomer, NOW, timerWake } from "../testing/builders.ts";
import { policyOf } from "../testing/policy.ts";
import { compileCondition } from "./conditions.ts";

const customer = aCustomer({ traits: { a: 1, b: 2, on: true, off: false, list: [{ price: 1 }], "first name": "Ann" } });
const { scope } = viewOf(customer, policyOf(""), timerWake("review"), NOW);

test.each<[string, string[][]]>([
  ["customer.a > 1", [["a"]]],
  ["customer.a == 1 && customer.b == 1", [["b"]]],
  ["customer.a == 0 && customer.b == 1", [["a"], ["b"]]],
  ["customer.a == 0 || customer.b == 1", [["a"], ["b"]]],
  ["!(customer.a == 1 || customer.b == 1)", [["a"]]],
  ["!(customer.on && !customer.off)", [["on"], ["off"]]],
  ["customer.on ? customer.a > 1 : customer.b > 2", [["a"]]],
  ["customer.off ? customer.a > 1 : customer.b > 2", [["b"]]],
  ["customer.none ? customer.a == 1 : customer.b == 2", [["none"]]],
  ["customer.a == customer.c.d", [["a", "c.d"]]],
  ["customer['first name'] == 'Bea'", [["first name"]]],
  ["customer.list[0].price > 1", [["list"]]],
  ["customer.list.exists(x, x.price > customer.b)", [["list", "b"]]],
  ["size(customer) > 100", [[""]]],
])("the parts because of which %s does not hold", (text, wanted) => {
  const compiled = compileCondition(text);
  if (!compiled.ok) throw new Error(compiled.problem);
  expect(compiled.value.faults(scope).map(({ reads }) => reads)).toEqual(wanted);
});
