import { expect, test } from "vitest";
import { factRows, valueText, valueWords } from "./facts.ts";

const at = "2026-06-01T12:00:00Z";

test("facts have their source and time, in the order of their names; plain values stand alone", () => {
  expect(
    factRows({
      words: ["Hello", "again"],
      "lease.endsOn": { value: "2026-07-01", source: "crm", at },
      "lease.status": { value: "open", source: "crm", at, age: "3d" },
      owner: "service",
    }),
  ).toEqual([
    { path: "lease.endsOn", value: "2026-07-01", source: "crm", at },
    { path: "lease.status", value: "open", source: "crm", at, age: "3d" },
    { path: "owner", value: "service" },
    { path: "words", value: "Hello, again" },
  ]);
});

test.each([
  [{ state: "ok" }, undefined],
  [{ state: "stale" }, "too old to rest on"],
  [{ state: "conflict" }, "sources disagree"],
  [{ state: "stale", doubt: "200 days old; web says 2026-08-01" }, "200 days old; web says 2026-08-01"],
])("the doubt of %o is %s", (given, doubt) => {
  expect(factRows({ f: { value: 1, source: "crm", at, ...given } })[0]?.doubt).toBe(doubt);
});

test("a value is one line of text", () => {
  expect([valueText("<b>x"), valueText(3), valueText(false), valueText(null), valueText({ a: [1] }), valueText(undefined)]).toEqual([
    "<b>x",
    "3",
    "false",
    "null",
    '{"a":[1]}',
    "",
  ]);
});

test.each([
  ["Ann", "Ann"],
  ["", "none"],
  [null, "none"],
  [false, "false"],
  [["keep_driving"], "keep_driving"],
  [["a", 2], "a, 2"],
  [[], "none"],
  [{ vans: 6, plan: { kind: "lease", months: 36 } }, "vans: 6, plan: (kind: lease, months: 36)"],
  [[{ a: 1, b: 2 }, { a: 3 }], "(a: 1, b: 2), a: 3"],
])("%o in words is %s", (value, wanted) => {
  expect(valueWords(value)).toBe(wanted);
});
