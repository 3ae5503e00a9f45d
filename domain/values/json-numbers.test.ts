import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseGuarded, SIGNAL_LIMITS } from "./json.ts";
import { type IdPlaces, keepDigits, losesDigits } from "./json-numbers.ts";

const IDS: IdPlaces = [["id"], ["data", "caseId"], ["data", "identities", "*", "value"]];
const read = (text: string, ids: IdPlaces = IDS) => {
  const guarded = parseGuarded(text, SIGNAL_LIMITS, ids);
  return guarded.ok ? guarded.value : guarded.problem;
};

describe("F4: digits of numbers", () => {
  test("F4: a whole number of any size where an id is expected is its digits as text", () => {
    expect(read('{"id":1524831183200260097}')).toEqual({ id: "1524831183200260097" });
    expect(read('{"id": 42 , "data": {"caseId":-7}}')).toEqual({ id: "42", data: { caseId: "-7" } });
    expect(read('{"data":{"caseId":1524831183200260098,"identities":[{"value":9007199254740993},{"value":"x"},{"value":5}]}}')).toEqual({
      data: { caseId: "1524831183200260098", identities: [{ value: "9007199254740993" }, { value: "x" }, { value: "5" }] },
    });
    expect(read(`{"i\\u0064":${"9".repeat(400)}}`)).toEqual({ id: "9".repeat(400) });
  });

  test.each([
    ['{"data":{"order":1524831183200260097}}', "data.order is 1524831183200260097"],
    ['{"data":{"items":[{"id":1},{"id":1524831183200260097}]}}', "data.items.1.id is 1524831183200260097"],
    ['{"a":"\\"[{,","b":[[],[1,-9007199254740993]]}', "b.1.1 is -9007199254740993"],
    ['{"a.b":{"":12345678901234567890.0}}', "a.b. is 12345678901234567890.0"],
    ['{"a":1.23456789123456789e28}', "a is 1.23456789123456789e28"],
    ["[100000000000000000000]", "0 is 100000000000000000000"],
    ["9007199254740993", "the value is 9007199254740993"],
    ['{"id":1524831183200260097.0}', "id is 1524831183200260097.0"],
    ['{"id":{"id":1524831183200260097}}', "id.id is 1524831183200260097"],
  ])("F4: in %s a number that a double cannot hold is rejected with its path", (text, problem) => {
    expect(read(text)).toMatch(problem);
    expect(read(text)).toMatch("send it as text");
  });

  test.each([
    "9007199254740992",
    "-9007199254740992",
    "1e21",
    "1.5e300",
    "1e23",
    "0.1234567890123456789",
    "123456789.12345678901234567",
    '{"order":"1524831183200260097","at":"2026-06-01T15:00:00.1234567890123456Z"}',
    '{"1524831183200260097":1}',
    '["\\"1524831183200260097",[2],{"a":[3,{"b":4}]}]',
    "1.0e2",
  ])("F4: %s is accepted unchanged", (text) => {
    expect(read(text)).toEqual(JSON.parse(text));
  });

  test.each(['{"id":01524831183200260097}', '{"id":1524831183200260097x}', "{1524831183200260097:1}", '{"id" 1524831183200260097}'])(
    "F4: %s is still not JSON",
    (text) => {
      expect(read(text)).toMatch(/not JSON/);
    },
  );

  test("F4: an accepted number always prints with the digits that were sent", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), (whole) => {
        const isExact = whole <= 2n ** 53n && whole >= -(2n ** 53n);
        expect(losesDigits(String(whole))).toBe(!isExact);
        if (isExact) expect(BigInt(Number(String(whole)))).toBe(whole);
      }),
    );
  });

  test("F4: text without long numbers is unchanged", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const kept = keepDigits(text, IDS);
        if (kept.ok) expect(kept.text).toBe(text);
      }),
    );
  });
});
