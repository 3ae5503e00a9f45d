import fc from "fast-check";
import { expect, test } from "vitest";
import { joinPath, pathsAbove, placeAt, readAsText, readPath, splitPath } from "./path.ts";

test("field names survive being joined to a path and split again", () => {
  const names = fc.array(fc.oneof(fc.string({ maxLength: 4 }), fc.string({ unit: fc.constantFrom("\\", ".", "a"), maxLength: 5 })), {
    minLength: 1,
    maxLength: 4,
  });
  fc.assert(
    fc.property(names, (given) => {
      expect(splitPath(joinPath(given))).toEqual(given);
    }),
  );
});

test("different names give different paths", () => {
  const names = fc.array(fc.string({ unit: fc.constantFrom("\\", ".", "a"), maxLength: 3 }), { minLength: 1, maxLength: 3 });
  fc.assert(fc.property(names, names, (a, b) => (joinPath(a) === joinPath(b)) === (JSON.stringify(a) === JSON.stringify(b))));
});

test.each([
  ["a.b.c", ["a.b", "a"]],
  ["a", []],
  [".a", [""]],
  ["a..b", ["a.", "a"]],
])("above %j are %j", (path, wanted) => {
  expect([...pathsAbove(path)]).toEqual(wanted);
});

const ROOT = { name: "Ann", items: [{ id: 1 }, { id: 2 }], empty: [], size: "L", box: { size: 3 }, nothing: null };

test.each([
  ["name", "Ann"],
  ["name.size", 3],
  ["items.size", 2],
  ["items.0.id", 1],
  ["items.first.id", 1],
  ["items.last.id", 2],
  ["items.-1.id", 2],
  ["items.2", undefined],
  ["items.first.nope", undefined],
  ["empty.size", 0],
  ["empty.first", undefined],
  ["empty.first.id", undefined],
  ["size", "L"],
  ["box.size", 3],
  ["nothing", null],
  ["nothing.x", undefined],
  ["name.first", undefined],
  ["constructor", undefined],
  ["__proto__", undefined],
  ["items.constructor", undefined],
])("a text reads %s as %j", (path, wanted) => {
  expect(readAsText(ROOT, path.split("."))).toEqual(wanted);
});

test.each(["constructor", "__proto__", "toString", "items.map", "name.length"])("%s is not a field of the record", (path) => {
  expect(readPath(ROOT, path.split("."))).toBeUndefined();
});

test("placing a value creates missing parents, and replaces parents that are no objects", () => {
  const root = { a: "plain" };
  placeAt(root, ["a", "b", "c"], 1);
  placeAt(root, ["constructor", "x"], 2);
  expect(root).toEqual({ a: { b: { c: 1 } }, constructor: { x: 2 } });
});
