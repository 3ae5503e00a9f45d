import { expect, test } from "vitest";
import { viewOf } from "../domain/record/view.ts";
import { isMet } from "../domain/values/condition.ts";
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

test.each<[string, readonly (readonly string[])[] | undefined]>([
  ["customer.c.d > 1 && daysUntil(customer.due) < 3", [["c", "d"], ["due"]]],
  ["!(customer.c == 1) && now > now", [["c"]]],
  ["customer.c in ['x', customer.e]", [["c"], ["e"]]],
  ["customer.c == 1 || customer.on", undefined],
  ["customer.off ? customer.c == 1 : customer.on", undefined],
  ["has(customer.c) && customer.on", [["on"]]],
  ["customer.list.exists(x, x.price > customer.c)", undefined],
  ["customer.?c.orValue(true)", undefined],
  ["customer[signal.data.name] == 1", undefined],
])("the fields that %s needs, without any of which it does not hold", (text, wanted) => {
  const compiled = compileCondition(text);
  if (!compiled.ok) throw new Error(compiled.problem);
  expect(compiled.value.needed).toEqual(wanted);
  for (const [name = ""] of wanted ?? []) {
    const { [name]: _without, ...fields } = scope.customer;
    const { answers: _known, ...rest } = scope;
    expect(compiled.value.ask({ ...rest, customer: fields }).outcome).not.toBe("met");
    expect(isMet(compiled.value, { ...rest, customer: fields })).toBe(false);
  }
});
