import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { asJson, canonicalJson, entryOf, inexact, parseGuarded, SIGNAL_LIMITS, sameJson, unstorable, withoutNulls } from "./json.ts";

const nested = (depth: number, open = "[", close = "]") => `${open.repeat(depth)}${close.repeat(depth)}`;

describe("JSON from outside", () => {
  test.each([
    ["an object", '{"a":[1,2.5,"x",true,null,{"b":{}}]}'],
    ["brackets inside a text do not nest", JSON.stringify({ a: "[".repeat(20_000) })],
    ["nor after a quote that is escaped", JSON.stringify({ a: `\\"${"{".repeat(1_000)}` })],
    ["nor after a backslash that is escaped", '{"a":"\\\\","b":[[1]]}'],
    ["as deep as is allowed", nested(64)],
    ["side by side is not deep", `[${Array.from({ length: 1_000 }, () => "[]").join(",")}]`],
    ["a pair of surrogates", '{"a":"\\ud83d\\ude00 😀"}'],
    ["names of an object's own", '{"constructor":{"prototype":{"x":1}},"hasOwnProperty":1}'],
    ["a marker of a library", '{"lc":1,"type":"constructor","id":["langchain_core","messages","SystemMessage"],"kwargs":{}}'],
    ["the largest number", "1.7976931348623157e308"],
    ["minus zero", "-0"],
  ])("%s is accepted unchanged", (_, text) => {
    expect(parseGuarded(text, SIGNAL_LIMITS)).toEqual({ ok: true, value: JSON.parse(text) });
  });

  test.each([
    ["20,000 levels", nested(20_000), "bytes, at most 32768 are taken"],
    ["20,000 levels that are small enough", nested(20_000), "nested deeper than 64 levels", { maxBytes: 1e6, maxDepth: 64 }],
    [
      "6,000 objects in each other",
      `${'{"a":'.repeat(6_000)}1${"}".repeat(6_000)}`,
      "nested deeper than 64 levels",
      { maxBytes: 1e6, maxDepth: 64 },
    ],
    ["one level too deep", nested(65), "nested deeper than 64 levels"],
    ["brackets that never close", "[".repeat(1_000), "nested deeper than 64 levels"],
    ["one byte too much", JSON.stringify("x".repeat(32 * 1024 - 1)), "32769 bytes, at most 32768 are taken"],
    ["letters of several bytes count as such", JSON.stringify("ü".repeat(20_000)), "40002 bytes, at most 32768 are taken"],
    ["a megabyte", JSON.stringify({ a: "x".repeat(1024 * 1024) }), "1048584 bytes, at most 32768 are taken"],
    ["a NUL in a value", '{"a":{"b":["\\u0000"]}}', "a.b.0 holds a NUL character"],
    ["a NUL in a name", '{"a":{"x\\u0000":1}}', "a field name in a holds a NUL character"],
    ["half of a surrogate pair", '{"a":"\\ud800"}', "a holds half of a surrogate pair"],
    ["the other half", '{"a":"x\\udc00y"}', "a holds half of a surrogate pair"],
    ["half of one in a name", '{"\\ud800":1}', "a field name in the value holds half of a surrogate pair"],
    ["a number beyond a double", '{"a":[1,1e400]}', "a.1 is beyond what a number can hold"],
    ["its negative", "-1e400", "the value is beyond what a number can hold"],
    ["__proto__", '{"a":{"__proto__":{"isAdmin":true}}}', "a.__proto__ is not allowed as a field name"],
    ["__proto__ in other letters", '{"\\u005f_proto__":1}', "__proto__ is not allowed as a field name"],
  ])("%s is rejected", (_, text, problem, limits = SIGNAL_LIMITS) => {
    expect(parseGuarded(text, limits)).toEqual({ ok: false, problem: expect.stringContaining(problem) });
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  });

  test.each(["", " ", "{", "{'a':1}", "[1,]", "NaN", "Infinity", "undefined", '{"a":1}{"b":2}', '"\u0000"', "\uFEFF{}x"])(
    "%j is not JSON",
    (text) => {
      expect(parseGuarded(text, SIGNAL_LIMITS)).toEqual({ ok: false, problem: expect.stringContaining("not JSON") });
    },
  );

  test.each(['{"password": secret}', "secret", `{"a": "${"b".repeat(40)}", "password": secret, "c": "${"d".repeat(40)}"}`])(
    "the problem with %s is reported without quoting the text",
    (text) => {
      expect(parseGuarded(text, SIGNAL_LIMITS)).toEqual({ ok: false, problem: "not JSON: Unexpected token 's'" });
    },
  );

  test("all JSON within the limits is accepted", () => {
    const storable = fc.jsonValue({ maxDepth: 5 }).filter((value) => (unstorable(value, "") ?? inexact(value, "")) === undefined);
    fc.assert(
      fc.property(storable, (value) => {
        const text = JSON.stringify(value);
        fc.pre(Buffer.byteLength(text) <= SIGNAL_LIMITS.maxBytes);
        expect(parseGuarded(text, SIGNAL_LIMITS)).toEqual({ ok: true, value: JSON.parse(text) });
      }),
    );
  });

  test("what cannot be stored is refused by its value, whether or not its text shows it at once", () => {
    const unit = fc.constantFrom("a", "é", "🌹", "\ud83c", "\udf39", "\u0000", "\\u0000", "__proto__", '"', "\\");
    const texts = fc.string({ unit, maxLength: 4 });
    fc.assert(
      fc.property(fc.dictionary(texts, fc.oneof(texts, fc.array(texts, { maxLength: 2 })), { maxKeys: 3 }), (value) => {
        for (const text of [JSON.stringify(value), JSON.stringify(value).replaceAll(/\\ud[89a-f]../g, (half) => JSON.parse(`"${half}"`))]) {
          const refused = unstorable(JSON.parse(text), "");
          expect(parseGuarded(text, SIGNAL_LIMITS)).toEqual(
            refused === undefined ? { ok: true, value: JSON.parse(text) } : { ok: false, problem: refused },
          );
        }
      }),
    );
  });

  test("no text makes it throw", () => {
    const texts = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom("{", "}", "[", "]", '"', "\\", "a", ":", ",", "1", "\u0000") }));
    fc.assert(fc.property(texts, (text) => typeof parseGuarded(text, SIGNAL_LIMITS).ok === "boolean"));
  });
});

describe("canonical JSON", () => {
  test.each([
    ["keys in any order", { a: 1, b: { d: 1, c: 2 } }, { b: { c: 2, d: 1 }, a: 1 }, true],
    ["fields that are undefined", { a: 1, b: undefined }, { a: 1 }, true],
    ["whole numbers and others", 1, 1.0, true],
    ["lists in another order", [1, 2], [2, 1], false],
    ["null and nothing in a list", [null], [undefined], true],
    ["null and a missing field", { a: null }, {}, false],
    ["a number and its text", 1, "1", false],
    ["a list and an object", [], {}, false],
    ["no field and an empty one", { "": 1 }, {}, false],
  ])("%s", (_, a, b, wanted) => {
    expect(sameJson(a, b)).toBe(wanted);
  });

  // Hashes of it are in existing stores.
  test("its text stays as it is", () => {
    const value = {
      b: [1, -0, 1e21, { z: null, y: undefined }],
      "a b": "é\n",
      10: true,
      9: 0.1,
      'q"': "\u2028",
      "": {},
      é: [],
      "x-1.y": 1,
    };
    expect(canonicalJson(value)).toBe('{"":{},"10":true,"9":0.1,"a b":"é\\n","b":[1,0,1e+21,{"z":null}],"q\\"":"\u2028","x-1.y":1,"é":[]}');
  });

  test("two values are the same exactly when their texts are", () => {
    const values = fc.jsonValue({ maxDepth: 2 });
    fc.assert(
      fc.property(values, values, (a, b) => {
        const plain = (value: unknown) => JSON.parse(JSON.stringify(value));
        expect(canonicalJson(a) === canonicalJson(b)).toBe(JSON.stringify(sorted(plain(a))) === JSON.stringify(sorted(plain(b))));
        expect(JSON.parse(canonicalJson(a))).toEqual(plain(a));
      }),
    );
  });
});

test("null fields are missing fields, at any depth; null items keep their places", () => {
  expect(withoutNulls({ a: null, b: { c: null, d: [null, { e: null, f: 0 }] }, g: false })).toEqual({
    b: { d: [null, { f: 0 }] },
    g: false,
  });
});

test.each(["constructor", "toString", "__proto__", "hasOwnProperty"])("%s is an entry only where it was set", (key) => {
  expect(entryOf<unknown>({}, key)).toBeUndefined();
  expect(entryOf({ [key]: 1 }, key)).toBe(1);
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  // An object without fields is no list without items.
  return { fields: fields.map(([key, inner]) => [key, sorted(inner)]) };
}

test.each([
  ['{"a":1,"a":2}', false],
  ['{"a":{"b":1,"c":[{"d":1,"d":1}]}}', false],
  ['{"\\u0061":1,"a":2}', false],
  ['{"a":{"a":1},"b":[{"a":1},{"a":1}]}', true],
  ['{"a":"b:c","d":"\\"e\\":1"}', true],
])("%s has each field once: %s", (text, isOnce) => {
  expect(parseGuarded(text, SIGNAL_LIMITS)).toMatchObject(
    isOnce ? { ok: true } : { ok: false, problem: "a field comes twice in one object" },
  );
});

test("what a value becomes as JSON is what its text says, and what is JSON already is not copied", () => {
  const values: readonly unknown[] = [
    ...[null, true, "a", 0, -0, 3.5, Number.NaN, Number.POSITIVE_INFINITY, undefined, () => 1],
    ...[new Date(0), new Date(Number.NaN), new Map([["a", 1]]), [], [1, undefined, -0, new Date(5)], Array(2)],
    ...[{}, { a: undefined }, { a: 1, b: new Date(0), c: [], d: undefined, e: { f: -0 } }, { toJSON: () => "told" }, { toJSON: 1 }],
    JSON.parse('{"__proto__": {"a": 1}, "b": 2}'),
    Object.assign(Object.create(null), { b: new Date(0), a: 1 }),
  ];
  for (const value of values) {
    const json = JSON.stringify(value) as string | undefined;
    const read = asJson(value);
    expect(read).toStrictEqual(json === undefined ? undefined : JSON.parse(json));
    expect(JSON.stringify(read)).toBe(json);
  }
  const data = { items: [{ n: 1 }, null], text: "a" };
  expect(asJson(data)).toBe(data);
  const scope = asJson({ at: new Date(0), data }) as { data: unknown };
  expect(scope.data).toBe(data);
});

test("data without nulls is not copied", () => {
  const data = { items: [{ n: 1 }, null], text: "a" };
  expect(withoutNulls(data)).toBe(data);
  expect(withoutNulls({ ...data, more: { none: null, some: 1 }, list: [{ none: null }] })).toEqual({
    ...data,
    more: { some: 1 },
    list: [{}],
  });
});
